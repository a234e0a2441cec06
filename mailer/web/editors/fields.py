"""What an editor writes into the fields of a form: text in, a value or a sentence out."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from mailer.articles.canonical import uri
from mailer.newsletters import calendar
from mailer.newsletters.written import BadInput
from mailer.subscriptions import address

Reader = Callable[[str], Any]
"""Reads the text of one field; its ValueError says what to write."""

Problems = dict[str, str]
"""What is wrong, by the name of the field."""


def read(readers: Mapping[str, Reader]) -> tuple[dict[str, Any], Problems]:
    """The values of this request's fields, and what is wrong with the others."""
    values: dict[str, Any] = {}
    problems: Problems = {}
    for name, reader in readers.items():
        try:
            values[name] = reader(request.form.get(name, "").replace("\0", ""))
        except ValueError as error:
            problems[name] = str(error)
    return values, problems


def text(longest: int) -> Reader:
    """One line or nothing."""

    def reader(given: str) -> str:
        line = " ".join(given.split())
        if len(line) > longest:
            raise BadInput(f"At most {longest} characters; these are {len(line)}.")
        return line

    return reader


def one_of(*words: str) -> Reader:
    """One of these words, which a page of ours offers."""

    def reader(given: str) -> str:
        if given not in words:
            raise BadInput("Choose one of these.")
        return given

    return reader


def number(lowest: int, highest: int) -> Reader:
    """A whole number between the two."""

    def reader(given: str) -> int:
        digits = given.strip()
        if not (digits.isascii() and digits.isdigit() and lowest <= int(digits) <= highest):
            raise BadInput(f"Write a number between {lowest} and {highest}.")
        return int(digits)

    return reader


def ticked(given: str) -> bool:
    """Whether a box is ticked."""
    return bool(given)


def mailbox(given: str) -> str:
    """An e-mail address."""
    return address.parse(given).address


def time_zone(given: str) -> str:
    """The name of a time zone."""
    return calendar.zone(given.strip()).key


def site(given: str) -> str:
    """The address of a page, or nothing."""
    found = uri(given)
    if given.strip() and not found:
        raise BadInput("Write an address that begins with https://, like https://www.ledger.example.")
    return found
