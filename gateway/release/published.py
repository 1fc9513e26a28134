"""What was published: read back from the sealed bytes, whose digest the ledger also holds."""

from typing import Final

from sqlalchemy import select

from connectors.contract.answers import Publicatie
from connectors.contract.canonical import b64u, sha256
from gateway.errors import NotFound
from gateway.house import House
from gateway.release.tables import RELEASES
from gateway.store import reading

TOTAL: Final = "totaal"
"""The code of every dimension's total."""


def find_release(house: House, release_id: str) -> Publicatie:
    """A published release; raises NotFound, also when the stored bytes are not the ones that were sealed."""
    with reading(house.store) as transaction:
        where = RELEASES.c.release_id == release_id
        row = transaction.execute(select(RELEASES.c.sealed, RELEASES.c.digest).where(where)).one_or_none()
    if row is None or sha256(bytes(row.sealed)) != b64u(bytes(row.digest)):
        raise NotFound("no published release by that id")
    return Publicatie.model_validate_json(bytes(row.sealed))


def published_releases(house: House) -> tuple[Publicatie, ...]:
    """All published releases, newest first."""
    with reading(house.store) as transaction:
        statement = select(RELEASES.c.sealed, RELEASES.c.digest).order_by(RELEASES.c.published_ms.desc())
        rows = transaction.execute(statement).all()
    whole = [bytes(row.sealed) for row in rows if sha256(bytes(row.sealed)) == b64u(bytes(row.digest))]
    return tuple(Publicatie.model_validate_json(raw) for raw in whole)
