"""The page of the preference centre, and each part of it alone."""

from dataclasses import dataclass
from datetime import time, timedelta

from flask import Response, make_response, render_template, request

from mailer import texts
from mailer.db import db
from mailer.newsletters import schedules
from mailer.newsletters.models import Newsletter, Topic
from mailer.subscriptions import preferences
from mailer.subscriptions.models import Subscriber, Subscription
from mailer.subscriptions.preferences import Choice
from mailer.web.house import now
from mailer.web.readers import pausing
from mailer.web.readers.asking import new_ref
from mailer.web.readers.choosing import EVERY, OFF, Said, frequency_of
from mailer.web.readers.policy import policy
from mailer.web.readers.wording import day_in_words, hour_in_words, language_in_words
from mailer.web.readers.zones import offers, place
from mailer.web.speech import language, say, speak

PART = "X-Part"
"""A header. Our script asks with it for the part of the page that answers, and the answer says so with it."""

PARTS = ("timezone", "plain_text", "counting")
"""Those that change nothing but themselves, beside the newsletters."""

Option = tuple[str, str]
"""Value and label."""


@dataclass(frozen=True)
class Row:
    """One newsletter on the page, and when its pause ends, in words."""

    newsletter: Newsletter
    subscription: Subscription | None
    on: bool
    frequency: str
    frequencies: list[Option]
    paused_until: str

    @property
    def part(self) -> str:
        return f"newsletter-{self.newsletter.slug}"

    def gets(self, topic: Topic) -> bool:
        """Whether the reader chose a topic of it."""
        return self.subscription is not None and bool(topic.mask & self.subscription.topics)

    @property
    def hour(self) -> str:
        chosen = self.subscription and self.subscription.delivery_hour
        return str(chosen.hour) if chosen else ""

    @property
    def offers_hour(self) -> bool:
        """Whether there is an issue that may come at the reader's own hour."""
        chosen = self.subscription.schedule_id if self.subscription else None
        return schedules.allows_own_hour(self.newsletter, chosen)

    @property
    def gets_breaking(self) -> bool:
        """Whether the reader asked for its breaking news."""
        return self.subscription is not None and self.subscription.breaking

    @property
    def offers_breaking(self) -> bool:
        """Whether it brings some, or did when the reader asked."""
        return self.newsletter.breaking_cap > 0 or self.gets_breaking

    @property
    def quiet(self) -> tuple[str, str]:
        """The hours in which breaking news waits, as the page sends them; empty for none."""
        hours = self.subscription and preferences.quiet_hours(self.subscription)
        return (str(hours[0].hour), str(hours[1].hour)) if hours else ("", "")


def show(reader: Subscriber, token: str, said: Said | None = None, status: int = 200, **more: object) -> Response:
    """The whole page; with `said` one part of it says what happened."""
    return _answer("readers/preferences.html", reader, token, said, status, more)


def answer(reader: Subscriber, token: str, said: Said) -> Response:
    """The part that says what happened to our script, the whole page to a browser without it."""
    status = 422 if said.wrong else 200
    known = said.part in PARTS or said.part.startswith("newsletter-")
    if PART not in request.headers or not known:
        return show(reader, token, said, status)
    response = _answer("readers/preferences/part.html", reader, token, said, status, {})
    response.headers[PART] = said.part
    return response


def _answer(
    template: str, reader: Subscriber, token: str, said: Said | None, status: int, more: dict[str, object]
) -> Response:
    choices = preferences.choices(db.session(), reader)
    home = next((choice.newsletter for choice in choices if choice.on), choices[0].newsletter if choices else None)
    mine = [choice.subscription for choice in choices if choice.subscription]
    speak(next((each.language for each in mine if each.language), ""), home.language if home else "")
    context = {"ref": new_ref(), "newsletter": home, "reader": reader, "token": token, "said": said}
    page = render_template(template, **context | more, **_choices(choices, home, said), **_time(mine, home))
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = policy(scripts="'self'")
    response.vary.add(PART)
    return response


def _choices(choices: list[Choice], home: Newsletter | None, said: Said | None) -> dict[str, object]:
    rows = [_row(choice) for choice in choices]
    return {
        "rows": rows,
        "shown": next((row for row in rows if said and row.part == said.part), None),
        "hours": [(str(hour), hour_in_words(time(hour))) for hour in range(24)],
        "languages": [(tag, language_in_words(tag)) for tag in texts.languages()],
    }


def _row(choice: Choice) -> Row:
    subscription, chosen = choice.subscription, frequency_of(choice)
    day = pausing.day_of(subscription) if subscription else None
    rhythms = [
        (str(each.id), each.title) for each in choice.newsletter.schedules if each.active or str(each.id) == chosen
    ]
    frequencies = [(EVERY, say("Every issue")), *rhythms, (OFF, say("Off"))]
    return Row(choice.newsletter, subscription, choice.on, chosen, frequencies, day_in_words(day) if day else "")


def _time(mine: list[Subscription], home: Newsletter | None) -> dict[str, object]:
    """The zones to choose from, and the days on which a pause may end."""
    chosen, at = next((each.timezone for each in mine if each.timezone), ""), now()
    own = {each.newsletter.timezone for each in mine} or ({home.timezone} if home else set())
    of_newsletter = say("Each newsletter's own")
    if len(own) == 1:
        of_newsletter = say("The newsletter's own: %(place)s", place=place(own.pop(), language(), at))
    first = pausing.today(mine[0]) if mine else at.date()
    return {
        "zone": chosen,
        "zones": [("", of_newsletter), *offers(chosen, language(), at)],
        "first_day": first + timedelta(days=1),
        "last_day": first + pausing.LONGEST,
    }
