from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.articles.canonical import canonical
from mailer.articles.feed import Entry, Feed, NotAFeed, parse
from tests.articles.making import HOME, item, rss

URL = f"{HOME}/feed"


def read(text: str, content_type: str = "application/rss+xml") -> Feed:
    return parse(text.encode(), content_type, URL)


def only(text: str) -> Entry:
    (entry,) = read(text).entries
    return entry


def test_an_rss_item_with_everything() -> None:
    text = rss(
        "<title>Tram &amp;#8217;s back</title><link>https://ledger.example/tram</link>"
        '<guid isPermaLink="false">tram-1</guid><pubDate>Mon, 23 Nov 2026 08:00:00 +0400</pubDate>'
        '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Mara Quist</dc:creator>'
        "<category>City</category><category>Traffic</category>"
        "<description>&lt;p&gt;It runs &amp;amp; runs.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description>"
        '<enclosure url="https://ledger.example/tram.jpg" type="image/jpeg" length="1"/>',
        channel="<language>az-az</language>",
    )
    feed = read(text)
    assert (feed.title, feed.language) == ("The Harbour Ledger", "az-AZ")
    assert feed.entries == (
        Entry(
            guid="tram-1",
            url="https://ledger.example/tram",
            title="Tram ’s back",
            summary="It runs & runs.",
            picture_url="https://ledger.example/tram.jpg",
            author="Mara Quist",
            section="City",
            categories=("City", "Traffic"),
            language="az-AZ",
            published_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
        ),
    )


def test_an_atom_entry_with_everything() -> None:
    text = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Ledger</title>
      <link href="https://ledger.example/"/>
      <entry xml:lang="ru_RU"><id>tag:ledger.example,2026:1</id><title type="text">5 &lt; 6 &amp;amp; so on</title>
        <link rel="alternate" href="/tram"/><link rel="enclosure" type="image/png" href="/tram.png"/>
        <published>2026-11-23T08:00:00+04:00</published><updated>2026-11-24T00:00:00Z</updated>
        <author><name>Mara</name></author><author><name>Ilya</name></author><category term="c" label="City"/>
        <summary type="html">&lt;p&gt;Short.&lt;/p&gt;</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Long.</p></div></content></entry></feed>"""
    feed = read(text, "application/atom+xml")
    assert feed.language == "en"
    assert feed.entries == (
        Entry(
            guid="tag:ledger.example,2026:1",
            url="https://ledger.example/tram",
            title="5 < 6 &amp; so on",
            summary="Short.",
            picture_url="https://ledger.example/tram.png",
            author="Mara, Ilya",
            section="City",
            categories=("City",),
            language="ru-RU",
            published_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
        ),
    )


def test_rdf() -> None:
    text = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://ledger.example/"><title>L</title>
      <link>https://ledger.example/</link><dc:language>uk</dc:language></channel>
      <item rdf:about="https://ledger.example/1"><title>Трамвай</title><link>https://ledger.example/1</link>
      <dc:date>2026-11-23T08:00:00Z</dc:date></item></rdf:RDF>"""
    (entry,) = read(text, "application/rdf+xml").entries
    assert (entry.title, entry.url) == ("Трамвай", "https://ledger.example/1")
    assert entry.published_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_a_json_feed() -> None:
    text = """{"version": "https://jsonfeed.org/version/1.1", "title": "L", "home_page_url": "https://ledger.example/",
      "language": "en-GB", "authors": [{"name": "Desk"}], "items": [
        {"id": 7, "url": "/tram", "title": "Tram", "content_html": "<p>Back.</p><img src='/t.jpg' alt='A tram'>",
         "date_published": "2026-11-23T08:00:00+04:00", "tags": ["City"]},
        {"id": "8", "content_text": "Only words. \\ud800"}, "nonsense", {}]}"""
    first, second = read(text, "application/feed+json").entries
    assert first == Entry(
        guid="7",
        url="https://ledger.example/tram",
        title="Tram",
        summary="Back.",
        picture_url="https://ledger.example/t.jpg",
        picture_alt="A tram",
        author="Desk",
        section="City",
        categories=("City",),
        language="en-GB",
        published_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
    )
    assert second.title == "Only words."
    assert second.url.startswith("https://ledger.example/#entry-")


@pytest.mark.parametrize("home", ["javascript:alert(1)", "http://[x", "", "/"])
def test_a_json_feed_with_a_broken_home_keeps_its_entries(home: str) -> None:
    text = f'{{"version": "https://jsonfeed.org/version/1", "home_page_url": "{home}", "items": [{{"title": "A"}}]}}'
    assert canonical(only(text).url).startswith("https://ledger.example/")


def test_windows_1251_is_read_as_declared_in_the_document_or_by_the_server() -> None:
    text = rss("<title>Трамвай вернулся на линию</title><link>https://ledger.example/1</link>")
    for declared, header in (("windows-1251", "text/xml"), ("UTF-8", "text/xml; charset=windows-1251")):
        data = text.replace("UTF-8", declared).encode("windows-1251")
        assert parse(data, header, URL).entries[0].title == "Трамвай вернулся на линию"


