"""From a form of the preference centre to the room that changes it, and back: what the row says, and its Undo."""

from dataclasses import dataclass
from datetime import time
from functools import reduce
from operator import or_

from flask import request
from sqlalchemy.orm import Session

from mailer import texts
from mailer.newsletters.calendar import UnknownZone, zone
from mailer.newsletters.models import EVERY_TOPIC, Schedule
from mailer.subscriptions import preferences, switching
from mailer.subscriptions.models import Subscriber, Subscription
from mailer.subscriptions.preferences import Choice
from mailer.web.house import now
from mailer.web.readers.blueprint import LONGEST_NAME, clean, field, network
from mailer.web.readers.wording import hour_in_words, list_in_words
from mailer.web.readers.zones import place
from mailer.web.speech import language, say, speak

OFF, EVERY = "off", "every"
"""Values of the select for how often, beside the numbers of schedules."""

LONGEST_ZONE = 60


class Unacceptable(Exception):
    """The form asks for what cannot be; the text is a sentence for its row."""


@dataclass(frozen=True)
class Said:
    """What a part of the page answers, beside the form of `setting`.

    `undo` are the fields of a form that sets back what was changed.
    """

    part: str
    setting: str
    sentence: str
    undo: tuple[tuple[str, str], ...] = ()
    wrong: bool = False


@dataclass(frozen=True)
class Wish:
    """What one form of the page asks for, of one newsletter or of all."""

    session: Session
    subscriber: Subscriber
    choices: list[Choice]
    slug: str
    values: list[str]

    @property
    def choice(self) -> Choice:
        """The newsletter that is meant. Raises Unacceptable."""
        found = next((choice for choice in self.choices if choice.newsletter.slug == self.slug), None)
        if found is None:
            raise Unacceptable(say("There is no such newsletter here."))
        return found

    @property
    def value(self) -> str:
        """The one value that is asked for, empty for none."""
        return self.values[0] if self.values else ""

    def undo(self, setting: str, *values: str) -> tuple[tuple[str, str], ...]:
        """The fields that set back `setting` to these values."""
        return ("setting", setting), ("newsletter", self.slug), *(("value", value) for value in values)


Answer = tuple[str, tuple[tuple[str, str], ...]]
"""The sentence, and the fields of its Undo."""


def read(session: Session, subscriber: Subscriber) -> Wish:
    """What the form at hand asks for."""
    values = [clean(value, LONGEST_NAME) for value in request.form.getlist("value")]
    return Wish(session, subscriber, preferences.choices(session, subscriber), field("newsletter", 60), values)


def frequency(wish: Wish) -> Answer:
    """How often one newsletter comes, or that it does not."""
    choice = wish.choice
    before = frequency_of(choice)
    if wish.value == OFF:
        if choice.subscription is not None:
            switching.turn_off(wish.session, choice.subscription, network=network(), now=now())
        return say("Saved: it does not come any more."), wish.undo("frequency", before)
    schedule = _schedule(wish.value, choice)
    title = schedule.title if schedule else say("every issue")
    if choice.on and choice.subscription is not None:
        preferences.choose_schedule(wish.session, choice.subscription, schedule, network=network(), now=now())
    else:
        _turn_on(wish, choice, schedule, f"{choice.newsletter.title}: {title}")
    return say("Saved: %(frequency)s from now on.", frequency=title), wish.undo("frequency", before)


def frequency_of(choice: Choice) -> str:
    """The value that the select for how often shows."""
    if not choice.on or choice.subscription is None:
        return OFF
    return str(choice.subscription.schedule_id or EVERY)


def topics(wish: Wish) -> Answer:
    """Which topics of a newsletter; with all of them also those that come later."""
    subscription, offered = subscribed(wish), wish.choice.newsletter.topics
    ticked = [topic for topic in offered if topic.slug in wish.values]
    if not ticked or len(ticked) != len(set(wish.values)):
        raise Unacceptable(say("Choose at least one topic, or turn the newsletter off."))
    before = [topic.slug for topic in offered if topic.mask & subscription.topics]
    mask = EVERY_TOPIC if len(ticked) == len(offered) else reduce(or_, (topic.mask for topic in ticked))
    preferences.choose_topics(wish.session, subscription, mask, network=network(), now=now())
    named = say("all topics") if mask == EVERY_TOPIC else list_in_words(topic.title for topic in ticked)
    return say("Saved: %(topics)s.", topics=named), wish.undo("topics", *before)


