"""Table of the intake: a receipt for each accepted batch or withdrawal."""

from typing import Final

from sqlalchemy import Column, Table, Text

from gateway.store import METADATA, STRICT, Blob, Int

RECEIPTS: Final = Table(
    "receipts",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("id", Blob, primary_key=True),
    Column("soort", Text, nullable=False),
    Column("digest", Blob, nullable=False),
    Column("received_ms", Int, nullable=False),
    Column("receipt", Text, nullable=False),
    **STRICT,
)
"""One row per accepted batch or withdrawal; `digest` is SHA-256 of its bytes, so an equal resend is recognised."""
