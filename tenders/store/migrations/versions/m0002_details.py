"""Which notices' own pages were asked, so that a walk asks only those of new and changed rows."""

import sqlalchemy as sa
from alembic import op

from tenders.store.schema import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "details",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("asked", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_details")),
    )


def downgrade() -> None:
    op.drop_table("details")
