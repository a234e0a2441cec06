"""“You're in”: when the first issue comes, what to read until then, and what else there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_skeleton, format_time
from flask import Response, make_response, render_template, url_for
from sqlalchemy import case, select

from mailer.db import db
from mailer.digests import archive
from mailer.digests.models import EVERY_ARTICLE
from mailer.links import Purpose
from mailer.newsletters import forms, schedules
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Archive, Newsletter
from mailer.subscriptions.masked import masked
from mailer.subscriptions.models import ConsentEvent, ConsentRecord, Subscription
from mailer.texts import mark
from mailer.web.errors import wants_json
from mailer.web.house import links, now
from mailer.web.speech import language, say

MORE = 3
"""Other newsletters that are offered."""

TODAY = mark("The first %(newsletter)s comes today at %(time)s.")
TOMORROW = mark("The first %(newsletter)s comes tomorrow at %(time)s.")
ON_A_DAY = mark("The first %(newsletter)s comes on %(day)s at %(time)s.")
SOME_DAY = mark("The next %(newsletter)s is yours.")

MORE_WORDING = mark("Send me what I tick here by e-mail as well. I can stop any time, with one press in every issue.")


@dataclass(frozen=True)
class Said:
    """A sentence about a newsletter, whose title each kind of answer writes in its own way, and its other values."""

    sentence: str
    values: dict[str, str]


def confirmed(subscription: Subscription, *, proven: bool, ref: str = "", token: str = "") -> Response:
    """The reader is in. `proven`: by this very request, so that they may open their preferences.

    `token` is the link they came by, if one; other newsletters can be added with it. Who proved the address gets one.
    """
    newsletter, reader = subscription.newsletter, subscription.subscriber
    first = first_issue(newsletter, subscription.schedule_id, now())
    email = reader.address if proven else masked(reader.address)
    preferences = links().preferences(reader.id, reader.generation) if proven else ""
    if wants_json():
        return make_response(_json(newsletter, email, ref, first, preferences))
    if proven and not token:
        token = links().token(Purpose.CONFIRM, subscription.id, subscription.request)
    page = render_template(
        "readers/confirmed.html",
        newsletter=newsletter,
        email=email,
        first=first,
        latest=_latest(newsletter),
        preferences=preferences,
        token=token,
        others=others(subscription) if token else (),
        wording=say(MORE_WORDING),
        story=story(subscription),
    )
    return make_response(page)


def first_issue(newsletter: Newsletter, schedule_id: int | None, at: datetime) -> Said:
    """When the next issue is due by the schedules that the reader chose, on the newsletter's clock, in words."""
    due = schedules.next_issue(db.session(), newsletter, schedule_id, at)
    return _in_words(due, newsletter.timezone, at) if due else Said(SOME_DAY, {})


def others(subscription: Subscription) -> Sequence[Newsletter]:
    """Newsletters that this reader may take as well, those in the same language first."""
    mine = select(Subscription.newsletter_id).where(Subscription.subscriber_id == subscription.subscriber_id)
    other_language = case((Newsletter.language == subscription.newsletter.language, 0), else_=1)
    return db.session.scalars(
        select(Newsletter)
        .where(Newsletter.takes_readers, Newsletter.id.not_in(mine))
        .order_by(other_language, Newsletter.title)
        .limit(MORE)
    ).all()


def story(subscription: Subscription) -> str:
    """The page that the reader signed up on, if it is of a site that the form names; else empty."""
    session = db.session()
    asked = session.scalars(
        select(ConsentRecord)
        .where(ConsentRecord.subscription_id == subscription.id, ConsentRecord.event == ConsentEvent.REQUESTED)
        .order_by(ConsentRecord.id.desc())
        .limit(1)
    ).first()
    form = forms.find(session, subscription.newsletter_id, asked.form) if asked else None
    if asked is None or form is None or form.slug != asked.form:
        return ""
    return asked.page if _origin(asked.page) in form.origins.split() else ""


def _origin(page: str) -> str:
    """The origin of a page that a stranger named, empty when that is no address."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _json(newsletter: Newsletter, email: str, ref: str, first: Said, preferences: str) -> dict[str, Any]:
    body = say(first.sentence, newsletter=newsletter.title, **first.values)
    text = {"title": say("You're in"), "body": body, "preferences": say("Change what you get")}
    answer = {"state": "confirmed", "ref": ref, "email": email, "message": body, "text": text}
    return answer | ({"preferences": preferences} if preferences else {})


def _in_words(moment: datetime, timezone: str, at: datetime) -> Said:
    clock = zone(timezone)
    local, today = moment.astimezone(clock), at.astimezone(clock).date()
    values = {"time": format_time(local, "short", tzinfo=clock, locale=language())}
    if local.date() <= today + timedelta(days=1):
        return Said(TODAY if local.date() == today else TOMORROW, values)
    return Said(ON_A_DAY, {"day": format_skeleton("MMMEd", local, tzinfo=clock, locale=language()), **values})


def _latest(newsletter: Newsletter) -> str:
    """The address of the newest issue, with all its topics; empty when there is none.

    It stands in the archive, but for one that is private.
    """
    issue_id = archive.last_id(db.session(), newsletter)
    if issue_id is None:
        return ""
    if newsletter.archive == Archive.PRIVATE:
        return links().view(issue_id, EVERY_ARTICLE)
    return url_for("readers.archived_issue", slug=newsletter.slug, issue_id=issue_id)
