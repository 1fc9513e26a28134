"""Which rules the convenant owners put in force, and which they withdrew from."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Int = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Create the table, empty: the owners of an installation that is older than it activate their rules once."""
    op.create_table(
        "policy_changes",
        sa.Column("number", Int, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("soort", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("handtekeningen", sa.Text, nullable=False),
        sa.Column("at_ms", Int, nullable=False),
        sa.CheckConstraint("soort IN ('activering', 'intrekking')", name="known_change"),
        **STRICT,
    )


def downgrade() -> None:
    """Remove it; the ledger keeps every change."""
    op.drop_table("policy_changes")
