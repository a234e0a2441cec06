"""What every mail says, kept as files under `golden/` for people to read.

When a mail is meant to say something else: POSTROOM_GOLDEN=rewrite pytest tests/emails, then read the difference.
"""

import os
from pathlib import Path

from mailer.emails.rendering import Rendered

FOLDER = Path(__file__).parent / "golden"
REWRITE = os.environ.get("POSTROOM_GOLDEN") == "rewrite"


def same_as_golden(name: str, mail: Rendered) -> None:
    """Compare both parts with the files, or write these."""
    assert mail.html is not None
    _same(FOLDER / f"{name}.txt", f"Subject: {mail.subject}\n\n{mail.text}")
    _same(FOLDER / f"{name}.html", mail.html)


def _same(path: Path, said: str) -> None:
    if REWRITE:
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8"), f"{path.name} says something else"
