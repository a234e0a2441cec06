"""The proof: append-only records of what was shown, where, when, and from which network."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.subscriptions.models import ConsentEvent, ConsentRecord


def record(
    session: Session,
    subscription_id: int,
    event: ConsentEvent,
    *,
    address: str,
    at: datetime,
    wording: str = "",
    page: str = "",
    form: str = "",
    form_version: int = 0,
    network: str = "",
    detail: str = "",
) -> None:
    """Write down one step. `network` is the IP address it came from, empty when there was none.

    `detail` says what was changed, from what to what.
    """
    session.add(
        ConsentRecord(
            subscription_id=subscription_id,
            event=event.value,
            at=at,
            address=address,
            wording=wording,
            wording_hash=fingerprint(wording),
            page=page,
            form=form,
            form_version=form_version,
            network=network,
            detail=detail,
        )
    )


def fingerprint(wording: str) -> str:
    """SHA-256 of the wording, hexadecimal; empty when nothing was shown."""
    return hashlib.sha256(wording.encode()).hexdigest() if wording else ""


def history(session: Session, subscription_id: int) -> Sequence[ConsentRecord]:
    """Every record of one subscription, oldest first."""
    return session.scalars(
        select(ConsentRecord).where(ConsentRecord.subscription_id == subscription_id).order_by(ConsentRecord.id)
    ).all()
