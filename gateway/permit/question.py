"""The question in AuthZEN 1.0 shape (policy page), filled from verified facts. Pure."""

from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue

from connectors.contract.answers import Autorisatie
from gateway.caller import Caller
from gateway.permit.ask import Ask
from gateway.registry.records import Approval

REGISTER: Final = "https://register.example/v1"
"""The register of processing activities that an action refers to (AVG article 30)."""
ALGORITHM: Final = "https://register.example/alg/tokenmatch-1"


def question(caller: Caller, ask: Ask, trace: str, now: datetime) -> dict[str, JsonValue]:
    """The whole question but for what the policy room adds about itself. `trace`: a W3C traceparent."""
    context: dict[str, JsonValue] = {
        "time": moment(now),
        "traceparent": trace,
        "convenant": ask.convenant.value,
        "thema": ask.thema.value,
        "doel": ask.doel.value,
        "logging": {
            "ldv": True,
            "adl": True,
        },  # the entry is appended in the transaction of the act, or nothing is done
    }
    if ask.casus_id is not None:
        context["casus_id"] = ask.casus_id
    if ask.autorisatie is not None:
        context["autorisatie"] = _authorisation(ask.autorisatie)
    if ask.vierogen is not None:
        context["vierogen"] = _four_eyes(ask.vierogen)
    if ask.motivering is not None:
        context["motivering"] = ask.motivering.model_dump(mode="json")
    return {
        "subject": {"type": "medewerker", "id": caller.act.sub, "properties": _subject(caller)},
        "action": {
            "name": ask.actie.value,
            "properties": {
                "processing_activity_id": f"{REGISTER}/{ask.actie.value}",
                "algorithm_id": ALGORITHM,
            },
        },
        "resource": {"type": ask.soort, "id": ask.id, "properties": dict(ask.eigenschappen)},
        "context": context,
    }


def moment(time: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return time.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _subject(caller: Caller) -> dict[str, JsonValue]:
    return {
        "oin": caller.party.oin,
        "domein": caller.party.domein.value,
        "partnertype": caller.party.partnertype.value,
        "rol": caller.act.rol.value,
        "loa": caller.act.loa.value,
        "mfa": caller.act.mfa,
    }


def _authorisation(autorisatie: Autorisatie) -> dict[str, JsonValue]:
    return {
        "id": autorisatie.autorisatie_id,
        "casus_id": autorisatie.casus_id,
        "subject": autorisatie.subject,
        "doel": autorisatie.doel.value,
        "van": moment(autorisatie.van),
        "tot": moment(autorisatie.tot),
    }


def _four_eyes(approval: Approval) -> dict[str, JsonValue]:
    return {
        "aanvrager": approval.aanvrager,
        "goedkeurder": approval.goedkeurder,
        "goedkeurder_rol": approval.goedkeurder_rol.value,
        "tijd": moment(approval.at),
    }
