"""The first head of a period: the entry that the whole federation can point at, found by the day in the leaf."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from gateway.clock import to_day
from gateway.ledger.tables import LEAVES

_DAY_AT, _DAY_BYTES = 3, 4
"""Where the day stands in leaf data, counted from 1: after version and event."""


@dataclass(frozen=True, slots=True)
class FirstHead:
    """The position of the first entry of a period and the ledger's head (32 bytes) after it."""

    position: int
    head: bytes


def first_head(transaction: Connection, start: datetime) -> FirstHead | None:
    """The first entry whose day is not before `start` (1970 or later), or None while there is none. Anyone who walks
    the leaves finds the same one."""
    day = func.substr(LEAVES.c.leaf_data, _DAY_AT, _DAY_BYTES)
    statement = (
        select(LEAVES.c.position, LEAVES.c.head)
        .where(day >= to_day(start).to_bytes(_DAY_BYTES, "big"))
        .order_by(LEAVES.c.position)
        .limit(1)
    )
    row = transaction.execute(statement).one_or_none()
    return None if row is None else FirstHead(row.position, bytes(row.head))
