"""What joining and leaving share: the subscribers of a chunk, and the proof of what is stored."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert as plain_insert
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.subscriptions.address import Address
from mailer.subscriptions.consent import fingerprint
from mailer.subscriptions.imports.intake import Row
from mailer.subscriptions.models import ConsentEvent, ConsentRecord, Subscriber, Suppression


def subscribers(session: Session, addresses: Iterable[Address], now: datetime) -> dict[str, int]:
    """Their ids by key; who is new gets one."""
    wanted = {address.key: address.address for address in addresses}
    if not wanted:
        return {}
    # In one order always, or two imports at once lock each other out.
    rows = [{"address": wanted[key], "address_key": key, "created_at": now} for key in sorted(wanted)]
    session.execute(insert(session, Subscriber.__table__).on_conflict_do_nothing(), rows)
    query = select(Subscriber.address_key, Subscriber.id).where(Subscriber.address_key.in_(wanted))
    return {row.address_key: row.id for row in session.execute(query)}


def suppressed(session: Session, keys: Collection[str]) -> set[str]:
    """Those of the keys that nobody may mail."""
    return set(session.scalars(select(Suppression.address_key).where(Suppression.address_key.in_(keys))))


def prove(session: Session, records: list[dict[str, Any]]) -> None:
    """Write consent records, in their order."""
    if records:
        session.execute(plain_insert(ConsentRecord), records)


def came_along(subscription_id: int, row: Row, file: str) -> list[dict[str, Any]]:
    """The proofs of a sign-up and of a confirmation elsewhere, as far as the file dates them."""
    steps = (
        (ConsentEvent.REQUESTED, row.created_at, row.request_network),
        (ConsentEvent.CONFIRMED, row.confirmed_at, row.confirm_network),
    )
    return [
        record(subscription_id, row.address, event, at, file, network=network) for event, at, network in steps if at
    ]


def record(
    subscription_id: int,
    address: Address,
    event: ConsentEvent,
    at: datetime,
    file: str,
    *,
    wording: str = "",
    network: str = "",
    detail: str = "",
) -> dict[str, Any]:
    """One consent record that comes from a file."""
    return {
        "subscription_id": subscription_id,
        "address": address.address,
        "event": event.value,
        "at": at,
        "wording": wording,
        "wording_hash": fingerprint(wording),
        "page": file,
        "form": "import",
        "network": network,
        "detail": detail,
    }
