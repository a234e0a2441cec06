<?php
/**
 * What a form says, asked of the service and remembered, so that no reader waits for it.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/** One transient holds the answers for all forms, by their address. */
const MEMORY = 'postroom_signup_words';

/** For how long an answer is used without asking again. */
const FRESH = 5 * MINUTE_IN_SECONDS;

/** When to ask again after the service did not answer. */
const PATIENCE = MINUTE_IN_SECONDS;

/** How long the last answers are used while the service is away. */
const LAST_RESORT = WEEK_IN_SECONDS;

/** Forms of one site whose words are remembered. */
const MOST_FORMS = 100;

/** Seconds that one page in a while waits for the service. */
const TIMEOUT = 2;

/** Bytes of an answer; a form says far less. */
const LONGEST_ANSWER = 65536;

/**
 * What a form says in a language: see plain_words().
 *
 * The service's own words, or the last ones it gave, or a plain few. `known` is true when they are the service's.
 *
 * @param string $newsletter Name of the newsletter.
 * @param string $form       Name of the form.
 * @param string $language   Tag of a language.
 */
function words( string $newsletter, string $form, string $language ): array {
	$address = words_address( $newsletter, $form, $language );
	$kept    = remembered()[ $address ] ?? array(
		'words' => null,
		'until' => 0,
	);
	if ( $kept['until'] <= time() ) {
		// Written before the question: whoever comes meanwhile does not ask too.
		remember( $address, $kept['words'], PATIENCE );
		$answer = ask( $address );
		if ( $answer ) {
			remember( $address, $answer, FRESH );
			$kept['words'] = $answer;
		}
	}
	return $kept['words'] ? $kept['words'] + array( 'known' => true ) : plain_words() + array( 'known' => false );
}

/**
 * What was answered until now, by the address that was asked.
 */
function remembered(): array {
	$all = get_transient( MEMORY );
	return is_array( $all ) ? $all : array();
}

/**
 * Keep an answer.
 *
 * @param string     $address Where it is from.
 * @param array|null $words   What it says; null for nothing yet.
 * @param int        $seconds How long not to ask again.
 */
function remember( string $address, ?array $words, int $seconds ): void {
	$all             = remembered();
	$all[ $address ] = array(
		'words' => $words,
		'until' => time() + $seconds,
	);
	set_transient( MEMORY, array_slice( $all, -MOST_FORMS, null, true ), LAST_RESORT );
}

/**
 * Forget what the service said: the next page asks afresh.
 */
function forget_words(): void {
	delete_transient( MEMORY );
}

/**
 * Where the service says what a form says.
 *
 * @param string $newsletter Name of the newsletter.
 * @param string $form       Name of the form.
 * @param string $language   Tag of a language.
 */
function words_address( string $newsletter, string $form, string $language ): string {
	$query = array_map( 'rawurlencode', compact( 'form', 'language' ) );
	return add_query_arg( $query, options()['service'] . '/f/' . rawurlencode( $newsletter ) . '.json' );
}

/**
 * The words that the service answers; null when it is away or says something else.
 *
 * @param string $address Where to ask.
 */
function ask( string $address ): ?array {
	$answer = wp_safe_remote_get(
		$address,
		array(
			'timeout'             => TIMEOUT,
			'redirection'         => 1,
			'limit_response_size' => LONGEST_ANSWER,
			'headers'             => array( 'Accept' => 'application/json' ),
		)
	);
	if ( 200 !== wp_remote_retrieve_response_code( $answer ) ) {
		return null;
	}
	$said = json_decode( wp_remote_retrieve_body( $answer ), true );
	if ( ! is_array( $said ) || '' === text_of( $said, 'button' ) ) {
		return null;
	}
	$words = array();
	foreach ( array_keys( array_filter( plain_words(), 'is_string' ) ) as $name ) {
		$words[ $name ] = sanitize_text_field( text_of( $said, $name ) );
	}
	$words['direction'] = 'rtl' === $words['direction'] ? 'rtl' : 'ltr';
	$words['asks']      = ! empty( $said['asks'] );
	$words['topics']    = array_map( __NAMESPACE__ . '\topic', array_values( array_filter( (array) ( $said['topics'] ?? array() ), 'is_array' ) ) );
	return $words;
}

/**
 * A topic of the newsletter, as the service names it.
 *
 * @param array $said What it answered.
 */
function topic( array $said ): array {
	return array(
		'slug'   => name_of( text_of( $said, 'slug' ) ),
		'title'  => sanitize_text_field( text_of( $said, 'title' ) ),
		'ticked' => ! empty( $said['ticked'] ),
	);
}

/**
 * What a form says while the service was never reached, in the language of the site.
 *
 * `wording` is what the reader agrees to, `small` names the link after it, `offline` is said when the service cannot be
 * asked. `asks` tells whether the form asks for topics, with `question` above them.
 */
function plain_words(): array {
	return array(
		'heading'   => '',
		'text'      => '',
		'label'     => __( 'Your e-mail', 'postroom-signup' ),
		'button'    => __( 'Sign up', 'postroom-signup' ),
		'wording'   => __( 'Send me this newsletter by e-mail. I can stop any time.', 'postroom-signup' ),
		'small'     => __( 'Privacy', 'postroom-signup' ),
		'offline'   => __( 'No connection. Try again.', 'postroom-signup' ),
		'question'  => __( 'What would you like?', 'postroom-signup' ),
		'language'  => get_bloginfo( 'language' ),
		'direction' => is_rtl() ? 'rtl' : 'ltr',
		'asks'      => false,
		'topics'    => array(),
	);
}
