"""Editions: an issue as the readers of certain topics receive it, rendered and compiled once for all of them."""

from email.utils import format_datetime
from urllib.parse import urlsplit

from mailer.digests.content import IssueContent, content, issue_mask
from mailer.emails.compiled import Compiled, Slot, compile_message, placeholder
from mailer.emails.headers import address_header, list_id
from mailer.emails.languages import long_date, typography
from mailer.emails.plain_text import shorten
from mailer.emails.rendering import Rendered, Renderer
from mailer.emails.wording import wording
from mailer.links import Links

__all__ = ["IssueContent", "compile_edition", "content", "issue_mask", "render", "web_page"]

LONGEST_PREHEADER = 140


def render(content: IssueContent, links: Links, *, unsubscribe: str = placeholder(Slot.UNSUBSCRIBE)) -> Rendered:
    """The edition's subject, text and HTML. Where the reader's own link goes stands `unsubscribe`."""
    return _render(content, unsubscribe=unsubscribe, view=links.view(content.issue_id, content.topics))


def web_page(content: IssueContent) -> str:
    """The same HTML for a browser: without the reader's link, and without the one that leads here."""
    page = _render(content, unsubscribe="", view="").html
    assert page is not None
    return page


def compile_edition(content: IssueContent, links: Links) -> Compiled:
    """The edition as finished bytes but for TO, MESSAGE_ID and UNSUBSCRIBE. Each try of a delivery is the same.

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
        ("List-Unsubscribe", f"<{placeholder(Slot.UNSUBSCRIBE)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Id", list_id(newsletter.title, newsletter.slug, host)),
        ("Feedback-ID", f"{content.issue_id}:{newsletter.slug}:digest:postroom"),
        ("Content-Language", newsletter.language),
    ]
    return compile_message(headers, rendered.text, rendered.html)


def _render(content: IssueContent, *, unsubscribe: str, view: str) -> Rendered:
    newsletter = content.newsletter
    date = long_date(content.moment, newsletter.language, newsletter.timezone)
    preheader = content.preview_line or (content.lead.summary if content.lead else "")
    context = {
        "content": content,
        "newsletter": newsletter,
        "language": newsletter.language,
        "type": typography(newsletter.language),
        "words": wording(newsletter.language),
        "date": date,
        "title": content.subject,
        "label": f"{newsletter.title}, {date}",
        "preheader": shorten(preheader, LONGEST_PREHEADER),
        "unsubscribe": unsubscribe,
        "view": view,
    }
    return Renderer().render("digest", context)
