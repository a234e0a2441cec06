// The block in the editor: a preview made by the server, and its choices in the sidebar.
( ( { blocks, blockEditor, components, element, i18n, serverSideRender: ServerSideRender } ) => {
	const { createElement: h, Fragment } = element;
	const { __ } = i18n;
	const { Disabled, PanelBody, Placeholder, TextControl, TextareaControl } = components;

	const where = [
		[ 'newsletter', __( 'Newsletter', 'postroom-signup' ), __( 'Its name in addresses, such as morning. Empty: as in the settings.', 'postroom-signup' ) ],
		[ 'form', __( 'Form', 'postroom-signup' ), __( 'Empty: as in the settings.', 'postroom-signup' ) ],
		[ 'topics', __( 'Topics', 'postroom-signup' ), __( 'Such as city, sport. Empty: those of the article’s section.', 'postroom-signup' ) ],
		[ 'language', __( 'Language', 'postroom-signup' ), __( 'Such as az. Empty: the site’s.', 'postroom-signup' ) ],
	];
	const texts = [
		[ 'heading', __( 'Heading', 'postroom-signup' ), '', TextControl ],
		[ 'text', __( 'Text', 'postroom-signup' ), '', TextareaControl ],
		[ 'button', __( 'Button', 'postroom-signup' ), '', TextControl ],
		[ 'wording', __( 'What readers agree to', 'postroom-signup' ), __( 'Kept as the proof of consent.', 'postroom-signup' ), TextareaControl ],
	];

	const nothing = () =>
		h( Placeholder, {
			icon: 'email',
			label: __( 'Newsletter sign-up', 'postroom-signup' ),
			instructions: __( 'Write the address of the service and a newsletter under Settings, Newsletter sign-up.', 'postroom-signup' ),
		} );

	function Edit( { attributes, setAttributes } ) {
		const field = ( [ name, label, help, Control = TextControl ] ) =>
			h( Control, { key: name, label, help, value: attributes[ name ], onChange: ( value ) => setAttributes( { [ name ]: value } ) } );
		const preview = h( ServerSideRender, { block: 'postroom/signup', attributes, EmptyResponsePlaceholder: nothing } );
		return h(
			Fragment,
			null,
			h(
				blockEditor.InspectorControls,
				null,
				h( PanelBody, { title: __( 'Newsletter', 'postroom-signup' ) }, where.map( field ) ),
				h( PanelBody, { title: __( 'Own words', 'postroom-signup' ), initialOpen: false }, texts.map( field ) )
			),
			h( 'div', blockEditor.useBlockProps(), h( Disabled, null, preview ) )
		);
	}

	blocks.registerBlockType( 'postroom/signup', { edit: Edit, save: () => null } );
} )( window.wp );
