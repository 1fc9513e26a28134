"""Tables of the intake: a receipt for each accepted batch or withdrawal, and the quarter's spot draws."""

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

DRAWS: Final = Table(
    "spot_draws",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    Column("kwartaal", Text, primary_key=True),
    Column("position", Int, nullable=False),
    Column("head", Blob, nullable=False),
    Column("populatie", Int, nullable=False),
    **STRICT,
)

DRAWN: Final = Table(
    "spot_rows",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    Column("kwartaal", Text, primary_key=True),
    Column("record_id", Blob, primary_key=True),
    Column("oordeel", Text),
    Column("door", Text),
    Column("at_ms", Int),
    **STRICT,
)
"""The drawn rows; `oordeel` is empty until the party's officer said `juist` or `onjuist`, and never changes then."""
