"""What the addresses of articles and of their pictures answer today. Talks to the network, politely.

A page is asked whether it is there (HEAD), and read only where the server does not say so, or where we want to know
which address it gives itself. Nothing counts as gone that a full reading did not find gone.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from mailer.articles import source
from mailer.articles.encoding import decode
from mailer.articles.source import Fetched, FetchFailed
from mailer.articles.tags import is_front, own_address

SECONDS = 25.0
"""For all addresses together."""

SECONDS_EACH = 8.0

AT_ONCE = 4
"""Servers that are asked at the same time; each one answers one question after another."""

HEAD_LENGTH = 200_000
"""Characters in which a page names its own address."""

PAGES = "text/html, */*;q=0.5"
PICTURES = "image/jpeg, image/png, image/gif, image/*;q=0.5"
SHOWN = ("image/jpeg", "image/jpg", "image/pjpeg", "image/png", "image/gif")
"""Kinds of pictures that every mail program shows."""

HEAVIEST = 1_000_000
"""Bytes of a picture."""

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
LATE = "There was no time left to ask."


@dataclass(frozen=True)
class Question:
    """An article whose address is asked. `in_full`: also which address the page gives itself."""

    article_id: int
    url: str
    picture_url: str
    in_full: bool


@dataclass(frozen=True)
class Answer:
    """What was found. `gone` is None where nobody can tell; problems are sentences, empty where all is well.

    `own_url` is the address that the article has by itself: after redirects, or as its page names it.
    """

    article_id: int
    gone: bool | None
    own_url: str
    problem: str
    picture_problem: str


def answers(questions: list[Question], *, allow_private: bool, base_url: str) -> list[Answer]:
    """Ask for all, for SECONDS at most; what is left then is answered with LATE."""
    asker = _Asker(time.monotonic() + SECONDS, allow_private=allow_private, base_url=base_url)
    by_host: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_host[urlsplit(question.url).netloc].append(question)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(asker.answer_all, by_host.values())
        return [answer for group in found for answer in group]


class _Asker:
    """Asks until `deadline` (of the monotonic clock)."""

    def __init__(self, deadline: float, *, allow_private: bool, base_url: str) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._base_url = base_url

    def answer_all(self, questions: Iterable[Question]) -> list[Answer]:
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        gone, own_url, problem = self._page(question)
        picture_problem = self._picture(question.picture_url) if question.picture_url else ""
        return Answer(question.article_id, gone, own_url, problem, picture_problem)

    def _page(self, question: Question) -> tuple[bool | None, str, str]:
        """Whether it is gone, its own address, and the problem."""
        found = FetchFailed("") if question.in_full else self._ask("HEAD", question.url, PAGES)
        if not isinstance(found, Fetched):
            found = self._ask("GET", question.url, PAGES)
        if isinstance(found, FetchFailed):
            return (True if found.status in GONE else None), question.url, found.sentence
        if is_front(found.final_url) and not is_front(question.url):
            return None, question.url, "It leads to the front page of its site now."
        head = decode(found.data, found.content_type)[:HEAD_LENGTH] if "html" in found.content_type.lower() else ""
        return False, own_address(head, found.final_url), ""

    def _picture(self, url: str) -> str:
        if not url.startswith("https:"):
            return "The picture has no https, so some mail programs do not show it."
        found = self._ask("HEAD", url, PICTURES)
        if not isinstance(found, Fetched) or not found.headers.get("content-length", "").isdigit():
            found = self._ask("GET", url, PICTURES)
        if isinstance(found, FetchFailed):
            return "" if found.sentence == LATE else f"The picture cannot be loaded: {found.sentence}"
        length = found.headers.get("content-length", "")
        return about_picture(found.content_type, int(length) if length.isdigit() else len(found.data))

    def _ask(self, method: str, url: str, accept: str) -> Fetched | FetchFailed:
        left = self._deadline - time.monotonic()
        if left <= 1:
            return FetchFailed(LATE)
        found = source.fetch(
            url,
            allow_private=self._allow_private,
            base_url=self._base_url,
            seconds=min(left, SECONDS_EACH),
            accept=accept,
            method=method,
        )
        return (
            found if isinstance(found, Fetched | FetchFailed) else FetchFailed("The server says that nothing changed.")
        )


def about_picture(content_type: str, size: int) -> str:
    """What keeps a picture of so many bytes from being seen in a mail; "" when nothing does."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in SHOWN:
        return f"The picture is of a kind that some mail programs do not show ({kind[:60] or 'not named'})."
    if size > HEAVIEST:
        return f"The picture has {size / 1_000_000:.1f} MB; readers on the road wait for it."
    return ""
