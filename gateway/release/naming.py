"""What codes are called, for people: municipalities from the rules, parties from the federation file."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from connectors.contract.federation import Federatie
from gateway.policy.bundle import PolicyBundle


def municipalities(rules: PolicyBundle) -> Mapping[str, Mapping[str, str]]:
    """Code → {naam, veiligheidshuis, van, tot}, as the rules list them."""
    return cast("dict[str, dict[str, str]]", rules.table("municipalities")["gemeenten"])


VEILIGHEIDSHUIZEN: Final[Mapping[str, str]] = MappingProxyType(
    {"ZVH-RR": "Veiligheidshuis Rotterdam-Rijnmond", "ZVH-ZHZ": "Veiligheidshuis Zuid-Holland Zuid"}
)


def code_names(rules: PolicyBundle, federatie: Federatie) -> Mapping[str, str]:
    """Code of a municipality or Veiligheidshuis, or id of a party → its name."""
    towns = {code: about["naam"] for code, about in municipalities(rules).items()}
    return {**VEILIGHEIDSHUIZEN, **towns, **{party.id: party.naam for party in federatie.partijen}}
