"""Who predicted a tender's codes, and its last write that a notice caused: another classifier's write tells nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("tenders", sa.Column("noticed", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("tenders", sa.Column("classifier", sa.String(length=64), server_default=""))
    op.execute("UPDATE tenders SET noticed = version")
    op.execute("UPDATE tenders SET classifier = NULL WHERE absorbed_into IS NOT NULL")
    op.create_index("ix_tenders_noticed", "tenders", ["noticed"])
    op.create_index("ix_tenders_classifier_seq", "tenders", ["classifier", "seq"])


def downgrade() -> None:
    op.drop_index("ix_tenders_classifier_seq", "tenders")
    op.drop_index("ix_tenders_noticed", "tenders")
    op.drop_column("tenders", "classifier")
    op.drop_column("tenders", "noticed")
