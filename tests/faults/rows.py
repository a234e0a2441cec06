"""Every row of every table, to compare before and after."""

from typing import Any

from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session

Rows = dict[str, list[tuple[Any, ...]]]


def everything(session: Session) -> Rows:
    """By table, in a fixed order; no transaction stays open."""
    tables = MetaData()
    tables.reflect(session.connection())
    rows = {
        name: list(map(tuple, session.execute(select(table).order_by(*table.primary_key)).all()))
        for name, table in tables.tables.items()
    }
    session.commit()
    return rows
