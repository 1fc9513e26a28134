"""`/v1/external-publications`: what others published becomes known to every later attack; what is known, listed.

Rules this module upholds (disclosure page, step 4 and "Ledger and time")
1. Only the regional director registers, and only what the privacy officer approved by its digest: a registration that
   is tried against the rows tells whether its numbers are right, so nobody tries alone.
2. A number that contradicts itself or another source refuses the registration, by source and cell; none is dropped.
3. Registration, ledger entry and what it corrects are one transaction; a registration is never changed or removed.
4. What was registered is read by those who make and approve figures: they answer for what the attacker was told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from aggregator.history import Finding
from aggregator.solver import SolverRefused
from connectors.contract.canonical import b64u, b64u_decode, canonical_bytes, sha256
from connectors.contract.codes import Actie, Convenant, Doel, Partnertype, Rol, Thema
from connectors.contract.releases import (
    ExterneLijst,
    ExternePublicatie,
    ExterneRegel,
    ExterneRegistratie,
    ExterneStand,
    Publiek,
)
from gateway.caller import Caller
from gateway.clock import from_ms, to_ms
from gateway.errors import Conflict, Malformed, NotAllowed, NotFound, PolicyRefused
from gateway.house import House
from gateway.ledger.append import append
from gateway.ledger.entries import ExternalEntry
from gateway.permit.ask import Ask
from gateway.permit.judge import Judged, enter, judge
from gateway.policy.verdict import Refused
from gateway.registry.records import find_approval
from gateway.release.attacking import opened_by
from gateway.release.catalogue import CATALOGUE, SMALLEST
from gateway.release.external import External, clashing, dimensions_of, wrong_cell
from gateway.release.hierarchies import Parents, parents_for
from gateway.release.naming import code_names, municipalities
from gateway.release.published import BrokenSeal, everything_published
from gateway.release.tables import EXTERNALS
from gateway.release.words import opened
from gateway.store import reading, writing

_READERS: Final = frozenset({Rol.REGISSEUR, Rol.PRIVACY_OFFICER})
_ABOUT_OURS: Final = frozenset({"CEL_TE_KLEIN", "DOMINANTIE", "MINDERJARIG_TE_SPECIFIEK"})
"""What policy may leave unproven: these checks are about figures that leave, and here none does."""


def register(house: House, caller: Caller, publicatie: ExternePublicatie) -> ExterneStand:
    """Register counts of others; the same registration again gets the same answer.

    Raises NotAllowed, Malformed (naming row and column), Conflict (`contradicting`, by source and cell; `id_taken`),
    NotFound (`vervangt` is not in force), PolicyRefused (not approved, or by a rule).
    """
    if caller.act.rol is not Rol.REGISSEUR or caller.party.partnertype is not Partnertype.REGISSEUR_BUREAU:
        raise NotAllowed("only the regional director's bureau registers external counts", code="not_the_regisseur")
    raw = canonical_bytes(publicatie)
    external = External(publicatie, sha256(raw))
    standing = in_force(house)
    besluit = _already(house, publicatie.extern_id, raw)
    if besluit is not None:
        return _stand(house, external, besluit, [each for each in standing if each.digest != external.digest])
    parents = parents_for(municipalities(house.policy.bundle), publicatie.jaar)
    check(publicatie, parents)
    others = tuple(each for each in standing if each.publicatie.extern_id != publicatie.vervangt)
    if publicatie.vervangt is not None and len(others) == len(standing):
        raise NotFound("vervangt: no external publication by that id is in force", code="unknown_external")
    found = clashing([each for each in (*others, external) if each.population == external.population], parents)
    if found is not None:
        raise Conflict(f"{found.words}; give the margin within which it counts, or correct it", code="contradicting")
    judged = _judged(house, caller, external)
    besluit = _written(house, caller, external, judged, standing)
    return _stand(house, external, besluit, others)


def check(publicatie: ExternePublicatie, parents: Parents) -> None:
    """Raises Malformed unless table, dimensions and codes are ours."""
    if publicatie.tabel not in CATALOGUE:
        raise Malformed("tabel: name a table of counts of the catalogue", code="unknown_table")
    dims = publicatie.dimensies
    if len(set(dims)) != len(dims) or not set(dims) <= dimensions_of(publicatie.tabel):
        raise Malformed("dimensies: name dimensions of that table, each once", code="unknown_dimension")
    wrong = wrong_cell(publicatie, parents)
    if wrong is not None:
        raise Malformed(f"cellen: row {wrong.row}, column {wrong.column!r}: {wrong.what}", code="wrong_cell")


def _judged(house: House, caller: Caller, external: External) -> Judged:
    """Policy's answer, which asks the privacy officer's approval of exactly this; raises PolicyRefused."""
    now, publicatie = house.clock(), external.publicatie
    with reading(house.store) as transaction:
        approval = find_approval(
            transaction, caller.id, Actie.AGGREGAAT_VRIJGEVEN, external.digest, caller.act.sub, now
        )
    ask = Ask(
        actie=Actie.AGGREGAAT_VRIJGEVEN,
        convenant=Convenant.MONITOR,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        doel=Doel.MONITOR,
        soort="externe_publicatie",
        id=publicatie.extern_id,
        eigenschappen={
            "tabel_id": publicatie.tabel.value,
            "beschermd": False,
            "uitsplitsing": [name for name in publicatie.dimensies if name != "type"],
            "vrije_tekst": False,
        },
        vierogen=approval,
    )
    judged = judge(house, caller, ask, now)
    if isinstance(judged.verdict, Refused):
        missing = tuple(reden for reden in judged.verdict.redenen if reden.code not in _ABOUT_OURS)
        if missing:
            with writing(house.store) as transaction:
                enter(house, transaction, (judged,), now)
            raise PolicyRefused(judged.verdict.id, missing)
    return judged


def _written(house: House, caller: Caller, external: External, judged: Judged, standing: Sequence[External]) -> str:
    """The registration, the decision and their entries, at once; returns the decision's id."""
    now, publicatie = house.clock(), external.publicatie
    besluit = judged.entry.besluit
    entry = ExternalEntry(
        extern_id=publicatie.extern_id,
        partij=caller.id,
        digest=external.digest,
        vervangt=publicatie.vervangt,
        besluit=besluit,
    )
    row = {
        "extern_id": publicatie.extern_id,
        "party": caller.id,
        "publicatie": canonical_bytes(publicatie),
        "digest": b64u_decode(external.digest),
        "besluit": besluit,
        "registered_ms": to_ms(now),
    }
    with writing(house.store) as transaction:
        append(transaction, (judged.entry, entry), now, house.random)
        if digests_in_force(transaction) != {each.digest for each in standing}:
            raise Conflict("another external publication was registered at this moment: try again", code="changed")
        transaction.execute(insert(EXTERNALS).values(**row))
        if publicatie.vervangt is not None:
            old = EXTERNALS.c.extern_id == publicatie.vervangt
            transaction.execute(update(EXTERNALS).where(old).values(vervangen_door=publicatie.extern_id))
    return besluit


