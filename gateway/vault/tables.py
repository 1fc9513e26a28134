"""Tables of the vault: sealed rows, tombstones, and what proves that a leased share is the one from before."""

from typing import Final

from sqlalchemy import Column, Index, Table, Text

from gateway.store import METADATA, STRICT, Blob, Int

SEALED: Final = Table(
    "sealed_rows",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    Column("record_id", Blob, primary_key=True),
    Column("batch_id", Blob, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bewaren_tot", Int),
    Column("sealed", Blob, nullable=False),
    Index("sealed_rows_retention", "bewaren_tot"),
    **STRICT,
)
"""`sealed`: 12 nonce bytes, ciphertext, 16 tag bytes. `bewaren_tot`: day since 1970, NULL where the epoch ends it."""

TOMBSTONES: Final = Table(
    "tombstones",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("record_id", Blob, primary_key=True),
    Column("day", Int, nullable=False),
    **STRICT,
)

SHARES: Final = Table(
    "share_checks",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    Column("value", Blob, nullable=False),
    **STRICT,
)
"""A one-way value of share and k_store: tells another share from the first one, and opens nothing."""
