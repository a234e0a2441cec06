<?php
/**
 * The form itself: a plain form inside <post-signup>, which the service's script upgrades in place.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/** The texts that a block or a shortcode may say in its own words. */
const OWN_TEXTS = array( 'heading', 'text', 'button', 'wording' );

/**
 * The attributes of a form where none is written, and so the list of those that are known.
 */
function no_attributes(): array {
	return array(
		'newsletter' => '',
		'form'       => '',
		'topics'     => '',
		'language'   => '',
		'heading'    => '',
		'text'       => '',
		'button'     => '',
		'wording'    => '',
	);
}

/**
 * A form as HTML, and its script on the page; nothing while the service or the newsletter is not chosen.
 *
 * @param array  $attributes See no_attributes(). Anyone who may write an article may have written them.
 * @param string $wrapper    Attributes of the element, escaped already.
 */
function form( array $attributes, string $wrapper = 'class="wp-block-postroom-signup"' ): string {
	$wanted     = array_map( 'strval', array_filter( array_intersect_key( $attributes, no_attributes() ), 'is_scalar' ) ) + no_attributes();
	$options    = options();
	$newsletter = name_of( $wanted['newsletter'] ) ?: $options['newsletter'];
	if ( '' === $options['service'] || '' === $newsletter ) {
		return '';
	}
	$form     = name_of( $wanted['form'] ) ?: $options['form'];
	$language = language_of( $wanted['language'] );
	$words    = words( $newsletter, $form, $language );
	foreach ( OWN_TEXTS as $name ) {
		$words[ $name ] = trim( $wanted[ $name ] ) ?: $words[ $name ];
	}
	if ( is_feed() ) {
		return link_html( $words, $options['service'], $newsletter, $form );
	}
	add_script();
	$hidden = array(
		array( 'form', $form ),
		array( 'language', $words['language'] ),
		array( 'wording', $words['wording'] ),
	);
	$inside = texts_html( $words ) . topics_html( $words, names_of( $wanted['topics'] ) ) . fields_html( $words ) . hidden_html( $hidden );
	return sprintf(
		'<post-signup %s lang="%s" dir="%s" data-offline="%s"><form action="%s" method="post" novalidate>%s</form></post-signup>',
		$wrapper,
		esc_attr( $words['language'] ),
		esc_attr( $words['direction'] ),
		esc_attr( $words['offline'] ),
		esc_url( $options['service'] . '/s/' . $newsletter ),
		$inside
	);
}

/**
 * The tag of a language as somebody wrote it, else the site's.
 *
 * @param string $tag Such as az, pt-BR or de_CH.
 */
function language_of( string $tag ): string {
	$tag = str_replace( '_', '-', trim( $tag ) );
	return preg_match( '/^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i', $tag ) ? $tag : get_bloginfo( 'language' );
}

