"""Withdrawals: at once, with a tombstone, never undone; also for a party that left."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from connectors.contract.answers import RECEIPT_TYP, Intrekking, Ontvangst
from connectors.contract.codes import TokenDomein
from connectors.contract.signing import verify_jws
from gateway.intake.retention import retain
from gateway.store import reading
from gateway.vault.rows import count_rows
from gateway.vault.tables import TOMBSTONES
from tests.gateway.gateway_world import (
    GEMEENTE,
    POLITIE,
    SCHIEDAM,
    World,
    deliver,
    lend,
    make_batch,
    make_world,
    new_id,
    riec_row,
    tokens,
    withdraw,
)


def stored(world: World) -> int:
    with reading(world.house.store) as transaction:
        return count_rows(transaction)


def test_a_withdrawal_removes_rows_and_promises_it(any_world: World) -> None:
    """The receipt says how many rows went; the rest stays."""
    rows = [riec_row(tokens(bsn=str(n))) for n in range(4)]
    deliver(any_world, POLITIE, rows)
    answer = withdraw(any_world, POLITIE, record_ids=(rows[0].record_id, rows[1].record_id))
    receipt = verify_jws(answer.json()["ontvangst"], (any_world.federatie.gateway.sleutel,), RECEIPT_TYP, Ontvangst)
    assert (receipt.soort, receipt.aantal) == ("intrekking", 2)
    assert stored(any_world) == any_world.house.index.size("RIEC", "2026") == 2


def test_an_equal_withdrawal_gets_the_same_receipt(any_world: World) -> None:
    """A resend after a lost answer is harmless."""
    row = riec_row(tokens(bsn="1"))
    deliver(any_world, POLITIE, [row])
    body = Intrekking(intrekking_id=new_id(), domein=TokenDomein.RIEC, record_ids=(row.record_id,))
    first, second = (any_world.party(POLITIE).post("/v1/withdrawals", body) for _ in range(2))
    assert first.json() == second.json()


def test_a_late_batch_never_brings_a_withdrawn_record_back(any_world: World) -> None:
    """The tombstone is there before the batch: its row is left out, the rest is stored."""
    rows = [riec_row(tokens(bsn=str(n))) for n in range(3)]
    lend(any_world, POLITIE)
    withdraw(any_world, POLITIE, record_ids=(rows[1].record_id,))
    batch_id, raw = make_batch(any_world, POLITIE, rows)
    assert any_world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw).status_code == 201
    assert stored(any_world) == any_world.house.index.size("RIEC", "2026") == 2


def test_one_party_cannot_withdraw_anothers_record(world: World) -> None:
    """Another party's record of that id is simply not there."""
    row = riec_row(tokens(bsn="1"))
    deliver(world, POLITIE, [row])
    answer = withdraw(world, GEMEENTE, record_ids=(row.record_id,))
    assert answer.status_code == 200
    assert stored(world) == 1


def test_a_party_that_left_withdraws_all(tmp_path: Path) -> None:
    """Membership is not asked; the rows were put there while it was a member."""
    world = make_world(tmp_path, now=datetime(2026, 2, 1, 10, 0, tzinfo=UTC))  # Schiedam left on 1 March 2026
    assert deliver(world, SCHIEDAM, [riec_row(tokens(bsn="1"))]).status_code == 201
    world.clock.advance(days=200)
    answer = withdraw(world, SCHIEDAM, alles=True, vertrek=True)
    assert answer.status_code == 200, answer.text
    assert stored(world) == 0
    assert world.house.leases.present("RIEC", "2026", world.clock()) == ()
    world.close()


def test_all_leaves_a_tombstone_for_each(world: World) -> None:
    """`alles` remembers every record it removed."""
    rows = [riec_row(tokens(bsn=str(n))) for n in range(3)]
    deliver(world, POLITIE, rows)
    withdraw(world, POLITIE, alles=True)
    with reading(world.house.store) as transaction:
        assert len(transaction.execute(select(TOMBSTONES.c.record_id)).all()) == 3


def test_tombstones_of_a_lease_are_applied_before_anything_is_served(any_world: World) -> None:
    """A restored backup that still has a withdrawn row loses it when the party leases again."""
    rows = [riec_row(tokens(bsn=str(n))) for n in range(3)]
    deliver(any_world, POLITIE, rows)
    again = any_world.restart()
    assert lend(again, POLITIE, grafstenen=(rows[0].record_id,)).status_code == 200
    assert stored(again) == again.house.index.size("RIEC", "2026") == 2
    again.close()


def test_retention_erases_what_is_over(any_world: World) -> None:
    """`bewaren_tot` is the first day on which the row is no longer kept, here earlier than its class is over."""
    deliver(any_world, POLITIE, [riec_row(tokens(bsn="1"), bewaren_tot=date(2027, 4, 30))])
    any_world.clock.now = any_world.clock.now.replace(year=2027, month=4, day=29)
    assert retain(any_world.house) == 0
    any_world.clock.now = any_world.clock.now.replace(day=30)
    assert retain(any_world.house) == 1
    assert stored(any_world) == any_world.house.index.size("RIEC", "2026") == 0
