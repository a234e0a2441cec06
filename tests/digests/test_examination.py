"""What the checks say of a whole draft: its pictures, its wording, its links, its past, its look."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from mailer.digests import editions, own_templates
from mailer.digests.content import content_of
from mailer.digests.examination import examine
from mailer.digests.models import EVERY_ARTICLE, Issue
from mailer.digests.own_templates import Brought
from mailer.digests.printed import IssueContent
from mailer.digests.release import release
from mailer.digests.wording import wording
from tests.digests.making import NOW, make_issue, make_source, see
from tests.emails import samples
from tests.emails.samples import LINKS
from tests.newsletters.making import make_newsletter


def found(session: Session, issue: Issue) -> str:
    content = content_of(issue, EVERY_ARTICLE)
    printed = editions.print_edition(content, LINKS)
    return "\n".join(f"{each.sentence} {each.todo}" for each in examine(session, issue, content, printed, 14_000))


def good(session: Session) -> Issue:
    newsletter = make_newsletter(session, postal_address="Quayside 4")
    source = make_source(session, newsletter)
    picture = {"picture_url": "https://ledger.example/1.jpg", "picture_alt": "The harbour"}
    see(session, source, "The ferry sails again", NOW, summary="From Monday.", **picture)
    see(session, source, "Trams stop at ten", NOW, summary="For a week.", **picture)
    return make_issue(session, newsletter)


def test_a_good_draft_has_nothing_to_do(session: Session) -> None:
    assert found(session, good(session)) == ""


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("picture_alt", "", "has no description, and 1 more. Say in it what the picture shows"),
        ("picture_url", "http://ledger.example/1.jpg", "has no https address"),
        ("picture_url", "https://ledger.example/1.webp?x=1", "of a kind that Outlook or Gmail does not show"),
        ("title", "The same", "“The same” is in this issue twice."),
        ("url", "http://192.0.2.1/x", "leads to 192.0.2.1, a number"),
        ("url", "https://bit.ly/x", "which hides where it goes"),
        ("title", "What www.bank.com says", "shows bank.com and leads to ledger.example"),
    ],
)
def test_what_is_wrong_with_articles_is_said(session: Session, field: str, value: str, sentence: str) -> None:
    issue = good(session)
    for item in issue.articles:
        setattr(item, field, value)
    assert sentence in found(session, issue)


def test_a_picture_that_is_not_shown_needs_no_description(session: Session) -> None:
    issue = good(session)
    for item in issue.articles:
        item.layout, item.picture_alt = "text", ""
    assert found(session, issue) == ""


def test_a_missing_preview_line_and_a_colour_that_was_mended_are_said(session: Session) -> None:
    issue = good(session)
    issue.preview_line, issue.newsletter.accent = "", "#ffd400"
    said = found(session, issue)
    assert "no preview line" in said
    assert "#ffd400 cannot be read; #816c00 is used instead." in said


def test_an_article_of_the_last_issues_is_noticed(session: Session) -> None:
    first = good(session)
    assert release(session, first.id, first.version, "lea@ledger.example", NOW)
    second = Issue(newsletter=first.newsletter, subject="Again", preview_line="x", created_at=NOW)
    samples.article(second, "The ferry sails again", article_id=first.articles[0].article_id)
    session.add(second)
    session.commit()
    assert "“The ferry sails again” was in the issue of November 24, 2026" in found(session, second)


def test_a_template_that_fails_is_said_with_its_line(session: Session) -> None:
    issue = good(session)
    brought = Brought("evening", mjml=False, html="<p>\n{{ nobody }}", text="x")
    own_templates.save(session, issue.newsletter, brought, "lea@ledger.example", NOW)
    issue.template, issue.own_template_id = own_templates.look(session, issue.newsletter_id, "evening")
    session.commit()
    session.expire_all()
    assert "leaves as a digest of the house: line 2: The HTML: 'nobody' is undefined." in found(session, issue)


def of(**given: str) -> IssueContent:
    return replace(content_of(samples.issue(), EVERY_ARTICLE), **given)  # type: ignore[arg-type]


def test_wording_that_filters_dislike_is_said_and_headlines_of_every_day_are_not() -> None:
    assert wording(of()) == []
    assert wording(of(subject="NATO und EU: Was jetzt?", preview_line="Əla! Gəlin!")) == []
    shouted = wording(of(subject="LAST CHANCE TO SIGN", preview_line="Now!!!"))
    assert ["capitals" in shouted[0].sentence, "exclamation" in shouted[1].sentence] == [True, True]
