"""Leases, batches and receipts, on both engines."""

from datetime import date

import pytest
from sqlalchemy import func, select

from connectors.contract.answers import RECEIPT_TYP, Ontvangst
from connectors.contract.canonical import sha256
from connectors.contract.case_codes import InspanningType
from connectors.contract.codes import Route, Status, TabelId, TokenDomein
from connectors.contract.record import Inspanning, Telling
from connectors.contract.signing import verify_jws
from gateway.ledger.tables import LEAVES
from gateway.ledger.verify import verify
from gateway.store import reading
from gateway.vault.rows import count_rows
from tests.gateway.gateway_world import (
    GEMEENTE,
    NLA,
    OPVANG,
    POLITIE,
    SCHIEDAM,
    World,
    codes_of,
    deliver,
    lend,
    make_batch,
    monitor_row,
    new_id,
    riec_row,
    tokens,
)


def stored(world: World) -> int:
    with reading(world.house.store) as transaction:
        return count_rows(transaction)


def entries(world: World) -> int:
    with reading(world.house.store) as transaction:
        return transaction.execute(select(func.count()).select_from(LEAVES)).scalar_one()


def test_a_batch_is_stored_indexed_and_receipted(any_world: World) -> None:
    """An allowed batch gives 201 and a receipt that the pinned key signed over exactly these bytes."""
    rows = [riec_row(tokens(bsn=str(n))) for n in range(5)]
    assert lend(any_world, POLITIE).status_code == 200
    batch_id, raw = make_batch(any_world, POLITIE, rows)
    answer = any_world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    assert answer.status_code == 201, answer.text
    receipt = verify_jws(answer.json()["ontvangst"], (any_world.federatie.gateway.sleutel,), RECEIPT_TYP, Ontvangst)
    assert (receipt.soort, receipt.id, receipt.digest, receipt.aantal) == ("batch", batch_id, sha256(raw), 5)
    assert stored(any_world) == any_world.house.index.size("RIEC", "2026") == 5
    with reading(any_world.house.store) as transaction:
        assert verify(transaction).size == receipt.grootboek.index + 1


def test_an_equal_resend_gets_the_same_receipt_and_changes_nothing(any_world: World) -> None:
    """The batch id is the idempotency key."""
    lend(any_world, POLITIE)
    batch_id, raw = make_batch(any_world, POLITIE, [riec_row(tokens(bsn="1"))])
    first = any_world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    before = entries(any_world)
    second = any_world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert entries(any_world) == before
    receipt = any_world.party(POLITIE).get(f"/v1/receipts/{batch_id}")
    assert receipt.json() == first.json()


def test_an_id_used_for_other_content_is_a_conflict(any_world: World) -> None:
    """Same id, other bytes: 409, nothing changed."""
    lend(any_world, POLITIE)
    batch_id, raw = make_batch(any_world, POLITIE, [riec_row(tokens(bsn="1"))])
    _, other = make_batch(any_world, POLITIE, [riec_row(tokens(bsn="2"))], batch_id=batch_id)
    assert any_world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw).status_code == 201
    refused = any_world.party(POLITIE).put(f"/v1/batches/{batch_id}", other)
    assert (refused.status_code, refused.json()["code"]) == (409, "other_content")
    assert stored(any_world) == 1


def test_a_batch_without_a_lease_waits_for_one(world: World) -> None:
    """409 lease_needed tells the connector what to do."""
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    refused = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    assert (refused.status_code, refused.json()["code"]) == (409, "lease_needed")
    assert stored(world) == 0


def test_a_newer_row_of_a_record_replaces_the_older(any_world: World) -> None:
    """A record sent again in a later batch is one record."""
    record_id = new_id()
    deliver(any_world, POLITIE, [riec_row(tokens(bsn="1"), record_id=record_id)])
    deliver(any_world, POLITIE, [riec_row(tokens(bsn="2"), record_id=record_id)])
    assert stored(any_world) == any_world.house.index.size("RIEC", "2026") == 1


def test_one_refused_profile_refuses_the_whole_batch(any_world: World) -> None:
    """All rows or none; the ledger gains the decisions and nothing else is stored."""
    rows = [riec_row(tokens(bsn="1")), riec_row(tokens(bsn="2"), route=Route.ZORG_STRAF)]
    before = entries(any_world)
    refused = deliver(any_world, POLITIE, rows)
    assert "ANDER_CONVENANT_LEIDEND" in codes_of(refused)
    assert stored(any_world) == 0
    assert entries(any_world) == before + 1 + 2  # the lease, two decisions


def test_care_route_never_enters_centrally(world: World) -> None:
    """Route zorg sends counts only."""
    assert "ZORGROUTE_NIET_CENTRAAL" in codes_of(deliver(world, POLITIE, [riec_row(tokens(bsn="1"), route=Route.ZORG)]))


def test_closed_cases_are_refused(world: World) -> None:
    """Status afgesloten is not handed in."""
    assert "CASUS_GESLOTEN" in codes_of(deliver(world, POLITIE, [riec_row(tokens(bsn="1"), status=Status.AFGESLOTEN)]))


