"""Subscriptions on the web: pauses, what else is told, proof of consent, links that can be made void, oppositions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from tenders.store.schema import Moment

revision = "0006"
down_revision = "0005"


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("mailbox", sa.String(length=320), nullable=False, server_default=""),
        sa.Column("news", sa.String(length=64), nullable=False, server_default="deadline documents award ending"),
        sa.Column("told_before", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("links", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("confirmed_links", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("paused_until", Moment(), nullable=True),
        sa.Column("wording", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("source", sa.String(length=16), nullable=False, server_default="operator"),
        sa.Column("asked_from", sa.String(length=43), nullable=False, server_default=""),
        sa.Column("confirmed_from", sa.String(length=43), nullable=False, server_default=""),
    ]


def upgrade() -> None:
    for column in _added():
        op.add_column("subscriptions", column)
    op.execute("UPDATE subscriptions SET mailbox = lower(email)")
    op.create_index("ix_subscriptions_mailbox", "subscriptions", ["mailbox"])
    op.create_table(
        "opposed",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_opposed")),
    )


def downgrade() -> None:
    op.drop_table("opposed")
    op.drop_index("ix_subscriptions_mailbox", "subscriptions")
    for column in reversed(_added()):
        op.drop_column("subscriptions", column.name)
