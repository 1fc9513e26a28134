"""How a party stands after what it touched, and how notices end. Every function works inside the caller's transaction.

One open touch stops its tickets, so that the custodians evaluate nothing more for it; two different ones suspend it: it
delivers, asks and sees nothing, and its records are neither matched nor counted, until keeper and privacy officer end
the notices. Withdrawals, leases and receipts go on whatever happens.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import Connection, delete, func, select, update

from connectors.contract.canaries import OPEN_TOUCHES_TO_SUSPEND, KanarieBesluit, Melding, Meldingen
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import TokenDomein
from gateway.canaries.tables import DECISIONS, NOTICES, SETS, TOUCHES
from gateway.clock import from_ms, to_ms
from gateway.errors import Conflict, NotAllowed, NotFound
from gateway.ids import id_bytes, id_text
from gateway.journal import Journal
from gateway.store import insert_once

TOUCHED: Final = "melding"
ENDED: Final = "einde"
"""The journal's words for a notice with its touches, and for notices that were ended."""


def require_tickets(transaction: Connection, party: str) -> None:
    """Raises NotAllowed while a touch of this party is open."""
    if _open_touches(transaction, party):
        raise NotAllowed("tickets of this party are stopped: ask the federation's privacy officer", code="stopped")


def require_standing(transaction: Connection, party: str) -> None:
    """Raises NotAllowed while this party is suspended."""
    if _open_touches(transaction, party) >= OPEN_TOUCHES_TO_SUSPEND:
        raise NotAllowed("this party is suspended: ask the federation's privacy officer", code="suspended")


def suspended(transaction: Connection) -> frozenset[str]:
    """The parties that are suspended now."""
    touches = func.count()
    statement = select(TOUCHES.c.party).group_by(TOUCHES.c.party).having(touches >= OPEN_TOUCHES_TO_SUSPEND)
    return frozenset(transaction.execute(statement).scalars())


def was_released(transaction: Connection, party: str, batch_id: str) -> bool:
    """Whether keeper and privacy officer let this batch join: what they saw is not held against it again."""
    where = NOTICES.c.party == party, NOTICES.c.onderwerp == id_bytes(batch_id), NOTICES.c.stand == "vrijgegeven"
    return transaction.execute(select(NOTICES.c.melding_id).where(*where)).first() is not None


def _open_touches(transaction: Connection, party: str) -> int:
    statement = select(func.count()).select_from(TOUCHES).where(TOUCHES.c.party == party)
    return int(transaction.execute(statement).scalar_one())


def remember_set(
    transaction: Connection, keeper: str, domain: str, epoch: str, kanarie_id: str, type_: str, size: int
) -> None:
    """From now on (domain, epoch) is screened, and not served without this keeper."""
    row = {"keeper": keeper, "domain": domain, "epoch": epoch, "kanarie_id": id_bytes(kanarie_id)}
    insert_once(transaction, SETS, {**row, "type": type_, "size": size})


def forget_sets(transaction: Connection, keeper: str, domain: str) -> None:
    """A keeper took its canaries back: this domain is no longer screened for them."""
    transaction.execute(delete(SETS).where(SETS.c.keeper == keeper, SETS.c.domain == domain))


def note_touches(transaction: Connection, fact: Mapping[str, Any]) -> bool:
    """Enter a notice and its touches, as the journal has them; whether they were missing."""
    melding_id = id_bytes(fact["melding_id"])
    notice = {
        "melding_id": melding_id,
        "party": fact["partij"],
        "domain": fact["domein"],
        "epoch": fact["epoch"],
        "soort": fact["van"],
        "onderwerp": id_bytes(fact["onderwerp"]),
        "geraakt": len(fact["vingerafdrukken"]),
        "at_ms": fact["ms"],
        "stand": "open",
    }
    if not insert_once(transaction, NOTICES, notice):
        return False
    for mark in fact["vingerafdrukken"]:
        touch = {"party": fact["partij"], "fingerprint": bytes.fromhex(mark), "melding_id": melding_id}
        insert_once(transaction, TOUCHES, touch)
    return True


