"""`postroom bench states`: whether the sign-up door's answer, or its time, says what is known about an address."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from statistics import median
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mailer.bench.scratch import NotMeasured, Scratch, web
from mailer.bench.signup import PATH, WARM_UP, door, posts
from mailer.bench.visitors import Answered, Connection, Post, rush
from mailer.config import Settings
from mailer.db import make_engine
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState, Suppression


class Known(StrEnum):
    """What may be known about an address."""

    NEW = "new"
    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"


STATES = {
    Known.PENDING: SubscriptionState.PENDING,
    Known.ACTIVE: SubscriptionState.ACTIVE,
    Known.LEFT: SubscriptionState.UNSUBSCRIBED,
    Known.BOUNCED: SubscriptionState.ACTIVE,
}
"""Who has a subscription, and where it stands."""

REASONS = {Known.BOUNCED: "bounced", Known.SUPPRESSED: "complained"}
"""Whose address is suppressed, and why."""


@dataclass(frozen=True)
class Compared:
    """One run: the median answer for each state, and how far the slowest and the quickest are apart."""

    rounds: int
    median_ms: dict[str, float]
    spread_ms: float
    same_bytes: bool
    database: str


def compare(settings: Settings, rounds: int, note: Callable[[str], None]) -> Compared:
    """Sign up `rounds` addresses of each state, one after the other and in turn. Raises NotMeasured."""
    with door(settings, redis=True) as place:
        _know(place, rounds)
        note(f"{rounds} addresses of each of {len(Known)} states made")
        with web(place):
            port = place.settings.port
            asyncio.run(rush(port, PATH, posts(rounds * len(Known), WARM_UP), clients=1))
            answers = asyncio.run(_in_turn(port, rounds))
    medians = {known.value: round(median(a.milliseconds for a in answers[known]), 3) for known in Known}
    return Compared(
        rounds=rounds,
        median_ms=medians,
        spread_ms=round(max(medians.values()) - min(medians.values()), 3),
        same_bytes=len({_without_its_own(answer) for each in answers.values() for answer in each}) == 1,
        database=place.settings.database.partition(":")[0].partition("+")[0],
    )


async def _in_turn(port: int, rounds: int) -> dict[Known, list[Answered]]:
    """The answers. Each round begins with another state, so that none always follows the same one."""
    answers: dict[Known, list[Answered]] = {known: [] for known in Known}
    order = list(Known)
    async with Connection(port, PATH) as connection:
        for turn in range(rounds):
            for known in order[turn % len(order) :] + order[: turn % len(order)]:
                fields = {"email": _address(known, turn), "ref": secrets.token_urlsafe(16)}
                answer = await connection.send(Post(turn * len(order) + order.index(known), fields))
                if answer.told["state"] != "pending":
                    raise NotMeasured(f"a sign-up was not let in: {answer.body[:200]!r}")
                answers[known].append(answer)
    return answers


def _address(known: Known, turn: int) -> str:
    return f"reader{turn * len(Known) + list(Known).index(known):08}@bench.example"


def _without_its_own(answer: Answered) -> bytes:
    """The answer without what its request brought along."""
    body = answer.body
    for value in answer.post.fields.values():
        body = body.replace(value.encode(), b"")
    return body


def _know(place: Scratch, rounds: int) -> None:
    """Put the addresses of every state but "new" into the database."""
    engine = make_engine(place.settings.database)
    with Session(engine) as session:
        newsletter_id = session.scalars(select(Newsletter.id)).one()
        for known in Known:
            addresses = [_address(known, turn) for turn in range(rounds)]
            if known in STATES:
                _subscribe(session, newsletter_id, addresses, STATES[known])
            if known in REASONS:
                _add(session, Suppression, ({"address_key": a, "reason": REASONS[known]} for a in addresses))
        session.commit()
    engine.dispose()


def _subscribe(session: Session, newsletter_id: int, addresses: list[str], state: SubscriptionState) -> None:
    _add(session, Subscriber, ({"address": address, "address_key": address} for address in addresses))
    between = Subscriber.address_key.between(addresses[0], addresses[-1])
    wanted = {*addresses}
    found = session.execute(select(Subscriber.id, Subscriber.address_key).where(between))
    now = datetime.now(UTC)
    rows = (
        {"subscriber_id": i, "newsletter_id": newsletter_id, "state": state.value} for i, key in found if key in wanted
    )
    _add(session, Subscription, ({**row, "requested_at": now} for row in rows))


def _add(session: Session, table: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    session.execute(insert(table), [{**row, "created_at": now} for row in rows])
