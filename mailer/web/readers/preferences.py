"""The preference centre: a reader's newsletters and how they come, behind a signed link.

Each form of the page changes one thing and is answered in its own part of the page: as the whole page to a browser
without a script, as that part alone to ours. Undo is another such form, with the former values; nothing is remembered.
"""

from collections.abc import Callable

from flask import Response, request

from mailer.db import db
from mailer.links import ExpiredToken, Purpose
from mailer.subscriptions import preferences
from mailer.subscriptions.models import Subscriber
from mailer.web.readers import breaking, choosing, fresh_link, pausing, preference_page
from mailer.web.readers.blueprint import field, ids, readers
from mailer.web.readers.choosing import Answer, Said, Unacceptable, Wish
from mailer.web.speech import say

SETTINGS: dict[str, Callable[[Wish], Answer]] = {
    "frequency": choosing.frequency,
    "topics": choosing.topics,
    "hour": choosing.hour,
    "breaking": breaking.breaking,
    "quiet": breaking.quiet,
    "timezone": choosing.timezone,
    "language": choosing.speech,
    "plain_text": choosing.plain_text,
    "counting": choosing.counting,
    "stop": choosing.stop,
    "start": choosing.start,
    "pause": pausing.rest,
    "pauses": pausing.set_back,
}

OF_A_NEWSLETTER = ("frequency", "topics", "hour", "breaking", "quiet", "pauses")
"""Settings that are answered in the part of their newsletter, if one is meant."""

PARTS = {**dict.fromkeys(OF_A_NEWSLETTER, "page"), "start": "stop", "pauses": "pause"}
"""Where else a setting is answered that has no part of its own name."""


@readers.get("/p/<token>")
def preference_centre(token: str) -> Response:
    """All choices of one reader; to who comes with an old link, the way to a new one."""
    wanted = of_link(token)
    reader = wanted and preferences.find(db.session(), *wanted)
    return preference_page.show(reader, token) if reader else fresh_link.dead()


@readers.post("/p/<token>")
def change_preference(token: str) -> Response:
    """Change one thing, and say so in its part of the page."""
    session, wanted = db.session(), of_link(token)
    reader = wanted and preferences.hold(session, *wanted)
    if not reader:
        return fresh_link.dead()
    said = _change(reader)
    if said.wrong:
        session.rollback()
        reader = preferences.find(session, *wanted) if wanted else None
    answer = preference_page.answer(reader, token, said) if reader else fresh_link.dead()
    session.commit()
    return answer


def of_link(token: str) -> tuple[int, int] | None:
    """The number and the generation of the reader that a link was made for; None when it is too old or not ours."""
    try:
        found = ids(Purpose.PREFERENCES, token)
    except ExpiredToken:
        return None
    return (found[0], found[1]) if found and len(found) == 2 else None


def _change(reader: Subscriber) -> Said:
    setting, wish = field("setting", 20), choosing.read(db.session(), reader)
    part, change = _part(setting, wish), SETTINGS.get(setting)
    try:
        if change is None:
            raise Unacceptable(say("This page does not know what to change. Reload it and try again."))
        sentence, undo = change(wish)
    except Unacceptable as error:
        return Said(part, setting, str(error), wrong=True)
    return Said(part, setting, sentence, () if request.form.get("undo") else undo)


def _part(setting: str, wish: Wish) -> str:
    """The part of the page that answers."""
    if setting in OF_A_NEWSLETTER and any(choice.newsletter.slug == wish.slug for choice in wish.choices):
        return f"newsletter-{wish.slug}"
    return PARTS.get(setting, setting) if setting in SETTINGS else "page"
