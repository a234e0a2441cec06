"""The form on other people's pages: the script that upgrades it, the page that is framed, and what oEmbed asks for."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, abort, current_app, make_response, render_template, request

from mailer.db import db
from mailer.newsletters import forms
from mailer.newsletters.models import MAIN_FORM, Form, Newsletter
from mailer.web.embed import script, snippets
from mailer.web.embed.script import Script
from mailer.web.house import settings
from mailer.web.readers import pages
from mailer.web.readers.blueprint import LONGEST_NAME, clean, newsletter_of, readers
from mailer.web.readers.policy import ancestors, policy
from mailer.web.speech import speak

HOUR = 3600
DAY = 24 * HOUR
YEAR = 365 * DAY

FRAMED = ("readers.sign_up", "readers.code", "readers.again")
"""Doors whose pages may stand in a frame: where no script runs, the form in the frame posts inside of it."""

WIDEST = 640
"""Pixels of a frame, unless the page that pastes a link has less."""

FRAME_LIFE = 300
"""Seconds a frame may be kept: a story that everybody reads costs us one page."""


@readers.get("/e/1.js")
def script_of_today() -> Response:
    """The script, in the version of the contract that the number names."""
    return _script(script.read(), f"public, max-age={HOUR}, stale-while-revalidate={DAY}")


@readers.get("/e/1.<digest>.js")
def script_of_these_bytes(digest: str) -> Response:
    """The script for sites that name its fingerprint; 404 when ours is another one by now."""
    found = script.read()
    if digest != found.digest:
        abort(404)
    return _script(found, f"public, max-age={YEAR}, immutable")


@readers.get("/e/proof.js")
def proof_script() -> Response:
    """What the script loads where a proof of work is asked for, and only then."""
    static = Path(str(current_app.static_folder))
    return _script(script.read(static / "proof.js"), f"public, max-age={HOUR}, stale-while-revalidate={DAY}")


@readers.get("/f/<slug>")
def frame(slug: str) -> Response:
    """The form as a page to be framed; `full=1` as a page to be linked to. It looks as `theme` and `font` say.

    In the `language` of the page around it; each `topic` is ticked beforehand, instead of those of the form.
    """
    form = _form(slug, request.args.get("form", ""))
    if form is None:
        return _framed(pages.closed(), "*")
    wish, base_url = _language(), settings().base_url
    speak(wish, form.language, form.newsletter.language)
    page = render_template(
        "readers/frame.html",
        newsletter=form.newsletter,
        embed=snippets.embed(form, base_url, form.slug, wish, _named(form.newsletter)),
        address=snippets.frame_address(form, base_url),
        full="full" in request.args,
        theme=request.args.get("theme", ""),
        font=request.args.get("font", ""),
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = f"public, max-age={FRAME_LIFE}"
    ours = f"'self' {base_url}"
    answer.headers["Content-Security-Policy"] = policy(
        scripts=ours, posts=ours, ancestors="'none'" if "full" in request.args else ancestors(form)
    )
    return answer


@readers.get("/f/<slug>.json")
def said(slug: str) -> Response:
    """What the form says, in the `language` of the page, for programs that build it there: WordPress asks."""
    form = _form(slug, request.args.get("form", ""))
    if form is None:
        abort(404)
    made = snippets.embed(form, settings().base_url, wish=_language())
    topics = form.newsletter.topics
    answer = make_response(
        {
            **asdict(made.words),
            "direction": made.direction,
            "offline": made.offline,
            "question": made.ask_topics,
            "asks": bool(made.topics),
            "topics": [{"slug": t.slug, "title": t.title, "ticked": bool(t.mask & form.topics)} for t in topics],
        }
    )
    answer.headers["Cache-Control"] = f"public, max-age={FRAME_LIFE}"
    return answer


@readers.get("/oembed")
def oembed() -> Response:
    """The frame of a form, for editors where a link is pasted (oEmbed 1.0, type `rich`)."""
    if request.args.get("format", "json") != "json":
        abort(501)
    address, _, query = request.args.get("url", "").partition("#")[0].partition("?")
    found = re.fullmatch(re.escape(settings().base_url) + r"/f/([\w-]+)/?", address)
    form = _form(found[1], dict(parse_qsl(query)).get("form", "")) if found else None
    if form is None:
        abort(404)
    answer = make_response(_rich(form, request.args.get("maxwidth", WIDEST, type=int)))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@readers.after_request
def _in_a_frame(response: Response) -> Response:
    if request.endpoint in FRAMED and request.method == "POST":
        _framed(response, "*")
    return response


def _form(slug: str, name: str) -> Form | None:
    """The form of a newsletter that takes readers."""
    newsletter = newsletter_of(slug)
    if newsletter is None or not newsletter.takes_readers:
        return None
    return forms.find(db.session(), newsletter.id, clean(name, LONGEST_NAME) or MAIN_FORM)


def _language() -> str:
    """The language of the page around the form, if the address names it."""
    return clean(request.args.get("language", ""), LONGEST_NAME)


def _named(newsletter: Newsletter) -> int:
    """The mask of the topics that the address names: the section of the article around the form."""
    named = request.args.getlist("topic")
    return sum(topic.mask for topic in newsletter.topics if topic.slug in named)


def _script(found: Script, cache_control: str) -> Response:
    packed = request.accept_encodings.quality("gzip") > 0
    answer = Response(found.compressed if packed else found.plain, content_type="text/javascript; charset=utf-8")
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = cache_control
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.set_etag(f"{found.digest}-gzip" if packed else found.digest)
    return answer.make_conditional(request)  # type: ignore[return-value]  # the same response


def _framed(response: Response, by: str) -> Response:
    """Let a page that says otherwise be framed."""
    given = response.headers.get("Content-Security-Policy", policy())
    response.headers["Content-Security-Policy"] = given.replace("frame-ancestors 'none'", f"frame-ancestors {by}")
    return response


def _rich(form: Form, width: int) -> dict[str, Any]:
    base_url, newsletter = settings().base_url, form.newsletter
    width = max(1, min(width, WIDEST))
    return {
        "version": "1.0",
        "type": "rich",
        "title": forms.words(form).heading,
        "provider_name": newsletter.publisher or newsletter.title,
        "provider_url": newsletter.site_url or base_url,
        "html": snippets.frame(form, base_url, str(width)),
        "width": width,
        "height": snippets.FRAME_HEIGHT,
    }
