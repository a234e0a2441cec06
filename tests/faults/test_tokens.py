"""Links in the hands of scanners, forwarders and tinkerers: who only looks changes nothing, who tinkers neither."""

import re
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy import select

from mailer.links import MAX_AGE, Links, Purpose
from mailer.subscriptions.models import Subscription
from tests.conftest import SECRET
from tests.faults.mails import KINDS, Post, links_in
from tests.faults.rows import everything

LOOKS: list[tuple[str, dict[str, str]]] = [
    ("GET", {}),
    ("HEAD", {}),
    ("OPTIONS", {}),
    ("GET", {"Purpose": "prefetch", "X-Moz": "prefetch"}),
    ("GET", {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Dest": "document"}),
]

DOORS = {
    Purpose.CONFIRM: ["/c/{}", "/c/{}/more"],
    Purpose.UNSUBSCRIBE: ["/u/{}", *(f"/u/{{}}/{door}" for door in ("undo", "less", "pause", "reason", "change"))],
    Purpose.VIEW: ["/i/{}"],
    Purpose.PREFERENCES: ["/p/{}", "/p/{}/data.json", "/p/{}/erase", "/p/{}/move", "/p/{}/move/code"],
    Purpose.MOVE: ["/m/{}"],
    Purpose.LOGIN: ["/desk/login/{}"],
}

RENEWED = {Purpose.CONFIRM: {"owed_letters", "subscriptions", "consent_records"}}
"""What a press on an old link may write: it asks for a new one, for the address that the old one was mailed to."""

PRESSES = {"schedule": "2", "reason": "too_many", "setting": "stop", "email": "thief@else.example", "code": "123456"}
"""Something for every form behind the doors."""


def paths_of(post: Post) -> list[str]:
    return [path for mail in post.each_kind().values() for path in links_in(mail, post.links.base_url)]


def token_in(path: str) -> str:
    found = re.search(r"[\w-]+(\.[\w-]+)+", path)
    assert found is not None
    return found[0]


def further(client: FlaskClient, paths: list[str]) -> list[str]:
    """These, and where the pages behind them lead: some scanners go on."""
    found = dict.fromkeys(paths)
    for path in paths:
        page = client.get(path).text
        found |= dict.fromkeys(re.findall(r'href="(/[a-z]+/[^"]+)"', page))
    return list(found)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_whoever_only_looks_at_a_link_of_a_mail_changes_nothing(client: FlaskClient, post: Post) -> None:
    paths = paths_of(post)
    assert {path.split("/")[1] for path in paths} == {"c", "p", "m", "u", "i", "desk"}
    paths = further(client, paths)
    before = everything(post.session)
    for _ in range(20):
        for path in paths:
            for method, headers in LOOKS:
                assert client.open(path, method=method, headers=headers).status_code in (200, 405), (method, path)
    assert everything(post.session) == before


def forgeries(links: Links, purpose: Purpose, good: str) -> Iterator[str]:
    """The token with each letter changed, cut everywhere, too long, and made by somebody else."""
    for place, letter in enumerate(good):
        yield good[:place] + ("A" if letter != "A" else "B") + good[place + 1 :]
        yield good[:place]
    yield from (good + "A", "9" + good, good.upper(), good.swapcase(), good.replace(".", "-"), f"{good}.{good}")
    yield Links("somebody else's secret, also long", links.base_url).token(purpose, 1, 1)
    yield from ("%00", "x", "..", "é" * 2000, "1-1", "1-1.", ".1-1", "{{7*7}}", "' OR 1=1 --")


def swapped(links: Links, purpose: Purpose) -> Iterator[str]:
    """Tokens that were made for another door, naming rows that are there."""
    for other in set(Purpose) - {purpose}:
        yield from (links.token(other, 1), links.token(other, 1, 1), links.token(other, 2, 1))


def expired(purpose: Purpose) -> Iterator[str]:
    class Past(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) - MAX_AGE[purpose] - 60

    if purpose in MAX_AGE:
        signer = Past(SECRET, salt=purpose.value, key_derivation="hmac")
        yield from (signer.sign(ids).decode() for ids in (("1", "4") if purpose is Purpose.MOVE else ("1-1", "2-1")))


def states_of(post: Post) -> list[str]:
    states = list(post.session.scalars(select(Subscription.state).order_by(Subscription.id)))
    post.session.commit()
    return states


def knock(client: FlaskClient, path: str) -> None:
    """A press on a door that stays shut, and says so on a page."""
    for answer in (client.get(path), client.post(path, data=PRESSES)):
        assert answer.status_code in (400, 404, 405, 410), (path, answer.status_code)
        assert "<h1" in answer.text, path
        assert "Traceback" not in answer.text
        assert "ledger.example</" not in answer.text, path


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("purpose", DOORS)
def test_a_token_that_is_not_for_this_door_opens_nothing(client: FlaskClient, post: Post, purpose: Purpose) -> None:
    post.each_kind()
    good = post.links.token(purpose, 1, 1)
    before = everything(post.session)
    main, *others = DOORS[purpose]
    for token in forgeries(post.links, purpose, good):
        if token:
            knock(client, main.format(token))
    for door in (main, *others):
        for token in (*swapped(post.links, purpose), good[:-1], f"{good}A"):
            knock(client, door.format(token))
    assert everything(post.session) == before


@pytest.mark.parametrize("purpose", MAX_AGE)
def test_a_token_that_is_too_old_opens_nothing(client: FlaskClient, post: Post, purpose: Purpose) -> None:
    post.each_kind()
    before, states = everything(post.session), states_of(post)
    for door in DOORS[purpose]:
        for token in expired(purpose):
            for answer in (client.get(door.format(token)), client.post(door.format(token), data=PRESSES)):
                assert answer.status_code in (200, 405, 410), door
                assert "<h1" in answer.text, door
    after = everything(post.session)
    assert {name for name in before if after[name] != before[name]} <= RENEWED.get(purpose, set())
    assert states_of(post) == states


@pytest.mark.parametrize(
    ("kind", "press", "data"),
    [
        ("confirmation", "", {}),
        ("move", "", {}),
        ("digest", "", {}),
        ("digest", "", {"List-Unsubscribe": "One-Click"}),
        ("digest", "/pause", {}),
        ("digest", "/less", {"schedule": "2"}),
        ("preferences", "", {"setting": "frequency", "newsletter": "morning", "value": "2"}),
        ("preferences", "", {"setting": "stop"}),
        ("preferences", "/erase", {}),
    ],
)
def test_the_same_press_again_changes_nothing_more(
    client: FlaskClient, post: Post, kind: str, press: str, data: dict[str, str]
) -> None:
    mail = post.each_kind()[kind]
    path = next(path for path in links_in(mail, post.links.base_url) if not path.startswith("/i/"))
    path = path.removesuffix("/change") + press
    fresh = everything(post.session)
    client.post(path, data=data)
    once = everything(post.session)
    assert once != fresh
    for _ in range(2):
        assert client.post(path, data=data).status_code < 500
        assert everything(post.session) == once


def test_there_is_a_mail_of_each_kind_with_a_link_of_its_own(post: Post) -> None:
    mails = post.each_kind()
    assert set(mails) == set(KINDS)
    assert all(links_in(mail, post.links.base_url) for mail in mails.values())
