"""Judges an answer: whether something of a stranger's became more than text in it."""

import json
import re
from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tests.faults.hostile import MARK

ADDRESSES = ("href", "src", "action", "formaction", "srcdoc")
EVALUATED = re.compile(f"{MARK}49|49{MARK}|\\$49")


def complaints(answer: TestResponse) -> list[str]:
    """What is wrong with an answer to a hostile request."""
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    found += [f"header {name}" for name, value in answer.headers if MARK in name or "\n" in value or "\r" in value]
    found += [f"header {name}" for name in ("Location", "Set-Cookie") if MARK in answer.headers.get(name, "")]
    if EVALUATED.search(answer.text):
        found.append("evaluated")
    if answer.mimetype == "application/json":
        return found + _in_json(answer.text)
    if answer.mimetype == "text/html":
        return found + _in_html(answer.text)
    return found + ([f"{MARK} in {answer.mimetype}"] if MARK in answer.text else [])


def _in_json(text: str) -> list[str]:
    said = json.loads(text)
    return ["a key of a stranger"] if any(MARK in key for key in _keys(said)) else []


def _keys(said: object) -> list[str]:
    if isinstance(said, dict):
        return [*said, *(key for value in said.values() for key in _keys(value))]
    return [key for value in said for key in _keys(value)] if isinstance(said, list) else []


def _in_html(text: str) -> list[str]:
    page = _Page()
    page.feed(text)
    return page.found


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.found += [f"element {tag}"] if MARK in tag else []
        for name, value in attrs:
            if MARK in name or name.startswith("on") or (name == "x" and tag == "img"):
                self.found.append(f"attribute {name} of {tag}")
            if name in ADDRESSES and MARK in (value or "") and not (value or "").startswith(("/", "http")):
                self.found.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and MARK in data:
            self.found.append(f"inside {self._inside}")
