"""An issue as its readers receive it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE, Issue, IssueArticle, IssueState
from mailer.emails.compiled import Slot, placeholder
from tests.emails import samples
from tests.emails.samples import LANGUAGES, LINKS, TOKEN, VALUES
from tests.emails.wire import parsed, said, violations
from tests.newsletters.making import make_newsletter

RELEASED = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
CITY, SPORT = 1, 2


def stored(session: Session, *articles: tuple[str, int], **given: Any) -> Issue:
    """An issue in the database, of titles and their topics."""
    issue = Issue(newsletter=make_newsletter(session), subject="Today", created_at=RELEASED, **given)
    for position, (title, topics) in enumerate(articles):
        url = f"https://ledger.example/{title}"
        article = Article(canonical_url=url, url=url, title=title, seen_at=RELEASED, updated_at=RELEASED)
        row = IssueArticle(article=article, position=position, topics=topics, url=url, title=title)
        issue.articles.append(row)
    session.add(issue)
    session.commit()
    session.expire_all()
    return issue


def filled(issue: Issue) -> bytes:
    return editions.compile_edition(content_of(issue, EVERY_ARTICLE), LINKS).fill(VALUES)


def titles(session: Session, issue: Issue, edition: int) -> list[str]:
    return [article.title for article in editions.content(session, issue.id, edition).articles]


def test_readers_get_the_articles_of_their_edition_in_the_issue_s_order(session: Session) -> None:
    issue = stored(session, ("Derby", SPORT), ("For all", 0), ("Council", CITY), ("Both", CITY | SPORT))
    assert titles(session, issue, 0b1110) == ["For all", "Council", "Both"]
    assert titles(session, issue, 0b0001) == ["Derby"]
    assert titles(session, issue, EVERY_ARTICLE) == ["Derby", "For all", "Council", "Both"]
    assert titles(session, issue, 0) == []


def test_subject_and_preview_line_name_nothing_that_these_readers_do_not_get(session: Session) -> None:
    issue = stored(session, ("Derby", SPORT), ("Council", CITY), ("Tram", CITY), ("Chess", SPORT))
    issue.subject, issue.preview_line = "Derby", "Council · Tram · Chess"
    city, everything = content_of(issue, 0b0110), content_of(issue, EVERY_ARTICLE)
    assert (city.subject, city.preview_line) == ("Council", "Tram")
    assert (everything.subject, everything.preview_line) == ("Derby", "Council · Tram · Chess")
    issue.subject, issue.preview_line = "Good morning", "What the night brought"
    assert content_of(issue, 0b0110).subject == "Good morning"
    assert content_of(issue, 0b0110).preview_line == "What the night brought"


def test_a_draft_is_dated_by_its_making_and_an_issue_by_its_release(session: Session) -> None:
    issue = stored(session, ("A", 0))
    assert editions.content(session, issue.id, 0).moment == RELEASED
    issue.state, issue.released_at = IssueState.SENDING.value, RELEASED + timedelta(minutes=30)
    assert editions.content(session, issue.id, 0).moment == RELEASED + timedelta(minutes=30)


def test_an_edition_has_exactly_its_headers() -> None:
    message = parsed(filled(samples.issue()))
    headers = dict(message.items())
    assert headers.pop("Content-Type").startswith("multipart/alternative;")
    assert headers == {
        "From": "The Harbour Ledger <briefing@ledger.example>",
        "To": "mara@posteo.example",
        "Subject": "Port expansion vote splits the council after nine-hour debate",
        "Date": "Tue, 24 Nov 2026 07:00:00 +0000",
        "Message-ID": "<47.1234.0123456789abcdef@ledger.example>",
        "List-Unsubscribe": f"<https://news.ledger.example/u/{TOKEN}>, "
        f"<mailto:briefing@ledger.example?subject=unsubscribe%20{TOKEN}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "Morning Briefing <morning.news.ledger.example>",
        "Feedback-ID": "47:morning:digest:postroom",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_arrives_as_it_was_rendered(language: str) -> None:
    issue = samples.issue(language)
    rendered = editions.render(content_of(issue, EVERY_ARTICLE), LINKS, token=TOKEN)
    data = filled(issue)
    assert violations(data) == []
    assert parsed(data)["Subject"] == rendered.subject
    assert said(data) == rendered.text
    assert said(data, "html") == rendered.html


def test_every_try_is_the_same() -> None:
    assert filled(samples.issue()) == filled(samples.issue())


HOSTILE = st.sampled_from(
    [
        "=?UTF-8?Q?=0A?=Bcc: everybody@ledger.example",
        "News\r\nBcc: everybody@ledger.example",
        "News\nBcc: x\x85Bcc: y\u2028Bcc: z\0",
        ".\r\n.\r\nMAIL FROM:<>",
        "." * 3000,
        " " * 500 + "x" + " " * 500,
        "From me to you",
        "{{ 7 * 7 }}{% include 'x' %}",
        "<script>alert(1)</script>",
        "\u202egnp.exe",
        "\ud800",
        placeholder(Slot.TO)[:-1],
        "",
    ]
) | st.text(max_size=200)


@settings(max_examples=50)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_strangers_breaks_a_mail(title: str, summary: str, name: str) -> None:
    issue = samples.issue(subject=title, preview_line=name, note=summary)
    issue.newsletter.sender_name = issue.newsletter.title = name
    for row in issue.articles:
        row.title, row.summary, row.author, row.section, row.picture_alt = title, summary, name, name, title
    data = filled(issue)
    assert violations(data) == []
    assert "Bcc" not in parsed(data)
    html = said(data, "html")
    assert "<script" not in html
    assert html.count(TOKEN) == said(data).count(TOKEN) == 3


def test_a_title_of_a_megabyte_is_cut() -> None:
    issue = samples.issue(subject="a" * 1_000_000)
    issue.articles[0].title = "слово " * 200_000
    data = filled(issue)
    assert violations(data) == []
    assert len(data) < 60_000
    assert str(parsed(data)["Subject"]).endswith("a…")


def test_only_web_addresses_become_links() -> None:
    issue = samples.issue()
    issue.articles[0].url = "javascript:alert(1)"
    issue.articles[0].picture_url = "data:image/svg+xml,x"
    issue.articles[8].url = "file:///etc/passwd"
    data = filled(issue)
    for text in (said(data), said(data, "html")):
        assert issue.articles[0].title.split()[0] in text
        assert not re.search("javascript:|data:|file:", text)


def test_every_link_is_absolute_and_both_parts_name_the_same() -> None:
    data = filled(samples.issue())
    html = said(data, "html").replace("&amp;", "&")
    links = set(re.findall(r'href="([^"]*)"', html))
    assert all(link.startswith("https://") for link in links)
    assert set(re.findall(r"https://\S+", said(data))) == links


def test_every_picture_has_a_description_and_a_width() -> None:
    for image in re.findall("<img[^>]*>", said(filled(samples.issue()), "html")):
        assert re.search(r'\balt="', image)
        assert re.search(r'\bwidth="\d+"', image)


def test_an_article_of_another_language_says_so() -> None:
    issue = samples.issue()
    samples.article(issue, "خبر من بلد آخر", language="ar")
    samples.article(issue, "Новости", language="ru-RU")
    samples.article(issue, "Colour", language="en-GB")
    samples.article(issue, "خبر", language="en-US")
    arabic, russian, english, mislabelled = content_of(issue, EVERY_ARTICLE).articles[-4:]
    assert (arabic.language, arabic.type.direction) == ("ar", "rtl")
    assert (russian.language, russian.type.direction) == ("ru-RU", "ltr")
    assert (english.language, english.type.direction) == ("", "ltr")
    assert (mislabelled.language, mislabelled.type.direction) == ("", "rtl")
    assert '<p class="t2" lang="ar" dir="rtl"' in said(filled(issue), "html")


@pytest.mark.parametrize(
    ("count", "rows", "briefs"), [(0, 0, 0), (1, 0, 0), (6, 5, 0), (7, 6, 0), (8, 5, 2), (12, 5, 6)]
)
def test_a_single_brief_becomes_a_row(count: int, rows: int, briefs: int) -> None:
    issue = samples.issue()
    issue.articles.clear()
    for number in range(count):
        samples.article(issue, f"Article {number}")
    content = content_of(issue, EVERY_ARTICLE)
    laid_out = [(block.layout, len(block.articles)) for block in content.blocks]
    assert laid_out == [("lead", 1)] * bool(count) + [("text", 1)] * rows + [("brief", briefs)] * bool(briefs)
    assert tuple(article for block in content.blocks for article in block.articles) == content.articles
    assert violations(filled(issue)) == []


def test_the_page_in_the_browser_has_no_reader_s_link() -> None:
    page = editions.web_page(content_of(samples.issue(), EVERY_ARTICLE))
    assert placeholder(Slot.TOKEN) not in page
    assert "/u/" not in page
    assert "Unsubscribe" not in page
    assert "/i/" not in page
    assert "Port expansion vote" in page


def test_a_big_issue_stays_below_what_gmail_clips() -> None:
    issue = samples.issue()
    for number in range(30):
        samples.article(issue, f"Headline number {number} of a long list", summary="Growers want a quota. " * 7)
    html = said(filled(issue), "html")
    assert len(html.encode()) < 40_000


def test_a_sender_that_is_no_address_stops_the_issue() -> None:
    issue = samples.issue()
    issue.newsletter.sender_address = "nobody"
    with pytest.raises(ValueError, match="nobody"):
        filled(issue)
