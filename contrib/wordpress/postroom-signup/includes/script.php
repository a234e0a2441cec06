<?php
/**
 * The service's script: once for each page that holds a form, as a module.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

const SCRIPT = 'postroom-signup';

/**
 * The address of the script. Its number is the version of the contract.
 */
function script_address(): string {
	return options()['service'] . '/e/1.js';
}

/**
 * Ask for the script. WordPress prints it once however often this is called.
 */
function add_script(): void {
	wp_enqueue_style( SCRIPT );
	if ( function_exists( 'wp_enqueue_script_module' ) ) {
		wp_enqueue_script_module( SCRIPT, script_address(), array(), null );
	} else {
		wp_enqueue_script( SCRIPT, script_address(), array(), null, true );
	}
}

/**
 * Make the script a module in a WordPress that does not know modules yet.
 *
 * @param string $tag    HTML.
 * @param string $handle Name of the script.
 */
function as_module( string $tag, string $handle ): string {
	if ( SCRIPT !== $handle ) {
		return $tag;
	}
	return preg_replace( '/<script\b(?:\s+type=([\'"])[^\'"]*\1)?/', '<script type="module"', $tag, 1 );
}
