<?php
/**
 * Forms that appear by themselves, in articles and nowhere else.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/** Paragraphs inside of these are none of the article's own. */
const CONTAINERS = array( 'article', 'aside', 'blockquote', 'details', 'div', 'dl', 'figure', 'footer', 'form', 'header', 'nav', 'ol', 'pre', 'section', 'svg', 'table', 'template', 'ul' );

/** What looks like a tag inside of these is none. */
const RAW = array( 'script', 'style', 'textarea' );

/**
 * The content of an article with its form.
 *
 * @param string $content HTML as WordPress will print it.
 */
function place( $content ): string {
	$content = (string) $content;
	$options = options();
	if ( ! wants_form( $content, $options ) ) {
		return $content;
	}
	$form = form( with_section( array() ) );
	if ( AFTER_PARAGRAPH === $options['place'] ) {
		return after_paragraph( $content, $options['paragraph'], $form );
	}
	return $content . $form;
}

/**
 * Whether this is the text of the one article that the page is about, and no form is in it yet.
 *
 * @param string $content HTML as WordPress will print it.
 * @param array  $options Of the site.
 */
function wants_form( string $content, array $options ): bool {
	global $page, $numpages;
	return BY_HAND !== $options['place']
		&& $options['post_types']
		&& is_singular( $options['post_types'] )
		&& in_the_loop()
		&& is_main_query()
		&& get_the_ID() === get_queried_object_id()
		&& ! is_feed()
		&& ! is_embed()
		&& ! doing_filter( 'get_the_excerpt' )
		&& ! post_password_required()
		&& ( AT_THE_END === $options['place'] ? $numpages : 1 ) === $page
		&& false === strpos( $content, '<post-signup' );
}

/**
 * Put a form after the n-th paragraph; at the end when the article is shorter.
 *
 * @param string $content HTML of an article.
 * @param int    $number  Which paragraph, from 1.
 * @param string $form    HTML.
 */
function after_paragraph( string $content, int $number, string $form ): string {
	$pieces = wp_html_split( $content );
	$depth  = 0;
	$raw    = '';
	foreach ( $pieces as $index => $piece ) {
		$name = preg_match( '#^</?[a-z][a-z0-9-]*#i', $piece, $tag ) ? strtolower( ltrim( $tag[0], '<' ) ) : '';
		if ( $raw ) {
			$raw = '/' . $raw === $name ? '' : $raw;
		} elseif ( in_array( $name, RAW, true ) ) {
			$raw = $name;
		} elseif ( in_array( ltrim( $name, '/' ), CONTAINERS, true ) ) {
			$depth = max( 0, $depth + ( '/' === $name[0] ? -1 : 1 ) );
		} elseif ( '/p' === $name && 0 === $depth && 0 === --$number ) {
			array_splice( $pieces, $index + 1, 0, array( $form ) );
			break;
		}
	}
	return implode( '', $pieces ) . ( $number > 0 ? $form : '' );
}