def test_the_earliest_retention_date_of_a_profile_is_judged(world: World) -> None:
    """One row past its date refuses the batch, however late the others are kept."""
    rows = [riec_row(tokens(bsn=str(n)), bewaren_tot=date(2027, 5, 31)) for n in range(3)]
    rows.append(riec_row(tokens(bsn="9"), bewaren_tot=date(2026, 10, 31)))
    assert "BEWAARTERMIJN_VERSTREKEN" in codes_of(deliver(world, POLITIE, rows))


def test_a_party_that_left_delivers_nothing(world: World) -> None:
    """It cannot even lease: membership is read from the federation file."""
    refused = lend(world, SCHIEDAM)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_member")


def test_monitor_rows_must_fit_a_stated_profile(world: World) -> None:
    """A MONITOR row whose age fits no profile of the header is refused by line."""
    row = monitor_row(tokens(doc="1"))
    lend(world, NLA, TokenDomein.MONITOR)
    batch_id, raw = make_batch(world, NLA, [row], TokenDomein.MONITOR)
    other = raw.replace(b'"leeftijdsband":"23-29"', b'"leeftijdsband":"15-17"')
    refused = world.party(NLA).put(f"/v1/batches/{batch_id}", other)
    assert refused.status_code == 422
    assert "line 2" in refused.json()["detail"]


def test_monitor_rows_and_counts_are_accepted(any_world: World) -> None:
    """Tokens for the monitor from who opted in; counts from care."""
    assert deliver(any_world, NLA, [monitor_row(tokens(doc="1"))], TokenDomein.MONITOR).status_code == 201
    counts = [
        Telling(tabel=TabelId.MELDINGEN_PER_JAAR, jaar=2026, aantal=12, route=Route.ZORG),
        Telling(tabel=TabelId.MELDINGEN_PER_JAAR, jaar=2025, aantal=9, route=Route.ZORG),
    ]
    answer = deliver(any_world, OPVANG, counts, TokenDomein.MONITOR, inhoud="tellingen", profielen=())
    assert answer.status_code == 201, answer.text


def test_a_corrected_count_replaces_the_old_one(world: World) -> None:
    """The same cell counted again is one cell."""
    for aantal in (12, 14):
        row = Telling(tabel=TabelId.MELDINGEN_PER_JAAR, jaar=2026, aantal=aantal, route=Route.ZORG)
        sent = deliver(world, OPVANG, [row], TokenDomein.MONITOR, inhoud="tellingen", profielen=())
        assert sent.status_code == 201
    assert stored(world) == 1


def test_tokens_of_who_did_not_opt_in_are_refused(world: World) -> None:
    """MONITOR records need ontdubbelen in the policy's own list of parties."""
    refused = deliver(world, OPVANG, [monitor_row(tokens(doc="1"))], TokenDomein.MONITOR)
    assert "MONITOR_GEEN_INDIVIDUEN" in codes_of(refused)


def test_another_share_than_the_first_is_refused(any_world: World) -> None:
    """A wrong share would make rows that nothing opens."""
    lend(any_world, POLITIE)
    refused = lend(any_world, POLITIE, share=any_world.share(NLA, "RIEC"))
    assert (refused.status_code, refused.json()["code"]) == (409, "other_share")


def test_rows_come_back_into_the_index_with_the_share(any_world: World) -> None:
    """After a restart nothing is matchable until the party leases again."""
    deliver(any_world, POLITIE, [riec_row(tokens(bsn=str(n))) for n in range(4)])
    again = any_world.restart()
    assert again.house.index.size("RIEC", "2026") == 0
    assert again.party(POLITIE).get("/v1/ledger/checkpoint").status_code == 200
    assert lend(again, POLITIE).status_code == 200
    assert again.house.index.size("RIEC", "2026") == 4
    again.close()


def test_a_lease_ends_after_a_day(world: World) -> None:
    """Share and index rows go when the lease ends."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    world.clock.advance(hours=24)
    assert world.house.leases.present("RIEC", "2026", world.clock()) == ()
    assert world.house.index.size("RIEC", "2026") == 0


@pytest.mark.parametrize("change", [{"epoch": "2025"}, {"federatie": "A" * 43}])
def test_another_epoch_or_federation_file_is_refused(world: World, change: dict[str, str]) -> None:
    """Houses that hold different files, or an epoch that is not open, do not work together."""
    lend(world, GEMEENTE)
    batch_id, raw = make_batch(world, GEMEENTE, [riec_row(tokens(bsn="1"))], **change)
    refused = world.party(GEMEENTE).put(f"/v1/batches/{batch_id}", raw)
    assert refused.status_code in (409, 422)
    assert stored(world) == 0


def test_efforts_are_counts_too(world: World) -> None:
    """An inspanning is stored like a telling."""
    row = Inspanning(type=InspanningType.NOODBED, kwartaal="2026-Q3", aantal=4)
    assert deliver(world, OPVANG, [row], TokenDomein.MONITOR, inhoud="tellingen", profielen=()).status_code == 201
