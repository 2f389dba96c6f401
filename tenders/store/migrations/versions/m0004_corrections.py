"""What people say of a tender's CPV codes."""

import sqlalchemy as sa
from alembic import op

from tenders.store.schema import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.String(length=32), nullable=False),
        sa.Column("shown", sa.String(length=8), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("lot", sa.String(length=300), nullable=False),
        sa.Column("proposed", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("marked", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settled", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_tender_id", "corrections", ["tender_id"])
    op.create_index("ix_corrections_state", "corrections", ["state"])


def downgrade() -> None:
    op.drop_table("corrections")
