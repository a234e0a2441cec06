"""The forms of a newsletter: what stands on other people's pages, and what of it is kept as the proof of consent."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.newsletters.models import EVERY_TOPIC, MAIN_FORM, Form
from mailer.texts import choose, mark, translate

LABEL = mark("Your e-mail")
BUTTON = mark("Sign up")
WORDING = mark("Send me %(newsletter)s by e-mail. I can stop any time, with one press in every issue.")
PRIVACY = mark("Privacy")

SEEN = ("heading", "text", "button", "wording", "language")
"""What a reader sees of a form: a change of it is a new version."""


@dataclass(frozen=True)
class Written:
    """What an editor decides about a form; an empty text is said in the words of the house."""

    heading: str = ""
    text: str = ""
    button: str = ""
    wording: str = ""
    language: str = ""
    origins: str = ""
    topics: int = EVERY_TOPIC


@dataclass(frozen=True)
class Words:
    """What a form says, in `language`. `wording` is what the reader agrees to; `small` names the link after it."""

    heading: str
    text: str
    button: str
    wording: str
    label: str
    small: str
    language: str


def find(session: Session, newsletter_id: int, slug: str = MAIN_FORM) -> Form | None:
    """The form of this name, else the main one: a page may name a form that was taken away since."""
    wanted = select(Form).where(Form.newsletter_id == newsletter_id, Form.slug.in_((slug, MAIN_FORM)))
    return session.scalars(wanted.order_by(Form.slug == MAIN_FORM).limit(1)).first()


def words(form: Form, wish: str = "") -> Words:
    """What the form says: the editor's words, else ours, in the language of the page, the form or the newsletter."""
    newsletter = form.newsletter
    language = choose(wish, form.language, newsletter.language)
    return Words(
        heading=form.heading or newsletter.title,
        text=form.text or newsletter.description,
        button=form.button or translate(language, BUTTON),
        wording=form.wording or translate(language, WORDING, newsletter=newsletter.title),
        label=translate(language, LABEL),
        small=translate(language, PRIVACY),
        language=language,
    )


def version_of(form: Form, wording: str, wish: str = "") -> int:
    """The version to keep beside the wording a page showed; 0 when that is not what the form says there today."""
    return form.version if wording == words(form, wish).wording else 0


def allows(form: Form, origin: str) -> bool:
    """Whether the form may be sent from pages of this origin. A filter, not a lock: a script can claim any origin.

    A frame in a sandbox has the origin "null". Who may frame it is decided by `frame-ancestors`.
    """
    origins = form.origins.split()
    return not origins or origin in ("", "null") or origin in origins


def add(session: Session, newsletter_id: int, slug: str, written: Written, now: datetime) -> Form | None:
    """Make a form; None when the newsletter has one of this name."""
    row = {"newsletter_id": newsletter_id, "slug": slug, "created_at": now, **asdict(written)}
    made = insert(session, Form).values(row).on_conflict_do_nothing().returning(Form.id)
    form_id = session.scalar(made)
    return session.get_one(Form, form_id) if form_id else None


def change(form: Form, written: Written) -> list[str]:
    """Write what the editor decided into the form; the names of what is different now.

    The version counts on when readers see something else.
    """
    values = asdict(written)
    changed = [name for name, value in values.items() if getattr(form, name) != value]
    for name in changed:
        setattr(form, name, values[name])
    if any(name in SEEN for name in changed):
        form.version += 1
    return changed


def add_main(session: Session, newsletter_id: int, now: datetime) -> None:
    """Give a new newsletter the form that it has from its beginning."""
    add(session, newsletter_id, MAIN_FORM, Written(), now)
