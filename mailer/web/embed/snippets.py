"""What a publisher pastes: the form, the script, the frame, each as the exact text."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from babel import Locale
from flask import render_template
from markupsafe import Markup

from mailer import texts
from mailer.newsletters import forms
from mailer.newsletters.forms import Words
from mailer.newsletters.models import EVERY_TOPIC, MAIN_FORM, Form, Topic
from mailer.web.embed import script

FRAME_HEIGHT = 380
"""Pixels that are enough for each step at 340 pixels of width, where the page around a frame hears nothing of it."""

FRAME = Markup(
    '<iframe src="{address}" title="{title}" width="{width}" height="{height}" frameborder="0" loading="lazy"></iframe>'
)

BELOW = Markup('<p><a href="{}">{}</a></p>')
"""Some sites forbid frames; then nothing but this shows."""

GROW = """<script>
addEventListener("message", ({ source, data }) => {
  for (const frame of document.querySelectorAll('iframe[src^="%s/f/"]'))
    if (frame.contentWindow === source && data.signupHeight) frame.height = data.signupHeight;
});
</script>"""
"""Lets the frames of a page grow and shrink. A frame in a sandbox has no origin: the window itself is compared."""


@dataclass(frozen=True)
class Embed:
    """A form as it stands in a page. `suffix` keeps its ids apart from those of other forms on the page."""

    form: Form
    words: Words
    direction: str
    topics: tuple[tuple[Topic, bool], ...]  # with whether it is ticked; none when the form does not ask
    base_url: str
    suffix: str
    wish: str  # the language that the page asked for, which the form sends along; empty when it asked for none

    @property
    def ask_topics(self) -> str:
        """The question above the topics, in the form's language."""
        return texts.translate(self.words.language, texts.mark("What would you like?"))

    @property
    def offline(self) -> str:
        """What the script says when it cannot ask the server, which otherwise says everything."""
        return texts.translate(self.words.language, texts.mark("No connection. Try again."))


@dataclass(frozen=True)
class Snippets:
    """Everything the desk hands out for one form."""

    plain: str
    upgraded: str
    pinned: str
    frame: str
    link: str
    wordpress: str
    policy: str


def embed(form: Form, base_url: str, suffix: str = "", wish: str = "", ticked: int = 0) -> Embed:
    """The form with its words, in the language that is wished for; without a suffix it gets one of its own.

    `ticked` is the mask of the topics to tick beforehand, if they are not to be the form's.
    """
    words, ticked = forms.words(form, wish), ticked or form.topics
    asked = () if ticked == EVERY_TOPIC else form.newsletter.topics
    topics = tuple((topic, bool(topic.mask & ticked)) for topic in asked)
    direction, wish = Locale.parse(words.language).text_direction, words.language if wish else ""
    return Embed(form, words, direction, topics, base_url, suffix or secrets.token_hex(3), wish)


def snippets(form: Form, base_url: str) -> Snippets:
    """All the snippets of a form; they share an id, since a page takes one of them."""
    made = embed(form, base_url)
    upgraded = render_template("embed/upgraded.html", embed=made)
    newsletter, words, link = form.newsletter.slug, made.words, frame_address(form, base_url, full="1")
    return Snippets(
        plain=render_template("embed/plain.html", embed=made),
        upgraded=f"{upgraded}\n{script_tag(base_url)}",
        pinned=pinned_tag(base_url),
        frame="\n".join((frame(form, base_url), BELOW.format(link, words.heading), GROW % base_url)),
        link=link,
        wordpress=f'[post_signup newsletter="{newsletter}" form="{form.slug}"]',
        policy=f"script-src {base_url}; connect-src {base_url}; form-action {base_url}; frame-src {base_url}",
    )


def script_tag(base_url: str) -> str:
    """The last line of a snippet; once per page is enough."""
    return f'<script type="module" src="{base_url}/e/1.js"></script>'


def pinned_tag(base_url: str) -> str:
    """The same for a site that takes these very bytes only, and keeps the plain form when we have others."""
    now = script.read()
    address = f"{base_url}/e/1.{now.digest}.js"
    return f'<script type="module" src="{address}" integrity="{now.integrity}" crossorigin></script>'


def frame(form: Form, base_url: str, width: str = "100%", height: int = FRAME_HEIGHT) -> str:
    """The form in a frame, for sites that take no scripts of others."""
    values = {
        "address": frame_address(form, base_url),
        "title": forms.words(form).heading,
        "width": width,
        "height": height,
    }
    return FRAME.format(**values)


def frame_address(form: Form, base_url: str, **more: str) -> str:
    """Where the form is a page of its own."""
    which = {} if form.slug == MAIN_FORM else {"form": form.slug}
    query = urlencode(which | more)
    return f"{base_url}/f/{form.newsletter.slug}{'?' if query else ''}{query}"
