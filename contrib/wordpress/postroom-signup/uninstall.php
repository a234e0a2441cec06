<?php
/**
 * Leave nothing behind.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require __DIR__ . '/includes/options.php';
require __DIR__ . '/includes/words.php';

/**
 * The settings, and what the service said.
 */
function leave_site(): void {
	delete_option( OPTION );
	forget_words();
}

if ( is_multisite() ) {
	$sites = get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	);
	foreach ( $sites as $site ) {
		switch_to_blog( $site );
		leave_site();
		restore_current_blog();
	}
} else {
	leave_site();
}
