"""`POST /v1/releases/{id}/publication`: approved → sealed → published, exactly the figures that were approved.

Rules this module upholds (disclosure page, pipeline; promise P6)
1. The second person approved the digest of these very figures, within the policy's hours; other figures are refused.
2. Nothing leaves that the rows, the rules or the code no longer give: a record withdrawn since is not published.
3. What was published since the draft is attacked together with it, and the last look at it is under the ledger's lock.
4. Only sealed bytes can be read: hashed, signed, with the attack and the decisions named in the seal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from connectors.contract.canonical import b64u_decode, canonical_bytes, sha256
from connectors.contract.codes import Actie
from connectors.contract.releases import Concept, Publicatie, ReleaseStand, ReleaseVrijgave
from gateway.caller import Caller
from gateway.clock import to_ms
from gateway.errors import Conflict
from gateway.house import House
from gateway.ledger.entries import Entry
from gateway.permit.judge import Judged, judge, require
from gateway.registry.records import find_approval
from gateway.release.attacking import attack
from gateway.release.draft import block
from gateway.release.earlier import populations
from gateway.release.external import External
from gateway.release.gathering import gather
from gateway.release.hierarchies import Parents, from_the_wire, parents_for
from gateway.release.judging import asks
from gateway.release.naming import municipalities
from gateway.release.published import Published, everything_published
from gateway.release.registering import digests_in_force, in_force, of_digests
from gateway.release.revision import check_revision
from gateway.release.seal import code_version, document, seal
from gateway.release.shelf import Dossier, entry_of, get, move
from gateway.release.steps import AWAITING, PUBLIC, Stap
from gateway.release.tables import RELEASES
from gateway.release.words import Blocked
from gateway.store import reading


def publish(house: House, caller: Caller, release_id: str, vrijgave: ReleaseVrijgave) -> ReleaseStand:
    """Publish the figures of `vrijgave.digest`; once published, the same request gets the same answer.

    Raises PolicyRefused (not approved, or refused by a rule), ReleaseBlocked, Conflict (other figures than the draft's,
    or one that is out of date), NotFound, NotReady. A publication that a crash cut short is resumed, judged anew.
    """
    dossier = get(house, release_id, caller.id)
    if dossier.stap in PUBLIC and dossier.stand is not None:
        if vrijgave.digest != dossier.cijfers:
            raise Conflict("that release was published with other figures", code="other_figures")
        return dossier.stand
    if dossier.stap not in AWAITING:
        raise Conflict("this release has no figures that withstood our attackers: draft it", code="no_draft")
    if vrijgave.digest != dossier.cijfers:
        raise Conflict("the draft has other figures than those: look at it and have it approved", code="other_figures")
    now = house.clock()
    outside = _Outside(everything_published(house), in_force(house))
    check_revision(dossier.aanvraag, outside.published)
    _others_unchanged(house, dossier, outside)
    _still_holds(house, dossier, now)
    columns = _attacked_again(house, dossier, outside)
    judged = _judged(house, caller, dossier, now)
    require(house, judged, now)
    entries: tuple[Entry, ...] = tuple(each.entry for each in judged)
    besluiten = tuple(each.entry.besluit for each in judged)
    dossier = move(house, dossier, Stap.GOEDGEKEURD, dossier.cijfers, columns, entries, besluiten[0])
    dossier = _sealed(house, dossier, besluiten)
    return _published(house, dossier, besluiten, outside)


@dataclass(frozen=True, slots=True)
class _Outside:
    """What is out at this moment: our own releases, oldest first, and what others published and was registered."""

    published: tuple[Published, ...]
    extern: tuple[External, ...]

    @property
    def figures(self) -> tuple[Publicatie, ...]:
        """The documents."""
        return tuple(each.publicatie for each in self.published)


def _still_holds(house: House, dossier: Dossier, now: datetime) -> None:
    """Raises Conflict when rows, rules or code are not those that the figures were made with."""
    concept, werkblad, _ = dossier.figures
    changed = {
        "rows were added, withdrawn or erased": gather(
            house, concept.epoch, werkblad.partijen, now, werkblad.extern
        ).digest
        != werkblad.invoer,
        "the purpose rules changed": house.policy.bundle.digest != werkblad.beleid,
        "the gateway's code changed": code_version() != werkblad.code,
    }
    if any(changed.values()):
        why = ", ".join(reason for reason, holds in changed.items() if holds)
        raise Conflict(f"{why} since the draft: draft it again and have it approved", code="out_of_date")


def _others_unchanged(house: House, dossier: Dossier, outside: _Outside) -> None:
    """Nothing that others published was registered since the draft. What was is attacked with first, so that the answer
    names a cell that it opens (ReleaseBlocked); figures that withstand are made again, with it in view (Conflict)."""
    concept, werkblad, gate = dossier.figures
    told = set(populations(concept))
    standing = [each for each in outside.extern if each.population in told]
    if {each.digest for each in standing} == set(werkblad.extern):
        return
    found = attack(concept, gate.groepen, outside.figures, standing, _parents(house, concept))
    if isinstance(found, Blocked):
        raise block(house, dossier, found)
    raise Conflict(
        "external publications were registered or corrected since the draft: draft it again and have it approved",
        code="out_of_date",
    )


def _parents(house: House, concept: Concept) -> Parents:
    """The hierarchies that the figures were made with, and of dimensions that only others use those of today."""
    today = parents_for(municipalities(house.policy.bundle), concept.jaar)
    return {**today, **from_the_wire(concept.hierarchieen)}


def _attacked_again(house: House, dossier: Dossier, outside: _Outside) -> dict[str, object]:
    """The columns of a fresh attack when something was published since the draft; raises ReleaseBlocked."""
    concept, werkblad, gate = dossier.figures
    ids = tuple(each.release_id for each in outside.figures)
    if ids == werkblad.eerdere:
        return {}
    extern = of_digests(house, werkblad.extern)
    found = attack(concept, gate.groepen, outside.figures, extern, _parents(house, concept))
    if isinstance(found, Blocked):
        raise block(house, dossier, found)
    # What the figures were made against stays on the work sheet: they are made again against the same.
    return {"aanval": canonical_bytes(found)}


def _judged(house: House, caller: Caller, dossier: Dossier, now: datetime) -> tuple[Judged, ...]:
    """Policy's answer for every table, with the approval of exactly these figures when there is one."""
    _, werkblad, _ = dossier.figures
    with reading(house.store) as transaction:
        approval = find_approval(
            transaction, caller.id, Actie.AGGREGAAT_VRIJGEVEN, dossier.cijfers, caller.act.sub, now
        )
    return tuple(
        judge(house, caller, ask, now)
        for ask in asks(dossier.release_id, dossier.aanvraag.publiek, werkblad.maten, approval)
    )


