"""articles and digests: kinds of sources, changes, clusters, rhythms, editions, corrections, templates, breaking news

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
AWAY = sa.text("away_from IS NOT NULL")

Column = tuple[str, Any, str | None]
"""Name, type, and the default of the rows that are there; None for a column that may be empty."""

TEXT, NO, YES = "", "0", "1"
ADDED: dict[str, list[Column]] = {
    "newsletters": [
        ("archive", sa.String(10), "unlisted"),
        ("logo_url", sa.String(2000), TEXT),
        ("accent", sa.String(7), TEXT),
        ("accent_dark", sa.String(7), TEXT),
        ("footer", sa.Text(), TEXT),
        ("breaking_cap", sa.SmallInteger(), NO),
    ],
    "schedules": [
        ("nth", sa.SmallInteger(), NO),
        ("month_day", sa.SmallInteger(), NO),
        ("hours", sa.String(200), "07:00"),
        ("lead_minutes", sa.SmallInteger(), NO),
        ("readers_hour", sa.Boolean(), "true"),
        ("template", sa.String(60), "digest"),
        ("made_until", MOMENT, None),
    ],
    "sources": [
        ("kind", sa.String(10), "feed"),
        ("host", sa.String(253), TEXT),
        ("interval_minutes", sa.Integer(), "5"),
        ("habit_minutes", sa.Integer(), None),
        ("newest_at", MOMENT, None),
        ("since", MOMENT, None),
        ("held_at", MOMENT, None),
        ("held_count", sa.Integer(), NO),
        ("take", sa.String(5), TEXT),
        ("key_hash", sa.String(64), TEXT),
    ],
    "articles": [
        ("categories", sa.Text(), TEXT),
        ("cluster_id", BIG, None),
        ("backlog", sa.Boolean(), "false"),
        ("embargo_until", MOMENT, None),
        ("held_at", MOMENT, None),
        ("held_by", sa.String(254), TEXT),
        ("retracted_at", MOMENT, None),
        ("gone_at", MOMENT, None),
        ("checked_at", MOMENT, None),
        ("link_problem", sa.Text(), TEXT),
        ("picture_problem", sa.Text(), TEXT),
    ],
    "issues": [
        ("kind", sa.String(10), "digest"),
        ("correction_id", BIG, None),
        ("template", sa.String(60), "digest"),
        ("own_template_id", BIG, None),
        ("ad_title", sa.String(200), TEXT),
        ("ad_text", sa.Text(), TEXT),
        ("ad_url", sa.String(2000), TEXT),
        ("ad_picture_url", sa.String(2000), TEXT),
        ("leaves_at", MOMENT, None),
        ("held_at", MOMENT, None),
        ("held_by", sa.String(254), TEXT),
        ("problem", sa.Text(), TEXT),
        ("editions", sa.Integer(), NO),
    ],
    "issue_articles": [
        ("heading", sa.String(120), TEXT),
        ("layout", sa.String(8), TEXT),
        ("as_of", MOMENT, None),
    ],
    "batches": [("priority", sa.SmallInteger(), YES)],
    "subscriptions": [
        ("breaking", sa.Boolean(), "false"),
        ("quiet_from", sa.Time(), None),
        ("quiet_until", sa.Time(), None),
        ("away_from", MOMENT, None),
    ],
}
INDEXES = (("articles", "cluster_id"), ("issue_articles", "article_id"), ("issues", "leaves_at"), ("sources", "host"))
FOREIGN_KEYS = (("correction_id", "corrections"), ("own_template_id", "own_templates"))
NEW_TABLES = (
    "editions",
    "topic_rules",
    "own_templates",
    "holidays",
    "corrections",
    "article_changes",
    "article_aliases",
    "article_prints",
)


def upgrade() -> None:
    _create_tables()
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name, kind, default in columns:
                batch.add_column(sa.Column(name, kind, nullable=default is None, server_default=default))
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_index(
        "ix_subscriptions_away", "subscriptions", ["newsletter_id"], sqlite_where=AWAY, postgresql_where=AWAY
    )
    op.drop_index("ix_batches_due", "batches")
    op.create_index("ix_batches_due", "batches", ["state", "priority", "due_at"])
    with op.batch_alter_table("issues") as batch:
        for column, other in FOREIGN_KEYS:
            batch.create_foreign_key(op.f(f"fk_issues_{column}"), other, [column], ["id"])
    op.execute("UPDATE schedules SET hours = substr(CAST(hour AS TEXT), 1, 5)")
    with op.batch_alter_table("schedules") as batch:
        batch.drop_column("hour")
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("topics", new_column_name="edition", existing_type=BIG)
    _close_gaps()
    _fold_www()
    _translate(lambda articles, topics: _bits(place for place, mask in articles if not mask or mask & topics))


def downgrade() -> None:
    _translate(lambda articles, edition: _either(mask for place, mask in articles if edition >> place & 1))
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("edition", new_column_name="topics", existing_type=BIG)
    with op.batch_alter_table("schedules") as batch:
        batch.add_column(sa.Column("hour", sa.Time(), nullable=False, server_default="07:00:00"))
    first = r"substr(hours, 1, 5) || '\:00.000000'"
    cast = f"CAST({first} AS time)" if op.get_bind().dialect.name == "postgresql" else first
    op.execute(f"UPDATE schedules SET hour = {cast}")  # noqa: S608  # made of our own constants
    with op.batch_alter_table("issues") as batch:
        for column, _ in FOREIGN_KEYS:
            batch.drop_constraint(op.f(f"fk_issues_{column}"), type_="foreignkey")
    op.drop_index("ix_batches_due", "batches")
    op.create_index("ix_batches_due", "batches", ["state", "due_at"])
    op.drop_index("ix_subscriptions_away", "subscriptions")
    for table, column in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name, _, _ in columns:
                batch.drop_column(name)
    for table in NEW_TABLES:
        op.drop_table(table)


def _create_tables() -> None:
    _table(
        "article_changes",
        _reference("article_id", "articles"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("field", sa.String(20), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
    )
    _table(
        "corrections",
        _reference("article_id", "articles"),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(254), nullable=False),
    )
    op.create_table(
        "article_aliases",
        sa.Column("canonical_url", sa.String(2000), nullable=False),
        _reference("article_id", "articles"),
        sa.PrimaryKeyConstraint("canonical_url", name=op.f("pk_article_aliases")),
    )
    op.create_table(
        "article_prints",
        sa.Column("value", BIG, autoincrement=False, nullable=False),
        _reference("article_id", "articles"),
        sa.PrimaryKeyConstraint("value", "article_id", name=op.f("pk_article_prints")),
    )
    for table in ("article_changes", "article_aliases", "article_prints", "corrections"):
        op.create_index(op.f(f"ix_{table}_article_id"), table, ["article_id"])
    _table(
        "holidays",
        _reference("newsletter_id", "newsletters"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.UniqueConstraint("newsletter_id", "day", name=op.f("uq_holidays_newsletter_id_day")),
    )
    _table(
        "own_templates",
        _reference("newsletter_id", "newsletters"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mjml", sa.Boolean(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.UniqueConstraint(
            "newsletter_id", "name", "version", name=op.f("uq_own_templates_newsletter_id_name_version")
        ),
    )
    _table(
        "topic_rules",
        _reference("newsletter_id", "newsletters"),
        _reference("source_id", "sources", nullable=True),
        sa.Column("category", sa.String(200), nullable=False),
        _reference("topic_id", "topics"),
        sa.UniqueConstraint(
            "newsletter_id", "source_id", "category", name=op.f("uq_topic_rules_newsletter_id_source_id_category")
        ),
    )
    op.create_table(
        "editions",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("mask", BIG, autoincrement=False, nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_editions_issue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issue_id", "mask", name=op.f("pk_editions")),
    )


def _table(name: str, *columns: Any) -> None:
    key = sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}"))
    op.create_table(name, sa.Column("id", BIG, nullable=False), *columns, key)


def _reference(name: str, table: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=nullable)


def _close_gaps() -> None:
    """From now on the place of an article in an issue that left is its bit in every edition."""
    places = sa.text(
        "SELECT ia.id, row_number() OVER (PARTITION BY ia.issue_id ORDER BY ia.position) - 1 "
        "FROM issue_articles ia JOIN issues i ON i.id = ia.issue_id WHERE i.state <> 'draft'"
    )
    move = sa.text("UPDATE issue_articles SET position = :place WHERE id = :id")
    for item_id, place in op.get_bind().execute(places).all():
        op.get_bind().execute(move, {"id": item_id, "place": place})


def _fold_www() -> None:
    """From now on `www.` is no part of an article's name. Where both names are there, the old one is never met again."""
    op.execute(
        r"UPDATE articles SET canonical_url = 'https\://' || substr(canonical_url, 13) "
        r"WHERE canonical_url LIKE 'https\://www.%' AND NOT EXISTS (SELECT 1 FROM articles other "
        r"WHERE other.canonical_url = 'https\://' || substr(articles.canonical_url, 13))"
    )


def _translate(mask: Callable[[list[tuple[int, int]], int], int]) -> None:
    """Rewrite `deliveries.edition`: from topics that the reader chose to articles of the issue, or back."""
    bind = op.get_bind()
    articles: dict[int, list[tuple[int, int]]] = {}
    for issue_id, place, topics in bind.execute(sa.text("SELECT issue_id, position, topics FROM issue_articles")):
        articles.setdefault(issue_id, []).append((place, topics))
    change = sa.text("UPDATE deliveries SET edition = :new WHERE issue_id = :issue AND edition = :old")
    for issue_id, held in articles.items():
        found = bind.execute(
            sa.text("SELECT DISTINCT edition FROM deliveries WHERE issue_id = :issue"), {"issue": issue_id}
        )
        # Through negative numbers, or a new mask would be taken for an old one.
        old = [row[0] for row in found]
        for each in old:
            bind.execute(change, {"issue": issue_id, "old": each, "new": -1 - mask(held, each)})
        back = sa.text("UPDATE deliveries SET edition = -1 - edition WHERE issue_id = :issue AND edition < 0")
        bind.execute(back, {"issue": issue_id})


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)


def _either(masks: Iterable[int]) -> int:
    together = 0
    for mask in masks:
        together |= mask
    return together
