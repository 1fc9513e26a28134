"""Tables of the ledger: leaves that never change, bodies that retention may erase, one row that is the head."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table

from gateway.store import METADATA, STRICT, Blob, Int

LEAVES: Final = Table(
    "ledger_leaves",
    METADATA,
    Column("position", Int, primary_key=True, autoincrement=False),
    Column("leaf_data", Blob, nullable=False),
    Column("head", Blob, nullable=False),
    **STRICT,
)
"""`leaf_data`: 39 bytes; `head`: the chain's head after this leaf, 32 bytes. Triggers forbid UPDATE and DELETE."""

BODIES: Final = Table(
    "ledger_bodies",
    METADATA,
    Column("position", Int, primary_key=True, autoincrement=False),
    Column("salt", Blob, nullable=False),
    Column("record", Blob, nullable=False),
    **STRICT,
)
"""What the leaf commits to: RFC 8785 bytes and the 32 salt bytes that keep a short record from being guessed."""

HEAD: Final = Table(
    "ledger_head",
    METADATA,
    Column("id", Int, primary_key=True, autoincrement=False),
    Column("size", Int, nullable=False),
    Column("head", Blob, nullable=False),
    CheckConstraint("id = 1", name="one_head"),
    **STRICT,
)
"""One row. Who appends locks it, so that there is one chain however many append at once."""
