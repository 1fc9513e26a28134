"""`POST /v1/releases`: draft → protected → attacked. What comes out is a digest, which a second person approves.

Rules this module upholds (disclosure page, pipeline; promise P6)
1. Only tables of the catalogue, computed here from records and counts; no query of a caller reaches a record.
2. Only what `aggregator.protect` gives back as safe is judged, stored or shown; of a blocked draft nothing is kept.
3. Policy judges every table before anything is stored, on figures measured here; only the approval may still lack.
4. A blocked draft is answered with the attack in words and what would help.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import Partnertype, Rol, TabelId
from connectors.contract.releases import Aanvalsverslag, Concept, ReleaseAanvraag, ReleaseStand
from gateway.caller import Caller
from gateway.errors import Conflict, NotAllowed, NotFound, ReleaseBlocked
from gateway.house import House
from gateway.ledger.entries import Entry, EstimateEntry
from gateway.permit.judge import judge, require
from gateway.policy.verdict import Refused
from gateway.release.attacking import attack
from gateway.release.catalogue import Telregel, Wanted, wanted
from gateway.release.earlier import population_of
from gateway.release.figures import Known, Made, make
from gateway.release.gathering import MONITOR, gather
from gateway.release.hierarchies import parents_for
from gateway.release.judging import asks
from gateway.release.naming import code_names, municipalities
from gateway.release.published import Published, everything_published
from gateway.release.registering import in_force
from gateway.release.revision import check_revision
from gateway.release.seal import code_version
from gateway.release.shelf import Dossier, Maat, Werkblad, begin, get, move
from gateway.release.steps import AWAITING, PUBLIC, Stap
from gateway.release.words import Blocked, explained, summary

Halt = Callable[[], bool]
_MAKERS: Final = frozenset({Rol.REGISSEUR, Rol.PRIVACY_OFFICER})
_AWAITED: Final = frozenset({"GOEDKEURING_PRIVACY_OFFICER", "VIER_OGEN_ZELFDE_PERSOON"})
"""What policy may still miss of a draft: the second person."""


def draft(house: House, caller: Caller, aanvraag: ReleaseAanvraag, halt: Halt) -> ReleaseStand:
    """Make the figures and have them attacked; the digest of the answer is what the privacy officer approves.

    `halt`: once True, the search for a better suppression pattern stops. An equal request after publication gets the
    answer that it got then. Raises ReleaseBlocked (our own attacker opens the draft), PolicyRefused, NotAllowed,
    Malformed, Conflict, NotReady.
    """
    if caller.act.rol is not Rol.REGISSEUR or caller.party.partnertype is not Partnertype.REGISSEUR_BUREAU:
        raise NotAllowed("only the regional director's bureau releases figures", code="not_the_regisseur")
    asked = wanted(aanvraag.tabellen)
    before = _already(house, caller, aanvraag)
    if before is not None:
        return before
    now = house.clock()
    published = everything_published(house)
    check_revision(aanvraag, published)
    dossier = begin(house, caller.id, caller.act.sub, aanvraag)
    known = _with(house, aanvraag, asked, published)
    digests = tuple(each.digest for each in known.extern)
    invoer = gather(house, aanvraag.epoch, house.present(MONITOR, aanvraag.epoch, now), now, digests)
    clock = _Watch(halt)
    made = make(aanvraag, asked, invoer, known, clock)
    if isinstance(made, Blocked):
        raise block(house, dossier, made)
    entries = (*_judged(house, caller, dossier, made.maten, now), *_charged(dossier, made))
    werkblad = Werkblad(
        partijen=invoer.parties,
        eerdere=tuple(each.publicatie.release_id for each in published),
        beleid=house.policy.bundle.digest,
        invoer=invoer.digest,
        code=code_version(),
        klok=clock.fired,
        maten=made.maten,
        extern=digests,
    )
    return _attacked(house, _stored(house, dossier, made, werkblad, entries), published, known)


class _Watch:
    """The caller's clock, which remembers whether it ended a search."""

    def __init__(self, halt: Halt) -> None:
        self._halt = halt
        self.fired = False

    def __call__(self) -> bool:
        self.fired = self.fired or self._halt()
        return self.fired


