"""Tables of what parties register before they act: casus, authorisations, approvals; and the
subjects of questions, which the limits count."""

from typing import Final

from sqlalchemy import Column, Index, Table, Text

from gateway.store import METADATA, STRICT, Blob, Int

CASES: Final = Table(
    "cases",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("casus_id", Text, primary_key=True),
    Column("casus", Blob, nullable=False),
    Column("registered_ms", Int, nullable=False),
    **STRICT,
)
"""`casus`: canonical bytes of the contract's Casus, the newest registration."""

AUTHORISATIONS: Final = Table(
    "authorisations",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("autorisatie_id", Text, primary_key=True),
    Column("casus_id", Text, nullable=False, index=True),
    Column("autorisatie", Blob, nullable=False),
    Column("door", Text, nullable=False),
    Column("registered_ms", Int, nullable=False),
    **STRICT,
)

APPROVALS: Final = Table(
    "approvals",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("goedkeuring_id", Blob, primary_key=True),
    Column("actie", Text, nullable=False),
    Column("onderwerp", Text, nullable=False, index=True),
    Column("aanvrager", Text, nullable=False),
    Column("goedkeurder", Text, nullable=False),
    Column("goedkeurder_rol", Text, nullable=False),
    Column("at_ms", Int, nullable=False),
    **STRICT,
)

SUBJECTS: Final = Table(
    "question_subjects",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("vraag_id", Blob, primary_key=True),
    Column("number", Int, primary_key=True),
    Column("casus_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("fingerprint", Blob, nullable=False),
    Column("asked_ms", Int, nullable=False),
    Index("question_subjects_recent", "party", "asked_ms"),
    **STRICT,
)
"""What the limits of 25 and 100 count: `fingerprint` is keyed by k_store and gone after 30 days."""
