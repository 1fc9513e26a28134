"""Tables of the releases (one row each, at a step) and of what others published. No unprotected count is stored."""

from typing import Final

from sqlalchemy import Column, Table, Text

from gateway.store import METADATA, STRICT, Blob, Int

RELEASES: Final = Table(
    "releases",
    METADATA,
    Column("release_id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("aanvrager", Text, nullable=False),
    Column("jaar", Int, nullable=False),
    Column("revisie", Int, nullable=False),
    Column("stap", Text, nullable=False),
    Column("poging", Int, nullable=False),
    Column("aanvraag", Blob, nullable=False),
    Column("concept", Blob),
    Column("werkblad", Blob),
    Column("aanval", Blob),
    Column("sealed", Blob),
    Column("digest", Blob),
    Column("zegel", Text),
    Column("stand", Blob),
    Column("published_ms", Int),
    Column("vervangen_door", Text),
    **STRICT,
)
"""`poging`: how often it was drafted, so that two drafts at once cannot mix. `concept`, `aanval`, `sealed`: canonical
bytes of the contract's Concept, Aanvalsverslag and Publicatie, the last with its SHA-256 in `digest`; `werkblad`: what
the makers need to go on and to make it again; `zegel`: the signed seal; `stand`: the answer that the maker got."""

EXTERNALS: Final = Table(
    "external_publications",
    METADATA,
    Column("extern_id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("publicatie", Blob, nullable=False),
    Column("digest", Blob, nullable=False),
    Column("besluit", Text, nullable=False),
    Column("registered_ms", Int, nullable=False),
    Column("vervangen_door", Text),
    **STRICT,
)
"""`publicatie`: canonical bytes of an ExternePublicatie, its SHA-256 in `digest`. Of a row only `vervangen_door`
ever changes, so that figures that were protected against it can be made again."""
