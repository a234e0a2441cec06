<?php
/**
 * What the site decided, kept in one row of the options.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

const OPTION = 'postroom_signup';

/** Where a form appears by itself. */
const BY_HAND         = 'hand';
const AFTER_PARAGRAPH = 'paragraph';
const AT_THE_END      = 'end';

const LAST_PARAGRAPH = 50;

/**
 * The settings of a site that has not chosen yet.
 *
 * `topics` maps the id of a category to the topics that are chosen for its readers.
 */
function defaults(): array {
	return array(
		'service'    => '',
		'newsletter' => '',
		'form'       => 'main',
		'place'      => BY_HAND,
		'paragraph'  => 3,
		'post_types' => array( 'post' ),
		'topics'     => array(),
	);
}

/**
 * The settings of this site, complete.
 */
function options(): array {
	return array_merge( defaults(), (array) get_option( OPTION, array() ) );
}

/**
 * What may be kept of what was sent. A service address that is none keeps the old one and says so.
 *
 * @param mixed $sent The fields of the settings page.
 */
function sanitize( $sent ): array {
	$sent  = (array) $sent;
	$old   = options();
	$place = $sent['place'] ?? '';
	return array(
		'service'    => sanitize_service( text_of( $sent, 'service' ), $old['service'] ),
		'newsletter' => name_of( text_of( $sent, 'newsletter' ) ),
		'form'       => name_of( text_of( $sent, 'form' ) ) ?: 'main',
		'place'      => in_array( $place, array( AFTER_PARAGRAPH, AT_THE_END ), true ) ? $place : BY_HAND,
		'paragraph'  => min( LAST_PARAGRAPH, max( 1, (int) text_of( $sent, 'paragraph' ) ) ),
		'post_types' => array_values( array_intersect( (array) ( $sent['post_types'] ?? array() ), article_types() ) ),
		'topics'     => array_filter( sanitize_topics( (array) ( $sent['topics'] ?? array() ) ) + $old['topics'] ),
	);
}

/**
 * The kinds of content that a form can be placed in.
 *
 * @return string[]
 */
function article_types(): array {
	return array_values( array_diff( get_post_types( array( 'public' => true ) ), array( 'attachment' ) ) );
}

/**
 * The name of a newsletter, form or topic: small letters, digits, dashes; empty when nothing of it is left.
 *
 * @param string $text What somebody typed.
 */
function name_of( string $text ): string {
	return substr( sanitize_key( $text ), 0, 60 );
}

/**
 * The names in a list like "city, sport".
 *
 * @param string $text What somebody typed.
 * @return string[]
 */
function names_of( string $text ): array {
	$names = array_map( __NAMESPACE__ . '\name_of', preg_split( '/[\s,;]+/', $text ) );
	return array_values( array_unique( array_filter( $names ) ) );
}

/** What the address of a service may consist of: no name and password, no query. */
const PARTS_OF_ADDRESS = array( 'scheme', 'host', 'port', 'path' );

/**
 * The address of the service without a slash at its end, or the old one when this is none.
 *
 * @param string $address What somebody typed.
 * @param string $old     The address until now.
 */
function sanitize_service( string $address, string $old ): string {
	$address = trim( $address );
	if ( '' === $address ) {
		return '';
	}
	$full  = preg_match( '/^[a-z][a-z0-9+.-]*:/i', $address ) ? $address : 'https://' . $address;
	$clean = untrailingslashit( esc_url_raw( $full, array( 'https', 'http' ) ) );
	$parts = (array) wp_parse_url( $clean );
	if ( ! empty( $parts['host'] ) && ! array_diff( array_keys( $parts ), PARTS_OF_ADDRESS ) ) {
		return $clean;
	}
	$sentence = __( 'The address of the service was not changed: it begins with https:// and has a host, like https://n.ledger.example.', 'postroom-signup' );
	add_settings_error( OPTION, 'service', $sentence );
	return $old;
}

/**
 * Names of topics for each category that was on the page.
 *
 * @param array $sent Lists as they were typed, by the id of the category.
 */
function sanitize_topics( array $sent ): array {
	$topics = array();
	foreach ( $sent as $category => $list ) {
		if ( (int) $category > 0 ) {
			$topics[ (int) $category ] = is_array( $list ) ? names_of( implode( ',', $list ) ) : names_of( (string) $list );
		}
	}
	return $topics;
}

/**
 * One field as text. A list in the place of a text is none.
 *
 * @param array  $sent Fields.
 * @param string $name Of the field.
 */
function text_of( array $sent, string $name ): string {
	return is_scalar( $sent[ $name ] ?? null ) ? (string) $sent[ $name ] : '';
}
