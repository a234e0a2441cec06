"""Editions: an issue as readers who get the same of its articles see it, rendered and compiled once for all of them."""

import logging
from dataclasses import asdict, dataclass
from email.utils import format_datetime
from urllib.parse import urlsplit

from mailer.digests.content import IssueContent, content
from mailer.digests.layout import OWN, TEMPLATES
from mailer.digests.variables import variables
from mailer.emails import own
from mailer.emails.compiled import Compiled, Slot, compile_message, placeholder
from mailer.emails.headers import address_header, list_id, mailto
from mailer.emails.languages import long_date, typography
from mailer.emails.markup import Problem
from mailer.emails.own import Broken
from mailer.emails.plain_text import shorten
from mailer.emails.rendering import Rendered, Renderer
from mailer.links import Links

__all__ = ["IssueContent", "compile_edition", "content", "print_edition", "render", "web_page"]

log = logging.getLogger(__name__)

LONGEST_PREHEADER = 140
WITHOUT_ADVERTISEMENT = ("breaking", "correction")
"""Looks of what somebody is told apart from the newsletter: nothing is sold in them."""


@dataclass(frozen=True)
class Printed:
    """The mail. With problems the editor's template cannot print it: it is the mail in the look of the digest."""

    mail: Rendered
    problems: list[Problem]


def render(content: IssueContent, links: Links, *, token: str = placeholder(Slot.TOKEN)) -> Rendered:
    """The edition's subject, text and HTML. The reader's own links carry `token`."""
    return print_edition(content, links, token=token).mail


def print_edition(content: IssueContent, links: Links, *, token: str = placeholder(Slot.TOKEN)) -> Printed:
    """The same, and what an editor should know of a template of their own."""
    return _print(content, _Ways(view=links.view(content.issue_id, content.edition), **_reader_s(links, token)))


def web_page(content: IssueContent) -> str:
    """The same HTML for a browser: without the reader's links, and without the one that leads here.

    A template of an editor cannot leave them out, so the page has the look of the house.
    """
    page = _of_the_house(content, _Ways()).html
    assert page is not None
    return page


def compile_edition(content: IssueContent, links: Links, *, plain_text: bool = False) -> Compiled:
    """The edition as finished bytes but for TO, MESSAGE_ID and TOKEN. Each try of a delivery is the same.

    With `plain_text` it is text alone, for readers who want no HTML.
    Raises BadHeader when the newsletter's sender is not an address.
    """
    printed = print_edition(content, links)
    if printed.problems:
        log.warning("Issue %s leaves as a digest: its own template says %s", content.issue_id, printed.problems)
    rendered = printed.mail
    newsletter = content.newsletter
    host = urlsplit(links.base_url).hostname or ""
    headers = [
        ("From", address_header(newsletter.sender_name, newsletter.sender_address)),
        ("To", placeholder(Slot.TO)),
        ("Subject", rendered.subject),
        ("Date", format_datetime(content.moment)),
        ("Message-ID", placeholder(Slot.MESSAGE_ID)),
        ("List-Unsubscribe", _ways_out(links, newsletter.sender_address)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Id", list_id(newsletter.title, newsletter.slug, host)),
        ("Feedback-ID", f"{content.issue_id}:{newsletter.slug}:{content.template}:postroom"),
        ("Content-Language", newsletter.language),
    ]
    return compile_message(headers, rendered.text, None if plain_text else rendered.html)


def _ways_out(links: Links, sender_address: str) -> str:
    """The address that machines post to (RFC 8058), and the mail for those that cannot (RFC 2369)."""
    token = placeholder(Slot.TOKEN)
    return f"<{links.leave(token)}>, <{mailto(links.mailbox or sender_address, f'unsubscribe {token}')}>"


@dataclass(frozen=True, slots=True)
class _Ways:
    """The addresses in a mail that are no article's; empty where there is none."""

    view: str = ""
    unsubscribe: str = ""
    less: str = ""
    change: str = ""


def _reader_s(links: Links, token: str) -> dict[str, str]:
    return {"unsubscribe": links.leave(token), "less": links.less(token), "change": links.change(token)}


def _print(content: IssueContent, ways: _Ways) -> Printed:
    if content.template != OWN:
        return Printed(_of_the_house(content, ways), [])
    if content.own is None:
        return Printed(_of_the_house(content, ways), [Problem("No template of your own is chosen.")])
    date, preheader = _date(content), _preheader(content)
    links = {**asdict(ways), "less": ways.less if content.rarest else ""}
    values = variables(content, date=date, preheader=preheader, links=links)
    printed = own.render(content.own.html, content.own.text, content.own.mjml, values)
    if isinstance(printed, Broken) or printed.problems:
        return Printed(_of_the_house(content, ways), printed.problems)
    return Printed(Rendered(content.subject, printed.text, printed.html), [])


def _of_the_house(content: IssueContent, ways: _Ways) -> Rendered:
    newsletter, date = content.newsletter, _date(content)
    name = TEMPLATES[0] if content.template == OWN else content.template
    context = {
        "content": content,
        "newsletter": newsletter,
        "brand": newsletter.brand,
        "advertised": None if name in WITHOUT_ADVERTISEMENT else content.advertisement,
        "type": typography(newsletter.language),
        "date": date,
        "title": content.subject,
        "label": f"{newsletter.title}, {date}",
        "preheader": _preheader(content),
        "view": ways.view,
        "unsubscribe": ways.unsubscribe,
        "less": ways.less if content.rarest and name not in WITHOUT_ADVERTISEMENT else "",
        "change": ways.change,
    }
    return Renderer().render(name, newsletter.language, context)


def _date(content: IssueContent) -> str:
    return long_date(content.moment, content.newsletter.language, content.newsletter.timezone)


def _preheader(content: IssueContent) -> str:
    return shorten(content.preview_line or (content.lead.summary if content.lead else ""), LONGEST_PREHEADER)
