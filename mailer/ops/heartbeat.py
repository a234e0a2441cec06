"""Signs of life: a part of the house says that it is at work, anybody may ask when it last did."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.ops.models import Heartbeat


def beat(session: Session, name: str, now: datetime) -> None:
    """The part called `name` is at work now."""
    statement = insert(session, Heartbeat).values(name=name, seen_at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def seen(session: Session, name: str) -> datetime | None:
    """When the part called `name` was last at work; None: never."""
    heartbeat = session.get(Heartbeat, name, populate_existing=True)
    return heartbeat.seen_at if heartbeat else None
