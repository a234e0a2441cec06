"""Alembic's entry: the tables of every room, on the engine that `mailer.migrations.run` hands over."""

from typing import Literal

from alembic import context

from mailer.db import Base, UtcDateTime


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Steps stay readable when the code moves on: they name the database's types, not ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=_render_item,
)
with context.begin_transaction():
    context.run_migrations()
