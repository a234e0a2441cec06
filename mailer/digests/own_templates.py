"""Templates that editors bring: a version is never changed, so what left stays as it was; a change makes the next one.

A schedule names one in its `template`; its issues get the newest version. Drafts follow a new version, released issues
keep theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mailer.digests.layout import OWN, TEMPLATES
from mailer.digests.models import Issue, IssueState, OwnTemplate
from mailer.newsletters.models import Newsletter


@dataclass(frozen=True)
class Brought:
    """A template as an editor wrote it."""

    name: str
    mjml: bool
    html: str
    text: str


def newest(session: Session, newsletter_id: int) -> Sequence[OwnTemplate]:
    """The newest version of each template of a newsletter, by name; also of those that were retired."""
    last = select(func.max(OwnTemplate.id)).where(OwnTemplate.newsletter_id == newsletter_id).group_by(OwnTemplate.name)
    return session.scalars(select(OwnTemplate).where(OwnTemplate.id.in_(last)).order_by(OwnTemplate.name)).all()


def choosable(session: Session, newsletter_id: int) -> list[OwnTemplate]:
    """Those that an issue may take."""
    return [template for template in newest(session, newsletter_id) if template.active]


def look(session: Session, newsletter_id: int, name: str) -> tuple[str, int | None]:
    """An issue's `template` and `own_template_id` for a look by its name; that of the house where there is none."""
    if name in TEMPLATES:
        return name, None
    found = next((each for each in choosable(session, newsletter_id) if each.name == name), None)
    return (OWN, found.id) if found else (TEMPLATES[0], None)


def save(session: Session, newsletter: Newsletter, brought: Brought, by: str, now: datetime) -> OwnTemplate:
    """Keep it as the first or the next version; drafts that use an older one use this one from now on.

    The same once more is the version that is there. Who saves at the same time waits for the other.
    """
    session.get_one(Newsletter, newsletter.id, with_for_update={"key_share": True})
    older = _versions(session, newsletter.id, brought.name)
    last = older[-1] if older else None
    if last and last.active and (last.mjml, last.html, last.text) == (brought.mjml, brought.html, brought.text):
        return last
    made = OwnTemplate(
        newsletter_id=newsletter.id,
        name=brought.name,
        version=last.version + 1 if last else 1,
        mjml=brought.mjml,
        html=brought.html,
        text=brought.text,
        active=True,
        created_at=now,
        created_by=by,
    )
    session.add(made)
    session.flush()
    drafts = update(Issue).where(
        Issue.state == IssueState.DRAFT.value, Issue.own_template_id.in_([each.id for each in older])
    )
    session.execute(drafts.values(own_template_id=made.id, version=Issue.version + 1))
    return made


def retire(session: Session, newsletter_id: int, name: str) -> bool:
    """Offer it no more; what uses it keeps it. False when there is none."""
    mine = (OwnTemplate.newsletter_id == newsletter_id) & (OwnTemplate.name == name) & OwnTemplate.active
    return bool(session.scalars(update(OwnTemplate).where(mine).values(active=False).returning(OwnTemplate.id)).all())


def _versions(session: Session, newsletter_id: int, name: str) -> Sequence[OwnTemplate]:
    mine = select(OwnTemplate).where(OwnTemplate.newsletter_id == newsletter_id, OwnTemplate.name == name)
    return session.scalars(mine.order_by(OwnTemplate.version)).all()
