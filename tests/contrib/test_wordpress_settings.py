"""The plugin's settings in a real WordPress: who may change them, what is kept, and what is left in the end."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.contrib.markup import read
from tests.services.wordpress import PASSWORD, WordPress, php

pytestmark = pytest.mark.slow

PAGE = "/wp-admin/options-general.php?page=postroom-signup"
READ = "return \\Postroom\\Signup\\options();"


@pytest.fixture
def chief(site: WordPress) -> Iterator[httpx2.Client]:
    with site.visitor("chief", PASSWORD) as client:
        yield client


def nonce_of(page: str) -> dict[str, str]:
    fields = {field.attributes.get("name"): field.attributes.get("value", "") for field in read(page).all("input")}
    return {name: str(fields[name]) for name in ("option_page", "action", "_wpnonce", "_wp_http_referer")}


def save(client: httpx2.Client, **settings: Any) -> httpx2.Response:
    """Send the page of the settings as a browser does."""
    sent: dict[str, Any] = nonce_of(client.get(PAGE).text)
    for name, value in settings.items():
        for key, each in value.items() if isinstance(value, dict) else [("", value)]:
            sent[f"postroom_signup[{name}]" + (f"[{key}]" if key else "")] = each
    return client.post("/wp-admin/options.php", data=sent)


def test_an_administrator_chooses(site: WordPress, chief: httpx2.Client) -> None:
    chosen = {"service": "https://n.ledger.example/", "newsletter": "morning", "form": "story", "place": "paragraph"}
    answer = save(chief, **chosen, paragraph="4", post_types={"0": "post", "1": "page"}, topics={"1": "City, sport"})
    assert "Settings saved." in answer.text
    assert site.run(READ) == {
        "service": "https://n.ledger.example",
        "newsletter": "morning",
        "form": "story",
        "place": "paragraph",
        "paragraph": 4,
        "post_types": ["post", "page"],
        "topics": {"1": ["city", "sport"]},
    }
    again = read(chief.get(PAGE).text)
    values = {field.attributes.get("name"): field.attributes.get("value") for field in again.all("input")}
    assert values["postroom_signup[service]"] == "https://n.ledger.example"
    assert values["postroom_signup[topics][1]"] == "city, sport"


@pytest.mark.parametrize(
    "service",
    [
        "javascript:alert(1)",
        "ftp://n.ledger.example",
        "n.ledger.example:8080",
        "https:///",
        "https://a:b@n.example",
        "https://n.example/?x=1",
    ],
)
def test_an_address_that_is_none_keeps_the_old_one_and_says_so(
    site: WordPress, chief: httpx2.Client, service: str
) -> None:
    answer = save(chief, service=service, newsletter="morning")
    assert "The address of the service was not changed" in answer.text
    assert site.run(READ)["service"] == "http://127.0.0.1:9"


def test_an_address_without_a_scheme_is_encrypted(site: WordPress) -> None:
    kept = site.run("return \\Postroom\\Signup\\sanitize( array( 'service' => ' n.ledger.example/post/ ' ) );")
    assert kept["service"] == "https://n.ledger.example/post"


def test_hostile_settings_are_cleaned_and_stay_in_their_fields(site: WordPress, chief: httpx2.Client) -> None:
    hostile = '"><script>alert(1)</script>'
    save(
        chief,
        service="https://n.ledger.example",
        newsletter=hostile,
        form=hostile,
        place=hostile,
        paragraph="-7",
        post_types={"0": "attachment", "1": "nothing", "2": "post"},
        topics={"1": hostile, "x": "city", "2": "a b;c"},
    )
    kept = site.run(READ)
    assert kept["newsletter"] == kept["form"] == "scriptalert1script"
    assert (kept["place"], kept["paragraph"], kept["post_types"]) == ("hand", 1, ["post"])
    assert kept["topics"] == {"1": ["scriptalert1script"], "2": ["a", "b", "c"]}
    assert "alert(1)</script>" not in chief.get(PAGE).text


def test_lists_in_the_place_of_texts_are_nothing(site: WordPress) -> None:
    sent = {
        "service": ["x"],
        "newsletter": {"a": "b"},
        "place": ["end"],
        "paragraph": [],
        "topics": "x",
        "post_types": "post",
    }
    kept = site.run(f"return \\Postroom\\Signup\\sanitize( {php(sent)} );")
    assert (kept["newsletter"], kept["place"], kept["paragraph"], kept["post_types"]) == ("", "hand", 1, ["post"])


def test_a_category_that_was_not_on_the_page_keeps_its_topics(site: WordPress, chief: httpx2.Client) -> None:
    site.choose(topics={"1": ["city"], "77": ["sport"]})
    save(chief, service="http://127.0.0.1:9", newsletter="morning", topics={"1": ""})
    assert site.run(READ)["topics"] == {"77": ["sport"]}


def test_nobody_saves_without_the_nonce(site: WordPress, chief: httpx2.Client) -> None:
    sent = nonce_of(chief.get(PAGE).text) | {"_wpnonce": "0123456789", "postroom_signup[newsletter]": "evening"}
    assert chief.post("/wp-admin/options.php", data=sent).status_code == 403
    assert site.run(READ)["newsletter"] == "morning"


def test_an_editor_may_not_change_the_settings(site: WordPress, chief: httpx2.Client) -> None:
    nonce = nonce_of(chief.get(PAGE).text)
    site.run("""
        if ( ! username_exists( 'lea' ) ) {
            $lea = wp_create_user( 'lea', 'a password of the tests', 'lea@ledger.example' );
            ( new WP_User( $lea ) )->set_role( 'editor' );
        }
    """)
    with site.visitor("lea", PASSWORD) as lea:
        assert lea.get(PAGE).status_code == 403
        sent = nonce | {"postroom_signup[newsletter]": "evening"}
        assert lea.post("/wp-admin/options.php", data=sent).status_code == 403
    assert site.run(READ)["newsletter"] == "morning"


def test_the_list_of_plugins_links_to_the_settings(chief: httpx2.Client) -> None:
    links = [link.attributes.get("href", "") for link in read(chief.get("/wp-admin/plugins.php").text).all("a")]
    assert [link for link in links if link.endswith(PAGE)] != []


def test_uninstalling_leaves_nothing(site: WordPress) -> None:
    site.get(site.publish("[post_signup]"))  # asks the service and remembers that it was away
    everything = 'global $wpdb; return $wpdb->get_col( "SELECT option_name FROM {$wpdb->options}" );'
    assert [name for name in site.run(everything) if "postroom" in name] != []
    site.run("""
        require_once ABSPATH . 'wp-admin/includes/plugin.php';
        define( 'WP_UNINSTALL_PLUGIN', 'postroom-signup/postroom-signup.php' );
        deactivate_plugins( WP_UNINSTALL_PLUGIN );
    """)
    site.run("""
        require_once ABSPATH . 'wp-admin/includes/plugin.php';
        return uninstall_plugin( 'postroom-signup/postroom-signup.php' );
    """)
    try:
        assert [name for name in site.run(everything) if "postroom" in name] == []
        tables = site.run("global $wpdb; return $wpdb->get_col( 'SHOW TABLES' );")
        assert [name for name in tables if "postroom" in name] == []
    finally:
        site.switch_on()
