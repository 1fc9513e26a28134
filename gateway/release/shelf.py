"""Rows of releases: every change of step is one transaction with its ledger entry, and says what it changes from.

Whoever changes a row names the step and the attempt he read it at; when another was faster he gets a Conflict and
nothing was changed. The ledger's head is locked first, so that changes stand in one order on both engines.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, insert, select, update

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.model import Bytes32, Code, Wire
from connectors.contract.releases import Aanvalsverslag, Concept, Publicatie, ReleaseAanvraag, ReleaseStand
from gateway.errors import Conflict, NotFound
from gateway.house import House
from gateway.ledger.append import append
from gateway.ledger.entries import Entry, ReleaseEntry
from gateway.release.steps import PUBLIC, Stap, require
from gateway.release.tables import RELEASES
from gateway.store import reading, writing


class Maat(Wire):
    """What policy is asked about one table of the figures (`measures.py`), measured when they were made."""

    tabel: Code
    min_cel: int
    min_verschil: int
    dominantie: int
    uitsplitsing: tuple[Code, ...]


class Werkblad(Wire):
    """What the makers keep beside the figures: whose rows, against which earlier releases and registrations of what
    others published (`extern`, their digests), rules, input and code.

    `klok`: the search was ended by the clock, so another run may find another pattern that is as safe.
    """

    partijen: tuple[str, ...]
    eerdere: tuple[Code, ...]
    beleid: Code
    invoer: Bytes32
    code: Code
    klok: bool
    maten: tuple[Maat, ...]
    extern: tuple[Bytes32, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """A release at a step, as it is stored; parts that do not exist yet are None."""

    release_id: str
    party: str
    aanvrager: str
    stap: Stap
    poging: int
    aanvraag: ReleaseAanvraag
    concept: Concept | None
    werkblad: Werkblad | None
    aanval: Aanvalsverslag | None
    sealed: bytes | None
    zegel: str | None
    stand: ReleaseStand | None
    vervangen_door: str | None

    @property
    def cijfers(self) -> str:
        """The digest of the figures: what is approved. Raises Conflict when there are none yet."""
        return sha256(canonical_bytes(self.figures[0]))

    @property
    def figures(self) -> tuple[Concept, Werkblad, Aanvalsverslag]:
        """The protected figures, the work sheet and the attack; raises Conflict unless all three exist."""
        if self.concept is None or self.werkblad is None or self.aanval is None:
            raise Conflict("this release has no figures that withstood our attackers: draft it", code="no_draft")
        return self.concept, self.werkblad, self.aanval

    @property
    def publicatie(self) -> Publicatie:
        """The sealed document; raises NotFound before sealing."""
        if self.sealed is None:
            raise NotFound("no published release by that id")
        return Publicatie.model_validate_json(self.sealed)


def find(transaction: Connection, release_id: str) -> Dossier | None:
    """The release by that id, whatever its step."""
    row = transaction.execute(select(RELEASES).where(RELEASES.c.release_id == release_id)).one_or_none()
    return None if row is None else dossier_of(row)


def get(house: House, release_id: str, party: str | None = None) -> Dossier:
    """The release by that id; raises NotFound, also for another party's when `party` is given."""
    with reading(house.store) as transaction:
        found = find(transaction, release_id)
    if found is None or party not in (None, found.party):
        raise NotFound("this party has no release by that id")
    return found


def dossier_of(row: Row[Any]) -> Dossier:
    """A row of the table, read."""
    return Dossier(
        release_id=row.release_id,
        party=row.party,
        aanvrager=row.aanvrager,
        stap=Stap(row.stap),
        poging=row.poging,
        aanvraag=ReleaseAanvraag.model_validate_json(bytes(row.aanvraag)),
        concept=None if row.concept is None else Concept.model_validate_json(bytes(row.concept)),
        werkblad=None if row.werkblad is None else Werkblad.model_validate_json(bytes(row.werkblad)),
        aanval=None if row.aanval is None else Aanvalsverslag.model_validate_json(bytes(row.aanval)),
        sealed=None if row.sealed is None else bytes(row.sealed),
        zegel=row.zegel,
        stand=None if row.stand is None else ReleaseStand.model_validate_json(bytes(row.stand)),
        vervangen_door=row.vervangen_door,
    )


_EMPTY: Final = dict.fromkeys(("concept", "werkblad", "aanval", "sealed", "digest", "zegel", "stand", "published_ms"))


def begin(house: House, party: str, aanvrager: str, aanvraag: ReleaseAanvraag) -> Dossier:
    """A draft of this request at its first step; one that was drafted before and is not public starts anew.

    Raises Conflict for an id that is another party's or is published.
    """
    now, raw = house.clock(), canonical_bytes(aanvraag)
    about = {"aanvrager": aanvrager, "jaar": aanvraag.jaar, "revisie": aanvraag.revisie, "aanvraag": raw}
    row = {"party": party, **about, "stap": Stap.ONTWERP.value, **_EMPTY}
    entry = entry_of(aanvraag.release_id, party, Stap.ONTWERP, sha256(raw))
    with writing(house.store) as transaction:
        append(transaction, (entry,), now, house.random)
        known = find(transaction, aanvraag.release_id)
        if known is None:
            transaction.execute(insert(RELEASES).values(release_id=aanvraag.release_id, poging=1, **row))
        elif known.party != party or known.stap in PUBLIC:
            raise Conflict("that release id is taken: choose another", code="id_taken")
        else:
            require(known.stap, Stap.ONTWERP)
            where = RELEASES.c.release_id == aanvraag.release_id
            transaction.execute(update(RELEASES).where(where).values(poging=known.poging + 1, **row))
    return get(house, aanvraag.release_id)


def move(
    house: House,
    dossier: Dossier,
    naar: Stap,
    digest: str,
    changes: Mapping[str, object],
    decisions: tuple[Entry, ...] = (),
    besluit: str | None = None,
    check: Callable[[Connection], tuple[Entry, ...]] | None = None,
) -> Dossier:
    """Take a step: the row, its ledger entry with `digest`, and the decisions that go before it, or nothing.

    `check(transaction)` runs with the ledger's head locked, may refuse, and gives further entries. Raises Conflict when
    the release is no longer at the step that `dossier` says.
    """
    require(dossier.stap, naar)
    entry = entry_of(dossier.release_id, dossier.party, naar, digest, besluit)
    here = and_(
        RELEASES.c.release_id == dossier.release_id,
        RELEASES.c.poging == dossier.poging,
        RELEASES.c.stap == dossier.stap.value,
    )
    with writing(house.store) as transaction:
        append(transaction, (*decisions, entry), house.clock(), house.random)
        further = check(transaction) if check is not None else ()
        changed = transaction.execute(update(RELEASES).where(here).values(stap=naar.value, **changes))
        if changed.rowcount != 1:
            raise Conflict("this release was changed by someone else meanwhile: look again", code="changed_meanwhile")
        append(transaction, further, house.clock(), house.random)
    return get(house, dossier.release_id)


def entry_of(release_id: str, party: str, stap: Stap, digest: str, besluit: str | None = None) -> ReleaseEntry:
    """The ledger entry of a step."""
    return ReleaseEntry.model_validate(
        {"release_id": release_id, "partij": party, "stap": stap.value, "digest": digest, "besluit": besluit}
    )
