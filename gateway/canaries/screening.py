"""Screening: a batch or question is joined with the canaries before it is stored, matched or answered.

Rules this module upholds (cryptography page, "Rogue partner, rogue analyst")
1. Where canaries were put, nothing is taken in or answered while their keeper's share is not here: fail closed.
2. Every batch and question is screened alike, and its ledger entry holds a note of one length, sealed to the keepers.
3. A touch commits together with what touched, or not at all.
4. A keeper delivers no records: who knows the canaries is no partner among those that are matched.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import JsonValue
from sqlalchemy import Connection, select

from connectors.contract.canaries import NOTE_INFO, Toetsing
from connectors.contract.canonical import b64u, b64u_decode, canonical_bytes
from connectors.contract.federation import Federatie
from gateway.canaries.index import CanaryIndex
from gateway.canaries.standing import TOUCHED, note_touches
from gateway.canaries.tables import SETS
from gateway.clock import to_ms
from gateway.errors import NotAllowed, OurFault
from gateway.journal import Journal

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
"""HPKE (RFC 9180), base mode, as envelopes have it; the keeper's key comes from the federation file."""
UNTOUCHED: Final = "toetsing"
"""The journal's word for a screening that found nothing."""
NOTE_BYTES: Final = 128
"""Every note is padded with spaces to this."""


class KeeperAbsent(OurFault):
    """Canaries were put for this domain and epoch and their keeper has not lent its share: nothing can be screened."""

    code = "keeper_absent"


@dataclass(frozen=True, slots=True)
class Screened:
    """How a batch or question came out; `notes` go into its ledger entry, one for each keeper."""

    touched: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is screened: whose batch or question, where, and the join keys (16 bytes each) of all its tokens."""

    party: str
    domain: str
    epoch: str
    soort: Literal["batch", "vraag"]
    id: str
    keys: Sequence[bytes]


def screen(
    transaction: Connection,
    journal: Journal,
    canaries: CanaryIndex,
    federatie: Federatie,
    k_store: bytes,
    subject: Subject,
    melding_id: str,
    now: datetime,
) -> Screened:
    """Join with the canaries and, on a touch, leave the notice. `melding_id`: a fresh id, used when it touches.

    Raises KeeperAbsent, NotAllowed for a keeper's own batch. Nothing is durable before the caller commits.
    """
    sender = federatie.partij(subject.party)
    if subject.soort == "batch" and sender is not None and sender.kanariehouder:
        raise NotAllowed("a keeper of canaries delivers no records", code="keeper_delivers_nothing")
    absent = keepers_wanted(transaction, federatie, subject.domain, subject.epoch) - canaries.present(
        subject.domain, subject.epoch
    )
    if absent:
        raise KeeperAbsent("screening is not possible now; nothing was changed, try again later")
    touched = canaries.touched(subject.domain, subject.epoch, subject.keys)
    notes = _notes(federatie, subject, len(touched))
    if touched:
        leave_notice(transaction, journal, k_store, subject, touched, melding_id, now)
    elif notes:
        journal.write(now, {"soort": UNTOUCHED})  # the same work on the same disk: the sender could tell by the clock
    return Screened(bool(touched), notes)


def keepers_wanted(transaction: Connection, federatie: Federatie, domain: str, epoch: str) -> frozenset[str]:
    """The keepers of the federation file that put canaries for (domain, epoch)."""
    keepers = [party.id for party in federatie.partijen if party.kanariehouder]
    where = SETS.c.keeper.in_(keepers), SETS.c.domain == domain, SETS.c.epoch == epoch
    return (
        frozenset(transaction.execute(select(SETS.c.keeper).where(*where).distinct()).scalars())
        if keepers
        else (frozenset())
    )


def leave_notice(
    transaction: Connection,
    journal: Journal,
    k_store: bytes,
    subject: Subject,
    touched: frozenset[bytes],
    melding_id: str,
    now: datetime,
) -> None:
    """Tell the keeper whose batch or question touched which canaries (join keys); database and journal hear only how
    many. Raises StoreUnavailable."""
    marks = [
        hmac.digest(k_store, b"schakel1 canary touch" + subject.party.encode("ascii") + key, hashlib.sha256)[:16]
        for key in sorted(touched)
    ]
    fact: dict[str, JsonValue] = {
        "soort": TOUCHED,
        "melding_id": melding_id,
        "partij": subject.party,
        "domein": subject.domain,
        "epoch": subject.epoch,
        "van": subject.soort,
        "onderwerp": subject.id,
        "vingerafdrukken": [mark.hex() for mark in marks],
        "ms": to_ms(now),
    }
    journal.write(now, fact)
    note_touches(transaction, fact)


def _notes(federatie: Federatie, subject: Subject, touched: int) -> tuple[str, ...]:
    plain = canonical_bytes(Toetsing(onderwerp=subject.id, geraakt=touched)).ljust(NOTE_BYTES)
    keys = (X25519PublicKey.from_public_bytes(b64u_decode(p.hpke.x)) for p in federatie.partijen if p.kanariehouder)
    return tuple(b64u(SUITE.encrypt(plain, key, info=NOTE_INFO)) for key in keys)
