"""What every mail says."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.digests.models import EVERY_ARTICLE
from mailer.emails.letters import Letter, Post, Stamp, already, confirmation, login_link, move, preferences, reminder
from mailer.emails.rendering import Rendered
from tests.emails.golden_texts import FOLDER, same_as_golden
from tests.emails.samples import KINDS, LANGUAGES, LINKS, NOW, TOKEN, issue, newsletter, of_kind
from tests.emails.wire import parsed, said, violations

READ_CLOSELY = ("en", "ar")
"""Languages in which every look is kept; the digest and the letters are kept in all."""

SITE = "https://news.ledger.example"


def read(letter: Letter) -> Rendered:
    assert violations(letter.data) == []
    return Rendered(str(parsed(letter.data)["Subject"]), said(letter.data), said(letter.data, "html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_digest_says_what_it_should(language: str) -> None:
    content = content_of(issue(language), EVERY_ARTICLE)
    same_as_golden(f"digest-{language}", editions.render(content, LINKS, token=TOKEN))


@pytest.mark.parametrize("language", READ_CLOSELY)
@pytest.mark.parametrize("kind", KINDS[1:])
def test_every_look_says_what_it_should(kind: str, language: str) -> None:
    content = content_of(of_kind(kind, language), EVERY_ARTICLE)
    same_as_golden(f"{kind}-{language}", editions.render(content, LINKS, token=TOKEN))


LETTERS: dict[str, Callable[[Post], Letter]] = {
    "confirmation": lambda post: confirmation(
        post,
        code="427 913",
        code_minutes=30,
        link=f"{SITE}/c/17-2.aTmX0g.abcdefghijklmnopqrstuvwxyz_",
        link_days=7,
        site="ledger.example",
        asked_at=NOW,
    ),
    "reminder": lambda post: reminder(post, link=f"{SITE}/c/17-2.aTmX0g.abcdefghijklmnopqrstuvwxyz_"),
    "already": lambda post: already(post, link=f"{SITE}/p/17-1.aTmX0g.abc_", link_days=2, paused=False),
    "preferences": lambda post: preferences(post, link=f"{SITE}/p/17-1.aTmX0g.abc_", link_days=2),
    "move": lambda post: move(post, code="427 913", link=f"{SITE}/m/17.aTmX0g.abc_", link_days=1),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_says_what_it_should(name: str, language: str) -> None:
    post = Post(newsletter(language), "mara@posteo.example", language, Stamp("letter-17", b"key", NOW))
    same_as_golden(f"{name}-{language}", read(LETTERS[name](post)))


def test_the_login_link_says_what_it_should() -> None:
    letter = login_link(
        site="https://news.ledger.example",
        recipient="lea@ledger.example",
        link="https://news.ledger.example/desk/login/5.abcdefghijklmnopqrstuvwxyz_",
        lifetime=timedelta(minutes=15),
        stamp=Stamp("login-5", b"key", NOW),
    )
    same_as_golden("login_link-en", read(letter))


def test_no_golden_text_is_left_over() -> None:
    names = {path.stem for path in FOLDER.iterdir()}
    everywhere = {f"{mail}-{tag}" for mail in ("digest", *LETTERS) for tag in LANGUAGES}
    assert names == everywhere | {f"{kind}-{tag}" for kind in KINDS[1:] for tag in READ_CLOSELY} | {"login_link-en"}