def _already(house: House, caller: Caller, aanvraag: ReleaseAanvraag) -> ReleaseStand | None:
    """The answer of a request that was published before; raises Conflict for another request by that id."""
    try:
        before = get(house, aanvraag.release_id, caller.id)
    except NotFound:
        return None
    if before.stap not in PUBLIC:
        return None
    if before.aanvraag != aanvraag:
        raise Conflict("that release id was used for other tables: choose another", code="id_taken")
    return before.stand


def _with(house: House, aanvraag: ReleaseAanvraag, asked: Wanted, published: Sequence[Published]) -> Known:
    """Everything that is published, by us for whomever and, about the same cases, by others."""
    counted = {
        population_of(table.id, table.telregel.value, aanvraag.jaar) for group in asked.groups for table in group
    }
    if asked.estimate:
        counted.add(population_of(TabelId.GESCHATTE_OMVANG, Telregel.UNIEK_SLACHTOFFER.value, aanvraag.jaar))
    return Known(
        parents=parents_for(municipalities(house.policy.bundle), aanvraag.jaar),
        kinds={party.id: party.partnertype for party in house.federatie.partijen},
        earlier=tuple(each.publicatie for each in published),
        extern=tuple(each for each in in_force(house) if each.population in counted),
    )


def _judged(house: House, caller: Caller, dossier: Dossier, maten: Sequence[Maat], now: datetime) -> tuple[Entry, ...]:
    """The decisions on a draft that lacks at most the second person; raises PolicyRefused when policy misses more."""
    judged = tuple(
        judge(house, caller, ask, now) for ask in asks(dossier.release_id, dossier.aanvraag.publiek, maten, None)
    )
    beyond = [each for each in judged if isinstance(each.verdict, Refused) and not _codes(each.verdict) <= _AWAITED]
    if beyond:
        require(house, beyond, now)
    return tuple(each.entry for each in judged)


def _codes(refused: Refused) -> set[str]:
    return {reden.code for reden in refused.redenen}


def _charged(dossier: Dossier, made: Made) -> tuple[Entry, ...]:
    """Every estimate is charged to the ledger, also one that the gate refuses."""
    schatting = made.concept.schatting
    if schatting is None:
        return ()
    entry = EstimateEntry(
        release_id=dossier.release_id,
        partij=dossier.party,
        jaar=made.concept.jaar,
        lijsten=len(schatting.lijsten),
        verantwoord=schatting.onder is not None,
    )
    return (entry,)


def _stored(house: House, dossier: Dossier, made: Made, werkblad: Werkblad, entries: tuple[Entry, ...]) -> Dossier:
    raw = canonical_bytes(made.concept)
    gate = Aanvalsverslag(cijfers=sha256(raw), groepen=made.groups)
    columns = {"concept": raw, "werkblad": canonical_bytes(werkblad), "aanval": canonical_bytes(gate)}
    return move(house, dossier, Stap.BESCHERMD, sha256(raw), columns, entries)


def _attacked(house: House, dossier: Dossier, published: Sequence[Published], known: Known) -> ReleaseStand:
    """Attack what is stored, and say by which digest it may be approved."""
    concept, _, gate = dossier.figures
    found = attack(concept, gate.groepen, [each.publicatie for each in published], known.extern, known.parents)
    if isinstance(found, Blocked):
        raise block(house, dossier, found)
    dossier = move(house, dossier, Stap.AANGEVALLEN, dossier.cijfers, {"aanval": canonical_bytes(found)})
    return ReleaseStand(
        release_id=dossier.release_id, stap="aangevallen", digest=dossier.cijfers, revisie=dossier.aanvraag.revisie
    )


def block(house: House, dossier: Dossier, blocked: Blocked) -> ReleaseBlocked:
    """Drop the figures, enter the refusal in the ledger, and give the error that names the attack."""
    redenen = explained(blocked, dossier.aanvraag, code_names(house.policy.bundle, house.federatie))
    said = summary(redenen)
    empty = dict.fromkeys(("concept", "werkblad", "aanval", "sealed", "digest", "zegel"))
    move(house, dossier, Stap.GEBLOKKEERD, sha256(said.encode()), empty)
    return ReleaseBlocked(said, redenen)


def find_draft(house: House, caller: Caller, release_id: str) -> Concept:
    """Figures that await approval, for those who made them or approve them; raises NotFound for everyone else."""
    dossier = get(house, release_id, caller.id)
    if dossier.stap not in AWAITING or caller.act.rol not in _MAKERS:
        raise NotFound("no draft by that id awaits approval")
    return dossier.figures[0]
