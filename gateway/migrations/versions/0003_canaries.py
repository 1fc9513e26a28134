"""Canaries: sets, notices, touches and decisions. Spot proofs: draws and what was said of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Int = sa.BigInteger().with_variant(sa.Integer, "sqlite")
STRICT: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Create the tables; there are no canaries yet, so nothing is screened until a keeper puts some."""
    op.create_table(
        "canary_sets",
        *(_text(name, key=True) for name in ("keeper", "domain", "epoch")),
        _blob("kanarie_id", key=True),
        _text("type"),
        _int("size"),
        **STRICT,
    )
    op.create_table(
        "canary_notices",
        _blob("melding_id", key=True),
        *(_text(name) for name in ("party", "domain", "epoch", "soort")),
        _blob("onderwerp"),
        _int("geraakt"),
        _int("at_ms"),
        _text("stand"),
        **STRICT,
    )
    op.create_index("canary_notices_party", "canary_notices", ["party", "stand"])
    op.create_table(
        "canary_touches", _text("party", key=True), _blob("fingerprint", key=True), _blob("melding_id"), **STRICT
    )
    op.create_index("canary_touches_notice", "canary_touches", ["melding_id"])
    op.create_table(
        "canary_decisions",
        _blob("besluit_id", key=True),
        _text("keeper"),
        _blob("content"),
        _text("door"),
        _int("at_ms"),
        sa.Column("uitgevoerd_door", sa.Text),
        **STRICT,
    )
    _spot()


def _spot() -> None:
    op.create_table(
        "spot_draws",
        *(_text(name, key=True) for name in ("party", "domain", "epoch", "kwartaal")),
        _int("position"),
        _blob("head"),
        _int("populatie"),
        **STRICT,
    )
    op.create_table(
        "spot_rows",
        *(_text(name, key=True) for name in ("party", "domain", "epoch", "kwartaal")),
        _blob("record_id", key=True),
        sa.Column("oordeel", sa.Text),
        sa.Column("door", sa.Text),
        sa.Column("at_ms", Int),
        **STRICT,
    )


def downgrade() -> None:
    """Remove the tables; canaries, notices and draws are gone then."""
    for name in ("spot_rows", "spot_draws", "canary_decisions", "canary_touches", "canary_notices", "canary_sets"):
        op.drop_table(name)


def _text(name: str, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def _blob(name: str, *, key: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, primary_key=key, nullable=False)


def _int(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, Int, primary_key=key, nullable=False, autoincrement=False)
