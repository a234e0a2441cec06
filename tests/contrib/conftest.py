"""WordPress with our plugin, once per release that is on the machine and test run."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.mariadb import mariadb
from tests.services.wordpress import WordPress, find, version, why_not, wordpress

CORES: list[Path | None] = [*find()] or [None]


@pytest.fixture(scope="session")
def socket() -> Iterator[Path]:
    if reason := why_not():
        warnings.warn(f"THE TESTS OF THE WORDPRESS PLUGIN ARE SKIPPED: {reason}.", stacklevel=1)
        pytest.skip(reason)
    with mariadb() as socket:
        yield socket


@pytest.fixture(scope="session", params=CORES, ids=lambda core: version(core) if core else "no WordPress")
def installed(request: pytest.FixtureRequest, socket: Path) -> Iterator[WordPress]:
    with wordpress(request.param, socket) as site:
        yield site


@pytest.fixture
def site(installed: WordPress) -> Iterator[WordPress]:
    """A site that has chosen a service nobody answers at, and no articles. The plugin must not complain."""
    installed.run("""
        foreach ( get_posts( array( 'post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1 ) ) as $post ) {
            wp_delete_post( $post->ID, true );
        }
        delete_transient( 'postroom_signup_words' );
        foreach ( array( 'policy', 'page', 'answer', 'service_is_away' ) as $name ) {
            delete_option( 'tests_' . $name );
        }
        switch_theme( 'twentytwentythree' );
        update_option( 'postroom_signup', array( 'service' => 'http://127.0.0.1:9', 'newsletter' => 'morning' ) );
    """)
    yield installed
    assert installed.complaints() == []
