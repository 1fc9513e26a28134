"""Identifiers of a normalised identity, as (type, key class, strength, value): input of the OPRF, never of the wire.

Types, values and classes: design/cryptography.md, "Bytes" 2 and 3. Strength: record.md, "Strength".
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pseudonymizer.identity import NormalisedIdentity, Reason, Trait


class KeyClass(StrEnum):
    """Keys differ per class, so a party without the right to BSN cannot evaluate one."""

    BSN = "bsn"
    ID = "id"
    CX = "cx"


class Strength(StrEnum):
    STERK = "sterk"
    MIDDEL = "middel"
    ZWAK = "zwak"


@dataclass(frozen=True, slots=True, repr=False)
class Identifier:
    """One value that identifies; `value` is 1..512 bytes of UTF-8, parts joined by 1F."""

    type: str
    key_class: KeyClass
    strength: Strength
    value: str

    def __repr__(self) -> str:
        return f"Identifier(type={self.type!r}, strength={self.strength.value!r})"


@dataclass(frozen=True, slots=True)
class NoToken:
    """A token type that this person does not get, and why."""

    type: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Rule:
    trait: Trait
    key_class: KeyClass
    strength: Strength
    value: Callable[[NormalisedIdentity], str | None]


def _document(norm: NormalisedIdentity) -> str | None:
    return norm.document and f"{norm.document_issuer}\x1f{norm.document}"


def _plate(norm: NormalisedIdentity) -> str | None:
    return norm.plate and f"{norm.plate_country}\x1f{norm.plate}"


_STERK, _MIDDEL, _ID = Strength.STERK, Strength.MIDDEL, KeyClass.ID
RULES: Final = MappingProxyType(
    {
        "id.bsn": _Rule(Trait.BSN, KeyClass.BSN, _STERK, lambda norm: norm.bsn),
        "id.vnr": _Rule(Trait.VNUMMER, _ID, _STERK, lambda norm: norm.vnr),
        "id.doc": _Rule(Trait.DOCUMENT, _ID, _STERK, _document),
        "id.kvk": _Rule(Trait.KVK, _ID, _STERK, lambda norm: norm.kvk),
        "id.phone": _Rule(Trait.TELEFOON, _ID, _MIDDEL, lambda norm: norm.phone),
        "id.iban": _Rule(Trait.IBAN, _ID, _MIDDEL, lambda norm: norm.iban),
        "id.plate": _Rule(Trait.KENTEKEN, _ID, _MIDDEL, _plate),
        "id.addr": _Rule(Trait.ADRES, _ID, _MIDDEL, lambda norm: norm.address),
        "id.email": _Rule(Trait.EMAIL, _ID, _MIDDEL, lambda norm: norm.email),
        "id.handle": _Rule(Trait.HANDLE, _ID, _MIDDEL, lambda norm: norm.handle),
    }
)
"""Every identifier type of the wire; reading order is the order in which `identifiers` gives them."""


def identifiers(norm: NormalisedIdentity) -> tuple[Identifier, ...]:
    """At most one identifier per type of `RULES`, in that order."""
    return tuple(
        Identifier(kind, rule.key_class, rule.strength, value)
        for kind, rule in RULES.items()
        if (value := rule.value(norm)) is not None
    )


def no_identifiers(norm: NormalisedIdentity) -> tuple[NoToken, ...]:
    """The types that `identifiers` leaves out, each with one reason; together the two cover `RULES` exactly."""
    return tuple(
        NoToken(kind, norm.reason(rule.trait) or Reason.ABSENT)
        for kind, rule in RULES.items()
        if rule.value(norm) is None
    )
