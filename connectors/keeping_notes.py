"""The keeper looks for itself: every batch and question in the ledger has a note that it alone can open, and what the
notes say was touched must be among the notices that the gateway shows."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.contract.answers import Bladen
from connectors.contract.canaries import NOTE_INFO, NOTED_EVENTS, Meldingen, Toetsblad, Toetsbladen, Toetsing
from connectors.contract.canonical import b64u_decode
from connectors.contract.ticket import Handelende
from connectors.envelopes import SUITE
from connectors.errors import NotVerified
from connectors.house import House
from connectors.witness import verify_ledger

_MAC_AT = 7
"""Where the HMAC stands in leaf data: after version, event, day and retention class (the agreed chain)."""


class _Entry(BaseModel):
    """The part of a ledger entry that concerns a keeper."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)

    toetsing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotesChecked:
    """`opened`: notes that were read; `unseen`: batches and questions of which the gateway shows no body (any more)."""

    opened: int
    unseen: int


def check_notes(house: House, notices: Meldingen, act: Handelende) -> NotesChecked:
    """Open every note of the ledger. Raises NotVerified when a note is not the one that its leaf holds, does not open,
    or tells of a touch that is not among `notices`; PeerUnavailable."""
    verify_ledger(house)
    key, told = house.keyring.hpke_key(), {notice.onderwerp for notice in notices.meldingen}
    opened, unseen, start = 0, 0, 0
    while True:
        page = house.calls.get("/v1/kanaries/notes", Toetsbladen, act, {"start": str(start)})
        leaves = dict(_leaves(house, start))
        shown = {noted.index for noted in page.bladen}
        unseen += sum(data[1] in NOTED_EVENTS and index not in shown for index, data in leaves.items())
        for noted in page.bladen:
            note = _opened(noted, leaves, key)
            opened += note is not None
            if note is not None and note.geraakt and note.onderwerp not in told:
                raise NotVerified(f"entry {noted.index} of the ledger tells of a touch that the gateway does not show")
        if page.volgende is None:
            return NotesChecked(opened, unseen)
        start = page.volgende


def _leaves(house: House, start: int) -> Iterator[tuple[int, bytes]]:
    """Position and data of a page of leaves."""
    for leaf in house.calls.get("/v1/ledger/entries", Bladen, query={"start": str(start)}).bladen:
        yield leaf.index, b64u_decode(leaf.data)


def _opened(noted: Toetsblad, leaves: dict[int, bytes], key: X25519PrivateKey) -> Toetsing | None:
    """The note; None for an entry of before there was a keeper."""
    record, data = b64u_decode(noted.record), leaves.get(noted.index, b"")
    mac = hmac.digest(b64u_decode(noted.zout), record, "sha256")
    if len(data) <= _MAC_AT or data[1] not in NOTED_EVENTS or not hmac.compare_digest(mac, data[_MAC_AT:]):
        raise NotVerified(f"entry {noted.index} is not the one that the ledger's leaf holds")
    notes = _notes(record, noted.index)
    for note in notes:
        try:
            return Toetsing.model_validate_json(SUITE.decrypt(b64u_decode(note), key, info=NOTE_INFO))
        except (InvalidTag, ValueError):
            continue  # another keeper's
    if notes:
        raise NotVerified(f"entry {noted.index} holds no note that this keeper can open")
    return None


def _notes(record: bytes, index: int) -> tuple[str, ...]:
    try:
        return _Entry.model_validate_json(record).toetsing
    except ValidationError as error:
        raise NotVerified(f"entry {index} of the ledger is not of the form that entries have") from error