def recall_notices(transaction: Connection, facts: Sequence[Mapping[str, Any]]) -> int:
    """Enter the notices that the journal knows, nobody ended, and a restored database forgot; how many that were."""
    ended = {melding_id for fact in facts if fact["soort"] == ENDED for melding_id in fact["meldingen"]}
    touched = [fact for fact in facts if fact["soort"] == TOUCHED and fact["melding_id"] not in ended]
    return sum(note_touches(transaction, fact) for fact in touched)


def notices(transaction: Connection) -> Meldingen:
    """Every notice, newest first."""
    rows = transaction.execute(select(NOTICES).order_by(NOTICES.c.at_ms.desc(), NOTICES.c.melding_id)).all()
    listed = tuple(
        Melding(
            melding_id=id_text(row.melding_id),
            partij=row.party,
            domein=TokenDomein(row.domain),
            epoch=row.epoch,
            soort=row.soort,
            onderwerp=id_text(row.onderwerp),
            geraakt=row.geraakt,
            gezien=from_ms(row.at_ms),
            stand=row.stand,
        )
        for row in rows
    )
    return Meldingen(meldingen=listed, geschorst=tuple(sorted(suspended(transaction))))


def propose(transaction: Connection, keeper: str, besluit: KanarieBesluit, door: str, now: datetime) -> str | None:
    """Keep a decision that somebody of the keeper proposes; who proposed it before, or None when it is new.

    Raises Conflict when the id stands for another decision, or this one was executed already.
    """
    content = canonical_bytes(besluit)
    row = {
        "besluit_id": id_bytes(besluit.besluit_id),
        "keeper": keeper,
        "content": content,
        "door": door,
        "at_ms": to_ms(now),
    }
    if insert_once(transaction, DECISIONS, row):
        return None
    known = transaction.execute(select(DECISIONS).where(DECISIONS.c.besluit_id == row["besluit_id"])).one()
    if (known.keeper, bytes(known.content)) != (keeper, content):
        raise Conflict("that decision id was used for another decision: make a new one", code="other_content")
    if known.uitgevoerd_door is not None:
        raise Conflict("that decision was executed already", code="executed")
    return str(known.door)


def end_notices(
    transaction: Connection, journal: Journal, besluit: KanarieBesluit, door: str, now: datetime
) -> tuple[Melding, ...]:
    """End open notices and forget their touches; the notices as they were. Raises NotFound, Conflict for one that is
    not open (any more)."""
    wanted = [id_bytes(melding_id) for melding_id in besluit.meldingen]
    known = {m.melding_id: m for m in notices(transaction).meldingen}
    ending = [known[melding_id] for melding_id in besluit.meldingen if melding_id in known]
    if len(ending) != len(set(besluit.meldingen)):
        raise NotFound("meldingen: no such notice")
    if any(notice.stand != "open" for notice in ending):
        raise Conflict("meldingen: one was ended before", code="ended")
    stand = "vrijgegeven" if besluit.oordeel == "vrijgeven" else "verwijderd"
    transaction.execute(update(NOTICES).where(NOTICES.c.melding_id.in_(wanted)).values(stand=stand))
    _forget_touches(transaction, wanted)
    meldingen: list[JsonValue] = [*besluit.meldingen]
    journal.write(now, {"soort": ENDED, "meldingen": meldingen})
    mine = DECISIONS.c.besluit_id == id_bytes(besluit.besluit_id)
    transaction.execute(update(DECISIONS).where(mine).values(uitgevoerd_door=door))
    return tuple(ending)


def _forget_touches(transaction: Connection, notices_: Sequence[bytes]) -> None:
    transaction.execute(delete(TOUCHES).where(TOUCHES.c.melding_id.in_(notices_)))
