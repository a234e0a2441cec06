"""Leave a newsletter, take that back, or have less of it. GET shows buttons, POST acts and says what is true now."""

from flask import Response, abort, make_response, render_template, request

from mailer.db import db
from mailer.links import Purpose
from mailer.newsletters.frequency import pace
from mailer.subscriptions import instead, leaving_reasons, unsubscribe
from mailer.subscriptions.leaving_reasons import LeavingReason
from mailer.subscriptions.masked import masked
from mailer.subscriptions.models import Subscription, SubscriptionState
from mailer.texts import mark
from mailer.web.house import now
from mailer.web.readers import pages, pausing
from mailer.web.readers.blueprint import field, ids, network, readers
from mailer.web.readers.wording import day_in_words
from mailer.web.speech import say, speak

GONE = 410

REASONS = {
    LeavingReason.TOO_MANY: mark("Too many e-mails"),
    LeavingReason.NOT_EXPECTED: mark("Not what I expected"),
    LeavingReason.ON_THE_SITE: mark("I read it on the site"),
    LeavingReason.NEVER_SIGNED_UP: mark("I never signed up"),
}


@readers.get("/u/<token>/reason")
@readers.get("/u/<token>/pause")
@readers.get("/u/<token>/undo")
@readers.get("/u/<token>")
def leave_page(token: str) -> Response:
    """One button; for who has left, what happened and how to take it back. Also for who reloads an answer."""
    return _page(find(token)[0], token)


@readers.post("/u/<token>")
def leave(token: str) -> Response:
    """Leave, by our button or by the mail program's own."""
    if request.form.get("List-Unsubscribe") == "One-Click":
        return _one_click(token)
    subscription, issue_id = find(token)
    _leave(subscription.id, issue_id, "link")
    page = _page(subscription, token)
    db.session.commit()
    return page


@readers.post("/u/<token>/undo")
def undo(token: str) -> Response:
    """Take the leaving back, within the time that `unsubscribe` allows."""
    subscription, _ = find(token)
    unsubscribe.undo(db.session(), subscription.id, network=network(), now=now())
    return _stays(subscription, token, "undo")


@readers.get("/u/<token>/less")
def less_page(token: str) -> Response:
    """The rarer schedules and a pause, each a button."""
    subscription, _ = find(token)
    if subscription.state not in unsubscribe.STAYING:
        return _page(subscription, token)
    return _render("less", subscription, token, schedules=instead.offers(subscription))


@readers.post("/u/<token>/less")
def less(token: str) -> Response:
    """Have it by the schedule whose button was pressed."""
    subscription, _ = find(token)
    wanted = field("schedule")
    chosen = next((one for one in instead.offers(subscription) if str(one.id) == wanted), None)
    if chosen:
        instead.less(db.session(), subscription, chosen, network=network(), now=now())
    elif wanted != str(subscription.schedule_id):
        return _page(subscription, token, GONE)
    return _stays(subscription, token, "less")


@readers.post("/u/<token>/pause")
def pause(token: str) -> Response:
    """Let it rest for a month."""
    subscription, _ = find(token)
    instead.pause(db.session(), subscription, network=network(), now=now())
    return _stays(subscription, token, "pause")


@readers.post("/u/<token>/reason")
def reason(token: str) -> Response:
    """Why the reader left, in one press."""
    subscription, _ = find(token)
    given = field("reason")
    if given in set(LeavingReason):
        leaving_reasons.give(db.session(), subscription.id, LeavingReason(given))
    page = _page(subscription, token)
    db.session.commit()
    return page


def find(token: str) -> tuple[Subscription, int | None]:
    """The subscription of a reader's token, in whose language the answer is now written, and the issue it came with.

    Ends with a page that says so when there is none.
    """
    wanted = ids(Purpose.UNSUBSCRIBE, token)
    if wanted is None:
        abort(pages.cut_off())
    subscription = db.session.get(Subscription, wanted[0])
    if subscription is None:
        text = say("We do not know this reader any more, so nothing comes from us.")
        abort(pages.message(say("There is nothing to stop"), text, GONE))
    speak(subscription.language, subscription.newsletter.language)
    return subscription, wanted[1] or None


def _one_click(token: str) -> Response:
    """RFC 8058: no cookie, no page, no redirect, and 2xx also for a token that nobody knows."""
    wanted = ids(Purpose.UNSUBSCRIBE, token)
    if wanted is not None:
        _leave(wanted[0], wanted[1] or None, "one-click")
    db.session.commit()
    return Response("Done.\n", mimetype="text/plain")


def _leave(subscription_id: int, issue_id: int | None, form: str) -> None:
    unsubscribe.leave(db.session(), subscription_id, issue_id=issue_id, network=network(), now=now(), form=form)


def _page(subscription: Subscription, token: str, status: int = 200) -> Response:
    """The button that stops it; for who has left, what happened and the ways back."""
    if subscription.state != SubscriptionState.UNSUBSCRIBED:
        return _render("leave", subscription, token, status, stays=subscription.state in unsubscribe.STAYING)
    session = db.session()
    return _render(
        "left",
        subscription,
        token,
        status,
        undo=unsubscribe.can_undo(session, subscription.id, now()),
        schedules=instead.offers(subscription),
        others=unsubscribe.others(session, subscription),
        reasons=REASONS,
    )


def _stays(subscription: Subscription, token: str, how: str) -> Response:
    """How it comes from now on, to a reader who stays; commits what made it so."""
    stays = subscription.state in unsubscribe.STAYING
    page = _render("back", subscription, token, how=how) if stays else _page(subscription, token, GONE)
    db.session.commit()
    return page


def _render(name: str, subscription: Subscription, token: str, status: int = 200, **more: object) -> Response:
    newsletter, until = subscription.newsletter, pausing.day_of(subscription)
    page = render_template(
        f"readers/{name}.html",
        newsletter=newsletter,
        email=masked(subscription.subscriber.address),
        token=token,
        schedule=next((one for one in newsletter.schedules if one.id == subscription.schedule_id), None),
        reason=subscription.leaving_reason,
        until=day_in_words(until) if until else "",
        pace=pace,
        **more,
    )
    return make_response(page, status)
