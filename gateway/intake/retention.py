"""The retention run: rows whose last day is over are erased, and the erasure is an entry of its own. The same daily run
makes the quarter's spot draws."""

from gateway.clock import to_day
from gateway.house import House
from gateway.intake.spot import draw_quarter
from gateway.ledger.append import append
from gateway.ledger.entries import ErasureEntry
from gateway.store import writing
from gateway.vault.rows import erase_expired


def retain(house: House) -> int:
    """Erase what may no longer be kept (`bewaren_tot` is reached); how many rows went."""
    now = house.clock()
    with house.turn:
        with writing(house.store) as transaction:
            gone = erase_expired(transaction, to_day(now))
            if gone:
                append(transaction, (ErasureEntry(dag=to_day(now), rijen=len(gone)),), now, house.random)
        for place, record_id in gone:
            house.index.drop_records(place.domain, place.epoch, place.party, [record_id])
    draw_quarter(house)
    return len(gone)
