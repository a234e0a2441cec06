<?php
/**
 * Site Health: says in words what is in the way, and what to do.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

const ROUTE = 'postroom-signup/v1';

/**
 * Add our test to those that WordPress runs.
 *
 * @param array $tests Of Site Health.
 */
function add_site_health_test( array $tests ): array {
	$tests['async']['postroom_signup'] = array(
		'label'             => __( 'Newsletter sign-up', 'postroom-signup' ),
		'test'              => rest_url( ROUTE . '/site-health' ),
		'has_rest'          => true,
		'async_direct_test' => __NAMESPACE__ . '\site_health',
	);
	return $tests;
}

/**
 * Where WordPress asks for the result.
 */
function register_site_health_route(): void {
	register_rest_route(
		ROUTE,
		'/site-health',
		array(
			'methods'             => 'GET',
			'callback'            => __NAMESPACE__ . '\site_health',
			'permission_callback' => static function (): bool {
				return current_user_can( 'view_site_health_checks' );
			},
		)
	);
}

/**
 * The result as Site Health shows it.
 */
function site_health(): array {
	$found = inspect();
	$label = $found ? __( 'Something is in the way of newsletter sign-ups', 'postroom-signup' ) : __( 'Readers can sign up for your newsletter', 'postroom-signup' );
	$lines = '';
	foreach ( $found as $trouble => $details ) {
		$lines .= '<p>' . esc_html( sentence( $trouble, $details ) ) . '</p>';
	}
	return array(
		'test'        => 'postroom_signup',
		'label'       => $label,
		'status'      => status_of( $found ),
		'badge'       => array(
			'label' => __( 'Newsletter', 'postroom-signup' ),
			'color' => 'blue',
		),
		'description' => $lines ?: '<p>' . esc_html__( 'The service answers, and no policy and no cache changes the form.', 'postroom-signup' ) . '</p>',
		'actions'     => sprintf( '<a href="%s">%s</a>', esc_url( admin_url( 'options-general.php?page=' . PAGE ) ), esc_html__( 'Settings of the sign-up', 'postroom-signup' ) ),
	);
}

/**
 * Critical when no reader can sign up; recommended when some cannot, or must leave the page for it.
 *
 * @param array $found See inspect().
 */
function status_of( array $found ): string {
	$blocked  = $found[ POLICY_BLOCKS ] ?? array();
	$dead_end = in_array( 'form-action', $blocked, true ) && count( $blocked ) > 1;
	if ( isset( $found[ SERVICE_AWAY ] ) || isset( $found[ FORM_MISSING ] ) || $dead_end ) {
		return 'critical';
	}
	return $found ? 'recommended' : 'good';
}

/**
 * What is in the way, what happens, what to do.
 *
 * @param string   $trouble One of the constants of inspection.php.
 * @param string[] $details Addresses, or directives of a policy.
 */
function sentence( string $trouble, array $details ): string {
	switch ( $trouble ) {
		case NOT_CHOSEN:
			return __( 'No service and no newsletter is chosen yet, so no form appears.', 'postroom-signup' );
		case SERVICE_AWAY:
			/* translators: %s: address. */
			return sprintf( __( 'The service does not give out its script at %s. Look at the address, or whether the service is up.', 'postroom-signup' ), $details[0] );
		case NOT_ENCRYPTED:
			/* translators: %s: address. */
			return sprintf( __( 'Your site uses https, but the service is set as %s. Browsers block such a script and warn of the form. Write https in the settings.', 'postroom-signup' ), $details[0] );
		case SITE_SILENT:
			/* translators: %s: address. */
			return sprintf( __( 'Your site did not answer itself at %s, so nobody knows whether a policy or a cache is in the way.', 'postroom-signup' ), $details[0] );
		case FORM_MISSING:
			/* translators: %s: address. */
			return sprintf( __( 'The form should be on %s, and is not. Perhaps a cache still gives out the page of before: empty it.', 'postroom-signup' ), $details[0] );
		case SCRIPT_CHANGED:
			/* translators: 1: address of a page, 2: address of a script. */
			return sprintf( __( 'The form is on %1$s, but its script is not there as it was printed. The form works, and leaves the page. Tell the plugin that joins or delays scripts to leave out %2$s.', 'postroom-signup' ), $details[0], $details[1] );
		default:
			/* translators: 1: names of directives, 2: host of the service. */
			return sprintf( __( 'The Content-Security-Policy of your site blocks the form by %1$s. Add %2$s to script-src, connect-src and form-action.', 'postroom-signup' ), implode( ', ', $details ), origin_of( options()['service'] ) );
	}
}

/**
 * The part of an address that a policy names.
 *
 * @param string $address Absolute.
 */
function origin_of( string $address ): string {
	$parts = wp_parse_url( $address );
	return $parts['scheme'] . '://' . $parts['host'] . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' );
}
