"""Links, decisions and the history of merges. What was found so far is found anew, under other keys."""

import sqlalchemy as sa
from alembic import op

from tenders.store.schema import Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_index("ix_link_keys_notice_id", table_name="link_keys")
    op.drop_table("link_keys")
    op.create_table(
        "link_keys",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "place", "notice_id", name=op.f("pk_link_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_keys_notice_id", "link_keys", ["notice_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("saw", sa.String(length=500), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "other_id", name=op.f("pk_links")),
    )
    op.create_index("ix_links_other_id", "links", ["other_id"], unique=False)
    op.create_index("ix_links_sure_found_at", "links", ["sure", "found_at"], unique=False)
    op.create_table(
        "past_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("merged_at", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_merges")),
    )
    op.create_index("ix_past_merges_notice_id", "past_merges", ["notice_id"], unique=False)
    op.create_index("ix_past_merges_tender_id", "past_merges", ["tender_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("one", sa.String(length=300), nullable=False),
        sa.Column("other", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_one", "decisions", ["one"], unique=False)
    op.create_index("ix_decisions_other", "decisions", ["other"], unique=False)
    op.create_table(
        "regroup",
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_regroup")),
    )


def downgrade() -> None:
    for name in ("regroup", "decisions", "past_merges", "links", "link_keys"):
        op.drop_table(name)
    op.create_table(
        "link_keys",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "notice_id", name=op.f("pk_link_keys")),
    )
    op.create_index("ix_link_keys_notice_id", "link_keys", ["notice_id"], unique=False)
