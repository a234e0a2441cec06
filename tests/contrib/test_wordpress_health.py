"""What Site Health says in a real WordPress: is a policy or a cache in the way of sign-ups?"""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.wordpress import PASSWORD, WordPress, php
from tests.subscriptions.making import make_newsletter

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

HEALTH = "return \\Postroom\\Signup\\site_health();"


@pytest.fixture
def chosen(site: WordPress, live: str, session: Session) -> str:
    """A site whose service answers, with the form at the end of its article; the service's address."""
    make_newsletter(session)
    site.choose(service=live, place="end")
    site.publish("A story.")
    return live


def health(site: WordPress) -> tuple[str, str]:
    found: dict[str, Any] = site.run(HEALTH)
    return found["status"], found["description"]


def test_all_is_well(site: WordPress, chosen: str) -> None:
    assert health(site) == ("good", "<p>The service answers, and no policy and no cache changes the form.</p>")


def test_nothing_is_chosen(site: WordPress, database_url: str) -> None:
    site.choose(service="")
    status, said = health(site)
    assert status == "recommended"
    assert "No service and no newsletter is chosen yet" in said


def test_the_service_is_away(site: WordPress, database_url: str) -> None:
    status, said = health(site)
    assert status == "critical"
    assert "http://127.0.0.1:9/e/1.js" in said


@pytest.mark.parametrize(
    ("policy", "status", "names"),
    [
        ("default-src *", "good", ""),
        ("default-src 'self' 'unsafe-inline'", "recommended", "script-src-elem, connect-src."),
        ("default-src 'self' SERVICE; script-src 'self' SERVICE", "good", ""),
        ("script-src 'self'; connect-src SERVICE", "recommended", "script-src-elem."),
        ("form-action 'self'", "recommended", "form-action."),
        ("script-src 'self'; form-action 'self'", "critical", "script-src-elem, form-action."),
    ],
)
def test_a_policy_is_in_the_way(site: WordPress, chosen: str, policy: str, status: str, names: str) -> None:
    site.run(f"update_option( 'tests_policy', {php(policy.replace('SERVICE', chosen))} );")
    found, said = health(site)
    assert (found, f"blocks the form by {names}" in said) == (status, names != "")
    assert (f"Add {chosen} to script-src, connect-src and form-action." in said) == (names != "")


def test_a_cache_still_gives_out_the_page_of_before(site: WordPress, chosen: str) -> None:
    site.run("update_option( 'tests_page', array( '/<post-signup.*<.post-signup>/s', '' ) );")
    status, said = health(site)
    assert status == "critical"
    assert "Perhaps a cache still gives out the page of before" in said


@pytest.mark.parametrize(
    ("pattern", "changed"),
    [
        ("/ type=.module./", ""),
        ("#http://127[^\"']*/e/1.js#", "/cache/all.js"),
        ("/<script type/", "<x><!-- later: --><template"),
    ],
    ids=["no module", "joined", "delayed"],
)
def test_an_optimiser_has_changed_the_script(site: WordPress, chosen: str, pattern: str, changed: str) -> None:
    site.run(f"update_option( 'tests_page', array( {php(pattern)}, {php(changed)} ) );")
    status, said = health(site)
    assert status == "recommended"
    assert f"leave out {chosen}/e/1.js" in said


def test_a_form_put_by_hand_is_found(site: WordPress, live: str, session: Session) -> None:
    make_newsletter(session)
    site.choose(service=live)
    address = site.publish("<!-- wp:postroom/signup /-->", post_type="page")
    site.publish("Something newer.")
    assert site.run("return \\Postroom\\Signup\\page_with_form();") == [address, True]
    site.run(f"wp_delete_post( url_to_postid( {php(address)} ), true );")
    assert site.run("return \\Postroom\\Signup\\page_with_form();") == [f"{site.url}/", False]


def test_only_those_who_may_see_site_health_are_told(site: WordPress, database_url: str) -> None:
    tests = site.run("return apply_filters( 'site_status_tests', array( 'async' => array() ) )['async'];")
    assert tests["postroom_signup"]["has_rest"] is True
    with site.visitor("chief", PASSWORD) as chief:
        route = "/?rest_route=/postroom-signup/v1/site-health"
        assert chief.get(route).status_code == 401  # the cookie alone is no proof
        nonce = chief.get("/wp-admin/admin-ajax.php?action=rest-nonce").text
        assert chief.get(route, headers={"X-WP-Nonce": nonce}).json()["test"] == "postroom_signup"
