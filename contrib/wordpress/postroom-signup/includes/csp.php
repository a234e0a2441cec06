<?php
/**
 * Reading a Content-Security-Policy: would it let a page use an address? Judgement only, nothing of WordPress.
 *
 * Follows W3C Content Security Policy Level 3, sections 6.7 and 6.8, as far as addresses of another site need it.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/** Which directive answers for another that is not there. */
const FALLBACKS = array(
	'script-src-elem' => array( 'script-src-elem', 'script-src', 'default-src' ),
	'connect-src'     => array( 'connect-src', 'default-src' ),
	'form-action'     => array( 'form-action' ),
);

/**
 * Which of script-src-elem, connect-src and form-action block an address.
 *
 * @param string[] $policies Values of headers; each may hold several policies, and all of them count.
 * @param string   $address  Absolute address of what is used.
 * @param string   $home     Absolute address of the page.
 * @return string[]
 */
function blocked_by( array $policies, string $address, string $home ): array {
	$blocked = array();
	foreach ( array_filter( array_map( 'trim', explode( ',', implode( ',', $policies ) ) ) ) as $policy ) {
		$directives = directives( $policy );
		foreach ( FALLBACKS as $wanted => $names ) {
			$there = array_values( array_intersect( $names, array_keys( $directives ) ) );
			if ( $there && ! allows( $directives[ $there[0] ], $address, $home, 'script-src-elem' === $wanted ) ) {
				$blocked[ $wanted ] = true;
			}
		}
	}
	return array_keys( $blocked );
}

/**
 * The sources of each directive. Of a directive that is there twice the first counts.
 *
 * @param string $policy One policy.
 * @return string[][]
 */
function directives( string $policy ): array {
	$directives = array();
	foreach ( explode( ';', strtolower( $policy ) ) as $directive ) {
		$words = preg_split( '/\s+/', trim( $directive ) );
		$directives += array( $words[0] => array_slice( $words, 1 ) );
	}
	return $directives;
}

/**
 * Whether a list of sources lets an address be used.
 *
 * @param string[] $sources   Of a directive, in small letters.
 * @param string   $address   Absolute address of what is used.
 * @param string   $home      Absolute address of the page.
 * @param bool     $is_script With 'strict-dynamic' no host counts for scripts.
 */
function allows( array $sources, string $address, string $home, bool $is_script ): bool {
	if ( $is_script && in_array( "'strict-dynamic'", $sources, true ) ) {
		return false;
	}
	foreach ( $sources as $source ) {
		if ( "'self'" === $source ? origin( $address ) === origin( $home ) : matches( $source, $address, $home ) ) {
			return true;
		}
	}
	return false;
}

/**
 * Whether a source such as https:, *.ledger.example or https://n.ledger.example:8443/e/ means an address.
 *
 * @param string $source  Of a directive, in small letters.
 * @param string $address Absolute address of what is used.
 * @param string $home    Absolute address of the page: a source without a scheme has the page's, or the safer one.
 */
function matches( string $source, string $address, string $home ): bool {
	$url = parts( $address );
	if ( '*' === $source ) {
		return true;
	}
	if ( preg_match( '#^([a-z][a-z0-9+.-]*):$#', $source, $scheme ) ) {
		return fits_scheme( $scheme[1], $url['scheme'] );
	}
	if ( ! preg_match( '#^(?:([a-z][a-z0-9+.-]*)://)?(\*|(?:\*\.)?[a-z0-9._-]+)(?::(\*|\d+))?(/[^?\#]*)?$#', $source, $found ) ) {
		return false;
	}
	list( , $scheme, $host, $port, $path ) = array_pad( $found, 5, '' );
	return fits_scheme( $scheme ?: parts( $home )['scheme'], $url['scheme'] )
		&& fits_host( $host, $url['host'] )
		&& ( '*' === $port || (int) ( $port ?: default_port( $url['scheme'] ) ) === $url['port'] )
		&& ( '' === $path || $path === $url['path'] || ( '/' === substr( $path, -1 ) && 0 === strpos( $url['path'], $path ) ) );
}

/**
 * Whether a scheme is the one that is wanted, or the encrypted one in its place.
 *
 * @param string $wanted In the policy.
 * @param string $scheme Of the address.
 */
function fits_scheme( string $wanted, string $scheme ): bool {
	return $wanted === $scheme || ( 'http' === $wanted && 'https' === $scheme );
}

/**
 * Whether a host is the one that is wanted; *.ledger.example means each name below ledger.example.
 *
 * @param string $wanted In the policy.
 * @param string $host   Of the address.
 */
function fits_host( string $wanted, string $host ): bool {
	$below = substr( $wanted, 1 );
	return $wanted === $host || '*' === $wanted || ( '*' === $wanted[0] && substr( $host, -strlen( $below ) ) === $below );
}

/**
 * Scheme, host, port and path of an absolute address.
 *
 * @param string $address Absolute.
 */
function parts( string $address ): array {
	$parts  = (array) parse_url( strtolower( $address ) );
	$scheme = $parts['scheme'] ?? 'https';
	return array(
		'scheme' => $scheme,
		'host'   => $parts['host'] ?? '',
		'port'   => $parts['port'] ?? default_port( $scheme ),
		'path'   => $parts['path'] ?? '/',
	);
}

/**
 * Scheme, host and port as one text.
 *
 * @param string $address Absolute.
 */
function origin( string $address ): string {
	return implode( ' ', array_slice( parts( $address ), 0, 3 ) );
}

/**
 * The port of addresses that name none.
 *
 * @param string $scheme Of the address.
 */
function default_port( string $scheme ): int {
	return 'http' === $scheme ? 80 : 443;
}
