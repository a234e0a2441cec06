import pytest

from mailer.articles.entry import Entry, moment
from mailer.articles.page import NOTHING, entry_of, read_page
from mailer.articles.source import FetchFailed
from tests.articles.making import HOME
from tests.articles.outlet import Answer, Outlet

URL = f"{HOME}/ferry?utm_source=x"
TEXT = "<p>The ferry to the islands runs again from Monday, the port authority said on Tuesday. " * 5 + "</p>"


def page(head: str = "", body: str = TEXT, tag: str = "<html lang='az-az'>") -> str:
    return (
        f"<!DOCTYPE html>{tag}<head><title>The ferry is back | Ledger</title>{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>The ferry is back</h1>{body}</article></body></html>"
    )


def test_a_page_that_says_everything() -> None:
    head = """<meta property="og:title" content="The ferry is back"><meta property="og:type" content="article">
      <meta name="description" content="It runs from Monday &amp; on."><link rel="canonical" href="/news/ferry">
      <meta property="og:image" content="/ferry.jpg"><meta property="og:image:alt" content="A ferry">
      <meta name="author" content="Mara Quist"><meta property="article:section" content="City">
      <meta property="article:published_time" content="2026-11-23T08:00:00+04:00">"""
    assert entry_of(page(head), URL) == Entry(
        guid="",
        url=f"{HOME}/news/ferry",
        title="The ferry is back",
        summary="It runs from Monday & on.",
        picture_url=f"{HOME}/ferry.jpg",
        picture_alt="A ferry",
        author="Mara Quist",
        section="City",
        categories=("City",),
        language="az-AZ",
        published_at=moment("2026-11-23T08:00:00+04:00"),
    )


def test_a_page_that_says_little_gives_its_heading_and_its_first_sentences() -> None:
    entry = entry_of(page(tag="<html>"), URL)
    assert entry is not None
    assert (entry.url, entry.title) == (URL, "The ferry is back")
    assert entry.summary.startswith("The ferry to the islands runs again from Monday, the port authority said")
    assert (entry.picture_url, entry.language, entry.published_at) == ("", "", None)


def test_the_date_of_structured_data_has_its_hour() -> None:
    data = '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-11-23T08:00:00Z"}</script>'
    entry = entry_of(page(data), URL)
    assert entry is not None
    assert entry.published_at == moment("2026-11-23T08:00:00Z")


def test_a_canonical_address_that_leads_to_the_front_page_is_not_followed() -> None:
    entry = entry_of(page('<link rel="canonical" href="/">'), URL)
    assert entry is not None
    assert entry.url == URL


@pytest.mark.parametrize("markup", ["", "<html></html>", "<html><body><p>.</p></body></html>", "\x00" * 50, "<" * 5000])
def test_a_page_without_a_title_is_no_article(markup: str) -> None:
    assert entry_of(markup, URL) is None


def test_a_pasted_address_is_read_or_says_why_not(outlet: Outlet) -> None:
    html = {"Content-Type": "text/html"}
    outlet.serve("/ferry", Answer(page().encode(), headers=html))
    outlet.serve("/empty", Answer(b"<html></html>", headers=html))
    outlet.serve("/report", Answer(b"%PDF", headers={"Content-Type": "application/pdf"}))
    answers = [
        read_page(f"{outlet.url}/{path}", allow_private=True, base_url="")
        for path in ("ferry", "empty", "report", "gone")
    ]
    assert isinstance(answers[0], Entry)
    assert answers[0].title == "The ferry is back"
    assert [answer.sentence for answer in answers[1:] if isinstance(answer, FetchFailed)] == [
        NOTHING,
        "This address is not a web page but application/pdf.",
        "There is nothing at this address. (HTTP 404)",
    ]
