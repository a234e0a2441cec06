<?php
/**
 * Plugin Name:       Postroom Sign-up
 * Description:       Places the sign-up form of your Postroom newsletters in and under articles: as a block, as a shortcode, or by itself.
 * Version:           0.1.0
 * Requires at least: 6.1
 * Requires PHP:      7.4
 * Author:            The Postroom contributors
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/old-licenses/gpl-2.0.html
 * Text Domain:       postroom-signup
 * Domain Path:       /languages
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

const FOLDER  = __DIR__;
const FILE    = __FILE__;
const VERSION = '0.1.0';

require FOLDER . '/includes/options.php';
require FOLDER . '/includes/words.php';
require FOLDER . '/includes/html.php';
require FOLDER . '/includes/form.php';
require FOLDER . '/includes/script.php';
require FOLDER . '/includes/topics.php';
require FOLDER . '/includes/block.php';
require FOLDER . '/includes/placement.php';
require FOLDER . '/includes/settings.php';
require FOLDER . '/includes/csp.php';
require FOLDER . '/includes/inspection.php';
require FOLDER . '/includes/site-health.php';

add_action( 'init', __NAMESPACE__ . '\register_block' );
add_filter( 'script_loader_tag', __NAMESPACE__ . '\as_module', 10, 2 );
// After the blocks (9), the paragraphs (10) and the shortcodes (11) of WordPress.
add_filter( 'the_content', __NAMESPACE__ . '\place', 12 );

add_action( 'admin_init', __NAMESPACE__ . '\register_settings' );
add_action( 'admin_menu', __NAMESPACE__ . '\add_settings_page' );
add_action( 'add_option_' . OPTION, __NAMESPACE__ . '\forget_words' );
add_action( 'update_option_' . OPTION, __NAMESPACE__ . '\forget_words' );
add_filter( 'plugin_action_links_' . plugin_basename( FILE ), __NAMESPACE__ . '\add_settings_link' );

add_filter( 'site_status_tests', __NAMESPACE__ . '\add_site_health_test' );
add_action( 'rest_api_init', __NAMESPACE__ . '\register_site_health_route' );
