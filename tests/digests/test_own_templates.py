"""Templates that editors bring are kept version by version."""

from sqlalchemy.orm import Session

from mailer.digests import own_templates
from mailer.digests.models import Issue, IssueState, OwnTemplate
from mailer.digests.own_templates import Brought, look
from tests.digests.making import NOW
from tests.newsletters.making import make_newsletter

EVENING = Brought("evening", mjml=False, html="<p>", text="x")


def save(session: Session, issue: Issue, html: str) -> OwnTemplate:
    made = own_templates.save(session, issue.newsletter, Brought("evening", False, html, "x"), "lea", NOW)
    session.commit()
    return made


def test_drafts_take_the_next_version_and_what_left_keeps_its_own(session: Session) -> None:
    newsletter = make_newsletter(session)
    draft, sent = (Issue(newsletter=newsletter, subject="x", created_at=NOW) for _ in range(2))
    session.add_all([draft, sent])
    first = save(session, draft, "<p>")
    for issue in (draft, sent):
        issue.template, issue.own_template_id = look(session, newsletter.id, "evening")
    sent.state = IssueState.SENDING.value
    session.commit()
    assert save(session, draft, "<p>").id == first.id
    second = save(session, draft, "<b>")
    session.expire_all()
    assert (draft.own_template_id, draft.version) == (second.id, 2)
    assert (sent.own_template_id, sent.version) == (first.id, 1)
    assert (first.version, first.html, second.version) == (1, "<p>", 2)


def test_one_that_is_retired_or_of_another_newsletter_is_not_chosen(session: Session) -> None:
    newsletter, other = make_newsletter(session), make_newsletter(session, "evening")
    kept = own_templates.save(session, newsletter, EVENING, "lea", NOW)
    assert look(session, newsletter.id, "evening") == ("own", kept.id)
    assert look(session, other.id, "evening") == ("digest", None)
    assert look(session, newsletter.id, "brief") == ("brief", None)
    assert own_templates.retire(session, newsletter.id, "evening")
    assert not own_templates.retire(session, newsletter.id, "evening")
    assert look(session, newsletter.id, "evening") == ("digest", None)
    assert own_templates.choosable(session, newsletter.id) == []
    again = own_templates.save(session, newsletter, EVENING, "lea", NOW)
    assert (again.version, look(session, newsletter.id, "evening")) == (2, ("own", again.id))
