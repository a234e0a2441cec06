"""Editions: an issue as readers who get the same of its articles see it, rendered and compiled once for all of them."""

from email.utils import format_datetime
from urllib.parse import urlsplit

from mailer.digests.content import IssueContent, content
from mailer.emails.compiled import Compiled, Slot, compile_message, placeholder
from mailer.emails.headers import address_header, list_id, mailto
from mailer.emails.languages import long_date, typography
from mailer.emails.plain_text import shorten
from mailer.emails.rendering import Rendered, Renderer
from mailer.links import Links

__all__ = ["IssueContent", "compile_edition", "content", "render", "web_page"]

LONGEST_PREHEADER = 140


def render(content: IssueContent, links: Links, *, token: str = placeholder(Slot.TOKEN)) -> Rendered:
    """The edition's subject, text and HTML. The reader's own links carry `token`."""
    own = {"unsubscribe": links.leave(token), "less": links.less(token), "change": links.change(token)}
    return _render(content, view=links.view(content.issue_id, content.edition), **own)


def web_page(content: IssueContent) -> str:
    """The same HTML for a browser: without the reader's links, and without the one that leads here."""
    page = _render(content).html
    assert page is not None
    return page


def compile_edition(content: IssueContent, links: Links, *, plain_text: bool = False) -> Compiled:
    """The edition as finished bytes but for TO, MESSAGE_ID and TOKEN. Each try of a delivery is the same.

    With `plain_text` it is text alone, for readers who want no HTML.
    Raises BadHeader when the newsletter's sender is not an address.
    """
    rendered = render(content, links)
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
        ("Feedback-ID", f"{content.issue_id}:{newsletter.slug}:digest:postroom"),
        ("Content-Language", newsletter.language),
    ]
    return compile_message(headers, rendered.text, None if plain_text else rendered.html)


def _ways_out(links: Links, sender_address: str) -> str:
    """The address that machines post to (RFC 8058), and the mail for those that cannot (RFC 2369)."""
    token = placeholder(Slot.TOKEN)
    return f"<{links.leave(token)}>, <{mailto(links.mailbox or sender_address, f'unsubscribe {token}')}>"


def _render(
    content: IssueContent, *, view: str = "", unsubscribe: str = "", less: str = "", change: str = ""
) -> Rendered:
    newsletter = content.newsletter
    date = long_date(content.moment, newsletter.language, newsletter.timezone)
    preheader = content.preview_line or (content.lead.summary if content.lead else "")
    context = {
        "content": content,
        "newsletter": newsletter,
        "type": typography(newsletter.language),
        "date": date,
        "title": content.subject,
        "label": f"{newsletter.title}, {date}",
        "preheader": shorten(preheader, LONGEST_PREHEADER),
        "view": view,
        "unsubscribe": unsubscribe,
        "less": less if content.fewest_days else "",
        "change": change,
    }
    return Renderer().render("digest", newsletter.language, context)
