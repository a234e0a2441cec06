"""Pauses, from the forms of the preference centre: everything or one newsletter, for a while or until a day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailer.newsletters.calendar import zone
from mailer.subscriptions import pause
from mailer.subscriptions.models import Subscription, SubscriptionState
from mailer.web.house import now
from mailer.web.readers.blueprint import field, network
from mailer.web.readers.choosing import Answer, Unacceptable, Wish
from mailer.web.readers.wording import day_in_words
from mailer.web.speech import say

LONGEST = timedelta(days=366)
"""Who is away for longer turns the newsletter off."""

UNTIL = "date"
"""The length that asks for the field `until`."""


def rest(wish: Wish) -> Answer:
    """Let a newsletter rest, without a name all of them, for so many days or until the day in the field `until`."""
    chosen = [wish.choice] if wish.slug else wish.choices
    mine = [choice.subscription for choice in chosen if choice.on and choice.subscription]
    if not mine:
        raise Unacceptable(say("There is nothing to pause: no newsletter comes."))
    day = _day(wish.value, today(mine[0]))
    before = [f"{each.newsletter.slug}={day_of(each) or ''}" for each in mine]
    for each in mine:
        pause.pause(wish.session, each, _begins(day, each), network=network(), now=now())
    said = say("Saved: nothing comes until %(day)s.", day=day_in_words(day))
    return said, (("setting", "pauses"), ("newsletter", ""), *(("value", value) for value in before))


def set_back(wish: Wish) -> Answer:
    """Let each newsletter rest until the day that is written after its name; without a day it comes again."""
    wanted = dict(value.partition("=")[::2] for value in wish.values)
    mine = [c.subscription for c in wish.choices if c.on and c.subscription and c.newsletter.slug in wanted]
    before = [f"{each.newsletter.slug}={day_of(each) or ''}" for each in mine]
    for each in mine:
        _set(wish, each, wanted[each.newsletter.slug])
    said = say("Saved: as it was before.") if any(wanted.values()) else say("Saved: it comes again.")
    return said, wish.undo("pauses", *before)


def day_of(subscription: Subscription) -> date | None:
    """The day on which a pause ends, on the reader's clock; None for who rests from nothing."""
    if subscription.state != SubscriptionState.PAUSED or subscription.paused_until is None:
        return None
    return subscription.paused_until.astimezone(_clock(subscription)).date()


def today(subscription: Subscription) -> date:
    """What day it is on the reader's clock."""
    return now().astimezone(_clock(subscription)).date()


def _set(wish: Wish, subscription: Subscription, value: str) -> None:
    if not value:
        pause.resume(wish.session, subscription, network=network(), now=now())
        return
    day = _read(value, today(subscription))
    pause.pause(wish.session, subscription, _begins(day, subscription), network=network(), now=now())


def _day(length: str, first: date) -> date:
    """The day after `first` on which a pause of this length ends. Raises Unacceptable."""
    if length == UNTIL:
        return _read(field("until", 10), first)
    if not (length.isascii() and length.isdecimal() and 0 < int(length) <= LONGEST.days):
        raise Unacceptable(say("Choose one of these."))
    return first + timedelta(days=int(length))


def _read(text: str, first: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unacceptable(say("Choose the day on which it shall come again.")) from None
    if not first < day <= first + LONGEST:
        raise Unacceptable(say("Choose a day from tomorrow on, within a year."))
    return day


def _begins(day: date, subscription: Subscription) -> datetime:
    return datetime.combine(day, time(), _clock(subscription)).astimezone(UTC)


def _clock(subscription: Subscription) -> ZoneInfo:
    return zone(subscription.timezone or subscription.newsletter.timezone)
