<?php
/**
 * The page of the settings: which service and newsletter, and where forms appear by themselves.
 *
 * @package Postroom\Signup
 */

namespace Postroom\Signup;

defined( 'ABSPATH' ) || exit;

const PAGE = 'postroom-signup';

/**
 * Tell WordPress of the option, its fields, and who cleans what is sent.
 */
function register_settings(): void {
	register_setting(
		PAGE,
		OPTION,
		array(
			'type'              => 'object',
			'default'           => defaults(),
			'sanitize_callback' => __NAMESPACE__ . '\sanitize',
		)
	);
	add_settings_section( 'service', __( 'The newsletter', 'postroom-signup' ), __NAMESPACE__ . '\show_answer', PAGE );
	add_field( 'service', __( 'Address of the service', 'postroom-signup' ), __( 'Such as https://n.ledger.example.', 'postroom-signup' ), 'url' );
	add_field( 'newsletter', __( 'Newsletter', 'postroom-signup' ), __( 'Its name in addresses, such as morning.', 'postroom-signup' ) );
	add_field( 'form', __( 'Form', 'postroom-signup' ), __( 'Every newsletter has the form main.', 'postroom-signup' ) );
	add_settings_section( 'place', __( 'Where it appears', 'postroom-signup' ), '__return_null', PAGE );
	add_settings_field( 'place', __( 'Place', 'postroom-signup' ), __NAMESPACE__ . '\show_places', PAGE, 'place' );
	add_settings_field( 'post_types', __( 'In', 'postroom-signup' ), __NAMESPACE__ . '\show_types', PAGE, 'place' );
	add_settings_section( 'topics', __( 'Topics by category', 'postroom-signup' ), __NAMESPACE__ . '\show_topics', PAGE );
}

/**
 * One line of text.
 *
 * @param string $name  Of the setting.
 * @param string $label What is asked for.
 * @param string $hint  An example.
 * @param string $type  Of the field.
 */
function add_field( string $name, string $label, string $hint, string $type = 'text' ): void {
	$args = compact( 'name', 'hint', 'type' ) + array( 'label_for' => PAGE . '-' . $name );
	add_settings_field( $name, $label, __NAMESPACE__ . '\show_field', PAGE, 'service', $args );
}

/**
 * Put the page under Settings.
 */
function add_settings_page(): void {
	$title = __( 'Newsletter sign-up', 'postroom-signup' );
	add_options_page( $title, $title, 'manage_options', PAGE, __NAMESPACE__ . '\show_page' );
}

/**
 * Put a link to the page into the list of plugins.
 *
 * @param string[] $links HTML.
 */
function add_settings_link( array $links ): array {
	$address = admin_url( 'options-general.php?page=' . PAGE );
	array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( $address ), esc_html__( 'Settings', 'postroom-signup' ) ) );
	return $links;
}

/**
 * The page. WordPress checks the right and the nonce of what it sends.
 */
function show_page(): void {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	printf( '<div class="wrap"><h1>%s</h1><form action="options.php" method="post">', esc_html( get_admin_page_title() ) );
	settings_fields( PAGE );
	do_settings_sections( PAGE );
	submit_button();
	echo '</form></div>';
}

/**
 * Whether the service answers for the newsletter that is chosen.
 */
function show_answer(): void {
	$options = options();
	if ( '' === $options['service'] || '' === $options['newsletter'] ) {
		return;
	}
	$words = words( $options['newsletter'], $options['form'], get_bloginfo( 'language' ) );
	if ( $words['known'] ) {
		/* translators: %s: heading of the form. */
		$sentence = sprintf( __( 'The service answers. The form says “%s”.', 'postroom-signup' ), $words['heading'] );
	} else {
		$sentence = __( 'The service did not answer for this newsletter. Look at the address and the name; it is asked again within a minute.', 'postroom-signup' );
	}
	printf( '<p>%s</p>', esc_html( $sentence ) );
}

/**
 * A line of text with its example.
 *
 * @param array $args See add_field().
 */
function show_field( array $args ): void {
	printf(
		'<input type="%s" id="%s" name="%s" value="%s" class="regular-text" aria-describedby="%s"><p class="description" id="%s">%s</p>',
		esc_attr( $args['type'] ),
		esc_attr( $args['label_for'] ),
		esc_attr( OPTION . '[' . $args['name'] . ']' ),
		esc_attr( options()[ $args['name'] ] ),
		esc_attr( $args['label_for'] . '-hint' ),
		esc_attr( $args['label_for'] . '-hint' ),
		esc_html( $args['hint'] )
	);
}

/**
 * By hand, after a paragraph, at the end.
 */
function show_places(): void {
	$options = options();
	$places  = array(
		BY_HAND         => __( 'Only where the block or the shortcode stands', 'postroom-signup' ),
		AT_THE_END      => __( 'At the end of each article', 'postroom-signup' ),
		AFTER_PARAGRAPH => __( 'After the paragraph with this number:', 'postroom-signup' ),
	);
	printf( '<fieldset><legend class="screen-reader-text">%s</legend>', esc_html__( 'Place', 'postroom-signup' ) );
	foreach ( $places as $place => $label ) {
		printf(
			'<label><input type="radio" name="%s" value="%s"%s> %s</label> ',
			esc_attr( OPTION . '[place]' ),
			esc_attr( $place ),
			checked( $options['place'], $place, false ),
			esc_html( $label )
		);
		echo AFTER_PARAGRAPH === $place ? '' : '<br>';
	}
	printf(
		'<input type="number" name="%s" value="%d" min="1" max="%d" class="small-text" aria-label="%s"></fieldset><p class="description">%s</p>',
		esc_attr( OPTION . '[paragraph]' ),
		(int) $options['paragraph'],
		(int) LAST_PARAGRAPH,
		esc_attr__( 'Number of the paragraph', 'postroom-signup' ),
		esc_html__( 'An article that is shorter has it at its end, one that holds the block or the shortcode only there.', 'postroom-signup' )
	);
}

/**
 * The kinds of content.
 */
function show_types(): void {
	printf( '<fieldset><legend class="screen-reader-text">%s</legend>', esc_html__( 'In', 'postroom-signup' ) );
	foreach ( article_types() as $type ) {
		printf(
			'<label><input type="checkbox" name="%s" value="%s"%s> %s</label><br>',
			esc_attr( OPTION . '[post_types][]' ),
			esc_attr( $type ),
			checked( in_array( $type, options()['post_types'], true ), true, false ),
			esc_html( get_post_type_object( $type )->labels->name )
		);
	}
	echo '</fieldset>';
}

/**
 * Which topics are chosen for readers of each category.
 */
function show_topics(): void {
	printf( '<p>%s</p><table class="form-table">', esc_html__( 'In an article of the category these topics are ticked beforehand, such as city, sport. Without any, those of the category above it; then the form decides.', 'postroom-signup' ) );
	$categories = get_categories(
		array(
			'hide_empty' => false,
			'orderby'    => 'count',
			'order'      => 'DESC',
			'number'     => 200,
		)
	);
	foreach ( $categories as $category ) {
		$id = PAGE . '-topics-' . $category->term_id;
		printf(
			'<tr><th scope="row"><label for="%s">%s</label></th><td><input type="text" id="%s" name="%s" value="%s" class="regular-text"></td></tr>',
			esc_attr( $id ),
			esc_html( $category->name ),
			esc_attr( $id ),
			esc_attr( OPTION . '[topics][' . $category->term_id . ']' ),
			esc_attr( implode( ', ', options()['topics'][ $category->term_id ] ?? array() ) )
		);
	}
	echo '</table>';
}
