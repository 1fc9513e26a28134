"""The custodian's log: one entry an answered request, each bound to the one before by SHA-256.

An entry holds who, what, how many and a digest of the body; never an element, a key or an answer. Whoever kept the head
(seq and hash) of an earlier day proves any later rewrite or truncation with `verify_chain`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from connectors.contract.canonical import canonical_json

GENESIS: Final = "0" * 64
_TAG: Final = b"schakel1 custodian log"


class Event(StrEnum):
    EVALUATED = "evaluated"
    DESTROYING = "destroying"  # written before the seed goes, so that a crash between the two is visible
    DESTROYED = "destroyed"


@dataclass(frozen=True)
class Facts:
    """What happened. `charged` is n the first time a debit is answered, 0 on a free retry; "" where not applicable."""

    event: Event
    at: str
    jti: str
    sub: str
    dom: str
    epo: str
    cls: str
    n: int
    charged: int
    bd: str


@dataclass(frozen=True)
class Entry:
    """An entry in the chain; `hash` is SHA-256 (hex) over tag, seq, previous hash and facts in RFC 8785 form."""

    seq: int
    prev: str
    facts: Facts
    hash: str


@dataclass(frozen=True)
class Head:
    """The newest entry's place and hash; (0, 64 zeros) for an empty log."""

    seq: int
    hash: str


class Tampered(Exception):
    """The log is not the one that was written; the message says at which entry."""


def next_entry(head: Head, facts: Facts) -> Entry:
    """The entry that follows `head`."""
    seq = head.seq + 1
    return Entry(seq, head.hash, facts, _hash(seq, head.hash, facts))


def verify_chain(entries: Iterable[Entry], anchors: Mapping[int, str]) -> Head:
    """Return the head of an unbroken chain that contains every anchor (seq -> hash kept elsewhere).

    Raises Tampered at the first entry that is missing, moved, changed or inserted, or when an anchor is not met.
    """
    head = Head(0, GENESIS)
    if anchors.get(0, GENESIS) != GENESIS:
        raise Tampered("the hash that was kept of the empty log is not the one of an empty log")
    for entry in entries:
        if entry.seq != head.seq + 1:
            raise Tampered(f"entry {head.seq + 1} is missing or out of order")
        if entry.prev != head.hash or entry.hash != _hash(entry.seq, entry.prev, entry.facts):
            raise Tampered(f"entry {entry.seq} was changed, inserted or follows a changed entry")
        if anchors.get(entry.seq, entry.hash) != entry.hash:
            raise Tampered(f"entry {entry.seq} is not the one whose hash was kept")
        head = Head(entry.seq, entry.hash)
    beyond = [seq for seq in anchors if seq > head.seq]
    if beyond:
        raise Tampered(
            f"the log ends at entry {head.seq} but the hash of entry {min(beyond)} was kept: it is truncated"
        )
    return head


def _hash(seq: int, prev: str, facts: Facts) -> str:
    content = canonical_json({"seq": seq, "prev": prev, **asdict(facts)})
    return hashlib.sha256(_TAG + content).hexdigest()
