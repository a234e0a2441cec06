"""readers: forms, owed letters, preferences

Revision ID: 0002
Revises: 0001
"""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EVERY_TOPIC = str((1 << 62) - 1)
NUMBERED_ONCE = {"sqlite_autoincrement": True}


def upgrade() -> None:
    op.create_table(
        "forms",
        sa.Column("id", BIG, nullable=False),
        sa.Column("newsletter_id", BIG, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("heading", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("text", sa.String(length=500), nullable=False, server_default=""),
        sa.Column("button", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("wording", sa.String(length=500), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("language", sa.String(length=35), nullable=False, server_default=""),
        sa.Column("origins", sa.Text(), nullable=False, server_default=""),
        sa.Column("topics", BIG, nullable=False, server_default=EVERY_TOPIC),
        sa.Column("proof_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletters.id"], name=op.f("fk_forms_newsletter_id_newsletters"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms")),
        sa.UniqueConstraint("newsletter_id", "slug", name=op.f("uq_forms_newsletter_id_slug")),
    )
    op.execute("INSERT INTO forms (newsletter_id, slug, created_at) SELECT id, 'main', created_at FROM newsletters")
    op.create_table(
        "owed_letters",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=True),
        sa.Column("request", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("new_address", sa.String(length=320), nullable=False, server_default=""),
        sa.Column("site", sa.String(length=253), nullable=False, server_default=""),
        sa.Column("ref_hash", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_owed_letters_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_owed_letters_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owed_letters")),
        **NUMBERED_ONCE,
    )
    op.create_index("ix_owed_letters_subscriber", "owed_letters", ["subscriber_id", "created_at"])
    for name, column, condition in (
        ("ix_owed_letters_moves", "created_at", sa.text("kind = 'move'")),
        ("ix_owed_letters_due_at", "due_at", sa.text("due_at IS NOT NULL")),
        ("ix_owed_letters_mailed", "subscriber_id", sa.text("due_at IS NOT NULL OR attempts > 0")),
        ("ix_owed_letters_unmailed", "created_at", sa.text("due_at IS NULL AND attempts = 0")),
    ):
        op.create_index(name, "owed_letters", [column], sqlite_where=condition, postgresql_where=condition)
    for column in ("subscription_id", "ref_hash"):
        op.create_index(op.f(f"ix_owed_letters_{column}"), "owed_letters", [column])
    op.execute(
        "INSERT INTO owed_letters (kind, subscriber_id, subscription_id, request, created_at, due_at, sent_at, attempts) "
        "SELECT 'confirmation', subscriber_id, id, request, "
        "coalesce(confirmation_due_at, confirmation_sent_at, created_at), "
        "confirmation_due_at, confirmation_sent_at, confirmation_attempts "
        "FROM subscriptions WHERE confirmation_due_at IS NOT NULL OR confirmation_sent_at IS NOT NULL"
    )
    with op.batch_alter_table("newsletters") as batch:
        batch.add_column(sa.Column("takes_readers", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("disposable", sa.String(length=10), nullable=False, server_default="ask"))
    # SQLite numbers rows once only in a table that was made so.
    remake: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("subscribers", recreate=remake, table_kwargs=NUMBERED_ONCE) as batch:
        batch.add_column(sa.Column("plain_text", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("uncounted", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("generation", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("subscriptions", recreate=remake, table_kwargs=NUMBERED_ONCE) as batch:
        batch.drop_index("ix_subscriptions_confirmation_due_at")
        batch.drop_column("confirmation_due_at")
        batch.drop_column("confirmation_sent_at")
        batch.drop_column("confirmation_attempts")
        batch.add_column(sa.Column("delivery_hour", sa.Time(), nullable=True))
        batch.add_column(sa.Column("timezone", sa.String(length=60), nullable=False, server_default=""))
        batch.add_column(sa.Column("language", sa.String(length=35), nullable=False, server_default=""))
        batch.add_column(sa.Column("leaving_reason", sa.String(length=20), nullable=False, server_default=""))
        batch.add_column(sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(  # who signed up once more kept their created_at; the letter knows better
        "UPDATE subscriptions SET requested_at = coalesce((SELECT owed_letters.created_at FROM owed_letters "
        "WHERE owed_letters.subscription_id = subscriptions.id), created_at)"
    )
    with op.batch_alter_table("subscriptions", table_kwargs=NUMBERED_ONCE) as batch:
        batch.alter_column("requested_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    for state, column in (("pending", "requested_at"), ("paused", "paused_until")):
        condition = sa.text(f"state = '{state}'")
        name = f"ix_subscriptions_{state}"
        op.create_index(name, "subscriptions", [column], sqlite_where=condition, postgresql_where=condition)
    with op.batch_alter_table("consent_records") as batch:
        batch.add_column(sa.Column("form_version", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("detail", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("retry_at", new_column_name="due_at", existing_type=sa.DateTime(timezone=True))


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("due_at", new_column_name="retry_at", existing_type=sa.DateTime(timezone=True))
    with op.batch_alter_table("consent_records") as batch:
        batch.drop_column("detail")
        batch.drop_column("form_version")
    op.drop_index("ix_subscriptions_pending", "subscriptions")
    op.drop_index("ix_subscriptions_paused", "subscriptions")
    with op.batch_alter_table("subscriptions") as batch:
        for column in ("requested_at", "leaving_reason", "language", "timezone", "delivery_hour"):
            batch.drop_column(column)
        batch.add_column(sa.Column("confirmation_attempts", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("confirmation_sent_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("confirmation_due_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(batch.f("ix_subscriptions_confirmation_due_at"), ["confirmation_due_at"])
    op.execute(
        "UPDATE subscriptions SET confirmation_due_at = (SELECT max(due_at) FROM owed_letters "
        "WHERE owed_letters.subscription_id = subscriptions.id AND kind = 'confirmation')"
    )
    with op.batch_alter_table("subscribers") as batch:
        for column in ("generation", "uncounted", "plain_text"):
            batch.drop_column(column)
    with op.batch_alter_table("newsletters") as batch:
        batch.drop_column("disposable")
        batch.drop_column("takes_readers")
    op.drop_table("owed_letters")
    op.drop_table("forms")
