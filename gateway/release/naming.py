"""What codes are called, for people: municipalities from the rules, parties from the federation file."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from gateway.house import House


def municipalities(house: House) -> Mapping[str, Mapping[str, str]]:
    """Code → {naam, veiligheidshuis, van, tot}, as the rules list them."""
    return cast("dict[str, dict[str, str]]", house.policy.bundle.table("municipalities")["gemeenten"])


VEILIGHEIDSHUIZEN: Final[Mapping[str, str]] = MappingProxyType(
    {"ZVH-RR": "Veiligheidshuis Rotterdam-Rijnmond", "ZVH-ZHZ": "Veiligheidshuis Zuid-Holland Zuid"}
)


def code_names(house: House) -> Mapping[str, str]:
    """Code of a municipality or Veiligheidshuis, or id of a party → its name."""
    towns = {code: about["naam"] for code, about in municipalities(house).items()}
    return {**VEILIGHEIDSHUIZEN, **towns, **{party.id: party.naam for party in house.federatie.partijen}}
