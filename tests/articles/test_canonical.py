import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.articles.canonical import LONGEST, anchored, canonical, uri

STORY = "https://ledger.example/city/tram"


@pytest.mark.parametrize(
    "address",
    [
        "https://ledger.example/city/tram",
        "http://ledger.example/city/tram",
        "HTTPS://Ledger.Example/city/tram",
        "https://www.ledger.example/city/tram",
        "http://www.ledger.example:80/city/tram/",
        "https://WWW.Ledger.Example/city/tram",
        "https://ledger.example:443/city/tram",
        "http://ledger.example:80/city/tram",
        "https://ledger.example/city/tram/",
        "https://ledger.example./city/tram",
        "https://ledger.example/city/tram#comments",
        "https://ledger.example/city/tram?utm_source=rss&utm_medium=feed",
        "https://ledger.example/city/tram?fbclid=IwAR1&gclid=x&mc_cid=9",
        "https://ledger.example/city/tram?UTM_Source=x",
        "https://ledger.example/city/tram?ref=rss",
        "https://ledger.example/city/tram?",
        "https://ledger.example/city/%74ram",
        "https://reader:secret@ledger.example/city/tram",
        "  https://ledger.example/ci\nty/tram  ",
    ],
)
def test_one_article_has_one_name_however_it_is_addressed(address: str) -> None:
    assert canonical(address) == STORY


@pytest.mark.parametrize(
    "address",
    [
        "https://live.ledger.example/city/tram",
        "https://www2.ledger.example/city/tram",
        "https://ledger.example/city/Tram",
        "https://ledger.example:8443/city/tram",
        "https://ledger.example/city/tram?page=2",
        "https://ledger.example/city/tram?reference=rss-1",
        "https://ledger.example/city%2Ftram",
        "https://ledger.example/city/tram#!/second",
        anchored(STORY, "second"),
    ],
)
def test_what_may_be_another_article_keeps_its_own_name(address: str) -> None:
    assert canonical(address) != STORY


def test_parameters_keep_their_order_and_their_spelling() -> None:
    address = "https://ledger.example/a?z=1&utm_campaign=x&a=%2f+%C3%A9&z=2&flag&empty="
    assert canonical(address) == "https://ledger.example/a?z=1&a=%2F+%C3%A9&z=2&flag&empty="


def test_www_is_folded_only_where_a_name_is_left() -> None:
    assert canonical("https://www.example/a") == "https://www.example/a"
    assert canonical("https://www.www.ledger.example/a") == "https://ledger.example/a"


def test_the_front_page_is_a_slash() -> None:
    assert canonical("http://ledger.example") == canonical("https://ledger.example/") == "https://ledger.example/"


def test_any_script_becomes_ascii() -> None:
    spelled = uri("https://xəbər.example/şəhər/пример?q=слово слово")
    assert spelled == (
        "https://xn--xbr-dtbb.example/%C5%9F%C9%99h%C9%99r/%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80"
        "?q=%D1%81%D0%BB%D0%BE%D0%B2%D0%BE%20%D1%81%D0%BB%D0%BE%D0%B2%D0%BE"
    )


def test_a_host_is_spelled_as_browsers_do_today() -> None:
    assert uri("https://straße.example/") == "https://xn--strae-oqa.example/"


def test_escapes_stay_as_written_because_signatures_depend_on_them() -> None:
    address = "https://i.ledger.example/p%7e1.jpg?w=4%2c5&s=a1b2"
    assert uri(address) == address


def test_relative_addresses_are_read_against_their_page() -> None:
    assert uri("../tram?x=1", "https://ledger.example/city/today/") == "https://ledger.example/city/tram?x=1"
    assert uri("//cdn.ledger.example/p.jpg", "https://ledger.example/") == "https://cdn.ledger.example/p.jpg"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "tram",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://ledger.example/x",
        "mailto:a@ledger.example",
        "https://",
        "https://[::1",
        "https://ledger example/",
        'https://ledger".example/',
        "https://ledger.example:port/",
        "https://ledger.example:99999/",
        "https://-.example" + "x" * 64 + "ə/",
        "https://ledger.example/\ud800",
        "https://ledger.example/" + "x" * LONGEST,
    ],
)
def test_what_nobody_can_follow_is_no_address(address: str) -> None:
    assert uri(address) == ""
    with pytest.raises(ValueError, match="no address of an article"):
        canonical(address)


def test_an_address_for_something_that_has_none_is_its_own_name() -> None:
    made = anchored("https://ledger.example/#top", "guid-7")
    assert made.startswith("https://ledger.example/#entry-")
    assert canonical(made) == made
    assert made == anchored("https://ledger.example/", "guid-7") != anchored("https://ledger.example/", "guid-8")


def test_an_address_made_for_a_very_long_page_still_fits() -> None:
    made = anchored("https://ledger.example/" + "x" * 1970, "guid-7")
    assert uri(made) == made


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=30))
def test_a_name_is_short_ascii_and_names_itself(path: str, query: str, fragment: str) -> None:
    spelled = uri(f"http://ledger.example/{path}?{query}#{fragment}")
    if spelled:
        name = canonical(spelled)
        assert name.isascii()
        assert len(name) <= LONGEST
        assert canonical(name) == name
