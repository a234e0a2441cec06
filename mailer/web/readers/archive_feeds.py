"""The archive as a web feed: Atom (RFC 4287) and JSON Feed 1.1, each part leading to the older ones (RFC 5005)."""

import json
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, render_template

from mailer.db import db
from mailer.digests import archive as room
from mailer.digests.archive import Archived
from mailer.emails.languages import FALLBACK, canonical_tag
from mailer.emails.plain_text import clean
from mailer.newsletters.models import Newsletter
from mailer.web.house import now
from mailer.web.readers.archive import address, address_of, asked_before, cached, shown
from mailer.web.readers.blueprint import readers

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"


@readers.get("/a/<slug>.atom")
def archive_atom(slug: str) -> Response:
    """The issues as Atom."""
    newsletter = shown(slug)
    issues, links = _part(newsletter, "readers.archive_atom")
    document = tostring(_atom(newsletter, issues, links), encoding="utf-8", xml_declaration=True)
    return cached(Response(document, content_type="application/atom+xml; charset=utf-8"), newsletter)


@readers.get("/a/<slug>.json")
def archive_json(slug: str) -> Response:
    """The issues as JSON Feed."""
    newsletter = shown(slug)
    issues, links = _part(newsletter, "readers.archive_json")
    document = json.dumps(_json(newsletter, issues, links), ensure_ascii=False)
    return cached(Response(document, content_type="application/feed+json; charset=utf-8"), newsletter)


def _part(newsletter: Newsletter, endpoint: str) -> tuple[list[Archived], dict[str, str]]:
    """The issues of the part that is asked for, and its links by relation."""
    before = asked_before()
    issues = room.newest(db.session(), newsletter, now(), before=before)
    links = {
        "alternate": address("readers.archive", slug=newsletter.slug),
        "self": address(endpoint, slug=newsletter.slug, before=before),
    }
    if before is not None:
        links["first"] = address(endpoint, slug=newsletter.slug)
    if len(issues) == room.PAGE:
        links["next"] = address(endpoint, slug=newsletter.slug, before=issues[-1].issue.id)
    return issues, links


def _atom(newsletter: Newsletter, issues: list[Archived], links: dict[str, str]) -> Element:
    language = canonical_tag(newsletter.language) or FALLBACK
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _text(feed, "id", links["alternate"])
    _text(feed, "title", clean(newsletter.title))
    _text(feed, "subtitle", clean(newsletter.description))
    _text(feed, "updated", _stamp(max((each.changed_at for each in issues), default=newsletter.created_at)))
    _text(SubElement(feed, "author"), "name", clean(newsletter.publisher) or clean(newsletter.title))
    for relation, href in links.items():
        SubElement(feed, "link", {"rel": relation, "href": href})
    for each in issues:
        _entry(feed, newsletter, each)
    return feed


def _entry(feed: Element, newsletter: Newsletter, archived: Archived) -> None:
    entry, href = SubElement(feed, "entry"), address_of(newsletter, archived.issue.id)
    _text(entry, "id", href)
    _text(entry, "title", archived.content.subject)
    _text(entry, "published", _stamp(archived.content.moment))
    _text(entry, "updated", _stamp(archived.changed_at))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": href})
    _text(entry, "summary", archived.content.preview_line)
    _text(entry, "content", _html(newsletter, archived), type="html")


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    """An element with a text; none for an empty one."""
    if text:
        SubElement(parent, name, attributes).text = text


def _json(newsletter: Newsletter, issues: list[Archived], links: dict[str, str]) -> dict[str, object]:
    feed: dict[str, object] = {
        "version": JSON_FEED,
        "title": newsletter.title,
        "home_page_url": links["alternate"],
        "feed_url": links["self"],
        "description": newsletter.description,
        "language": canonical_tag(newsletter.language) or FALLBACK,
        "authors": [{"name": newsletter.publisher or newsletter.title}],
        "items": [_item(newsletter, each) for each in issues],
    }
    return feed | ({"next_url": links["next"]} if "next" in links else {})


def _item(newsletter: Newsletter, archived: Archived) -> dict[str, str]:
    href = address_of(newsletter, archived.issue.id)
    return {
        "id": href,
        "url": href,
        "title": archived.content.subject,
        "summary": archived.content.preview_line,
        "content_html": _html(newsletter, archived),
        "date_published": _stamp(archived.content.moment),
        "date_modified": _stamp(archived.changed_at),
    }


def _html(newsletter: Newsletter, archived: Archived) -> str:
    return render_template("readers/_archive_entry.html", newsletter=newsletter, archived=archived)


def _stamp(moment: datetime) -> str:
    """As RFC 3339 writes it, to the second."""
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