def _stand(house: House, external: External, besluit: str, others: Sequence[External]) -> ExterneStand:
    """The answer: what this opens in releases that are out. Where the solver will not tell, that is what is told."""
    parents = parents_for(municipalities(house.policy.bundle), external.publicatie.jaar)
    out = [each.publicatie for each in everything_published(house)]
    try:
        found = opened_by(external, others, out, parents)
    except SolverRefused as error:
        found = (Finding("outsider", "what it opens", 0.0, 0.0, str(error)),)
    told = opened(found, code_names(house.policy.bundle, house.federatie), SMALLEST[Publiek.OPENBAAR])
    return ExterneStand(extern_id=external.publicatie.extern_id, digest=external.digest, besluit=besluit, opent=told)


def _already(house: House, extern_id: str, raw: bytes) -> str | None:
    """The decision of this very registration; raises Conflict for another one by its id."""
    with reading(house.store) as transaction:
        row = transaction.execute(select(EXTERNALS).where(EXTERNALS.c.extern_id == extern_id)).one_or_none()
    if row is None:
        return None
    if bytes(row.publicatie) != raw:
        raise Conflict("that id was used for other counts: choose another, and name this one in vervangt", "id_taken")
    return str(row.besluit)


def in_force(house: House) -> tuple[External, ...]:
    """All registrations that none corrects, oldest first; raises BrokenSeal rather than miss one."""
    return tuple(each.external for each in _stored(house) if each.vervangen_door is None)


