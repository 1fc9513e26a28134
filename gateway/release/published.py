"""What may be read, by everybody or at the Regionale Tafel: releases, verified against their seal at each reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, select

from connectors.contract.canonical import b64u, sha256
from connectors.contract.codes import Convenant
from connectors.contract.federation import Partij
from connectors.contract.releases import SEAL_TYP, Aanvalsverslag, Publicatie, Publiek, SignedSeal, Zegel
from connectors.contract.signing import PublicJwk, Unverified, verify_jws
from gateway.errors import NotFound, OurFault
from gateway.house import House
from gateway.release.shelf import Dossier, dossier_of
from gateway.release.steps import PUBLIC
from gateway.release.tables import RELEASES
from gateway.store import reading


@dataclass(frozen=True, slots=True)
class Published:
    """A published release whose bytes are the ones that were sealed. `vervangen_door`: its revision, if any."""

    publicatie: Publicatie
    aanval: Aanvalsverslag
    zegel: Zegel
    signed: SignedSeal
    sealed: bytes
    vervangen_door: str | None


class BrokenSeal(OurFault):
    """Stored bytes that are not the ones that were sealed; the database was changed behind our back."""

    code = "broken_seal"


def sits_at_table(party: Partij, now: datetime) -> bool:
    """Whether a party is at the Regionale Tafel: a member of the monitor's convenant at this moment."""
    lid = party.deelname(Convenant.MONITOR)
    return lid is not None and lid.actief(now)


def find_published(store: Engine, key: PublicJwk, release_id: str, *, at_table: bool) -> Published:
    """A published release for everybody or, `at_table`, for the Regionale Tafel; raises NotFound, also when its seal,
    by the gateway's `key`, does not hold."""
    try:
        found = read_published(store, key, release_id)
    except BrokenSeal as error:
        raise NotFound("no published release by that id") from error
    if found.publicatie.kring is not Publiek.OPENBAAR and not at_table:
        raise NotFound("no published release by that id")
    return found


def read_published(store: Engine, key: PublicJwk, release_id: str) -> Published:
    """A published release; raises NotFound, or BrokenSeal when what is stored is not what was sealed."""
    with reading(store) as transaction:
        where = RELEASES.c.release_id == release_id, RELEASES.c.stap.in_([stap.value for stap in PUBLIC])
        row = transaction.execute(select(RELEASES).where(*where)).one_or_none()
    if row is None:
        raise NotFound("no published release by that id")
    return _verified(dossier_of(row), bytes(row.digest or b""), key)


def _verified(dossier: Dossier, digest: bytes, key: PublicJwk) -> Published:
    if dossier.sealed is None or dossier.zegel is None or dossier.aanval is None:
        raise BrokenSeal(f"{dossier.release_id}: published without a seal")
    try:
        zegel = verify_jws(dossier.zegel, (key,), SEAL_TYP, Zegel)
    except Unverified as error:
        raise BrokenSeal(f"{dossier.release_id}: the seal does not verify") from error
    here = sha256(dossier.sealed)
    if not here == zegel.publicatie == b64u(digest) or zegel.release_id != dossier.release_id:
        raise BrokenSeal(f"{dossier.release_id}: the document is not the one that was sealed")
    signed = SignedSeal(zegel=dossier.zegel)
    return Published(dossier.publicatie, dossier.aanval, zegel, signed, dossier.sealed, dossier.vervangen_door)


def published_releases(store: Engine, key: PublicJwk) -> tuple[Published, ...]:
    """All published releases whose seal holds, newest first; those replaced since and the Regionale Tafel's too."""
    found = []
    for row in _public_rows(store):
        try:
            found.append(_verified(dossier_of(row), bytes(row.digest or b""), key))
        except BrokenSeal:
            continue
    return tuple(found)


def public_releases(store: Engine, key: PublicJwk) -> tuple[Published, ...]:
    """Those of them that everybody may read."""
    return tuple(each for each in published_releases(store, key) if each.publicatie.kring is Publiek.OPENBAAR)


def everything_published(house: House) -> tuple[Published, ...]:
    """All published releases, oldest first: what an attacker may combine; raises BrokenSeal rather than miss one."""
    rows = reversed(_public_rows(house.store))
    return tuple(_verified(dossier_of(row), bytes(row.digest or b""), house.signing.public) for row in rows)


def _public_rows(store: Engine) -> Sequence[Row[Any]]:
    with reading(store) as transaction:
        public = RELEASES.c.stap.in_([stap.value for stap in PUBLIC])
        order = RELEASES.c.published_ms.desc(), RELEASES.c.release_id.desc()
        return transaction.execute(select(RELEASES).where(public).order_by(*order)).all()
