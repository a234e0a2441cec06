<?php
/**
 * What the tests need of a site: a service on this machine, no mail, and policies, pages and answers of their choice.
 *
 * @package Postroom\Signup
 */

add_filter( 'http_request_host_is_external', '__return_true' );
add_filter( 'http_allowed_safe_ports', static fn() => range( 1, 65535 ) );
add_filter( 'pre_wp_mail', '__return_true' );
add_action(
	'send_headers',
	static function () {
		if ( get_option( 'tests_policy' ) ) {
			header( 'Content-Security-Policy: ' . get_option( 'tests_policy' ) );
		}
	}
);
add_filter(
	'pre_http_request',
	static function ( $answer, $arguments, $address ) {
		if ( get_option( 'tests_service_is_away' ) && false !== strpos( $address, '.json' ) ) {
			return new WP_Error( 'away' );
		}
		$said = get_option( 'tests_answer', null );
		return null === $said ? $answer : array(
			'headers'  => array(),
			'body'     => $said,
			'response' => array( 'code' => 200 ),
			'cookies'  => array(),
		);
	},
	10,
	3
);
add_action(
	'template_redirect',
	static function () {
		if ( get_option( 'tests_page' ) ) {
			ob_start( static fn( $page ) => preg_replace( ...array_merge( get_option( 'tests_page' ), array( $page ) ) ) );
		}
	}
);
