"""Tables of the canaries: which sets a keeper put (never what is in them), touches, notices and decisions on them."""

from typing import Final

from sqlalchemy import Column, Index, Table, Text

from gateway.store import METADATA, STRICT, Blob, Int

SETS: Final = Table(
    "canary_sets",
    METADATA,
    Column("keeper", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("epoch", Text, primary_key=True),
    Column("kanarie_id", Blob, primary_key=True),
    Column("type", Text, nullable=False),
    Column("size", Int, nullable=False),
    **STRICT,
)
"""That there are canaries: where there are, nothing is taken in or answered while their keeper is not present."""

NOTICES: Final = Table(
    "canary_notices",
    METADATA,
    Column("melding_id", Blob, primary_key=True),
    Column("party", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("soort", Text, nullable=False),
    Column("onderwerp", Blob, nullable=False),
    Column("geraakt", Int, nullable=False),
    Column("at_ms", Int, nullable=False),
    Column("stand", Text, nullable=False),
    Index("canary_notices_party", "party", "stand"),
    **STRICT,
)

TOUCHES: Final = Table(
    "canary_touches",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("fingerprint", Blob, primary_key=True),
    Column("melding_id", Blob, nullable=False),
    Index("canary_touches_notice", "melding_id"),
    **STRICT,
)
"""Distinct canaries that a party touched and that are not decided upon: `fingerprint` is keyed by k_store and by the
party, so that the database tells neither which canary it was nor that two parties touched the same one."""

DECISIONS: Final = Table(
    "canary_decisions",
    METADATA,
    Column("besluit_id", Blob, primary_key=True),
    Column("keeper", Text, nullable=False),
    Column("content", Blob, nullable=False),
    Column("door", Text, nullable=False),
    Column("at_ms", Int, nullable=False),
    Column("uitgevoerd_door", Text),
    **STRICT,
)
