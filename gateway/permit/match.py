"""The question whether someone may have a subject matched: filled from what the party registered, not from the body."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection

from connectors.contract.batch import Motivering
from connectors.contract.codes import Actie, Categorie, Convenant, Doel, Thema, TokenDomein
from gateway.caller import Caller
from gateway.permit.ask import Ask
from gateway.registry.records import count_subjects, find_approval, find_authorisation, find_casus

HITS_DAYS: Final = 30
"""How long hits may be looked at (policy page, check HIT_VERLOPEN)."""
COLLECTED_FOR: Final = MappingProxyType(
    {
        Convenant.RIEC: Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        Convenant.ZVH: Doel.ZVH_CASUS,
        Convenant.MONITOR: Doel.MONITOR,
    }
)
"""The purpose for which the records of a domain were handed in (matrix.csv, rows of records_indienen)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What only the asker can say about the subjects; the rest comes from the registry."""

    id: str
    domein: TokenDomein
    casus_id: str
    doel: Doel
    thema: Thema
    categorie: Categorie
    minderjarig: bool
    dubbelrol: bool
    bijzonder: bool
    noodzaak_bescherming: bool
    aantal: int
    motivering: Motivering | None


def match_ask(
    transaction: Connection, caller: Caller, asked: Asked, fingerprints: frozenset[bytes], now: datetime
) -> Ask:
    """The question for policy; raises NotFound when this party registered no such casus."""
    casus = find_casus(transaction, caller.id, asked.casus_id)
    counts = count_subjects(transaction, caller.id, asked.casus_id, caller.act.sub, fingerprints, now)
    return Ask(
        actie=Actie.MATCH_AANVRAGEN,
        convenant=asked.domein.convenant,
        thema=asked.thema,
        doel=asked.doel,
        soort="zoekvraag",
        id=asked.id,
        eigenschappen={
            "categorie": asked.categorie.value,
            "route": casus.route.value,
            "status": casus.status.value,
            "aantal_subjecten": asked.aantal,
            "subjecten_casus_30d": counts.casus,
            "subjecten_analist_30d": counts.analyst,
            "bijzonder": asked.bijzonder or casus.bijzonder,
            "minderjarig": asked.minderjarig,
            "dubbelrol": asked.dubbelrol,
            "noodzaak_bescherming": asked.noodzaak_bescherming,
            "triage_positief": casus.triage_positief,
            "tafel_vastgesteld": casus.tafel_vastgesteld,
            "vrije_tekst": False,
            "bewaren_tot": (now + timedelta(days=HITS_DAYS)).isoformat(timespec="seconds"),
            "verzameldoel": COLLECTED_FOR[asked.domein.convenant].value,
        },
        casus_id=asked.casus_id,
        autorisatie=find_authorisation(transaction, caller.id, asked.casus_id, caller.act.sub, asked.doel, now),
        vierogen=find_approval(transaction, caller.id, Actie.MATCH_AANVRAGEN, asked.casus_id, caller.act.sub, now),
        motivering=asked.motivering,
    )
