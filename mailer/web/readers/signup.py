"""Sign up: from our own form or from any page of any site."""

from urllib.parse import urlsplit

from flask import Response, request

from mailer.db import db, read_only
from mailer.newsletters import forms
from mailer.newsletters.models import Disposable
from mailer.queue import Job, enqueue
from mailer.subscriptions import erasure, signup, typos
from mailer.subscriptions.address import Address, BadAddress, parse
from mailer.subscriptions.disposable import is_disposable
from mailer.subscriptions.signup import Asked
from mailer.web.house import now, settings
from mailer.web.readers import abuse, asking, pages
from mailer.web.readers.asking import Asking
from mailer.web.readers.blueprint import field, network, readers
from mailer.web.readers.moment import one_moment
from mailer.web.speech import say


@readers.get("/s/<slug>")
@readers.get("/s/<slug>/code", alias=True)
@readers.get("/s/<slug>/again", alias=True)
def form(slug: str) -> Response:
    """The form as a page, for a plain link; a phone that loads an answer once more is led here."""
    asked = asking.read(slug)
    return pages.form(asked) if asked else pages.closed()


@readers.post("/s/<slug>")
def sign_up(slug: str) -> Response:
    """Take a sign-up from any page of any site. 2xx means the row is committed; nobody learns who is known here."""
    read_only(db.session())  # up to the verdict nothing is written: on SQLite whoever may write keeps all others out
    asked = asking.read(slug)
    if asked is None:
        return pages.closed()
    if not _is_welcome(asked):
        return pages.elsewhere(asked)
    try:
        address = parse(asked.email)
    except BadAddress as error:
        return pages.form(asked, say(str(error)))
    return _doubt(asked, address) or _let_in(asked, address)


def _origin() -> str:
    """The origin of the page that sent this request; empty when the browser keeps it (a sandbox says "null")."""
    given = request.headers.get("Origin", "")
    return "" if given == "null" else given


def _site(asked: Asking) -> str:
    """The host that sent the form, which may be named in the mail: only one that the form names itself."""
    return urlsplit(_origin()).hostname or "" if _origin() in asked.form.origins.split() else ""


def _is_welcome(asked: Asking) -> bool:
    """Whether the form may be sent from there; from our own pages it always may."""
    ours = (settings().base_url, request.host_url.rstrip("/"))
    return _origin() in ours or forms.allows(asked.form, _origin())


def _doubt(asked: Asking, address: Address) -> Response | None:
    """A question about the address, unless the reader insists on it."""
    policy = Disposable(asked.newsletter.disposable)
    passing = policy is not Disposable.ALLOW and is_disposable(address.domain)
    if passing and policy is Disposable.REFUSE:
        return pages.form(asked, say("We do not write to mailboxes that are thrown away. Take one that you will keep."))
    suggestion = typos.suggestion(address)
    insists = field("sure") == asked.email
    return pages.doubt(asked, suggestion) if (passing or suggestion) and not insists else None


def _let_in(asked: Asking, address: Address) -> Response:
    verdict = abuse.judge(asked.newsletter, asked.form, address, ref=asked.ref)
    if isinstance(verdict, abuse.Proof):
        return one_moment(asked.newsletter, verdict, ref=asked.ref)
    answer = pages.pending(asked)
    if verdict is abuse.Verdict.PASS:
        session = db.session()
        erasure.keep_suppressed(session, settings().secret.encode(), [address.key], now())
        letter_id = signup.request(session, asked.newsletter, address, _consent(asked), now=now())
        session.commit()
        enqueue(Job.SEND_LETTER, letter_id)
    return answer


def _consent(asked: Asking) -> Asked:
    """What is kept of the asking: the sentence that the page says it showed, else that of the form."""
    wording = field("wording") or forms.words(asked.form, asked.language).wording
    return Asked(
        wording=wording,
        form=asked.form.slug,
        form_version=forms.version_of(asked.form, wording, asked.language),
        page=asked.page,
        site=_site(asked),
        network=network(),
        ref=asked.ref,
        topics=asked.mask,
        language=asked.language or asked.form.language,
    )


@readers.after_request
def _for_any_site(response: Response) -> Response:
    if request.endpoint in ("readers.sign_up", "readers.code", "readers.again"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.vary.add("Accept")
    return response
