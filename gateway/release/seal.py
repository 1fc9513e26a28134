"""Sealing: the document that leaves, and the signed seal that says what it came from."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.releases import SEAL_TYP, Concept, Publicatie, Zegel
from connectors.contract.signing import SigningKey, sign_jws
from gateway.release.shelf import Dossier

_SOURCES: Final = ("aggregator", "gateway/release")
"""The code that decides what the figures are."""


def document(concept: Concept, moment: datetime) -> Publicatie:
    """The figures that were approved, as they are published at `moment` (whole seconds, UTC)."""
    figures = concept.model_dump(exclude={"versie_schema"})
    published = moment.astimezone(UTC).replace(microsecond=0)
    return Publicatie(**figures, gepubliceerd=published, cijfers=sha256(canonical_bytes(concept)))


def seal(dossier: Dossier, publicatie: Publicatie, besluiten: tuple[str, ...], signing: SigningKey) -> str:
    """The seal of a document, signed by the gateway's key."""
    _, werkblad, aanval = dossier.figures
    claims = Zegel(
        release_id=dossier.release_id,
        revisie=publicatie.revisie,
        aanvraag=sha256(canonical_bytes(dossier.aanvraag)),
        cijfers=publicatie.cijfers,
        aanval=sha256(canonical_bytes(aanval)),
        publicatie=sha256(canonical_bytes(publicatie)),
        beleid=werkblad.beleid,
        invoer=werkblad.invoer,
        code=werkblad.code,
        besluiten=besluiten,
        verzegeld=publicatie.gepubliceerd,
    )
    return sign_jws(claims, signing, SEAL_TYP)


@cache
def code_version() -> str:
    """The version of the distribution and the digest of the code that decides what figures are: `0.1.0:` and 16 hex
    digits of SHA-256 over its files."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(
                f"{path.relative_to(root).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
            )
    return f"{version('schakel')}:{digest.hexdigest()[:16]}"
