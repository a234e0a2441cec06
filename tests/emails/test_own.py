"""Templates that editors bring: what they can do, and what they cannot."""

import re
import time
from dataclasses import replace
from typing import Any

import pytest

from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE
from mailer.digests.printed import IssueContent, Own
from mailer.digests.variables import variables
from mailer.emails import own
from mailer.emails.compiled import Slot, placeholder
from mailer.emails.own import Broken, Printed
from mailer.emails.rendering import TEMPLATES
from tests.emails import samples
from tests.emails.samples import LINKS, VALUES
from tests.emails.wire import said, violations

EXAMPLES = TEMPLATES.parent / "own"
HTML, MJML, TEXT = ((EXAMPLES / f"example.{kind}").read_text() for kind in ("html", "mjml", "txt"))
INJECTED = "{{ 7*7 }} {% include 'x' %} %s %(newsletter)s <script>alert(1)</script> <mj-raw> \" onclick=\"x()"


def content(html: str = HTML, text: str = TEXT, *, mjml: bool = False, language: str = "en") -> IssueContent:
    of = content_of(samples.of_kind("sections", language), EVERY_ARTICLE)
    return replace(of, template="own", own=Own("evening", 1, mjml, html, text))


def values() -> dict[str, Any]:
    ways = {"view": "https://v.example", "unsubscribe": "https://u.example", "less": "", "change": "https://c.example"}
    return variables(content(), date="Tuesday", preheader="One vote decided it.", links=ways)


def made(html: str, *, text: str = TEXT, mjml: bool = False) -> list[str]:
    """What is wrong with it, made here and now."""
    return [f"{problem.line}: {problem.sentence}" for problem in own.make(html, text, mjml, values()).problems]


def around(html: str) -> str:
    """A mail that has all it needs, and this."""
    return f'<p><a href="{{{{ links.unsubscribe }}}}">x</a> {{{{ imprint }}}}</p>\n{html}'


@pytest.mark.parametrize("mjml", [False, True])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_examples_make_whole_mails_with_the_reader_s_links(language: str, mjml: bool) -> None:
    of = content(MJML if mjml else HTML, mjml=mjml, language=language)
    data = editions.compile_edition(of, LINKS).fill(VALUES)
    html = said(data, "html")
    assert violations(data) == []
    assert editions.print_edition(of, LINKS).problems == []
    assert html.count(VALUES[Slot.TOKEN]) == said(data).count(VALUES[Slot.TOKEN]) == 2
    assert re.match(f'(?i)<!doctype html><html[^>]* lang="{language}"', html)
    assert not re.search("googleapis|mailjet|<link", html)


@pytest.mark.parametrize("mjml", [False, True])
def test_the_text_of_an_article_is_never_a_template(mjml: bool) -> None:
    issue = samples.issue(subject=INJECTED, preview_line=INJECTED, note=INJECTED)
    for item in issue.articles:
        item.title = item.summary = item.section = item.heading = INJECTED
    of = replace(content_of(issue, EVERY_ARTICLE), template="own")
    printed = editions.print_edition(replace(of, own=Own("x", 1, mjml, MJML if mjml else HTML, TEXT)), LINKS)
    assert printed.problems == []
    tags = re.sub('"[^"]*"', "", printed.mail.html or "")
    assert not re.search("<script|<mj-raw|onclick", re.sub(">[^<]*<", "><", tags))
    assert "{{ 7*7 }} {% include" in (printed.mail.html or "")
    assert INJECTED[:25] in printed.mail.text


