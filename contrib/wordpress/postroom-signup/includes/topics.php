<?php
/**
 * From the section of an article to the topics that are chosen for its readers.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/**
 * The topics of an article: those of its categories, or of the nearest category above that has any.
 *
 * @param int $post_id An article.
 * @return string[]
 */
function topics_of( int $post_id ): array {
	$map    = options()['topics'];
	$topics = array();
	foreach ( wp_get_post_categories( $post_id ) as $category ) {
		$line   = array_merge( array( $category ), get_ancestors( $category, 'category', 'taxonomy' ) );
		$mapped = array_filter( array_intersect_key( $map, array_flip( $line ) ) );
		foreach ( $line as $each ) {
			if ( isset( $mapped[ $each ] ) ) {
				$topics = array_merge( $topics, $mapped[ $each ] );
				break;
			}
		}
	}
	return array_values( array_unique( $topics ) );
}
