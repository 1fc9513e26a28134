"""How strong a match is, from the types it shares (record page, "Strength of identifying attributes"). Pure.

sterk  one strong identifier, or a scored match in the top zone
middel two different middle identifiers, or one middle and a weak one (name with birth date)
zwak   anything else; never shown
"Different" means of different types: two shared phones are one kind of evidence. A weak attribute never travels as a
token; a scored match in the possible zone stands for it.
"""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from connectors.contract.codes import Sterkte, TokenType


class Zone(StrEnum):
    """The three zones of a scored pair (cryptography page, scoring)."""

    MATCH = "match"
    POSSIBLE = "possible"
    NONE = "none"


def strength(shared: AbstractSet[TokenType], zone: Zone = Zone.NONE) -> Sterkte:
    """The strength of a match that shares tokens of these types and whose blocks score in `zone`."""
    middle = sum(1 for kind in shared if kind.sterkte is Sterkte.MIDDEL)
    if any(kind.sterkte is Sterkte.STERK for kind in shared) or zone is Zone.MATCH:
        return Sterkte.STERK
    if middle >= 2 or (middle == 1 and zone is Zone.POSSIBLE):
        return Sterkte.MIDDEL
    return Sterkte.ZWAK
