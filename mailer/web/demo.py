"""The sample newsroom: a small fictional news site, as pages and as feeds, with the sign-up form of another site."""

from datetime import UTC, datetime
from typing import Any

from babel.dates import format_datetime, get_timezone
from flask import Blueprint, Response, abort, current_app, make_response, render_template, request, url_for
from werkzeug.http import http_date

from mailer.config import Settings
from mailer.db import db
from mailer.demo import newsroom
from mailer.demo.newsroom import SECTIONS, TITLE, Article
from mailer.demo.seed import MORNING_BRIEF, opened_at

ON_THE_FRONT_PAGE = 4
"""Articles per section; the section's own page has the rest."""

demo = Blueprint("demo", __name__, url_prefix="/demo")


@demo.get("", strict_slashes=False)
def front() -> str:
    """The newest articles of each section."""
    articles = _published()
    lead, *rest = articles
    by_section = {s: [a for a in rest if a.section == s][:ON_THE_FRONT_PAGE] for s in SECTIONS}
    return render_template("demo/front.html", lead=lead, by_section=by_section)


@demo.get("/<section>")
def section(section: str) -> str:
    """Everything in one section."""
    return render_template("demo/section.html", section=section, articles=_of(section))


@demo.get("/article/<slug>")
def article(slug: str) -> str:
    """One article, and under it the form exactly as a publisher would paste it."""
    articles = _published()
    found = next((a for a in articles if a.slug == slug), None)
    if found is None:
        abort(404)
    more = [a for a in articles if a.section == found.section and a is not found][:3]
    words = newsroom.words(found.language)
    return render_template("demo/article.html", article=found, words=words, more=more, newsletter=MORNING_BRIEF)


@demo.get("/feed.rss")
def rss() -> Response:
    """The whole paper as RSS 2.0."""
    return _feed("demo/rss.xml", "application/rss+xml", TITLE, url_for("demo.front"), _published())


@demo.get("/atom.xml")
def atom() -> Response:
    """The whole paper as Atom."""
    return _feed("demo/atom.xml", "application/atom+xml", TITLE, url_for("demo.front"), _published())


@demo.get("/<section>/feed.rss")
def section_rss(section: str) -> Response:
    """One section as RSS 2.0."""
    articles = _of(section)
    title = f"{TITLE}, {newsroom.words('en').sections[section]}"
    return _feed("demo/rss.xml", "application/rss+xml", title, url_for("demo.section", section=section), articles)


@demo.after_request
def _policy(response: Response) -> Response:
    """What a strict site says of our form: it comes from, asks and posts to an address that need not be its own."""
    ours = _base_url()
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        f"script-src {ours}; connect-src {ours}; form-action 'self' {ours}; require-trusted-types-for 'script'"
    )
    response.headers["Content-Security-Policy"] = policy
    return response


@demo.context_processor
def _everywhere() -> dict[str, object]:
    """What every page and feed of the newsroom may ask for."""
    return {
        "paper": newsroom,
        "words": newsroom.words("en"),
        "words_of": newsroom.words,
        "absolute": _absolute,
        "base_url": _base_url(),
        "on_paper": _on_paper,
        "http_date": http_date,
    }


def _published() -> list[Article]:
    now = datetime.now(UTC)
    return newsroom.published(opened_at(db.session()) or newsroom.start_of_day(now), now)


def _of(section: str) -> list[Article]:
    if section not in SECTIONS:
        abort(404)
    return [a for a in _published() if a.section == section]


def _feed(template: str, kind: str, title: str, path: str, articles: list[Article]) -> Response:
    """A feed that answers 304 to who has it already."""
    newest = articles[0].published_at
    body = render_template(template, title=title, home=_base_url() + path, articles=articles, newest=newest)
    response = make_response(body)
    response.content_type = f"{kind}; charset=utf-8"
    response.cache_control.no_cache = True
    response.last_modified = newest
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]  # the same response


def _on_paper(moment: datetime, language: str) -> str:
    """Date and time in words, on the town's clock."""
    return format_datetime(moment, "d MMMM y, HH:mm", tzinfo=get_timezone(newsroom.TIMEZONE), locale=language)


def _absolute(endpoint: str, **values: Any) -> str:
    """The address of a door as readers reach it, whatever host this request came by."""
    return _base_url() + url_for(endpoint, **values)


def _base_url() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url