def _sealed(house: House, dossier: Dossier, besluiten: tuple[str, ...]) -> Dossier:
    publicatie = document(dossier.figures[0], house.clock())
    sealed = canonical_bytes(publicatie)
    zegel = seal(dossier, publicatie, besluiten, house.signing)
    columns = {"sealed": sealed, "digest": b64u_decode(sha256(sealed)), "zegel": zegel}
    return move(house, dossier, Stap.VERZEGELD, sha256(sealed), columns)


def _published(house: House, dossier: Dossier, besluiten: tuple[str, ...], outside: _Outside) -> ReleaseStand:
    """The last step: readable from here on, and the release that it replaces is marked so."""
    digest = sha256(canonical_bytes(dossier.publicatie))
    stand = ReleaseStand(
        release_id=dossier.release_id,
        stap="gepubliceerd",
        digest=digest,
        revisie=dossier.aanvraag.revisie,
        besluiten=besluiten,
    )
    columns = {"stand": canonical_bytes(stand), "published_ms": to_ms(dossier.publicatie.gepubliceerd)}
    move(house, dossier, Stap.GEPUBLICEERD, digest, columns, besluit=besluiten[0], check=_last_look(dossier, outside))
    return stand


def _last_look(dossier: Dossier, outside: _Outside) -> Callable[[Connection], tuple[Entry, ...]]:
    """Under the ledger's lock: nothing else was published or registered, and what is replaced still stands."""
    attacked = {each.release_id for each in outside.figures}
    known = {each.digest for each in outside.extern}
    before = next((each for each in outside.published if each.publicatie.release_id == dossier.aanvraag.vervangt), None)

    def look(transaction: Connection) -> tuple[Entry, ...]:
        if digests_in_force(transaction) != known:
            raise Conflict("an external publication came in at this moment: publish again", code="changed_meanwhile")
        public = RELEASES.c.stap.in_([stap.value for stap in PUBLIC])
        if set(transaction.execute(select(RELEASES.c.release_id).where(public)).scalars()) != attacked:
            raise Conflict("another release was published at this moment: publish again", code="changed_meanwhile")
        if before is None:
            return ()
        old = RELEASES.c.release_id == before.publicatie.release_id
        replaced = {"stap": Stap.VERVANGEN.value, "vervangen_door": dossier.release_id}
        transaction.execute(update(RELEASES).where(old).values(**replaced))
        return (entry_of(before.publicatie.release_id, dossier.party, Stap.VERVANGEN, sha256(before.sealed)),)

    return look