@pytest.mark.parametrize(
    ("template", "said_"),
    [
        ("{% for i in (1..1000000000) %}x{% endfor %}", "Its loops go round too often"),
        ("{% for i in (1..9999) %}{% for j in (1..9999) %}x{% endfor %}{% endfor %}", "Its loops go round too often"),
        ("{% for i in (1..900) %}{{ 'x' | append: note | prepend: html }}{% endfor %}", "undefined"),
        ("{% for i in (1..5000) %}" + "x" * 500 + "{% endfor %}", "is larger than 400 KB"),
        ("{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 40, "Its variables are larger than 1 MB"),
        ("{% if true %}" * 60 + "{% endif %}" * 60, "too deep"),
        ("{{ subject.__class__.__mro__ }}", "undefined"),
        ("{{ links['__class__'] }}", "undefined"),
        ("{% include 'body.html' %}", "include"),
        ("{% render '/etc/passwd' %}", "render"),
        ("{{ subject | safe }}", "safe"),
        ("{{ 'now' | date: '%s' }}", "date"),
        ("{{ 1 | divided_by: 0 }}", "can't divide"),
        ("{% for %}", "The HTML:"),
        ("{{ artcles }}", "undefined"),
        (
            "{{ subject | truncate: 99999999999999999999999999 }}" * 0
            + "{% tablerow i in (1..99999) %}{% endtablerow %}",
            "loops",
        ),
    ],
)
def test_a_hostile_template_ends_in_a_sentence(template: str, said_: str) -> None:
    (problem,) = made(around(template))
    assert said_.lower() in problem.lower()


@pytest.mark.parametrize(
    "template",
    [
        "{{ (1..900000000) | join: 'xxxxxxxxxxxxxxxx' }}",
        "{% assign a = 'xxxxxxxxxx' | replace: 'x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' %}"
        + "{{ a | replace: 'x', a }}" * 3
        + "{{ a | replace: 'x', a | replace: 'x', a | replace: 'x', a | replace: 'x', a | replace: 'x', a }}",
    ],
)
def test_a_filter_that_explodes_is_stopped_with_its_process(template: str) -> None:
    begun = time.monotonic()
    printed = own.render(around(template), TEXT, False, values())
    assert isinstance(printed, Broken)
    assert re.search("seconds, so it was stopped|MB of memory, so it was stopped", printed.problems[0].sentence)
    assert time.monotonic() - begun < 60
    assert isinstance(own.render(HTML, TEXT, False, values()), Printed)


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script>x</script>", "2: <script> may not"),
        ("\n<iframe src='https://x.example'></iframe>", "3: <iframe> may not"),
        ("<form><input></form>", "2: <form> may not"),
        ("<img src='https://x.example/1.png' onerror='x()'>", "2: <img> has the attribute onerror"),
        ("<a href=' javascript:x()'>x</a>", "2: <a> says javascript:"),
        ("<a href='java&#10;script:x()'>x</a>", "2: <a> leads to"),
        ("<a href='data:text/html,x'>x</a>", "2: <a> leads to data:"),
        ("<img src='data:image/png;base64,x'>", "2: <img> leads to data:"),
        ("<svg><circle/></svg>", "2: <svg> may not"),
        ("<p style='background:url(https://x.example)'>x</p>", "2: <p> says url( in style"),
        ("<style>@import 'https://x.example';</style>", "2: The style sheet says @import"),
        ("<link rel=stylesheet href=https://x.example>", "2: <link> may not"),
        ("<meta http-equiv=refresh content='0;url=https://x.example'>", "2: <meta http-equiv=refresh>"),
        ("<!--[if mso]><script>x</script><![endif]-->", "2: A comment holds <script"),
        ("<base href='https://x.example'>", "2: <base> may not"),
        ("{% assign s = 'scr' %}<p><{{ s }}ipt>x()</p>", "<script> may not stand in a mail"),
        ("<a href='{% assign j = 'javascript' %}{{ j }}:x()'>x</a>", "leads to"),
        ("<picture><img srcset='x'></picture>", "2: <picture> may not"),
    ],
)
def test_what_acts_is_refused_with_its_line(html: str, found: str) -> None:
    assert any(found in problem for problem in made(around(html))), made(around(html))


@pytest.mark.parametrize(
    ("mjml", "found"),
    [
        ("<mj-include path='/etc/passwd' />", "<mj-include> may not"),
        ("<mj-raw><b>x</b></mj-raw>", "<mj-raw> may not"),
        ("<mj-font name='x' href='https://x.example' />", "<mj-font> may not"),
        ("<mj-unknown />", "<mj-unknown> may not"),
        ("<mj-social><mj-social-element name='facebook' /></mj-social>", "<mj-social-element> needs a picture"),
        ("<mj-text>{{ nobody }}</mj-text>", "undefined"),
        ("<mj-section>", "cannot be read"),
    ],
)
def test_mjml_is_held_to_the_tags_we_know(mjml: str, found: str) -> None:
    template = MJML.replace("<mj-body>", f"<mj-body>{mjml}")
    assert any(found in problem for problem in made(template, mjml=True)), made(template, mjml=True)


def test_the_way_out_and_the_postal_address_must_stand_in_both_parts() -> None:
    assert len(made("<p>Hello</p>", text="Hello")) == 4
    assert made(around(""), text=TEXT) == []
    hidden = '<!-- {{ imprint }} --><style>{{ imprint }}</style><a href="{{ links.unsubscribe }}">x</a>'
    assert [problem for problem in made(hidden) if "postal address" in problem]


def test_a_template_that_fails_lets_the_news_leave_in_the_look_of_the_house() -> None:
    of = content("{{ nobody }}")
    printed = editions.print_edition(of, LINKS)
    assert [problem.line for problem in printed.problems] == [1]
    assert printed.mail == editions.render(replace(of, template="digest"), LINKS)
    data = editions.compile_edition(of, LINKS).fill(VALUES)
    assert violations(data) == []
    assert placeholder(Slot.TOKEN) not in said(data, "html")
