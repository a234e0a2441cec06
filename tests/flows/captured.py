"""Feeds as news sites really served them, captured beside this repository; how they are read, and torn."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import feedparser
import pytest
from sqlalchemy.orm import Session

from mailer.articles import polling
from mailer.articles.polling import Polled
from tests.articles.outlet import Answer, Outlet

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "feeds"
TYPES = {"rss": "application/rss+xml", "rdf": "application/rdf+xml", "atom": "application/atom+xml"}

_SEVERAL_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]{2,}")


@dataclass(frozen=True)
class Captured:
    """A feed of the collection, as the manifest describes it."""

    name: str
    data: bytes
    content_type: str
    languages: frozenset[str]
    found: int
    undated: int

    @cached_property
    def entries(self) -> Sequence[Any]:
        """What feedparser alone finds in it."""
        is_json = self.name.endswith(".json")
        found: list[Any] = (
            json.loads(self.data)["items"] if is_json else feedparser.parse(io.BytesIO(self.data)).entries
        )
        return found

    @property
    def worth_reading(self) -> list[Any]:
        """Without the empty shells that feedparser makes of broken nesting and of items with nothing in them."""
        words = ("title", "link", "id", "summary", "content")
        return [entry for entry in self.entries if any(entry.get(word) for word in words)]

    def serve(self, outlet: Outlet) -> str:
        """Serve it as its outlet did; its address."""
        headers = {"Content-Type": self.content_type, "ETag": f'"{len(self.data)}"'}
        return outlet.serve(f"/{self.name}", Answer(self.data, headers=headers))


def collection() -> list[Captured]:
    """All of them; skips the test where they are not."""
    manifest = FOLDER / "MANIFEST.tsv"
    if not manifest.is_file():
        pytest.skip("the collection of captured feeds is not beside this repository (../shared/feeds)")
    with manifest.open(encoding="utf-8", newline="") as lines:
        return [_captured(row) for row in csv.DictReader(lines, delimiter="\t")]


def _captured(row: dict[str, str]) -> Captured:
    told = re.search(r"(\d+) entries(?:, (\d+) undated)?", row["feedparser_6.0.14"])
    charset = "" if row["declared_encoding"] == "-" else f"; charset={row['declared_encoding']}"
    return Captured(
        name=row["file"],
        data=(FOLDER / row["file"]).read_bytes(),
        content_type=TYPES.get(row["format"], "application/json") + charset,
        languages=frozenset(re.findall(r"\b[a-z]{2}\b", row["language"])),
        found=int(told[1]) if told else int(row["items_by_grep"]),
        undated=int(told[2] or 0) if told else 0,
    )


def poll(session: Session, source_id: int, now: datetime) -> Polled:
    """One poll as the worker does it, whether it is due or not."""
    plan = polling.claim(session, source_id, now, early=True)
    session.commit()
    assert plan is not None
    polled = polling.record(session, plan, polling.read(plan, allow_private=True, base_url=""), now)
    session.commit()
    return polled


def mojibake(text: str) -> list[str]:
    """Runs of letters that are the bytes of other letters, read in the wrong charset."""
    return [letters for letters in _SEVERAL_BEYOND_ASCII.findall(text) if _is_torn(letters)]


def _is_torn(letters: str) -> bool:
    # Two letters of these pass for UTF-8 by chance, six never do.
    for charset in ("cp1252", "latin-1", *(("cp1251", "koi8-r", "cp1256", "gb18030") if len(letters) > 5 else ())):
        try:
            letters.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False
