"""Table of the releases: a state and, once published, sealed tables. No unprotected count is ever stored."""

from typing import Final

from sqlalchemy import Column, Table, Text

from gateway.store import METADATA, STRICT, Blob, Int

RELEASES: Final = Table(
    "releases",
    METADATA,
    Column("release_id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("jaar", Int, nullable=False),
    Column("published_ms", Int, nullable=False),
    Column("digest", Blob, nullable=False),
    Column("sealed", Blob, nullable=False),
    Column("stand", Blob, nullable=False),
    **STRICT,
)
"""`sealed`: canonical bytes of the published release, `digest` their SHA-256, which the
ledger also holds; `stand`: the answer that its maker got."""
