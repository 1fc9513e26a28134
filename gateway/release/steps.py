"""The life of a release as a table: which step may follow which, and who takes it.

Every step is one transaction that changes the row and appends the ledger entry, so a gateway that dies leaves a release
at a step, never between two. Nothing but `gepubliceerd` and `vervangen` can be read by anyone else than its makers.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.errors import Conflict


class Stap(StrEnum):
    """A step of a release; the values stand in the store and in the ledger."""

    ONTWERP = "ontwerp"
    BESCHERMD = "beschermd"
    AANGEVALLEN = "aangevallen"
    GEBLOKKEERD = "geblokkeerd"
    GOEDGEKEURD = "goedgekeurd"
    VERZEGELD = "verzegeld"
    GEPUBLICEERD = "gepubliceerd"
    VERVANGEN = "vervangen"


@dataclass(frozen=True, slots=True)
class Overgang:
    """A step that may follow, and by whose act it does."""

    naar: Stap
    door: str


_REDRAFT: Final = Overgang(Stap.ONTWERP, "regisseur: opnieuw")
_BLOCK: Final = Overgang(Stap.GEBLOKKEERD, "eigen aanvaller")

FOLLOWS: Final = MappingProxyType(
    {
        Stap.ONTWERP: (_REDRAFT, Overgang(Stap.BESCHERMD, "gateway"), _BLOCK),
        Stap.BESCHERMD: (_REDRAFT, Overgang(Stap.AANGEVALLEN, "gateway"), _BLOCK),
        Stap.GEBLOKKEERD: (_REDRAFT,),
        Stap.AANGEVALLEN: (_REDRAFT, Overgang(Stap.GOEDGEKEURD, "privacy officer, tweede persoon"), _BLOCK),
        Stap.GOEDGEKEURD: (
            _REDRAFT,
            Overgang(Stap.GOEDGEKEURD, "regisseur: hervat"),
            Overgang(Stap.VERZEGELD, "gateway"),
            _BLOCK,
        ),
        Stap.VERZEGELD: (
            _REDRAFT,
            Overgang(Stap.GOEDGEKEURD, "regisseur: hervat"),
            Overgang(Stap.GEPUBLICEERD, "gateway"),
            _BLOCK,
        ),
        Stap.GEPUBLICEERD: (Overgang(Stap.VERVANGEN, "publicatie van de revisie"),),
        Stap.VERVANGEN: (),
    }
)
"""A step that is resumed after a crash is judged again, so an approval that ran out in between does not count."""

PUBLIC: Final = frozenset({Stap.GEPUBLICEERD, Stap.VERVANGEN})
"""Steps at which everyone may read the figures."""
AWAITING: Final = frozenset({Stap.AANGEVALLEN, Stap.GOEDGEKEURD, Stap.VERZEGELD})
"""Steps at which figures exist that withstood the attackers and may still be published."""


def require(van: Stap, naar: Stap) -> None:
    """Raises Conflict unless `naar` may follow `van`."""
    if naar not in {overgang.naar for overgang in FOLLOWS[van]}:
        raise Conflict(f"a release that is {van.value} cannot become {naar.value}", code="wrong_step")


def diagram() -> str:
    """The table as a Mermaid state diagram; DECISIONS.md shows it, and a test keeps the two alike."""
    lines = ["stateDiagram-v2", "    [*] --> ontwerp: regisseur"]
    for van, overgangen in FOLLOWS.items():
        lines += [f"    {van.value} --> {each.naar.value}: {each.door}" for each in overgangen]
    return "\n".join(lines)
