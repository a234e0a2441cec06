"""What mail clients cannot do stands in no mail of the house, in no language; and its markup is as it should be.

The list is that of caniemail.com as the design keeps it. For markup that no browser minds, `Strict` is the judge.
"""

import re
from html.parser import HTMLParser

import pytest

from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE
from mailer.emails.contrast import contrast
from mailer.emails.markup import TAGS, problems
from tests.emails.samples import KINDS, LANGUAGES, LINKS, TOKEN, VALUES, of_kind
from tests.emails.wire import said, violations

VOID = {"br", "hr", "img", "meta", "col", "wbr"}
FORBIDDEN = {
    "pictures that Outlook or Gmail does not show": r"\.(webp|svg|avif)\b",
    "addresses of pictures by size": r"\bsrcset=|<picture\b",
    "background images": r"\bbackground=|url\(",
    "web fonts": r"@font-face|fonts\.googleapis",
    "CSS variables": r"var\(|--[a-z]+\s*:",
    "flex and grid": r"display:\s*(inline-)?(flex|grid)",
    "a comment before a rule, which Outlook.com drops": r"/\*",
    "classes alone for the look": r"<(p|h1|h2|td)\b(?![^>]*style=)[^>]*>",
}
INK = re.compile(r"(?<![-\w])color:(#[0-9a-f]{6})")
STYLE_LIMIT = 16_000
"""Bytes of style sheets, above which Gmail drops them."""


class Strict(HTMLParser):
    """Every element is known, closed in order, and has each attribute once."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name in {*names} if names.count(name) > 1]
        if tag in ("p", "h1", "h2") and self.open and self.open[-1] in ("p", "h1", "h2", "b", "a"):
            self.faults.append(f"<{tag}> in <{self.open[-1]}>")
        if tag in ("tr", "td") and self.open[-1] not in {"tr": ("table", "tbody"), "td": ("tr",)}[tag]:
            self.faults.append(f"<{tag}> in <{self.open[-1]}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes another element")

    def unknown_decl(self, data: str) -> None:
        """Outlook's conditions."""


def html(kind: str, language: str) -> str:
    return editions.render(content_of(of_kind(kind, language), EVERY_ARTICLE), LINKS, token=TOKEN).html or ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_asks_for_what_mail_clients_cannot_do(kind: str, language: str) -> None:
    mail = html(kind, language)
    shown = re.sub("(?s)<!--.*?-->", "", mail)
    strict = Strict()
    strict.feed(mail)
    strict.close()
    assert strict.faults == strict.open == []
    assert set(re.findall(r"<([a-z][a-z0-9]*)", shown)) <= TAGS
    assert problems(mail, attributes=None) == []
    assert {why for why, pattern in FORBIDDEN.items() if re.search(pattern, shown)} == set()
    assert sum(map(len, re.findall("(?s)<style>.*?</style>", mail))) < STYLE_LIMIT
    assert all(
        re.search(r'\balt="', image) and re.search(r'\bwidth="\d+"', image) for image in re.findall("<img[^>]*>", mail)
    )
    assert all(link.startswith("https://") for link in re.findall('(?:href|src)="([^"]*)"', mail))
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in mail


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_both_parts_lead_to_the_same_places_and_out(kind: str, language: str) -> None:
    content = content_of(of_kind(kind, language), EVERY_ARTICLE)
    rendered = editions.render(content, LINKS, token=TOKEN)
    links = set(re.findall(r'href="([^"]*)"', (rendered.html or "").replace("&amp;", "&")))
    assert set(re.findall(r"https://\S+", rendered.text)) == links
    assert LINKS.leave(TOKEN) in links
    for part in (rendered.text, rendered.html or ""):
        assert content.newsletter.imprint in " ".join(part.split())
    assert len((rendered.html or "").encode()) < 40_000


@pytest.mark.parametrize("kind", KINDS)
def test_text_can_be_read_on_light_and_on_dark(kind: str) -> None:
    mail = html(kind, "en")
    light = set(INK.findall(" ".join(re.findall('style="[^"]*"', mail)))) - {"#ffffff"}
    assert all(contrast(ink, "#ffffff") >= 4.5 for ink in light)
    rules = mail.partition("@media (prefers-color-scheme:dark)")[2].partition("</style>")[0]
    dark = set(INK.findall(rules)) - {"#0d1b1f"}
    assert light
    assert dark
    assert all(contrast(ink, ground) >= 4.5 for ink in dark for ground in ("#1b1e21", "#23282c"))


def test_the_longest_issue_with_the_longest_values_is_measured_against_gmail() -> None:
    issue = of_kind("sections")
    issue.subject = issue.note = "s" * 300
    for item in issue.articles:
        item.title, item.summary, item.url = "T" * 300, "ü" * 700, "https://ledger.example/" + "u" * 1900
        item.picture_url, item.author, item.section = "https://ledger.example/" + "p" * 1900, "A" * 90, "S" * 90
    data = editions.compile_edition(content_of(issue, EVERY_ARTICLE), LINKS).fill(VALUES)
    assert violations(data) == []
    assert len(said(data, "html").encode()) < 102_000
