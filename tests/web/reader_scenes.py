"""Every page of the way in, reached as a reader reaches it: by links, fields and buttons."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import TimestampSigner
from playwright.sync_api import Page
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.links import MAX_AGE, Links, Purpose
from mailer.newsletters.models import MAIN_FORM, Form, Newsletter, Topic
from mailer.subscriptions import code, move
from mailer.subscriptions.address import parse
from mailer.subscriptions.models import OwedLetter, Subscription
from tests.conftest import SECRET
from tests.subscriptions.making import NOW, REF, ask, join, make_newsletter

ELSEWHERE = "http://elsewhere.example/story"
"""A site that our form was copied to."""

LONG = "pending.with.quite.a.long.name@department.of.the.harbour.ledger.example"


@dataclass(frozen=True)
class Scenes:
    """Goes to each page; `site` is the address of the application."""

    site: str
    session: Session
    links: Links

    def go(self, page: Page, path: str) -> None:
        page.goto(self.site + path.removeprefix(self.links.base_url))

    def sign_up(self, page: Page, email: str, newsletter: str = "morning") -> None:
        self.go(page, f"/s/{newsletter}")
        page.locator("#email").fill(email)
        page.locator("main form button").first.click()

    def code(self, page: Page, typed: str) -> None:
        page.locator("#code").fill(typed)
        page.locator("button.go").click()

    def right_code(self) -> str:
        """The code of the newest letter."""
        newest = self.session.scalars(select(OwedLetter.id).order_by(OwedLetter.id.desc()).limit(1)).one()
        self.session.commit()
        return code.code(SECRET.encode(), newest)

    def wrong_code(self) -> str:
        return str((int(self.right_code()) + 1) % 10**6).zfill(6)

    def morning(self) -> Newsletter:
        return self.session.scalars(select(Newsletter).where(Newsletter.slug == "morning")).one()

    def move_link(self, subscription: Subscription) -> str:
        """The link that was mailed to a reader's new address."""
        letter_id = move.ask(self.session, subscription.subscriber, parse(f"new.{LONG}"), REF, now=NOW)
        self.session.commit()
        return self.links.move(letter_id)

    def wait_half_a_minute(self) -> None:
        self.session.execute(update(OwedLetter).values(created_at=NOW))
        self.session.commit()

    def old_link(self, subscription: Subscription) -> str:
        class Past(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(time.time()) - MAX_AGE[Purpose.CONFIRM] - 60

        signer = Past(SECRET, salt=Purpose.CONFIRM.value, key_derivation="hmac")
        return "/c/" + signer.sign(f"{subscription.id}-{subscription.request}").decode()


def open_newsroom(session: Session) -> Newsletter:
    """Newsletters in English and Arabic; the first one is answered."""
    session.add(
        Newsletter(
            slug="sabah",
            title="نشرة الصباح",
            description="ما قررته المدينة وأنت نائم.",
            language="ar",
            sender_name="The Harbour Ledger",
            sender_address="sabah@ledger.example",
            created_at=NOW,
            topics=[Topic(slug="city", title="المدينة", bit=0), Topic(slug="sport", title="رياضة", bit=1)],
            forms=[Form(slug=MAIN_FORM, created_at=NOW)],
        )
    )
    make_newsletter(session, "weekend", "Weekend Reader")
    return make_newsletter(session)


def by_link(scenes: Scenes, newsletter: Newsletter) -> dict[str, str]:
    """Name and path of the pages that a link leads to."""
    pending, active = ask(scenes.session, newsletter, LONG), join(scenes.session, newsletter, "active@ledger.example")
    paths = {
        "home": "/",
        "privacy": "/privacy",
        "form": "/s/morning",
        "form in Arabic": "/s/sabah",
        "closed": "/s/evening",
        "confirm": scenes.links.confirm(pending.id, 1),
        "confirmed before": scenes.links.confirm(active.id, 1),
        "forgotten": scenes.links.confirm(active.id + 1000, 1),
        "stale": scenes.links.confirm(pending.id, 2),
        "expired": scenes.old_link(pending),
        "leave": scenes.links.unsubscribe(active.id, 1),
        "moving": scenes.move_link(active),
        "linked": "/f/morning?full=1",
        "framed": "/f/morning?theme=auto",
        "cut off": scenes.links.unsubscribe(active.id, 1)[:-1],
    }
    scenes.session.commit()
    return paths


def _not_an_address(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "mara@ledger")  # a browser takes it for an address


def _slip(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "mara@gmial.com")


def _passing(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "mara@mailinator.com")


def _pending(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "mara@gmail.com")


def _pending_in_arabic(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "mara@gmail.com", "sabah")


def _wrong(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, LONG)
    scenes.code(page, scenes.wrong_code())


def _spent(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "mara@gmail.com")
    for _ in range(5):
        scenes.code(page, scenes.wrong_code())


def _again(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "mara@gmail.com")
    scenes.wait_half_a_minute()
    page.locator("section:nth-of-type(2) button").first.click()


def _confirmed(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "ada@gmail.com")
    scenes.code(page, scenes.right_code())


def _more(scenes: Scenes, page: Page) -> None:
    scenes.sign_up(page, "ida@gmail.com")
    scenes.code(page, scenes.right_code())
    page.locator("input[type=checkbox]").first.check()
    page.locator("button.go").click()


def _moved(scenes: Scenes, page: Page) -> None:
    scenes.go(page, scenes.move_link(join(scenes.session, scenes.morning(), "moving@ledger.example")))
    page.locator("button.go").click()


def _new_one_for_an_expired(scenes: Scenes, page: Page) -> None:
    scenes.go(page, scenes.old_link(ask(scenes.session, scenes.morning(), "late@ledger.example")))
    page.locator("button.go").click()


def _elsewhere(scenes: Scenes, page: Page) -> None:
    """The form stands on a site that it is not made for."""
    scenes.morning().forms[0].origins = "https://ledger.example"
    scenes.session.commit()
    form = f'<form method="post" action="{scenes.site}/s/morning"><input name="email"><button>Sign up</button></form>'
    page.route(ELSEWHERE, lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto(ELSEWHERE)
    page.locator("button").click()


BY_HAND: dict[str, Callable[[Scenes, Page], None]] = {
    "not an address": _not_an_address,
    "a slip": _slip,
    "passing": _passing,
    "pending": _pending,
    "pending in Arabic": _pending_in_arabic,
    "wrong code": _wrong,
    "spent": _spent,
    "sent again": _again,
    "confirmed": _confirmed,
    "more": _more,
    "moved": _moved,
    "new one for an expired": _new_one_for_an_expired,
    "elsewhere": _elsewhere,
}
"""Pages that only a press leads to."""
