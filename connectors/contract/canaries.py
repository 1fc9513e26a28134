"""Canaries: tokens of numbers that were never issued, put by a keeper; and what a keeper hears and decides of touches.

A record or question that shares a token with one was guessed (cryptography page, "Rogue partner, rogue analyst"). Only
a party that the federation file calls `kanariehouder` reaches these addresses.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from connectors.contract.answers import LedgerPlaats
from connectors.contract.codes import TokenDomein, TokenType
from connectors.contract.model import B64u, Bytes32, Epoch, Tijd, Uuid, Wire
from connectors.contract.ticket import Sub

NOTE_INFO: Final = b"schakel1 canary note"
"""HPKE info of a note in the ledger (RFC 9180, base mode, the suite of envelopes)."""
NOTED_EVENTS: Final = (2, 7)
"""Ledger events whose entries hold a note: batch and question (audit page; second byte of leaf data)."""
MAX_CANARIES = 100_000
"""Of one message; a keeper sends as many messages as it needs."""
OPEN_TOUCHES_TO_SUSPEND = 2
"""One touch quarantines, two suspend (cryptography page): a double typing error touches by chance about 0.1 times in
10,000 rows."""


class Kanaries(Wire):
    """`PUT /v1/kanaries`: bare tokens of one type (class bsn or id), for one domain and epoch. Sets add up.

    `waarden`: sorted, each once, so that their order says nothing and equal sets are equal bytes.
    """

    kanarie_id: Uuid
    domein: TokenDomein
    epoch: Epoch
    federatie: Bytes32
    type: TokenType
    waarden: Annotated[tuple[Bytes32, ...], Field(min_length=1, max_length=MAX_CANARIES)]

    @model_validator(mode="after")
    def _sorted_and_unique(self) -> Self:
        if any(here >= after for here, after in zip(self.waarden, self.waarden[1:], strict=False)):
            raise ValueError("waarden must be sorted, each once")
        return self


class Melding(Wire):
    """A batch or question that touched canaries: whose, when, how many different ones; never which."""

    melding_id: Uuid
    partij: Sub
    domein: TokenDomein
    epoch: Epoch
    soort: Literal["batch", "vraag"]
    onderwerp: Uuid
    geraakt: Annotated[int, Field(ge=1)]
    gezien: Tijd
    stand: Literal["open", "vrijgegeven", "verwijderd"]


class Meldingen(Wire):
    """`GET /v1/kanaries/notices`: every notice, newest first, and the parties that are suspended now."""

    meldingen: tuple[Melding, ...]
    geschorst: tuple[Sub, ...]


class KanarieBesluit(Wire):
    """`POST /v1/kanaries/decisions`: end notices. The first call proposes; another person, a privacy officer, sends the
    same and it is done. `vrijgeven`: the rows join the others; `verwijderen`: they are erased. Either way the touches
    no longer count."""

    besluit_id: Uuid
    meldingen: Annotated[tuple[Uuid, ...], Field(min_length=1, max_length=1000)]
    oordeel: Literal["vrijgeven", "verwijderen"]


class KanarieBesluitStand(Wire):
    """How far the decision is, and where the ledger says so."""

    besluit_id: Uuid
    stap: Literal["voorgesteld", "uitgevoerd"]
    grootboek: LedgerPlaats


class Toetsing(Wire):
    """What the ledger's entry of a batch or question holds for the keeper alone, sealed to it, the same length whether
    anything was touched or not: `geraakt` 0 when nothing was."""

    onderwerp: Uuid
    geraakt: Annotated[int, Field(ge=0)]


class Toetsblad(Wire):
    """An entry that holds a note, with the salt that binds it to its leaf (audit page: HMAC-SHA-256(salt, record))."""

    index: Annotated[int, Field(ge=0)]
    zout: Bytes32
    record: B64u


class Toetsbladen(Wire):
    """`GET /v1/kanaries/notes`: those among a page of the ledger; the next page starts at `volgende`, if there is one.

    With them a keeper sees for itself that no touch was kept from it. Entries whose body was erased are left out.
    """

    bladen: Annotated[tuple[Toetsblad, ...], Field(max_length=1000)]
    volgende: Annotated[int, Field(ge=0)] | None = None
