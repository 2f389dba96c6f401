"""Subscriptions to monthly reports. An older release knows no rhythm of theirs: going back forgets them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("kind", sa.String(length=16), nullable=False, server_default="alert"))


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE subscription_id IN (SELECT id FROM subscriptions WHERE kind = 'report')")
    op.execute("DELETE FROM subscriptions WHERE kind = 'report'")
    op.drop_column("subscriptions", "kind")