def test_arabic_keeps_its_letters_and_marks() -> None:
    entry = only(rss("<title>عودة الترام — «خطّ قديم»</title><link>https://ledger.example/أخبار/1</link>"))
    assert entry.title == "عودة الترام — «خطّ قديم»"
    assert entry.url == "https://ledger.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1"


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Seg, 24 Set 2018 19:42:40 -0300",
        "2020/13/45 10:00:00",
    ],
)
def test_a_date_that_cannot_be_read_is_no_date(date: str) -> None:
    assert only(rss(f"<title>T</title><link>{HOME}/1</link><pubDate>{date}</pubDate>")).published_at is None


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Wed, 17 Jan 2018 15:50:00 EST", datetime(2018, 1, 17, 20, 50, tzinfo=UTC)),
        ("2020/1/10 14:33:00", datetime(2020, 1, 10, 14, 33, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("23 Nov 2026 08:00:00 +0300", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
    ],
)
def test_dates_are_moments_in_utc(date: str, moment: datetime) -> None:
    assert only(rss(f"<title>T</title><link>{HOME}/1</link><pubDate>{date}</pubDate>")).published_at == moment


def test_without_a_link_the_guid_that_is_an_address_serves() -> None:
    assert only(rss("<title>T</title><guid>https://ledger.example/?p=7</guid>")).url == "https://ledger.example/?p=7"
    text = rss('<title>T</title><guid isPermaLink="false">https://ledger.example/?p=7</guid>')
    assert only(text).url == "https://ledger.example/?p=7"


def test_without_any_address_the_entry_gets_one_that_stays() -> None:
    items = (
        '<title>One</title><guid isPermaLink="false">a</guid>',
        '<title>Two</title><guid isPermaLink="false">b</guid>',
        "<title>Three</title><link>javascript:alert(1)</link>",
        "<title>Four</title><link>https://[broken</link>",
    )
    first, second = read(rss(*items)), read(rss(*reversed(items)))
    assert {entry.url for entry in first.entries} == {entry.url for entry in second.entries}
    assert len({canonical(entry.url) for entry in first.entries}) == 4
    assert all(entry.url.startswith("https://ledger.example/#entry-") for entry in first.entries)


def test_the_address_behind_a_counting_service_is_taken() -> None:
    text = rss(
        "<title>T</title><link>https://feeds.example/~r/x/1</link><feedburner:origLink "
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">https://ledger.example/1</feedburner:origLink>'
    )
    assert only(text).url == "https://ledger.example/1"


def test_a_missing_title_is_made_of_the_summary_or_of_the_address() -> None:
    words = "The tram is back on its old line, and the mayor was on it at dawn. " * 3
    entry = only(rss(f"<link>{HOME}/1</link><description>{words}</description>"))
    assert entry.title == "The tram is back on its old line, and the mayor was on it at dawn."
    assert entry.summary == (words * 2)[len(entry.title) + 1 :][: len(words) * 2 // 3 - 1].strip()
    assert only(rss("<link>https://ledger.example/2026/трамвай-снова-ходит.html</link>")).title == "Трамвай снова ходит"
    assert only(rss("<link>https://ledger.example/</link>")).title == "ledger.example"


def test_an_empty_shell_is_no_entry() -> None:
    text = rss(
        "<title>A</title><link>https://ledger.example/1</link>", "", "<title/><link/><description>...</description>"
    )
    assert [entry.title for entry in read(text).entries] == ["A"]


def test_a_summary_that_repeats_the_title_or_says_nothing_is_left_out() -> None:
    assert only(rss(item(1, "The tram is back", "The tram is back"))).summary == ""
    assert only(rss(item(1, "The tram is back", "<p>The tram is back</p><p>It runs.</p>"))).summary == "It runs."
    assert only(rss(item(1, summary="https://ledger.example/1"))).summary == ""


def test_the_whole_text_gives_the_summary_when_there_is_no_other() -> None:
    content = '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">&lt;p&gt;Whole.&lt;/p&gt;</content:encoded>'
    assert only(rss(item(1, summary="...") + content)).summary == "Whole."
    assert only(rss(item(1, summary="Short.") + content)).summary == "Short."


@pytest.mark.parametrize(
    "footer",
    [
        '<p>The post <a href="{}">Title</a> appeared first on <a href="https://ledger.example">Ledger</a>.</p>',
        "<p>Запись <a rel='nofollow' href='{}'>Название</a> впервые появилась <a href='https://x.example'>тут</a>.</p>\n",
        '<a href="{}#more-7">Continue reading <span>→</span></a></p>',
    ],
)
def test_links_to_the_entry_itself_at_its_end_are_left_out(footer: str) -> None:
    summary = "<p>The tram is back […]</p> " + footer.format(f"{HOME}/1")
    assert only(rss(item(1, summary=summary))).summary == "The tram is back…"


def test_links_to_elsewhere_at_the_end_stay() -> None:
    summary = '<p>More on this in <a href="https://elsewhere.example/">the other paper</a></p>'
    assert only(rss(item(1, summary=summary))).summary == "More on this in the other paper"


def test_words_about_a_picture_are_not_words_of_the_entry() -> None:
    media = (
        '<media:content xmlns:media="http://search.yahoo.com/mrss/" url="https://ledger.example/p.jpg" medium="image"/>'
        '<media:description xmlns:media="http://search.yahoo.com/mrss/" type="plain">A mayor.</media:description>'
    )
    entry = only(rss(item(1, summary="The tram is back.") + media))
    assert (entry.summary, entry.picture_alt) == ("The tram is back.", "A mayor.")


def test_an_address_is_nobodys_name() -> None:
    assert only(rss(item(1) + "<author>mara@ledger.example (Mara Quist)</author>")).author == "Mara Quist"
    assert only(rss(item(1) + "<author>Mara Quist &lt;mara@ledger.example&gt;</author>")).author == "Mara Quist"
    assert only(rss(item(1) + "<author>mara@ledger.example</author>")).author == ""


def test_entries_before_the_place_where_a_feed_breaks_off_are_kept() -> None:
    whole = rss(*(item(n) for n in range(5)))
    cut = read(whole[: whole.index("Story 3") + 4])
    assert [entry.title for entry in cut.entries][:3] == ["Story 0", "Story 1", "Story 2"]


def test_one_bad_entry_does_not_lose_the_others() -> None:
    bad = "<title>&#0;&#x1F;&#xD800;&#99999999999;</title><link>https://[::1</link><pubDate>\x0bx</pubDate>"
    assert [entry.title for entry in read(rss(item(1), bad, item(2))).entries] == ["Story 1", "Story 2"]
    assert len(read(rss(item(1), "<title>" + "x" * 9000 + "</title><link>/" + "y" * 9000 + "</link>")).entries) == 2


def test_everything_fits_its_column() -> None:
    long = "word " * 1000
    fields = f"<title>{long}</title><description>{long}</description><author>{long}</author><category>{long}</category>"
    entry = only(rss(f"{fields}<guid>{long}</guid>", channel="<language>en-" + "x" * 60 + "</language>"))
    sizes = {"title": 300, "summary": 300, "author": 300, "section": 200, "guid": 2000, "url": 2000, "language": 35}
    assert all(len(getattr(entry, name)) <= size for name, size in sizes.items())


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ru-RU", "ru-RU"),
        ("zh_hans", "zh-Hans"),
        ("EN-us", "en-US"),
        ("az", "az"),
        ("english", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_languages_are_tags(tag: str, language: str) -> None:
    assert read(rss(item(1), channel=f"<language>{tag}</language>")).language == language


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing at all"),
        ("  \n", "nothing at all"),
        ("<!DOCTYPE html><html><head><title>Ledger</title></head></html>", "is a web page, not a feed. Ask the site"),
        (
            '<!-- x --><html><link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2">',
            "its feed is https://ledger.example/feed?a=1&b=2",
        ),
        ('{"error": "not found"}', "JSON that is not a feed"),
        ("[1, 2", "broken JSON"),
        ('{"a":' * 100_000, "broken JSON"),
        ("<urlset><url><loc>https://ledger.example/</loc></url></urlset>", "no RSS, Atom or JSON feed"),
        ("Gone fishing", "no RSS, Atom or JSON feed"),
        ("/etc/passwd", "no RSS, Atom or JSON feed"),
    ],
)
def test_what_is_no_feed_is_said_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(NotAFeed, match="^(?:This|There).*" + escape(says).replace("?", r"\?").replace("&amp;", "&")):
        read(text, "text/html")


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read(rss()).entries == ()


def test_a_feed_with_lines_before_it_is_read() -> None:
    assert len(read("\n\n" + rss(item(1))).entries) == 1
    assert len(read("<br />\n<b>Warning</b>: something\n" + rss(item(1))).entries) == 1


def test_a_document_type_opens_no_file_and_does_not_explode() -> None:
    entities = '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">'
    text = rss("<title>x&b;&f;</title><link>https://ledger.example/1</link>")
    entry = only(text.replace("<rss", f"<!DOCTYPE rss [{entities}]><rss"))
    assert "root:" not in entry.title
    assert len(entry.title) < 100


PIECES = [
    *("<item>", "</item>", "<title>", "<![CDATA[", "]]>", "<", "&", "&#0;", "&#xD800;", "&lt;b&gt;", "<link>/x</link>"),
    *("<guid>", "<pubDate>9999</pubDate>", "<author>", "<image>", "</image>", "<width>", "</width>", "\x00"),
    '<media:content url="https://[x" width="a"/>',
    '<content type="image/png" mode="base64">!</content>',
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=20))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_feed_it_is_entries_or_a_sentence(parts: list[str]) -> None:
    text = rss(item(1), "".join(parts), item(2))
    try:
        entries = parse(text.encode("utf-8", "surrogatepass"), "application/xml", URL).entries
    except NotAFeed:
        return
    for entry in entries:
        assert entry.title
        assert canonical(entry.url).isascii()
        (entry.title + entry.summary + entry.author + entry.section + entry.guid).encode()
