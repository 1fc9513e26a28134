"""`POST /v1/releases/{id}/reproduction`: make a published release again from the stored rows, and compare.

The same question, hierarchies, earlier releases and publications of others as then, the rows as they are now. Byte for
byte the same as long as the rows are kept: withdrawn or erased rows, and tokens destroyed when a year was frozen, end
that (promise P10: within the retention term). A search that the clock ended may find another pattern; then every number
shown is compared.
"""

from collections.abc import Callable
from typing import Literal

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import Rol
from connectors.contract.releases import Concept, Publicatie, Reproductie
from gateway.caller import Caller
from gateway.errors import NotAllowed
from gateway.house import House
from gateway.ledger.append import append
from gateway.ledger.entries import ReleaseEntry
from gateway.release.catalogue import wanted
from gateway.release.figures import Known, Made, make
from gateway.release.gathering import gather
from gateway.release.hierarchies import from_the_wire
from gateway.release.published import everything_published, read_published
from gateway.release.registering import of_digests
from gateway.release.seal import code_version, document
from gateway.release.shelf import get
from gateway.release.size import NO_TIME
from gateway.store import writing

Difference = Literal["invoer", "cijfers", "schatting", "publicatie", "zegel"]
_MAY: frozenset[Rol] = frozenset({Rol.REGISSEUR, Rol.PRIVACY_OFFICER})


def reproduce(house: House, release_id: str, halt: Callable[[], bool], caller: Caller | None = None) -> Reproductie:
    """What differs; the outcome is entered in the ledger. `caller`: None when the operator's own command asks.

    Raises NotFound, NotAllowed, NotReady (a share is not leased now), BrokenSeal.
    """
    if caller is not None and caller.act.rol not in _MAY:
        raise NotAllowed("the regional director and the privacy officer have figures made again", code="not_allowed")
    dossier = get(house, release_id, None if caller is None else caller.id)
    published = read_published(house.store, house.signing.public, release_id)
    concept, werkblad, _ = dossier.figures
    invoer = gather(house, concept.epoch, werkblad.partijen, house.clock(), werkblad.extern)
    known = Known(
        parents=from_the_wire(concept.hierarchieen),
        kinds={party.id: party.partnertype for party in house.federatie.partijen},
        earlier=tuple(
            each.publicatie for each in everything_published(house) if each.publicatie.release_id in werkblad.eerdere
        ),
        extern=of_digests(house, werkblad.extern),
    )
    made = make(dossier.aanvraag, wanted(dossier.aanvraag.tabellen), invoer, known, halt)
    found: list[Difference] = [] if invoer.digest == werkblad.invoer else ["invoer"]
    if isinstance(made, Made):
        found += _differences(made.concept, published.publicatie, same_search=not werkblad.klok)
        if not found and not werkblad.klok:
            again = canonical_bytes(document(made.concept, published.publicatie.gepubliceerd))
            found += [] if again == published.sealed else ["publicatie"]
    else:
        found.append("cijfers")
    outcome = Reproductie(
        release_id=release_id,
        verschillen=tuple(found),
        andere_code=code_version() != werkblad.code,
        andere_regels=house.policy.bundle.digest != werkblad.beleid,
    )
    _entered(house, dossier.party, outcome, sha256(published.sealed))
    return outcome


def _differences(made: Concept, published: Publicatie, *, same_search: bool) -> list[Difference]:
    found: list[Difference] = []
    if made.schatting != published.schatting and not _ended_by_the_clock(published):
        found.append("schatting")
    if same_search:
        return found if made.tabellen == published.tabellen else [*found, "cijfers"]
    now = _shown(made)
    then = _shown(published)
    return [*found, "cijfers"] if any(now[cell] != then[cell] for cell in now.keys() & then.keys()) else found


def _ended_by_the_clock(published: Publicatie) -> bool:
    """Whether the estimate was left out for want of time only; with more time there may be one."""
    return published.schatting is not None and published.schatting.redenen == (NO_TIME,)


def _shown(figures: Concept | Publicatie) -> dict[tuple[str, tuple[str, ...]], int]:
    return {
        (table.tabel.value, cel.codes): cel.aantal
        for table in figures.tabellen
        for cel in table.cellen
        if cel.aantal is not None
    }


def _entered(house: House, party: str, outcome: Reproductie, digest: str) -> None:
    stap = "afwijkend" if outcome.verschillen else "gereproduceerd"
    entry = ReleaseEntry.model_validate(
        {"release_id": outcome.release_id, "partij": party, "stap": stap, "digest": digest}
    )
    with writing(house.store) as transaction:
        append(transaction, (entry,), house.clock(), house.random)
