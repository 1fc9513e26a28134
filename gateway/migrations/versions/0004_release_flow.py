"""Releases become a row at a step, with draft, attack and seal; a release of before has none of these.

Upgrading refuses while releases of version 0.1 are stored: they were never sealed, so they cannot be kept as sealed
ones, and nobody else decides to drop them.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.errors import BadSettings

revision = "0004"
down_revision = "0003"

Int = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Replace the empty table of releases."""
    _replace(
        sa.Column("release_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("aanvrager", sa.Text, nullable=False),
        sa.Column("jaar", Int, nullable=False),
        sa.Column("revisie", Int, nullable=False),
        sa.Column("stap", sa.Text, nullable=False),
        sa.Column("poging", Int, nullable=False),
        sa.Column("aanvraag", sa.LargeBinary, nullable=False),
        sa.Column("concept", sa.LargeBinary),
        sa.Column("werkblad", sa.LargeBinary),
        sa.Column("aanval", sa.LargeBinary),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("digest", sa.LargeBinary),
        sa.Column("zegel", sa.Text),
        sa.Column("stand", sa.LargeBinary),
        sa.Column("published_ms", Int),
        sa.Column("vervangen_door", sa.Text),
    )


def downgrade() -> None:
    """Back to the table of published releases alone; refuses while there is any release."""
    _replace(
        sa.Column("release_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("jaar", Int, nullable=False),
        sa.Column("published_ms", Int, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("stand", sa.LargeBinary, nullable=False),
    )


def _replace(*columns: "sa.Column[Any]") -> None:
    if op.get_bind().execute(sa.text("SELECT count(*) FROM releases")).scalar_one():
        raise BadSettings("releases are stored: export them, have their party drop them, and migrate then")
    op.drop_table("releases")
    op.create_table("releases", *columns, **STRICT)
