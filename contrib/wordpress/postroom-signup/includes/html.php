<?php
/**
 * The parts of a form as HTML. What is not ours is escaped here.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

/**
 * What readers of a feed get: a form works in no feed reader.
 *
 * @param array  $words      What the form says.
 * @param string $service    Address of the service.
 * @param string $newsletter Name of the newsletter.
 * @param string $form       Name of the form.
 */
function link_html( array $words, string $service, string $newsletter, string $form ): string {
	$address = add_query_arg( array( 'form' => $form, 'full' => 1 ), $service . '/f/' . $newsletter );
	$text    = trim( $words['heading'] . ': ' . $words['button'], ': ' );
	return sprintf( '<p><a href="%s">%s</a></p>', esc_url( $address ), esc_html( $text ) );
}

/**
 * Heading and text.
 *
 * @param array $words What the form says.
 */
function texts_html( array $words ): string {
	$heading = '' === $words['heading'] ? '' : '<h2>' . esc_html( $words['heading'] ) . '</h2>';
	return $heading . ( '' === $words['text'] ? '' : '<p>' . esc_html( $words['text'] ) . '</p>' );
}

/**
 * The topics to choose from, ticked as the page wants or else as the form does; nothing when neither cares.
 *
 * @param array    $words  What the form says.
 * @param string[] $wanted Names of the topics that are chosen on this page.
 */
function topics_html( array $words, array $wanted ): string {
	if ( ! $words['topics'] ) {
		return hidden_html( array_map( static fn( $topic ) => array( 'topic', $topic ), $wanted ) );
	}
	$wanted = array_intersect( $wanted, array_column( $words['topics'], 'slug' ) );
	if ( ! $wanted && ! $words['asks'] ) {
		return '';
	}
	$html = '<fieldset><legend>' . esc_html( $words['question'] ) . '</legend>';
	foreach ( $words['topics'] as $topic ) {
		$html .= sprintf(
			'<label><input type="checkbox" name="topic" value="%s"%s> %s</label>',
			esc_attr( $topic['slug'] ),
			checked( $wanted ? in_array( $topic['slug'], $wanted, true ) : $topic['ticked'], true, false ),
			esc_html( $topic['title'] )
		);
	}
	return $html . '</fieldset>';
}

/**
 * The field, the button, and what the reader agrees to. Its id is unique, also where an endless page joins articles.
 *
 * @param array $words What the form says.
 */
function fields_html( array $words ): string {
	$id = esc_attr( wp_unique_id( 'post-signup-' . (int) get_the_ID() . '-' ) );
	return sprintf( '<label for="%s">%s</label>', $id, esc_html( $words['label'] ) )
		. sprintf( '<input id="%s" type="email" name="email" required autocomplete="email" dir="ltr">', $id )
		. sprintf( '<button>%s</button>', esc_html( $words['button'] ) )
		. sprintf(
			'<small>%s <a href="%s" target="_blank">%s</a></small>',
			esc_html( $words['wording'] ),
			esc_url( options()['service'] . '/privacy' ),
			esc_html( $words['small'] )
		);
}

/**
 * Fields that nobody sees.
 *
 * @param array[] $fields Pairs of name and value.
 */
function hidden_html( array $fields ): string {
	$html = '';
	foreach ( $fields as list( $name, $value ) ) {
		$html .= sprintf( '<input type="hidden" name="%s" value="%s">', esc_attr( $name ), esc_attr( $value ) );
	}
	return $html;
}
