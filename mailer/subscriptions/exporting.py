"""Every reader of a newsletter, streamed by key: what an import elsewhere needs, and what a reader may ask to see."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.newsletters.models import EVERY_TOPIC, Newsletter
from mailer.subscriptions.imports.sheet import neutral
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState

PAGE = 5_000

FIELDS = ("email", "state", "topics", "created_at", "confirmed_at", "unsubscribed_at")


def readers(session: Session, newsletter: Newsletter) -> Iterator[dict[str, str]]:
    """One dict of FIELDS per reader, state by state; topics as slugs, empty for every topic."""
    slugs = {topic.bit: topic.slug for topic in newsletter.topics}
    for state in SubscriptionState:
        for address, topics, *moments in _of_state(session, newsletter.id, state):
            chosen = [] if topics == EVERY_TOPIC else [slug for bit, slug in slugs.items() if topics >> bit & 1]
            yield dict(zip(FIELDS, (address, state.value, ";".join(chosen), *map(_written, moments)), strict=True))


def _of_state(session: Session, newsletter_id: int, state: SubscriptionState) -> Iterator[tuple[Any, ...]]:
    """A page at a time in the order of the audience's index: in any other, each page would sort all the rest."""
    query = (
        select(
            Subscription.subscriber_id,
            Subscriber.address,
            Subscription.topics,
            Subscription.created_at,
            Subscription.confirmed_at,
            Subscription.unsubscribed_at,
        )
        .join(Subscriber)
        .where(Subscription.newsletter_id == newsletter_id, Subscription.state == state)
        .order_by(Subscription.subscriber_id)
        .limit(PAGE)
    )
    last = 0
    while page := session.execute(query.where(Subscription.subscriber_id > last)).all():
        for row in page:
            yield row[1:]
        last = page[-1].subscriber_id


def csv_lines(rows: Iterator[dict[str, str]]) -> Iterator[str]:
    """The rows as CSV, a line at a time, with no cell that a spreadsheet takes for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(FIELDS)
    for row in rows:
        writer.writerow(map(neutral, row.values()))
        yield _drain(buffer)
    yield _drain(buffer)


def json_lines(rows: Iterator[dict[str, str]]) -> Iterator[str]:
    """The rows as one JSON list, an object at a time."""
    yield "["
    separator = "\n"
    for row in rows:
        yield separator + json.dumps(row, ensure_ascii=False)
        separator = ",\n"
    yield "\n]\n"


def _drain(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _written(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
