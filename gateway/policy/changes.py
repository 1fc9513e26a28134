"""What the convenant owners did to the rules in force, change by change: the table that says which bundle decides.

A change is written in the transaction of its ledger entry (`permit.activation`), so that the rules in force and the
ledger cannot disagree after a crash. Nothing here is believed by itself: who reads a change verifies its signatures.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import CheckConstraint, Column, Connection, Table, Text, func, insert, select

from gateway.clock import from_ms, to_ms
from gateway.store import METADATA, STRICT, Int

CHANGES: Final = Table(
    "policy_changes",
    METADATA,
    Column("number", Int, primary_key=True, autoincrement=False),
    Column("soort", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("handtekeningen", Text, nullable=False),
    Column("at_ms", Int, nullable=False),
    CheckConstraint("soort IN ('activering', 'intrekking')", name="known_change"),
    **STRICT,
)
"""`digest`: 64 hex digits of the bundle; `handtekeningen`: JSON list of the owners' signatures (JWS), as given."""

Soort = Literal["activering", "intrekking"]


@dataclass(frozen=True, slots=True)
class InForce:
    """The bundle that was activated last, with the signatures on which it stands, unverified; `changed_at`: when the
    last change of any kind was made."""

    number: int
    digest: str
    agreements: tuple[str, ...]
    withdrawals: tuple[str, ...]
    activated_at: datetime
    changed_at: datetime


def find_in_force(transaction: Connection) -> InForce | None:
    """What is in force by the newest activation, or None when there never was one."""
    activations = select(func.max(CHANGES.c.number)).where(CHANGES.c.soort == "activering").scalar_subquery()
    statement = select(CHANGES).where(CHANGES.c.number >= activations).order_by(CHANGES.c.number)
    rows = transaction.execute(statement).all()
    if not rows:
        return None
    activated, *later = rows
    withdrawn = [
        signature for row in later if row.digest == activated.digest for signature in _signatures(row.handtekeningen)
    ]
    last = rows[-1]
    return InForce(
        number=last.number,
        digest=activated.digest,
        agreements=_signatures(activated.handtekeningen),
        withdrawals=tuple(withdrawn),
        activated_at=from_ms(activated.at_ms),
        changed_at=from_ms(last.at_ms),
    )


def add_change(transaction: Connection, soort: Soort, digest: str, signatures: Iterable[str], now: datetime) -> None:
    """Write the next change. The caller appended its ledger entry first, which makes changes wait for each other."""
    last = transaction.execute(select(func.coalesce(func.max(CHANGES.c.number), 0))).scalar_one()
    row = {
        "number": last + 1,
        "soort": soort,
        "digest": digest,
        "handtekeningen": json.dumps(list(signatures)),
        "at_ms": to_ms(now),
    }
    transaction.execute(insert(CHANGES).values(row))


def _signatures(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
