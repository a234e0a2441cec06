"""RSS from 0.90 on, RDF and the Atom before the standard: as their specifications wrote them."""

import pytest

from mailer.articles.feed import parse
from tests.articles.making import HOME

HEAD = f"<title>Ledger</title><link>{HOME}/</link><description>News</description>"
ITEM = f"<title>The tram is back</title><link>{HOME}/1</link>"
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
DTD = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://ledger.example/rss-0.91.dtd">'

DATED = "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate>"
SUMMARY = "<description>It &lt;b&gt;runs&lt;/b&gt;.</description>"

FORMATS = {
    "RSS 0.90": f'{RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel>{HEAD}</channel><item>{ITEM}</item></rdf:RDF>',
    "RSS 0.91, Netscape": f'{DTD}<rss version="0.91"><channel>{HEAD}<item>{ITEM}{SUMMARY}</item></channel></rss>',
    "RSS 0.91, Userland": f'<rss version="0.91"><channel>{HEAD}<item>{ITEM}{SUMMARY}</item></channel></rss>',
    "RSS 0.92": f'<rss version="0.92"><channel>{HEAD}<item>{ITEM}{SUMMARY}<category domain="d">City</category>'
    f'<enclosure url="{HOME}/p.jpg" length="99" type="image/jpeg"/></item></channel></rss>',
    "RSS 0.93": f'<rss version="0.93"><channel>{HEAD}<item>{ITEM}{SUMMARY}{DATED}</item></channel></rss>',
    "RSS 0.94": f'<rss version="0.94"><channel>{HEAD}<item>{ITEM}{SUMMARY}<guid>{HOME}/1</guid>{DATED}</item>'
    "</channel></rss>",
    "RSS 1.0": f'{RDF} xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    f'<channel rdf:about="{HOME}/">{HEAD}</channel><item rdf:about="{HOME}/1">{ITEM}{SUMMARY}'
    "<dc:date>2026-11-23T08:00:00Z</dc:date><dc:creator>Mara Quist</dc:creator>"
    "<dc:subject>City</dc:subject></item></rdf:RDF>",
    "Atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en"><title>Ledger</title>'
    f'<link rel="alternate" type="text/html" href="{HOME}/"/><entry><title>The tram is back</title>'
    f'<link rel="alternate" type="text/html" href="{HOME}/1"/><id>tag:ledger.example,2026:1</id>'
    "<issued>2026-11-23T08:00:00Z</issued><modified>2026-11-23T09:00:00Z</modified>"
    '<summary type="text/html" mode="escaped">It &lt;b&gt;runs&lt;/b&gt;.</summary></entry></feed>',
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_old_format_gives_its_articles(name: str) -> None:
    text = FORMATS[name]
    feed = parse(f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode(), "", f"{HOME}/feed")
    (entry,) = feed.entries
    assert (feed.title, entry.url, entry.title) == ("Ledger", f"{HOME}/1", "The tram is back")
    assert entry.summary == ("It runs." if "runs" in text else "")
    assert entry.categories == (("City",) if "City" in text else ())
    assert entry.picture_url == (f"{HOME}/p.jpg" if "p.jpg" in text else "")
    assert bool(entry.published_at) == ("23" in text)
