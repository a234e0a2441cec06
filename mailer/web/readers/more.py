"""Further newsletters for a reader who has just confirmed one."""

from collections.abc import Sequence

from flask import Response, make_response, render_template, request
from sqlalchemy import select

from mailer.db import db
from mailer.newsletters.models import Newsletter
from mailer.subscriptions import adding
from mailer.subscriptions.confirmation import Standing
from mailer.web.house import now
from mailer.web.readers import confirm, pages, welcome
from mailer.web.readers.blueprint import LONGEST_NAME, clean, network, readers
from mailer.web.speech import say

FORM = "confirmed"
"""What the proof names as the form: our own page."""


@readers.post("/c/<token>/more")
def more(token: str) -> Response:
    """Add what was ticked. The link proves the address, as long as it is good and its sign-up is the last one."""
    link = confirm.read(token)
    if link is None:
        return pages.cut_off()
    subscription, wanted = link.subscription, _wanted(request.form.getlist("newsletter"))
    proven = not link.expired and link.standing is Standing.ACTIVE
    if subscription is None or not proven or subscription.request != link.request or not wanted:
        return confirm.shown(link)
    session, wording = db.session(), say(welcome.MORE_WORDING)
    for newsletter in wanted:
        adding.add(
            session,
            subscription.subscriber,
            newsletter,
            wording=wording,
            form=FORM,
            language=subscription.language,
            network=network(),
            now=now(),
        )
    page = render_template(
        "readers/more.html", newsletter=subscription.newsletter, added=wanted, story=welcome.story(subscription)
    )
    session.commit()
    return make_response(page)


def _wanted(slugs: list[str]) -> Sequence[Newsletter]:
    named = [clean(slug, LONGEST_NAME) for slug in slugs]
    asked = select(Newsletter).where(Newsletter.slug.in_(named), Newsletter.takes_readers)
    return db.session.scalars(asked.order_by(Newsletter.title)).all()
