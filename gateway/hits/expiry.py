"""The expiry of hits: a question and all that was found go when its answer may no longer be looked at."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from gateway.clock import to_day, to_ms
from gateway.hits.tables import QUESTIONS
from gateway.house import House
from gateway.ledger.append import append
from gateway.ledger.entries import ErasureEntry
from gateway.permit.match import HITS_DAYS
from gateway.store import writing


def expire_hits(house: House) -> int:
    """Erase questions older than `HITS_DAYS` with their answers; how many went. The erasure is an entry of its own. The
    journal's files of days that no limit counts any more go too."""
    now = house.clock()
    over = QUESTIONS.c.asked_ms < to_ms(now - timedelta(days=HITS_DAYS + 1))
    with writing(house.store) as transaction:
        gone = transaction.execute(select(func.count()).select_from(QUESTIONS).where(over)).scalar_one()
        if gone:
            transaction.execute(delete(QUESTIONS).where(over))
            append(transaction, (ErasureEntry(dag=to_day(now), rijen=gone),), now, house.random)
    house.journal.forget(now)
    return gone
