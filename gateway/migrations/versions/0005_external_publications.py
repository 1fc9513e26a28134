"""Counts that others published, registered as known to every attacker."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Int = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "external_publications",
        sa.Column("extern_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("publicatie", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("besluit", sa.Text, nullable=False),
        sa.Column("registered_ms", Int, nullable=False),
        sa.Column("vervangen_door", sa.Text),
        **STRICT,
    )


def downgrade() -> None:
    """Remove it; refuses while anything is registered, because attackers would forget it."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM external_publications")).scalar_one():
        raise RuntimeError(
            "external publications are registered: this version's attackers know them, an older one's do not"
        )
    op.drop_table("external_publications")
