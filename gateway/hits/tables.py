"""Table of the questions: what was asked (codes only) and what was found (sealed)."""

from typing import Final

from sqlalchemy import Column, Table, Text

from gateway.store import METADATA, STRICT, Blob, Int

QUESTIONS: Final = Table(
    "questions",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("vraag_id", Blob, primary_key=True),
    Column("digest", Blob, nullable=False),
    Column("subject", Text, nullable=False),
    Column("casus_id", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("codes", Blob, nullable=False),
    Column("asked_ms", Int, nullable=False),
    Column("answer", Blob, nullable=False),
    Column("found", Blob, nullable=False),
    Column("oordeel", Text),
    Column("oordeel_door", Text),
    **STRICT,
)
"""`codes`: canonical bytes of the question without its subjects; `answer` and `found` are sealed under k_store, padded
to one size, so that a stolen database does not tell a hit from no hit."""
