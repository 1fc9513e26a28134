"""Append to the ledger inside the caller's transaction, so that an act and its entry commit together or not at all."""

from datetime import datetime

import rfc8785
from sqlalchemy import Connection, insert, select, update

from connectors.contract.answers import LedgerPlaats
from connectors.contract.canonical import b64u
from gateway.clock import to_day
from gateway.errors import BrokenLedger
from gateway.ids import Random
from gateway.ledger.chain import SALT_BYTES, leaf_data, leaf_hash, next_head
from gateway.ledger.entries import Entry
from gateway.ledger.tables import BODIES, HEAD, LEAVES


def append(
    transaction: Connection, entries: tuple[Entry, ...], now: datetime, random: Random
) -> tuple[LedgerPlaats, ...]:
    """The places of `entries`, in order. Nothing is durable before the caller commits.

    Appends are serialised by a lock on the head's row (PostgreSQL) or by BEGIN IMMEDIATE (SQLite), so a head is never
    read before the one who wrote it has committed or rolled back.
    """
    size, head = _locked_head(transaction)
    leaves, bodies, places = [], [], []
    for position, entry in enumerate(entries, start=size):
        salt, record = random(SALT_BYTES), record_bytes(entry)
        data = leaf_data(entry.EVENT, to_day(now), entry.RETENTION, salt, record)
        leaf = leaf_hash(data)
        head = next_head(head, leaf)
        leaves.append({"position": position, "leaf_data": data, "head": head})
        bodies.append({"position": position, "salt": salt, "record": record})
        places.append(LedgerPlaats(index=position, blad=b64u(leaf), hoofd=b64u(head)))
    if entries:
        transaction.execute(insert(LEAVES), leaves)
        transaction.execute(insert(BODIES), bodies)
        transaction.execute(update(HEAD).where(HEAD.c.id == 1).values(size=size + len(entries), head=head))
    return tuple(places)


def record_bytes(entry: Entry) -> bytes:
    """RFC 8785 bytes of an entry; by the general encoder, since a decision's question may hold a fraction."""
    return rfc8785.dumps(entry.model_dump(mode="json", exclude_none=True))


def current_head(transaction: Connection) -> tuple[int, bytes]:
    """Number of entries and the chain's head (32 bytes)."""
    row = transaction.execute(select(HEAD.c.size, HEAD.c.head).where(HEAD.c.id == 1)).one_or_none()
    if row is None:
        raise BrokenLedger("the ledger has no head: run `schakel-gateway migrate`")
    return row.size, bytes(row.head)


def _locked_head(transaction: Connection) -> tuple[int, bytes]:
    statement = select(HEAD.c.size, HEAD.c.head).where(HEAD.c.id == 1).with_for_update()
    row = transaction.execute(statement).one_or_none()
    if row is None:
        raise BrokenLedger("the ledger has no head: run `schakel-gateway migrate`")
    return row.size, bytes(row.head)
