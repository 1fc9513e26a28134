"""Walk the whole chain and say where it first does not hold: changed, missing, reordered leaf or body."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.errors import BrokenLedger
from gateway.ledger.append import current_head
from gateway.ledger.chain import EMPTY_HEAD, LEAF_DATA, VERSION, leaf_hash, next_head
from gateway.ledger.tables import BODIES, LEAVES

CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class VerifiedLedger:
    """A chain that holds: its size, its head (32 bytes), how many bodies were erased by retention."""

    size: int
    head: bytes
    erased: int


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """One leaf with what is left of its body."""

    position: int
    leaf_data: bytes
    head: bytes
    salt: bytes | None
    record: bytes | None


def verify(transaction: Connection) -> VerifiedLedger:
    """The verified ledger; raises BrokenLedger naming the first entry that is wrong.

    A body may be absent (retention erases bodies, never leaves); a body that is present must be the one the leaf
    commits to.
    """
    size, head = current_head(transaction)
    walked, erased = EMPTY_HEAD, 0
    expected = 0
    for leaf in stored_leaves(transaction):
        if leaf.position != expected:
            raise BrokenLedger(f"entry {expected} is missing")
        walked = next_head(walked, leaf_hash(leaf.leaf_data))
        if walked != leaf.head:
            raise BrokenLedger(f"entry {leaf.position}: the chain does not hold (a leaf was changed or moved)")
        erased += _check_body(leaf)
        expected += 1
    if (expected, walked) != (size, head):
        raise BrokenLedger(f"the head says {size} entries, the leaves are {expected}, or their heads differ")
    orphan = transaction.execute(select(BODIES.c.position).where(BODIES.c.position >= size).limit(1)).first()
    if orphan is not None:
        raise BrokenLedger(f"entry {orphan.position} has a body without a leaf")
    return VerifiedLedger(size, head, erased)


def _check_body(leaf: StoredLeaf) -> int:
    if len(leaf.leaf_data) != LEAF_DATA.size or leaf.leaf_data[0] != VERSION:
        raise BrokenLedger(f"entry {leaf.position}: leaf data of an unknown form")
    if leaf.salt is None or leaf.record is None:
        return 1
    mac = LEAF_DATA.unpack(leaf.leaf_data)[4]
    if not hmac.compare_digest(mac, hmac.digest(leaf.salt, leaf.record, "sha256")):
        raise BrokenLedger(f"entry {leaf.position}: the body is not the one the leaf commits to")
    return 0


def stored_leaves(transaction: Connection, start: int = 0, chunk: int = CHUNK) -> Iterator[StoredLeaf]:
    """Leaves from `start`, in order, each with its body where there is one; read in chunks, so memory stays flat."""
    joined = LEAVES.outerjoin(BODIES, LEAVES.c.position == BODIES.c.position)
    while True:
        statement = (
            select(LEAVES.c.position, LEAVES.c.leaf_data, LEAVES.c.head, BODIES.c.salt, BODIES.c.record)
            .select_from(joined)
            .where(LEAVES.c.position >= start)
            .order_by(LEAVES.c.position)
            .limit(chunk)
        )
        rows = transaction.execute(statement).all()
        for row in rows:
            salt = None if row.salt is None else bytes(row.salt)
            record = None if row.record is None else bytes(row.record)
            yield StoredLeaf(row.position, bytes(row.leaf_data), bytes(row.head), salt, record)
        if len(rows) < chunk:
            return
        start = rows[-1].position + 1
