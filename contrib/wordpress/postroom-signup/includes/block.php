<?php
/**
 * The block and the shortcode: where an editor puts a form by hand.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/**
 * Make both known. Nothing but their attributes is stored in an article.
 */
function register_block(): void {
	wp_register_style( SCRIPT, plugins_url( 'block/style.css', FILE ), array(), VERSION );
	register_block_type( FOLDER . '/block', array( 'render_callback' => __NAMESPACE__ . '\render_block' ) );
	add_shortcode( 'post_signup', __NAMESPACE__ . '\render_shortcode' );
}

/**
 * The block as HTML.
 *
 * @param array $attributes What is written in the article.
 */
function render_block( array $attributes ): string {
	return form( with_section( $attributes ), get_block_wrapper_attributes() );
}

/**
 * The shortcode as HTML: [post_signup newsletter="morning" form="main" topics="city,sport"].
 *
 * @param array|string $attributes What is written in the article; a text when nothing is.
 */
function render_shortcode( $attributes ): string {
	return form( with_section( shortcode_atts( no_attributes(), (array) $attributes, 'post_signup' ) ) );
}

/**
 * The attributes with the topics of the article's section where none are written.
 *
 * @param array $attributes Of a form.
 */
function with_section( array $attributes ): array {
	if ( empty( $attributes['topics'] ) && get_the_ID() ) {
		$attributes['topics'] = implode( ',', topics_of( get_the_ID() ) );
	}
	return $attributes;
}
