"""Breaking news in the preference centre: whether it comes, and the hours in which it does not."""

from mailer.subscriptions import preferences
from mailer.subscriptions.preferences import Hours
from mailer.subscriptions.quiet import USUAL
from mailer.web.house import now
from mailer.web.readers.blueprint import network
from mailer.web.readers.choosing import Answer, Unacceptable, Wish, read_hour, subscribed
from mailer.web.readers.wording import hour_in_words
from mailer.web.speech import say


def breaking(wish: Wish) -> Answer:
    """Breaking news too, or not. Who never chose quiet hours gets the usual ones; Undo brings its own."""
    subscription = subscribed(wish)
    if wish.value and not (wish.choice.newsletter.breaking_cap or subscription.breaking):
        raise Unacceptable(say("This newsletter brings no breaking news."))
    before, hours = preferences.quiet_hours(subscription), wish.values[1:]
    quiet = _hours(hours) if hours else before or USUAL
    undo = wish.undo("breaking", *(["1", *_values(before)] if subscription.breaking else []))
    preferences.choose_breaking(wish.session, subscription, bool(wish.value), quiet, network=network(), now=now())
    return (_said(quiet) if wish.value else say("Saved: no breaking news.")), undo


def quiet(wish: Wish) -> Answer:
    """The hours in which it is quiet; an empty first one for none."""
    subscription = subscribed(wish)
    before, hours = preferences.quiet_hours(subscription), _hours(wish.values)
    if not subscription.breaking:
        raise Unacceptable(say("You do not get breaking news. Turn it on first."))
    preferences.choose_breaking(wish.session, subscription, True, hours, network=network(), now=now())
    return _said(hours), wish.undo("quiet", *_values(before))


def _hours(values: list[str]) -> Hours:
    """Who names only the beginning gets the usual end."""
    begins, ends = (read_hour(value) for value in [*values, "", ""][:2])
    if begins is None:
        return None
    if ends == begins:
        raise Unacceptable(say("Choose two different hours, or none."))
    return begins, ends or USUAL[1]


def _values(hours: Hours) -> list[str]:
    return [str(hour.hour) for hour in hours] if hours else ["", ""]


def _said(hours: Hours) -> str:
    if hours is None:
        return say("Saved: breaking news, at any hour.")
    begins, ends = map(hour_in_words, hours)
    return say("Saved: breaking news, but not between %(begins)s and %(ends)s.", begins=begins, ends=ends)