def of_digests(house: House, digests: Sequence[str]) -> tuple[External, ...]:
    """The registrations of these digests, corrected since or not, oldest first; raises BrokenSeal when one is gone."""
    found = tuple(each.external for each in _stored(house) if each.external.digest in digests)
    if len(found) != len(set(digests)):
        raise BrokenSeal("an external publication that figures were protected against is not stored any more")
    return found


def digests_in_force(transaction: Connection) -> set[str]:
    """Digests of the registrations in force, for a look under the ledger's lock."""
    rows = transaction.execute(select(EXTERNALS.c.digest).where(EXTERNALS.c.vervangen_door.is_(None))).scalars()
    return {b64u(bytes(digest)) for digest in rows}


def list_registered(house: House, caller: Caller) -> ExterneLijst:
    """Every registration, oldest first, for the regional director's bureau: its regisseur and its privacy officer.

    Raises NotAllowed for everyone else, BrokenSeal when what is stored is not what was registered.
    """
    _require_reader(caller)
    return ExterneLijst(registraties=tuple(each.regel for each in _stored(house)))


def find_registered(house: House, caller: Caller, extern_id: str) -> ExterneRegistratie:
    """One registration with its numbers, for the same; raises as `list_registered`, and NotFound."""
    _require_reader(caller)
    found = next((each for each in _stored(house) if each.external.publicatie.extern_id == extern_id), None)
    if found is None:
        raise NotFound("no external publication by that id was registered", code="unknown_external")
    return ExterneRegistratie(stand=found.regel, publicatie=found.external.publicatie)


def _require_reader(caller: Caller) -> None:
    if caller.act.rol not in _READERS or caller.party.partnertype is not Partnertype.REGISSEUR_BUREAU:
        raise NotAllowed(
            "external counts are listed for the regional director's bureau, to its regisseur and privacy officer",
            code="not_the_regisseur",
        )


@dataclass(frozen=True, slots=True)
class _Registered:
    """A row of the table whose bytes are the ones that were registered."""

    external: External
    besluit: str
    registered: datetime
    vervangen_door: str | None

    @property
    def regel(self) -> ExterneRegel:
        """It as a line of the list."""
        given = self.external.publicatie
        return ExterneRegel(
            extern_id=given.extern_id,
            bron=given.bron,
            datum=given.datum,
            jaar=given.jaar,
            tabel=given.tabel,
            marge=given.marge,
            dimensies=given.dimensies,
            cellen=len(given.cellen),
            digest=self.external.digest,
            besluit=self.besluit,
            geregistreerd=self.registered,
            vervangt=given.vervangt,
            vervangen_door=self.vervangen_door,
        )


def _stored(house: House) -> list[_Registered]:
    order = EXTERNALS.c.registered_ms, EXTERNALS.c.extern_id
    with reading(house.store) as transaction:
        rows = transaction.execute(select(EXTERNALS).order_by(*order)).all()
    found = []
    for row in rows:
        raw = bytes(row.publicatie)
        if sha256(raw) != b64u(bytes(row.digest)):
            raise BrokenSeal(f"{row.extern_id}: the external publication is not the one that was registered")
        external = External(ExternePublicatie.model_validate_json(raw), sha256(raw))
        found.append(_Registered(external, row.besluit, from_ms(row.registered_ms), row.vervangen_door))
    return found
