"""The link in the confirmation mail: the press that says yes, and a new link for an old one."""

from dataclasses import dataclass

from flask import Response, make_response, render_template

from mailer.db import db
from mailer.links import ExpiredToken, Purpose
from mailer.newsletters import forms
from mailer.newsletters.models import Newsletter
from mailer.queue import Job, enqueue
from mailer.subscriptions import confirmation, signup
from mailer.subscriptions.address import Address, parse
from mailer.subscriptions.confirmation import Standing
from mailer.subscriptions.masked import masked
from mailer.subscriptions.models import Subscription
from mailer.subscriptions.signup import Asked
from mailer.web.house import now
from mailer.web.readers import abuse, pages, welcome
from mailer.web.readers.asking import Asking, new_ref
from mailer.web.readers.blueprint import ids, network, readers
from mailer.web.speech import speak


@dataclass(frozen=True)
class Link:
    """A link that was made here: the sign-up it is for, which may be forgotten, and whether it is too old."""

    token: str
    subscription_id: int
    request: int
    subscription: Subscription | None
    expired: bool

    @property
    def standing(self) -> Standing:
        return confirmation.standing(self.subscription, self.request)


@readers.get("/c/<token>")
def confirm_page(token: str) -> Response:
    """One button, and nothing happens before it is pressed: mail scanners open every link."""
    link = read(token)
    return shown(link) if link else pages.cut_off()


@readers.post("/c/<token>")
def confirm(token: str) -> Response:
    """The reader pressed the button: the one that says yes, or on an old link the one that asks for a new one."""
    link = read(token)
    if link is None:
        return pages.cut_off()
    if link.subscription and link.expired and link.standing is not Standing.ACTIVE:
        return _send_a_new_one(link.subscription)
    if link.standing is not Standing.PENDING:
        return shown(link)
    session = db.session()
    standing = confirmation.confirm(session, link.subscription_id, link.request, network=network(), now=now())
    page = shown(link, proven=True) if standing is Standing.ACTIVE else stale(_newsletter(link))
    session.commit()
    return page


def read(token: str) -> Link | None:
    """What a confirmation link is for, None when it was not made here. The answer speaks its reader's language."""
    try:
        found, expired = ids(Purpose.CONFIRM, token), False
    except ExpiredToken as error:
        found, expired = error.ids, True
    if found is None:
        return None
    subscription = db.session.get(Subscription, found[0])
    if subscription:
        speak(subscription.language, subscription.newsletter.language)
    return Link(token, found[0], found[1], subscription, expired)


def shown(link: Link, *, proven: bool = False) -> Response:
    """Where a link leads: to the button, to "You're in", or to why it does not work any more.

    `proven`: the press came with this request.
    """
    subscription = link.subscription
    if subscription and link.standing is Standing.ACTIVE:
        return welcome.confirmed(subscription, proven=proven, token="" if link.expired else link.token)
    if link.expired:
        return _expired(subscription)
    if subscription and link.standing is Standing.PENDING:
        newsletter = subscription.newsletter
        page = render_template("readers/confirm.html", subscription=subscription, newsletter=newsletter)
        return make_response(page)
    return stale(_newsletter(link))


def stale(newsletter: Newsletter | None) -> Response:
    """A link that was good once, and the way to sign up once more."""
    return make_response(render_template("readers/stale.html", newsletter=newsletter), 410)


def _newsletter(link: Link) -> Newsletter | None:
    return link.subscription.newsletter if link.subscription else None


def _expired(subscription: Subscription | None) -> Response:
    """An old link may have been handed on: the page does not show the whole address."""
    newsletter = subscription.newsletter if subscription else None
    form = newsletter and forms.find(db.session(), newsletter.id)
    page = render_template(
        "readers/expired.html",
        newsletter=newsletter,
        email=masked(subscription.subscriber.address) if subscription else "",
        words=forms.words(form) if form else None,
    )
    return make_response(page, 410)


def _send_a_new_one(subscription: Subscription) -> Response:
    """A sign-up by the owner of the link, for the address that the link was mailed to."""
    session, newsletter = db.session(), subscription.newsletter
    form = forms.find(session, newsletter.id)
    if form is None or not newsletter.takes_readers:
        return pages.closed()
    address, ref = parse(subscription.subscriber.address), new_ref()
    answer = pages.pending(Asking(newsletter, form, ref))
    asked = Asked(
        wording=forms.words(form).wording,
        form=form.slug,
        form_version=form.version,
        page="",
        site="",
        network=network(),
        ref=ref,
        topics=subscription.topics,
        schedule_id=subscription.schedule_id,
        language=subscription.language,
    )
    session.commit()  # no transaction is open while the limits are asked
    if abuse.may_mail_link(address):
        _ask(newsletter, address, asked)
    return answer


def _ask(newsletter: Newsletter, address: Address, asked: Asked) -> None:
    session = db.session()
    letter_id = signup.request(session, newsletter, address, asked, now=now())
    session.commit()
    enqueue(Job.SEND_LETTER, letter_id)
