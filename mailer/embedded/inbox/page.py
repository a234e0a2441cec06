"""The page of the inbox: the mails, newest first, and each of them as its reader sees it.

Mails are other people's writing and hold links that log in. So they are shown in a frame without scripts, and the page
answers only to this machine's own names: a page elsewhere whose name was pointed at us gets nothing.
"""

import re
from datetime import datetime
from pathlib import Path

from flask import Flask, Response, abort, redirect, render_template, request, send_from_directory, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

import mailer
from mailer.embedded.inbox import reading
from mailer.embedded.inbox.store import Kept, Store

LOOK = Path(mailer.__file__).parent / "web" / "static"
"""The style sheet and the icons of the whole house."""

PER_PAGE = 50
OUR_NAMES = ("localhost", "127.0.0.1", "[::1]")

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src http: https: data:; font-src data:; form-action 'none'; frame-ancestors 'self'"
)

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def make_page(store: Store) -> Flask:
    """The page as a WSGI application."""
    app = Flask(__name__)
    app.jinja_env.filters.update(moment=_moment, linked=_linked)
    app.before_request(_answer_only_to_our_names)
    app.after_request(_guard)

    @app.get("/")
    def mails() -> str:
        search = request.args.get("q", "").strip()
        before = request.args.get("before", type=int)
        found = store.newest(PER_PAGE + 1, before=before, search=search)
        older = found[PER_PAGE - 1].id if len(found) > PER_PAGE else None
        shown = [_line(kept) for kept in found[:PER_PAGE]]
        return render_template(
            "mails.html", mails=shown, search=search, before=before, older=older, count=store.count()
        )

    @app.get("/<int:mail_id>/")
    @app.get("/<int:mail_id>/<any(text, headers, source):view>")
    def mail(mail_id: int, view: str = "") -> str:
        kept = _find(mail_id)
        message = reading.parse(kept.data)
        html, text = reading.body(message, "html"), reading.body(message, "plain")
        view = view or ("html" if html is not None else "text")
        return render_template(
            "mail.html",
            mail=_line(kept),
            view=view,
            has_html=html is not None,
            text=text,
            headers=reading.headers(message) if view == "headers" else [],
            source=kept.data.decode("utf-8", "replace") if view == "source" else "",
            size=len(kept.data),
        )

    @app.get("/<int:mail_id>/html")
    def html(mail_id: int) -> Response:
        text = reading.body(reading.parse(_find(mail_id).data), "html")
        if text is None:
            abort(404)
        response = Response(reading.opening_new_tabs(text), content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = MAIL_POLICY
        return response

    @app.get("/<int:mail_id>/mail.eml")
    def eml(mail_id: int) -> Response:
        return Response(_find(mail_id).data, content_type="message/rfc822")

    @app.post("/empty")
    def empty() -> AnyResponse:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)
        store.empty()
        return redirect(url_for("mails"), 303)

    @app.get("/look/<any('ui.css', 'icons.svg', 'favicon.svg'):name>")
    def look(name: str) -> AnyResponse:
        return send_from_directory(LOOK, name)

    def _find(mail_id: int) -> Kept:
        return store.read(mail_id) or abort(404, "This mail is not here any more. The inbox keeps the newest 2,000.")

    return app


def _line(kept: Kept) -> dict[str, object]:
    message = reading.parse(kept.data)
    return {
        "id": kept.id,
        "at": datetime.fromtimestamp(kept.received_at).astimezone(),
        "sender": reading.header(message, "From") or kept.sender,
        "recipient": kept.recipient,
        "subject": reading.header(message, "Subject") or "(no subject)",
    }


def _moment(at: datetime) -> str:
    today = at.date() == datetime.now().astimezone().date()
    return f"{at:%H:%M:%S}" if today else f"{at:%d %b %H:%M}"


def _linked(text: str) -> Markup:
    """Plain text with its addresses as links."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        link = Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(found[0])
        parts += [escape(text[end : found.start()]), link]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _answer_only_to_our_names() -> None:
    if re.sub(r":\d+$", "", request.host) not in OUR_NAMES:
        abort(403, "The inbox answers to http://localhost only.")


def _guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
