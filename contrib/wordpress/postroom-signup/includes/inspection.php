<?php
/**
 * A look at the site from outside: does the service answer, and does the form reach readers as it was printed?
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/** What can be in the way, worst first. */
const NOT_CHOSEN     = 'not chosen';
const SERVICE_AWAY   = 'service away';
const SITE_SILENT    = 'site silent';
const FORM_MISSING   = 'form missing';
const SCRIPT_CHANGED = 'script changed';
const POLICY_BLOCKS  = 'policy blocks';
const NOT_ENCRYPTED  = 'not encrypted';

/** Seconds for each of the two pages. */
const INSPECTION_TIMEOUT = 10;

/**
 * What is in the way, with its details; nothing when all is well.
 *
 * @return array<string, string[]>
 */
function inspect(): array {
	$options = options();
	if ( '' === $options['service'] || '' === $options['newsletter'] ) {
		return array( NOT_CHOSEN => array() );
	}
	$found = array();
	if ( ! script_is_served() ) {
		$found[ SERVICE_AWAY ] = array( script_address() );
	}
	if ( 'https' === wp_parse_url( home_url(), PHP_URL_SCHEME ) && 'https' !== wp_parse_url( $options['service'], PHP_URL_SCHEME ) ) {
		$found[ NOT_ENCRYPTED ] = array( $options['service'] );
	}
	return $found + inspect_page( page_with_form(), script_address() );
}

/**
 * Whether the service gives out its script.
 */
function script_is_served(): bool {
	$answer = wp_safe_remote_get( script_address(), array( 'timeout' => INSPECTION_TIMEOUT ) );
	$type   = (string) wp_remote_retrieve_header( $answer, 'content-type' );
	return 200 === wp_remote_retrieve_response_code( $answer ) && false !== strpos( $type, 'javascript' );
}

/**
 * The newest page that should hold a form, and whether it is known to; the front page when there is none.
 *
 * @return array{0: string, 1: bool}
 */
function page_with_form(): array {
	$options = options();
	$query   = array(
		'post_status'    => 'publish',
		'has_password'   => false,
		'posts_per_page' => 1,
		'fields'         => 'ids',
		'no_found_rows'  => true,
	);
	if ( BY_HAND !== $options['place'] && $options['post_types'] ) {
		$articles = get_posts( $query + array( 'post_type' => $options['post_types'] ) );
	} else {
		$written  = $query + array( 'post_type' => article_types() );
		$articles = get_posts( $written + array( 's' => '"wp:postroom/signup"' ) ) ?: get_posts( $written + array( 's' => '"[post_signup"' ) );
	}
	return $articles ? array( get_permalink( $articles[0] ), true ) : array( home_url( '/' ), false );
}

/**
 * What is in the way on one page of this site.
 *
 * @param array  $page   See page_with_form().
 * @param string $script Address of the service's script.
 * @return array<string, string[]>
 */
function inspect_page( array $page, string $script ): array {
	list( $address, $has_form ) = $page;
	$answer = wp_remote_get( $address, array( 'timeout' => INSPECTION_TIMEOUT ) );
	if ( 200 !== wp_remote_retrieve_response_code( $answer ) ) {
		return array( SITE_SILENT => array( $address ) );
	}
	$html  = wp_remote_retrieve_body( $answer );
	$found = array();
	if ( $has_form && false === strpos( $html, '<post-signup' ) ) {
		$found[ FORM_MISSING ] = array( $address );
	} elseif ( $has_form && 1 !== scripts_in( $html, $script ) ) {
		$found[ SCRIPT_CHANGED ] = array( $address, $script );
	}
	$policies = array_merge( (array) wp_remote_retrieve_header( $answer, 'content-security-policy' ), policies_in( $html ) );
	$blocked  = blocked_by( $policies, $script, $address );
	return $blocked ? $found + array( POLICY_BLOCKS => $blocked ) : $found;
}

/**
 * How many modules with this address a page loads.
 *
 * @param string $html   A page.
 * @param string $script Address of the service's script.
 */
function scripts_in( string $html, string $script ): int {
	preg_match_all( '/<script\b[^>]*>/i', $html, $tags );
	$modules = preg_grep( '/\btype=["\']?module\b/i', preg_grep( '/\ssrc=["\']?' . preg_quote( $script, '/' ) . '["\'\s>]/i', $tags[0] ) );
	return count( $modules );
}

/**
 * The policies that stand in the page itself.
 *
 * @param string $html A page.
 * @return string[]
 */
function policies_in( string $html ): array {
	preg_match_all( '/<meta\b[^>]*http-equiv=["\']?content-security-policy["\'\s][^>]*>/i', $html, $tags );
	$policies = array();
	foreach ( $tags[0] as $tag ) {
		if ( preg_match( '/\scontent=(?:"([^"]*)"|\'([^\']*)\')/i', $tag, $content ) ) {
			$policies[] = html_entity_decode( end( $content ), ENT_QUOTES );
		}
	}
	return $policies;
}
