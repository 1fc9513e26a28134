"""What is sent and on what terms: a source bound to its mapping for one domain, and the evaluator policy allows it.

Spot checks open a delivery too, and `pseudonymize` has one evaluated; neither needs what sending needs besides.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from connectors.contract.batch import Motivering
from connectors.contract.codes import Actie, Doel, PartijDomein, Thema, TokenDomein, TokenKlasse
from connectors.contract.record import Profiel
from connectors.contract.ticket import TicketAanvraag
from connectors.delivery import new_id
from connectors.errors import InputRefused
from connectors.evaluation import CachedEvaluation, RemoteEvaluation
from connectors.house import House
from connectors.mapping import BoundMapping, Mapping
from connectors.minimise import DOELEN
from connectors.sources.opening import open_source
from connectors.sources.source import Source
from connectors.survey import survey

MAX_PROFILES: Final = 256
"""Profiles that a ticket or a MONITOR header may state (contract)."""


@dataclass(frozen=True)
class Delivery:
    """A source bound to a mapping for one token domain."""

    source: Source
    bound: BoundMapping
    domein: TokenDomein
    doel: Doel
    thema: Thema
    source_digest: str

    @property
    def mapping(self) -> Mapping:
        return self.bound.mapping


@dataclass(frozen=True)
class Plan:
    """What every batch of this run has in common."""

    levering_id: str
    bron: tuple[str, PartijDomein]
    domein: TokenDomein
    doel: Doel
    thema: Thema
    epoch: str
    federatie: str
    motivering: Motivering | None
    goedkeuring: str | None
    bsn: bool
    today: date


def open_delivery(house: House, location: str, mapping: Mapping, asked: TokenDomein | None) -> Delivery:
    """Open and check the source. The domain: as asked, else as the mapping says, else the settings' first."""
    counted = TokenDomein.MONITOR if mapping.content.tellingen is not None else None
    domein = house.domein(counted or asked or mapping.domein)
    source = open_source(mapping.source, location)
    bound = mapping.bind(source.name, source.columns, house.clock().date())
    return Delivery(
        source=source,
        bound=bound,
        domein=domein,
        doel=mapping.doel or DOELEN[domein.convenant],
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        source_digest=source.digest(),
    )


def plan_for(house: House, delivery: Delivery, goedkeuring_id: str | None) -> Plan:
    """`goedkeuring_id`: the approval that the gateway registered, where policy asks four eyes."""
    epoch = house.settings.epoch
    levering_id = house.outbox.levering(
        delivery.source_digest, delivery.mapping.digest, delivery.domein, epoch, new_id(house.random)
    )
    return Plan(
        levering_id=levering_id,
        bron=(house.party.oin, house.party.domein),
        domein=delivery.domein,
        doel=delivery.doel,
        thema=delivery.thema,
        epoch=epoch,
        federatie=house.federatie.digest,
        motivering=delivery.mapping.content.motivering,
        goedkeuring=goedkeuring_id,
        bsn=house.party.bsn_recht,
        today=house.clock().date(),
    )


def evaluation_for(house: House, plan: Plan, profielen: tuple[Profiel, ...]) -> CachedEvaluation:
    """The evaluator for records with these profiles: policy judges each of them before a ticket exists."""
    question = TicketAanvraag(
        domein=plan.domein,
        epoch=plan.epoch,
        klasse=TokenKlasse.ID,
        aantal=1,
        actie=Actie.RECORDS_INDIENEN,
        doel=plan.doel,
        profielen=profielen,
        motivering=plan.motivering,
        goedkeuring=plan.goedkeuring,
    )
    fresh = RemoteEvaluation(
        house.calls, house.federatie, question, None, house.key, house.http, house.clock, house.workers
    )
    return CachedEvaluation(house.outbox, house.keyring.local_keys(), plan.domein, plan.epoch, fresh)


def offline_evaluation(house: House, delivery: Delivery) -> CachedEvaluation:
    """The evaluator for a whole file that is encoded and not sent; policy still judges its profiles for the ticket.

    Raises InputRefused when the mapping or a row is not fit to be sent either, or has too many profiles for a ticket.
    """
    found = survey(
        delivery.source, delivery.bound, delivery.domein, house.settings.domein, house.clock().date(), lambda _: None
    )
    both = {profile.model_copy(update={"bsn_aanwezig": bsn}) for profile in found.profiles for bsn in (False, True)}
    if not 0 < len(both) <= MAX_PROFILES:
        raise InputRefused(f"0 or more than {MAX_PROFILES} profiles in one file; split it", file=delivery.source.name)
    return evaluation_for(
        house, plan_for(house, delivery, None), tuple(both if house.party.bsn_recht else found.profiles)
    )
