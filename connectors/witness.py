"""The witness: this party walks the gateway's ledger and remembers its head, so that history cannot be rewritten.

Leaf and head are recomputed from the leaves' data (the agreed chain; RFC 6962 section 2.1 for the leaf). Four things
must hold: the chain leads from nothing to the signed head; it passes the head that this party saw last; every receipt
this party holds stands where it says; and the ledger is no shorter than before.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from connectors.contract.answers import (
    CHECKPOINT_TYP,
    RECEIPT_TYP,
    Blad,
    Bladen,
    Controlepunt,
    LedgerPlaats,
    Ontvangst,
    SignedCheckpoint,
)
from connectors.contract.canonical import b64u, b64u_decode
from connectors.contract.signing import Unverified, verify_jws
from connectors.errors import NotVerified
from connectors.house import House

EMPTY_HEAD: Final = bytes(32)
_LEAF: Final = struct.Struct(">BBIB32s")
"""version ‖ event ‖ day ‖ retention class ‖ HMAC of the entry: 39 bytes."""


@dataclass(frozen=True, slots=True)
class Head:
    """A ledger's size and the head after its last leaf."""

    size: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What was verified: the signed head, the one remembered from before, and own receipts found in place."""

    now: Head
    before: Head
    receipts: int


def verify_ledger(house: House) -> Witnessed:
    """Walk the whole ledger and remember its head. Raises NotVerified that says what does not hold, PeerUnavailable."""
    signed = house.calls.get("/v1/ledger/checkpoint", SignedCheckpoint)
    try:
        claims = verify_jws(signed.controlepunt, (house.federatie.gateway.sleutel,), CHECKPOINT_TYP, Controlepunt)
    except Unverified as error:
        raise NotVerified(f"the ledger's checkpoint does not verify ({error})") from error
    now = Head(claims.grootte, b64u_decode(claims.hoofd))
    before = _remembered(house)
    if now.size < before.size:
        raise NotVerified(f"the ledger is shorter than before: {now.size} entries, {before.size} were seen")
    own = {receipt.index: receipt for receipt in _own_places(house)}
    walk(_leaves(house, now.size), now, before, own)
    house.outbox.remember_head(now.size, now.head)
    return Witnessed(now, before, len(own))


def walk(leaves: Iterator[Blad], now: Head, before: Head, own: dict[int, LedgerPlaats]) -> None:
    """Recompute the chain over `leaves`, which start at the first. Raises NotVerified at the first thing amiss."""
    head, size = EMPTY_HEAD, 0
    missing = dict(own)
    _same(size, head, before)
    for leaf in leaves:
        data = b64u_decode(leaf.data)
        if leaf.index != size or len(data) != _LEAF.size:
            raise NotVerified(f"the ledger's entry {size} is missing or out of order")
        digest = hashlib.sha256(b"\x00" + data).digest()
        head = hashlib.sha256(b"\x02" + head + digest).digest()
        if b64u(head) != leaf.hoofd:
            raise NotVerified(f"the ledger's chain breaks at entry {size}")
        place = missing.pop(size, None)
        if place is not None and (place.blad, place.hoofd) != (b64u(digest), leaf.hoofd):
            raise NotVerified(f"entry {size} is not the one that this party's receipt promised")
        size += 1
        _same(size, head, before)
    if (size, head) != (now.size, now.head):
        raise NotVerified("the ledger's entries do not lead to its signed head")
    if missing:
        raise NotVerified("an entry that this party's receipt promised is not in the ledger")


def _same(size: int, head: bytes, before: Head) -> None:
    if size == before.size and head != before.head:
        raise NotVerified(f"the ledger was rewritten: its first {size} entries are not those that were seen before")


def _leaves(house: House, size: int) -> Iterator[Blad]:
    """The first `size` leaves, a page at a time."""
    seen = 0
    while seen < size:
        page = house.calls.get("/v1/ledger/entries", Bladen, query={"start": str(seen)}).bladen
        if not page:
            return
        yield from page[: size - seen]
        seen += len(page)


def _own_places(house: House) -> Iterator[LedgerPlaats]:
    """Where this party's receipts say that their entries stand."""
    for receipt in house.outbox.ledger_receipts():
        try:
            yield verify_jws(receipt, (house.federatie.gateway.sleutel,), RECEIPT_TYP, Ontvangst).grootboek
        except Unverified as error:
            raise NotVerified("a stored receipt does not verify: was the federation file replaced?") from error


def _remembered(house: House) -> Head:
    found = house.outbox.last_head()
    return Head(*found) if found is not None else Head(0, EMPTY_HEAD)
