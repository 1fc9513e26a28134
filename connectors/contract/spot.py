"""Spot proofs: which rows are drawn in a quarter, what a partner opens before its own officer, and what he says of it.

The draw is a hash of the ledger's first head of the quarter, so neither the partner nor the gateway chooses the rows,
and both compute the same ones (cryptography page, "Spot proofs").
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from connectors.contract.codes import TokenDomein
from connectors.contract.model import Bytes32, Epoch, Kwartaal, Tijd, Uuid, Wire
from connectors.contract.ticket import Sub

DRAWN_ROWS: Final = 59
"""1 - 0.95^59 = 0.951: with 59 rows at least one of 5 % false ones is drawn with 95 % (cryptography page)."""
OPEN_DAYS: Final = 30
"""Days after the quarter's first head within which drawn rows must be opened; later is visible to privacy officers."""

Regel = Annotated[str, StringConstraints(min_length=2, max_length=65_536)]
"""A stored row's canonical JSON, to nobody but the party that sent it."""


class SteekproefVraag(Wire):
    """`POST /v1/spot-draws`: the draw of a quarter from this party's rows; the same again gives the same draw."""

    domein: TokenDomein
    epoch: Epoch
    kwartaal: Kwartaal


class Getrokken(Wire):
    """One drawn row as the gateway stored it; absent when its party withdrew it after the draw."""

    record_id: Uuid
    rij: Regel | None = None


class Steekproef(Wire):
    """The draw: from the head after entry `index` of the ledger, out of `populatie` rows."""

    domein: TokenDomein
    epoch: Epoch
    kwartaal: Kwartaal
    index: Annotated[int, Field(ge=0)]
    hoofd: Bytes32
    populatie: Annotated[int, Field(ge=0)]
    uiterlijk: Tijd
    getrokken: Annotated[tuple[Getrokken, ...], Field(max_length=DRAWN_ROWS)]


class RijOordeel(Wire):
    """What the officer says of one drawn row, which he saw beside its source."""

    record_id: Uuid
    oordeel: Literal["juist", "onjuist"]


class SteekproefOordeel(Wire):
    """`POST /v1/spot-judgements`: signed by the party's key, with the officer as the one who acts."""

    domein: TokenDomein
    epoch: Epoch
    kwartaal: Kwartaal
    oordelen: Annotated[tuple[RijOordeel, ...], Field(min_length=1, max_length=DRAWN_ROWS)]


class SteekproefStand(Wire):
    """How a draw stands. `te_laat`: the term is over and rows were not opened."""

    partij: Sub
    domein: TokenDomein
    epoch: Epoch
    kwartaal: Kwartaal
    getrokken: Annotated[int, Field(ge=0)]
    juist: Annotated[int, Field(ge=0)]
    onjuist: Annotated[int, Field(ge=0)]
    ongeopend: Annotated[int, Field(ge=0)]
    uiterlijk: Tijd
    te_laat: bool


class SteekproefStanden(Wire):
    """`GET /v1/spot-draws`: one's own draws; all of them for the federation's privacy officers."""

    steekproeven: tuple[SteekproefStand, ...]


def quarter_of(moment: datetime) -> str:
    """`YYYY-Qn` of an aware moment, by UTC."""
    day = moment.astimezone(UTC)
    return f"{day.year}-Q{(day.month + 2) // 3}"


def first_day(kwartaal: str) -> datetime:
    """The first moment of `YYYY-Qn`, UTC."""
    return datetime(int(kwartaal[:4]), 3 * int(kwartaal[-1]) - 2, 1, tzinfo=UTC)


def deadline(kwartaal: str) -> datetime:
    """When the drawn rows must have been opened."""
    return first_day(kwartaal) + timedelta(days=OPEN_DAYS)


def drawn(head: bytes, party: str, domein: str, epoch: str, kwartaal: str, record_ids: Iterable[str]) -> list[str]:
    """The record ids drawn out of `record_ids`: the `DRAWN_ROWS` with the smallest
    SHA-256("schakel1 spot draw" ‖ head ‖ "party|domain|epoch|quarter|" ‖ record id), smallest first.

    `head`: the ledger's 32-byte head after the first entry of the quarter. Whether one row is drawn depends on the
    others only through its rank, so a party checks the draw against the ids it holds itself.
    """
    seed = b"schakel1 spot draw" + head + f"{party}|{domein}|{epoch}|{kwartaal}|".encode("ascii")
    ranked = sorted((hashlib.sha256(seed + record_id.encode("ascii")).digest(), record_id) for record_id in record_ids)
    return [record_id for _, record_id in ranked[:DRAWN_ROWS]]
