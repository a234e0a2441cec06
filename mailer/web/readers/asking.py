"""What somebody asks for at a sign-up, as it came with the request: every page of the sign-up carries it on."""

import re
import secrets
from dataclasses import dataclass
from functools import reduce
from operator import or_

from flask import request

from mailer import texts
from mailer.db import db
from mailer.newsletters import forms
from mailer.newsletters.models import EVERY_TOPIC, MAIN_FORM, Form, Newsletter
from mailer.web.readers.blueprint import LONGEST_NAME, clean, field, newsletter_of
from mailer.web.speech import speak

REF = re.compile(r"[\w-]{22,64}", re.ASCII)


@dataclass(frozen=True)
class Asking:
    """A form of a newsletter, the secret of the page (`ref`), and what was typed and ticked there.

    `page` is the address of the page that the form stands on, `language` what the reader chose there, if anything.
    """

    newsletter: Newsletter
    form: Form
    ref: str
    email: str = ""
    page: str = ""
    language: str = ""
    topics: tuple[str, ...] = ()

    @property
    def mask(self) -> int:
        """The mask of the topics that were ticked; none means all."""
        ticked = (topic.mask for topic in self.newsletter.topics if topic.slug in self.topics)
        return reduce(or_, ticked, 0) or EVERY_TOPIC


def read(slug: str) -> Asking | None:
    """What this request asks of a newsletter, None when that takes no readers. The answer speaks the reader's language.

    Wishes go before one another so: the reader's own, the form's, the newsletter's, the browser's.
    """
    newsletter, language = newsletter_of(slug), field("language", LONGEST_NAME)
    name = field("form", LONGEST_NAME) or MAIN_FORM
    form = forms.find(db.session(), newsletter.id, name) if newsletter else None
    if newsletter is None or form is None or not newsletter.takes_readers:
        speak(language)
        return None
    speak(language, form.language, newsletter.language)
    return Asking(
        newsletter,
        form,
        ref=_ref(field("ref")),
        email=field("email"),
        page=field("page") or clean(request.referrer or ""),
        language=language if language in texts.languages() else "",
        topics=tuple(_ticked(newsletter, form)),
    )


def new_ref() -> str:
    """A secret for a page, which can then type the codes of the letters it asks for."""
    return secrets.token_urlsafe(16)


def _ref(given: str) -> str:
    return given if REF.fullmatch(given) else new_ref()


def _ticked(newsletter: Newsletter, form: Form) -> list[str]:
    """The topics that were ticked; on a page that nobody has filled in yet, those that the form ticks beforehand."""
    sent = request.form.getlist("topic")
    if request.method == "POST":
        return [topic.slug for topic in newsletter.topics if topic.slug in sent]
    beforehand = 0 if form.topics == EVERY_TOPIC else form.topics
    return [topic.slug for topic in newsletter.topics if topic.mask & beforehand]