def hour(wish: Wish) -> Answer:
    """At what hour a newsletter comes; empty for when it is sent."""
    subscription = subscribed(wish)
    before = str(subscription.delivery_hour.hour) if subscription.delivery_hour else ""
    chosen = read_hour(wish.value)
    preferences.choose_hour(wish.session, subscription, chosen, network=network(), now=now())
    if chosen is None:
        return say("Saved: when it is sent."), wish.undo("hour", before)
    return say("Saved: at %(hour)s.", hour=hour_in_words(chosen)), wish.undo("hour", before)


def read_hour(value: str) -> time | None:
    """An hour of the day, None for an empty value. Raises Unacceptable."""
    if value and not (value.isascii() and value.isdecimal() and int(value) < 24):
        raise Unacceptable(say("Choose one of these."))
    return time(int(value)) if value else None


def timezone(wish: Wish) -> Answer:
    """Where the reader's clock hangs; empty for each newsletter's own."""
    before = next((c.subscription.timezone for c in wish.choices if c.subscription and c.subscription.timezone), "")
    try:
        _ = wish.value and zone(wish.value)
    except UnknownZone:
        raise Unacceptable(say("Choose one of these.")) from None
    if len(wish.value) > LONGEST_ZONE:
        raise Unacceptable(say("Choose one of these."))
    preferences.choose_timezone(wish.session, wish.subscriber, wish.value, network=network(), now=now())
    if not wish.value:
        return say("Saved: the newsletter's own time."), wish.undo("timezone", before)
    named = place(wish.value, language(), now())
    return say("Saved: the time of %(place)s.", place=named), wish.undo("timezone", before)


def speech(wish: Wish) -> Answer:
    """In what language pages and letters speak; the answer does at once."""
    if wish.value not in texts.languages():
        raise Unacceptable(say("Choose one of these."))
    before = next((c.subscription.language for c in wish.choices if c.subscription and c.subscription.language), "")
    before = before if before in texts.languages() else language()
    preferences.choose_language(wish.session, wish.subscriber, wish.value, network=network(), now=now())
    speak(wish.value)
    return say("Saved: this language from now on."), wish.undo("language", before)


def plain_text(wish: Wish) -> Answer:
    """Text alone, or pictures too."""
    before = ["1"] if wish.subscriber.plain_text else []
    preferences.choose_format(wish.session, wish.subscriber, bool(wish.value), network=network(), now=now())
    said = say("Saved: plain text from now on.") if wish.value else say("Saved: with pictures from now on.")
    return said, wish.undo("plain_text", *before)


def counting(wish: Wish) -> Answer:
    """Whether anything is counted of this reader."""
    before = ["1"] if wish.subscriber.uncounted else []
    preferences.choose_counting(wish.session, wish.subscriber, bool(wish.value), network=network(), now=now())
    said = say("Saved: you are not counted.") if wish.value else say("Saved: you are counted again.")
    return said, wish.undo("counting", *before)


def stop(wish: Wish) -> Answer:
    """End every newsletter."""
    got = switching.stop_all(wish.session, wish.subscriber, network=network(), now=now())
    said = say("Saved: no newsletter comes any more. One that has already left may still arrive.")
    return said, wish.undo("start", *(each.newsletter.slug for each in got)) if got else ()


def start(wish: Wish) -> Answer:
    """Take that back, for the newsletters it ended."""
    for choice in wish.choices:
        if choice.newsletter.slug in wish.values and choice.subscription and not choice.on:
            known = {each.id: each for each in choice.newsletter.schedules}
            _turn_on(wish, choice, known.get(choice.subscription.schedule_id or 0), choice.newsletter.title)
    return say("Saved: as it was before."), ()


def subscribed(wish: Wish) -> Subscription:
    """The subscription that is meant. Raises Unacceptable when the reader does not get the newsletter."""
    choice = wish.choice
    if not choice.on or choice.subscription is None:
        raise Unacceptable(say("You do not get this newsletter. Turn it on first."))
    return choice.subscription


def _schedule(value: str, choice: Choice) -> Schedule | None:
    """The schedule that is meant, None for every issue. Raises Unacceptable."""
    if value == EVERY:
        return None
    found = next((each for each in choice.newsletter.schedules if str(each.id) == value), None)
    if found is None or not (found.active or frequency_of(choice) == value):
        raise Unacceptable(say("Choose one of these."))
    return found


def _turn_on(wish: Wish, choice: Choice, schedule: Schedule | None, wording: str) -> None:
    newsletter = choice.newsletter
    if not switching.turn_on(
        wish.session, wish.subscriber, newsletter, schedule, wording=wording, network=network(), now=now()
    ):
        raise Unacceptable(say("Nobody may mail this address any more. Write to the newsroom if that is wrong."))
