"""No sentence for readers stands outside the catalogues: neither in a template nor in the code behind a page."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

from bin.texts import PLACES, collect
from tests.architecture.tree import HOME, python_files, short

SPOKEN = ("alt", "aria-label", "placeholder", "title", "content")
"""Attributes that are read out or shown."""

NAMES = {
    "Postroom",
    "Atom",
    "JSON Feed",
    "postroom newsletters add",
    "width=device-width, initial-scale=1",
    "width=device-width",
}
"""What is no sentence: it is the same in every language."""

SPEAKS_TO_READERS = [
    *python_files("mailer/web/readers", "mailer/web/embed"),
    *(HOME / "mailer/subscriptions" / f"{name}.py" for name in ("address", "confirmation", "leaving_reasons")),
    HOME / "mailer/newsletters/forms.py",
    HOME / "mailer/web/errors.py",
]

WORD = re.compile(r"[^\W\d_]{2}")
CODE = re.compile(r"[{}=]")
LITERAL = re.compile(r"[A-Z].* ")
"""What of the strings in expressions and in code is taken for a sentence: it begins with a capital and has a blank."""
VALUE = "\N{OBJECT REPLACEMENT CHARACTER}"


def templates() -> list[Path]:
    patterns = [
        (folder, pattern) for folder, found in PLACES.items() for pattern, method in found if method == "jinja2"
    ]
    return sorted(
        path for folder, pattern in patterns for path in (HOME / folder).glob(f"{pattern}/*") if path.is_file()
    )


class Reader(HTMLParser):
    """What a page says by itself, in its texts and in the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = False
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent = tag in ("script", "style")
        spoken = [value for name, value in attributes if name in SPOKEN and value]
        self.said += [] if tag == "meta" and ("name", "viewport") not in attributes else spoken

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        self.said += [] if self.silent else data.split(VALUE)


def bare(path: Path) -> Iterator[str]:
    """Texts of a template that are not asked of a catalogue, and words written into its expressions."""
    tokens = list(Environment().lex(path.read_text()))
    page = "".join(value if kind == "data" else VALUE if kind == "variable_begin" else "" for _, kind, value in tokens)
    reader = Reader()
    reader.feed(page)
    yield from (text.strip() for text in (reader.said if path.suffix == ".html" else page.split(VALUE)))
    yield from (
        text for _, kind, value in tokens if kind == "string" and LITERAL.match(text := ast.literal_eval(value))
    )


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    ids = [message.id for message in collect() if message.id]
    return {sentence for found in ids for sentence in ([found] if isinstance(found, str) else found)}


@pytest.mark.parametrize("path", templates(), ids=short)
def test_a_template_says_nothing_outside_the_catalogues(path: Path, sentences: set[str]) -> None:
    assert [
        text for text in bare(path) if WORD.search(text) and not CODE.search(text) and text not in sentences | NAMES
    ] == []


def spoken_by(path: Path) -> Iterator[str]:
    """Sentences in code, but for documentation and what goes into the log."""
    quiet: set[ast.AST] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if node in quiet:
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            quiet.add(node.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
            quiet.update(ast.walk(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and LITERAL.match(node.value):
            yield node.value


@pytest.mark.parametrize("path", SPEAKS_TO_READERS, ids=short)
def test_code_says_nothing_to_readers_outside_the_catalogues(path: Path, sentences: set[str]) -> None:
    assert [text for text in spoken_by(path) if text not in sentences | NAMES] == []
