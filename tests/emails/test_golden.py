"""What every mail says."""

from datetime import timedelta

import pytest

from mailer.digests import editions
from mailer.digests.content import content_of
from mailer.emails.letters import Letter, Stamp, confirmation, login_link
from mailer.emails.rendering import Rendered
from tests.emails.golden_texts import FOLDER, same_as_golden
from tests.emails.samples import LANGUAGES, LINKS, NOW, READERS_LINK, issue, newsletter
from tests.emails.wire import parsed, said, violations


def read(letter: Letter) -> Rendered:
    assert violations(letter.data) == []
    return Rendered(str(parsed(letter.data)["Subject"]), said(letter.data), said(letter.data, "html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_digest_says_what_it_should(language: str) -> None:
    content = content_of(issue(language), topics=1)
    same_as_golden(f"digest-{language}", editions.render(content, LINKS, unsubscribe=READERS_LINK))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confirmation_says_what_it_should(language: str) -> None:
    letter = confirmation(
        newsletter(language),
        recipient="mara@posteo.example",
        link="https://news.ledger.example/c/17-2.aTmX0g.abcdefghijklmnopqrstuvwxyz_",
        lifetime=timedelta(days=7),
        stamp=Stamp("confirm-17-2", b"key", NOW),
    )
    same_as_golden(f"confirmation-{language}", read(letter))


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
    assert names == {f"{mail}-{tag}" for mail in ("digest", "confirmation") for tag in LANGUAGES} | {"login_link-en"}
