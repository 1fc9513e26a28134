"""The questions that policy is asked about a delivery or a ticket: one for every distinct profile of its records.

A profile is all of a record that policy judges. RIEC and ZVH rows hold theirs; MONITOR rows carry less, so their batch
states the profiles and each row must fit one of them.
"""

from datetime import UTC, date, datetime, time
from typing import Final

from pydantic import JsonValue

from connectors.contract.batch import AnyRow, BatchHeader, BatchRefused, Motivering
from connectors.contract.codes import Actie, Doel, PartijDomein, Route, Thema, TokenDomein
from connectors.contract.record import MonitorRij, Profiel, RiecRij, ZvhRij
from gateway.caller import Caller
from gateway.permit.ask import Ask
from gateway.registry.records import Approval

PRESENT: Final = "aanwezig"
"""Stands for a reference that the source keeps: policy asks whether there is one, never which."""


class Profiles:
    """Gathers the distinct profiles of a batch while its rows are read."""

    def __init__(self, header: BatchHeader) -> None:
        self.actie = Actie.RECORDS_INDIENEN if header.inhoud == "records" else Actie.TELLINGEN_INDIENEN
        self.stated = tuple(dict.fromkeys(header.profielen))
        self._fits = {(p.route, p.minderjarig, p.bsn_aanwezig) for p in header.profielen}
        self._seen: dict[Profiel, date] = {}
        self._order: dict[Profiel, int] = {}
        self.places: list[int] = []
        """For each RIEC or ZVH row, in order, which of `distinct` is its profile."""
        self.routes: set[Route] = set()

    def add(self, number: int, row: AnyRow) -> None:
        """Take one row into account; raises BatchRefused for a MONITOR row that fits no stated profile."""
        if isinstance(row, RiecRij | ZvhRij):
            general = row.profiel.model_copy(update={"bewaren_tot": date.max})
            self._seen[general] = min(self._seen.get(general, date.max), row.bewaren_tot)
            self.places.append(self._order.setdefault(general, len(self._order)))
        elif isinstance(row, MonitorRij):
            if (row.route, row.leeftijdsband.minderjarig, row.bsn_aanwezig) not in self._fits:
                raise BatchRefused(number, "the row fits none of the profiles that the header states")
        else:
            self.routes.add(getattr(row, "route", None) or Route.ZORG)

    @property
    def distinct(self) -> tuple[Profiel, ...]:
        """The profiles, each once, with the earliest date until which a record of it is kept."""
        return self.stated or tuple(p.model_copy(update={"bewaren_tot": until}) for p, until in self._seen.items())


def batch_asks(caller: Caller, header: BatchHeader, profiles: Profiles, approval: Approval | None) -> tuple[Ask, ...]:
    """One question per distinct profile, or per route for counts."""
    if profiles.actie == Actie.TELLINGEN_INDIENEN:
        return tuple(_counts_ask(caller, header, route) for route in sorted(profiles.routes))
    return tuple(
        record_ask(
            caller, header.domein, header.doel, header.thema, header.batch_id, profile, approval, header.motivering
        )
        for profile in profiles.distinct
    )


def record_ask(
    caller: Caller,
    domein: TokenDomein,
    doel: Doel,
    thema: Thema,
    id_: str,
    profile: Profiel,
    approval: Approval | None,
    motivering: Motivering | None,
) -> Ask:
    """May this party hand in records of this profile?"""
    return Ask(
        actie=Actie.RECORDS_INDIENEN,
        convenant=domein.convenant,
        thema=thema,
        doel=doel,
        soort="record",
        id=id_,
        eigenschappen=_properties(caller, profile),
        vierogen=approval,
        motivering=motivering,
    )


def _properties(caller: Caller, profile: Profiel) -> dict[str, JsonValue]:
    properties: dict[str, JsonValue] = profile.model_dump(
        mode="json", exclude_none=True, exclude={"bewaren_tot", "bewijs_ref", "professional_ref", "consult_ref"}
    )
    if profile.beroepsgeheim is None and caller.party.domein != PartijDomein.ZORG:
        properties["beroepsgeheim"] = False  # its rows have no field for it, and only care keeps professional secrets
    for name in ("bewijs_ref", "professional_ref", "consult_ref"):
        if getattr(profile, name):
            properties[name] = PRESENT
    return {
        **properties,
        "vrije_tekst": False,  # the schema of a row has no field for it
        "bewaren_tot": datetime.combine(profile.bewaren_tot, time(), UTC).isoformat(),
        "bron_oin": caller.party.oin,
        "bron_domein": caller.party.domein.value,
    }


def _counts_ask(caller: Caller, header: BatchHeader, route: Route) -> Ask:
    return Ask(
        actie=Actie.TELLINGEN_INDIENEN,
        convenant=header.convenant,
        thema=header.thema,
        doel=header.doel,
        soort="telling",
        id=header.batch_id,
        eigenschappen={
            "route": route.value,
            "bevat_tokens": False,  # the schema of a count has no field for it
            "vrije_tekst": False,
            "bron_oin": caller.party.oin,
            "bron_domein": caller.party.domein.value,
        },
        motivering=header.motivering,
    )
