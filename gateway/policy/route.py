"""Where a signal belongs: from a few answers the route, the table that handles it, and with whom it may be shared.

The routes follow the regional flow chart as the design gives it (architecture page, "Three token domains"): `zorg`
stays local and sends counts only, `zorg_straf` goes to the Zorg- en Veiligheidshuis of the municipality,
`ondermijning` to the RIEC. Whether sharing is allowed is asked of the policy itself, so the advice cannot promise
what the rules refuse.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from pydantic import JsonValue

from connectors.contract.codes import Categorie, Convenant, Doel, Doorbrekingsgrond, Partnertype, Route, Status
from gateway.policy.bundle import PolicyBundle
from gateway.policy.errors import PolicySourceError
from gateway.policy.room import PolicyRoom

_PURPOSES: Final = {
    Convenant.RIEC: Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
    Convenant.ZVH: Doel.ZVH_CASUS,
    Convenant.MONITOR: Doel.MONITOR,
}
_STRANGER: Final = "00000099000000000000"
_TABLES: Final = {
    Route.ZORG: "zorgcoördinatie, lokaal",
    Route.ONDERMIJNING: "RIEC",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """The answers that the helper needs about a signal; no identity, no free text."""

    partnertype: Partnertype
    categorie: Categorie
    gemeente: str
    status: Status
    strafbaar_feit: bool  # is there a criminal side to it
    georganiseerd: bool  # does it point at organised crime
    beroepsgeheim: bool = False
    grond: Doorbrekingsgrond = Doorbrekingsgrond.GEEN


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whether the signal may be handed in under a convenant, and why not."""

    convenant: Convenant
    vorm: str
    mag: bool
    redenen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """The route, the table that handles it, why, and what may be shared."""

    route: Route
    tafel: str
    toelichting: str
    delen: tuple[Sharing, ...]


def advise(signal: Signal, room: PolicyRoom, now: datetime) -> Advice:
    """The advice on one signal; raises PolicySourceError for a municipality outside the region."""
    route, why = _route(signal)
    gemeenten = cast("dict[str, dict[str, str]]", room.bundle.table("municipalities")["gemeenten"])
    if signal.gemeente not in gemeenten:
        raise PolicySourceError("gemeente", "not one of the region: refer to its own RIEC or Zorg- en Veiligheidshuis")
    tafel = _TABLES.get(route) or f"Zorg- en Veiligheidshuis {gemeenten[signal.gemeente]['veiligheidshuis']}"
    shares = [_share(signal, route, convenant, room, now) for convenant in Convenant]
    return Advice(route, tafel, why, tuple(shares))


def _route(signal: Signal) -> tuple[Route, str]:
    victim = signal.categorie is Categorie.SLACHTOFFER
    if victim and not signal.strafbaar_feit:
        return Route.ZORG, "Een slachtoffer zonder strafrechtelijke kant blijft bij de zorg; alleen tellingen."
    if signal.georganiseerd and not victim:
        return Route.ONDERMIJNING, "Georganiseerde criminaliteit zonder slachtoffergegevens hoort bij het RIEC."
    if victim and signal.georganiseerd:
        return Route.ZORG_STRAF, "Een slachtoffer hoort niet in het daderspoor; zorg en straf komen samen in het ZVH."
    return Route.ZORG_STRAF, "Zorg en straf komen samen in het Zorg- en Veiligheidshuis."


def _share(signal: Signal, route: Route, convenant: Convenant, room: PolicyRoom, now: datetime) -> Sharing:
    counts = convenant is Convenant.MONITOR and route is Route.ZORG
    answer = room.answer(_question(signal, route, convenant, room.bundle, now, counts))
    form = "tellingen zonder tokens" if counts else "tokens en codes"
    return Sharing(convenant, form, answer.decision, tuple(reason.nl for reason in answer.context.reden))


def _question(
    signal: Signal, route: Route, convenant: Convenant, bundle: PolicyBundle, now: datetime, counts: bool
) -> JsonValue:
    oin, domein = _party(signal.partnertype, convenant, bundle)
    moment = now.isoformat()
    properties: dict[str, JsonValue] = {
        "categorie": signal.categorie.value,
        "route": route.value,
        "status": signal.status.value,
        "gemeente": signal.gemeente,
        "bron_oin": oin,
        "bron_domein": domein,
        "wpg_artikel": "geen",
        "bewaren_tot": (now + timedelta(days=1)).isoformat(),
        **dict.fromkeys(("bijzonder", "minderjarig", "dubbelrol", "vrije_tekst", "bsn_aanwezig", "embargo"), False),
        **({"bevat_tokens": False} if counts else _secrecy(signal)),
    }
    # The advice takes for granted what the connector and the gateway see to: sign-in, four eyes, a motive, a log.
    return {
        "subject": {
            "id": "adviesvraag",
            "properties": {
                "oin": oin,
                "domein": domein,
                "partnertype": signal.partnertype.value,
                "rol": "partner_it",
                "loa": "substantieel",
                "mfa": True,
            },
        },
        "action": {"name": "tellingen_indienen" if counts else "records_indienen"},
        "resource": {"properties": properties},
        "context": {
            "time": moment,
            "convenant": convenant.value,
            "thema": "mensenhandel_en_smokkel",
            "doel": _PURPOSES[convenant].value,
            "vierogen": {"aanvrager": "adviesvraag", "goedkeurder": "collega", "tijd": moment},
            "motivering": dict.fromkeys(("noodzaak", "proportionaliteit", "subsidiariteit"), "vooraf"),
            "logging": {"ldv": True, "adl": True},
            "beleid": {"revisie": bundle.release, "ondertekend": True, "ouderdom_uren": 0},
        },
    }


def _secrecy(signal: Signal) -> dict[str, JsonValue]:
    return {
        "beroepsgeheim": signal.beroepsgeheim,
        "doorbrekingsgrond": signal.grond.value,
        "toestemming_geldig": signal.grond is Doorbrekingsgrond.TOESTEMMING,
        "professional_ref": "vooraf",
        "consult_ref": "vooraf",
    }


def _party(partnertype: Partnertype, convenant: Convenant, bundle: PolicyBundle) -> tuple[str, str]:
    """A party of this type under the convenant, to ask as; a stranger when there is none."""
    listed = cast("dict[str, dict[str, list[dict[str, str]]]]", bundle.table("parties")["partijen"])
    for key, entries in sorted(listed.get(convenant.value, {}).items()):
        if any(entry["partnertype"] == partnertype.value and entry["tot"] >= "2199" for entry in entries):
            oin, _, domein = key.partition("/")
            return oin, domein
    return _STRANGER, "bureau"
