"""Whatever strangers write, what comes out are entries or one sentence."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mailer.articles import page, sitemap, wordpress
from mailer.articles.canonical import canonical
from mailer.articles.entry import Entry, Feed, NotAFeed
from mailer.articles.feed import offered_by
from mailer.articles.pictures import first_in
from mailer.articles.push import Push
from mailer.articles.tags import tags
from tests.articles.making import HOME
from tests.articles.test_sitemap import place, urlset
from tests.services.wordpress_rest import Post, Site

AT = datetime(2026, 11, 24, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = sorted(
    {key for value in [Site().described(Post(1))] for key in value}
    | {"rendered", "author", "wp:term", "wp:featuredmedia", "media_details", "sizes", "source_url", "width", "code"}
)
STRANGE = [
    "<url>",
    "</url>",
    "<news:news>",
    "<loc>",
    "&amp;",
    "&x;",
    "<![CDATA[",
    "]]>",
    "\x00",
    "<sitemap>",
    "http://[x",
]
HEADS = [
    "<meta ",
    "<link ",
    "property=",
    "'og:image'",
    '"canonical" ',
    "href=",
    "rel=",
    "<html lang=",
    "<title>",
    ">",
    "<",
]


def sound(entry: Entry) -> None:
    """Every column takes it, and every mail."""
    assert entry.title
    assert canonical(entry.url).isascii()
    assert entry.picture_url.isascii()
    (entry.title + entry.summary + entry.author + "".join(entry.categories) + entry.picture_alt + entry.guid).encode()


def read(work: Callable[[], Any]) -> tuple[Entry, ...]:
    try:
        found = work()
    except NotAFeed:
        return ()
    return getattr(found, "entries", ())


@given(st.data())
@settings(max_examples=150)
def test_posts_of_a_stranger_are_entries_or_a_sentence(data: st.DataObject) -> None:
    post = Site(home=HOME).described(Post(1))
    for _ in range(data.draw(st.integers(0, 4))):
        holder = post
        while True:
            key = data.draw(st.sampled_from(KEYS))
            if isinstance(inner := holder.get(key), dict) and data.draw(st.booleans()):
                holder = inner
                continue
            holder[key] = data.draw(JSON)
            break
    said = json.dumps(data.draw(st.sampled_from([[post], [post, 7], post, {"code": 1, "message": post}])))
    headers = {"x-wp-totalpages": data.draw(st.text(max_size=3)), "content-type": "application/json"}
    for entry in read(lambda: wordpress.read(said.encode(), headers, f"{HOME}/wp-json/wp/v2/posts")):
        sound(entry)


@given(st.binary(max_size=60) | st.builds(lambda value: json.dumps(value).encode(), JSON))
@settings(max_examples=100)
def test_what_is_no_json_of_wordpress_is_a_sentence(said: bytes) -> None:
    assert read(lambda: wordpress.read(said, {}, HOME)) == ()


@given(st.lists(st.sampled_from(STRANGE) | st.text(max_size=10), max_size=12), st.booleans())
@settings(max_examples=150)
def test_sitemaps_of_a_stranger_are_entries_or_a_sentence(parts: list[str], inside: bool) -> None:
    text = urlset(place(1, AT, "".join(parts)), place(2, AT)) if inside else "".join(parts)
    found = read(lambda: sitemap.read(text.encode("utf-8", "replace"), "", HOME, AT))
    for entry in found:
        sound(entry)


@given(st.lists(st.sampled_from(HEADS) | st.text(max_size=10), max_size=20))
@settings(max_examples=100)
def test_pages_of_a_stranger_are_an_entry_or_none(parts: list[str]) -> None:
    markup = "".join(parts)
    for whole in (markup, f"<html><head>{markup}</head><body><h1>Title</h1><p>{markup}</p></body></html>"):
        entry = page.entry_of(whole, f"{HOME}/1")
        if entry is not None:
            sound(entry)
        page.site_name(whole).encode()
        assert all(address.isascii() for address in offered_by(whole, HOME))
        assert first_in(whole, HOME).url.isascii()
        assert all(isinstance(tag, dict) for tag in tags(whole, "meta"))


@given(st.binary(max_size=40) | st.builds(lambda one: json.dumps({"articles": [one]}).encode(), JSON))
@settings(max_examples=100)
def test_pushes_of_a_stranger_are_taken_or_refused(said: bytes) -> None:
    with suppress(ValidationError):
        Push.model_validate_json(said)


def test_a_document_made_to_be_deep_or_wide_is_read_in_a_moment() -> None:
    for text in (
        "<a>" * 30_000,
        "<urlset>" + "<url/>" * 30_000,
        "<urlset " + "".join(f'a{n}="" ' for n in range(50_000)),
    ):
        assert read(lambda text=text: sitemap.read(text.encode(), "", HOME, AT)) == ()  # type: ignore[misc]
    assert read(lambda: wordpress.read(b"[" * 300_000, {}, HOME)) == ()
    assert isinstance(sitemap.read(urlset(place(1, AT)).encode(), "", HOME, AT), Feed)
