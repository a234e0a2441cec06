"""How a newsletter's mails look: its logo, its colours, what stands at the foot. Read once at the door."""

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from mailer.emails.brand import judge
from mailer.emails.contrast import colour
from mailer.newsletters.models import Newsletter
from mailer.newsletters.written import BadInput

LONGEST_FOOTER = 1000


class Unfit(BadInput):
    """A colour that cannot be read; `nearest` is one that can."""

    def __init__(self, sentence: str, nearest: str) -> None:
        super().__init__(sentence)
        self.nearest = nearest


@dataclass(frozen=True)
class Appearance:
    """What an editor chose; empty for what the house does."""

    logo_url: str
    accent: str
    accent_dark: str
    footer: str


def accent(given: str) -> str:
    """The colour on light, or nothing. Raises BadColour, or Unfit with the nearest that can be read."""
    return _readable(given, dark=False)


def accent_dark(given: str) -> str:
    """The colour on dark, the same way."""
    return _readable(given, dark=True)


def footer(given: str) -> str:
    """The lines at the foot. Raises BadInput."""
    lines = [line for raw in given.splitlines() if (line := " ".join(raw.split()))]
    text = "\n".join(lines)
    if len(text) > LONGEST_FOOTER:
        raise BadInput(f"At most {LONGEST_FOOTER} characters; these are {len(text)}.")
    return text


def change(session: Session, newsletter: Newsletter, chosen: Appearance) -> list[str]:
    """Take it; answers what became different."""
    changed = [name for name, value in asdict(chosen).items() if getattr(newsletter, name) != value]
    for name in changed:
        setattr(newsletter, name, getattr(chosen, name))
    session.flush()
    return changed


def _readable(given: str, *, dark: bool) -> str:
    if not given.strip():
        return ""
    chosen = colour(given)
    if unreadable := judge(chosen, dark=dark):
        raise Unfit(unreadable.sentence, unreadable.nearest)
    return chosen
