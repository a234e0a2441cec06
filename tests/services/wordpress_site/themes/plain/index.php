<!doctype html>
<html <?php language_attributes(); ?>>
<head><title>A classic theme</title><?php wp_head(); ?></head>
<body>
<?php
while ( have_posts() ) {
	the_post();
	the_title( '<h1>', '</h1>' );
	is_singular() ? the_content() : the_excerpt();
}
wp_footer();
?>
</body>
</html>
