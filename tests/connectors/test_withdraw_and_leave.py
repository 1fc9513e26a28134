"""Taking back: tombstones are durable before anything is sent, and leaving needs nobody."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connectors.contract.codes import TokenDomein
from connectors.delivery import lend_share
from connectors.departing import leave, withdraw, withdraw_case
from connectors.errors import InputRefused, NotPermitted, PeerUnavailable
from connectors.house import House, open_house
from tests.connectors.peer import Answer, Peer, settings_of
from tests.connectors.samples import ROWS, row
from tests.connectors.test_send import approved, sent


def delivered(house: House, source: Path, mapping: Path) -> None:
    approved(house, source, mapping)
    sent(house, source, mapping)


def away(method: str, path: str, body: bytes) -> Answer | None:
    return (503, b"{}") if path == "/v1/withdrawals" else None


def test_a_record_is_withdrawn_by_its_id(peer: Peer, source: Path, mapping: Path) -> None:
    """The gateway hears exactly that id, and the receipt is kept."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        record_id = str(peer.rows()[0]["record_id"])
        assert withdraw(house, (record_id,), None) == 1
        assert house.outbox.counts().pending_withdrawals == 0
    assert peer.withdrawals[0].record_ids == (record_id,)


def test_a_strange_id_withdraws_nothing(peer: Peer, source: Path, mapping: Path) -> None:
    """An id that this connector never made is refused and nothing is buried."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        with pytest.raises(InputRefused):
            withdraw(house, ("00000000-0000-4000-8000-000000000009",), None)
        assert house.outbox.counts().tombstones == 0


def test_a_withdrawal_waits_for_the_gateway(peer: Peer, source: Path, mapping: Path) -> None:
    """With the gateway away the withdrawal stays queued, and the next send delivers it first."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        peer.fault = away
        with pytest.raises(PeerUnavailable):
            withdraw(house, (str(peer.rows()[0]["record_id"]),), None)
        assert house.outbox.counts().pending_withdrawals == 1
        peer.fault = lambda method, path, body: None
        assert sent(house, source, mapping).delivered.withdrawals == 1


def test_a_withdrawn_row_is_not_sent_again(peer: Peer, source: Path, mapping: Path) -> None:
    """A row that was taken back stays back when its source is sent again."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        withdraw(house, (str(peer.rows()[0]["record_id"]),), None)
        assert sent(house, source, mapping).made.rows_new == 0


def test_the_lease_repeats_the_tombstones(peer: Peer, source: Path, mapping: Path) -> None:
    """A restored gateway hears from every lease what was withdrawn."""
    seen: list[bytes] = []
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        record_id = str(peer.rows()[0]["record_id"])
        withdraw(house, (record_id,), None)
        peer.fault = lambda method, path, body: seen.append(body)  # type: ignore[func-returns-value]
        lend_share(house, TokenDomein.RIEC)
    assert any(record_id.encode() in body for body in seen)


def test_a_row_withdrawn_while_its_batch_waits_is_withdrawn_after_it(peer: Peer, source: Path, mapping: Path) -> None:
    """Withdrawn between making and acknowledging: the gateway hears the withdrawal after the batch too."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        peer.fault = lambda method, path, body: (503, b"{}") if path.startswith("/v1/batches/") else None
        with pytest.raises(PeerUnavailable):
            sent(house, source, mapping)
        content = next(house.outbox.queued()).content
        record_id = content.splitlines()[1].split(b'"record_id":"')[1][:36].decode()
        withdraw(house, (record_id,), None)
        peer.fault = lambda method, path, body: None
        sent(house, source, mapping)
    order = [path for _, path in peer.calls if path.startswith(("/v1/batches/", "/v1/withdrawals"))]
    assert order[-1] == "/v1/withdrawals"
    assert [item.record_ids for item in peer.withdrawals] == [(record_id,)] * 2


def test_all_withdraws_a_whole_domain(peer: Peer, source: Path, mapping: Path) -> None:
    """--all buries every record of the domain."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        withdraw(house, (), TokenDomein.RIEC)
        assert house.outbox.counts().tombstones == ROWS
    assert peer.withdrawals[0].alles


def test_a_case_is_withdrawn_by_its_own_reference(peer: Peer, source: Path, mapping: Path) -> None:
    """The partner names a case as its own system does, and exactly its record is withdrawn."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        assert withdraw_case(house, row(2)[0]) == 1
        with pytest.raises(InputRefused):
            withdraw_case(house, row(2)[0])
        with pytest.raises(InputRefused):
            withdraw_case(house, "unknown")
        assert house.outbox.counts().tombstones == 1


def test_withdrawing_forgets_the_cache(peer: Peer, source: Path, mapping: Path) -> None:
    """No cached token of a withdrawn record remains."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        withdraw(house, (str(peer.rows()[0]["record_id"]),), None)
        assert house.outbox.counts().cached == 0


def test_leaving_destroys_the_share_without_the_gateway(peer: Peer, source: Path, mapping: Path) -> None:
    """A party leaves alone: the share is gone although the gateway is away."""
    settings = settings_of(peer)
    with open_house(settings, http=peer.client()) as house:
        delivered(house, source, mapping)
        assert list(settings.keys.glob("share-*"))
        peer.fault = away
        gone = leave(house)
    assert (gone.shares_destroyed, gone.told) == (1, False)
    assert not list(settings.keys.glob("share-*"))


def test_the_gateway_hears_of_it_later(peer: Peer, source: Path, mapping: Path) -> None:
    """Leaving again when the gateway is back tells it once per domain."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        peer.fault = away
        leave(house)
        peer.fault = lambda method, path, body: None
        assert leave(house).told
    assert all(item.vertrek for item in peer.withdrawals)


def test_who_left_keeps_nothing_of_names(peer: Peer, source: Path, mapping: Path) -> None:
    """Cached tokens, claims of blocks and counts of names are for an epoch in which one takes part."""
    left, outbox = ("cache", "claim", "namesake"), settings_of(peer).outbox
    counts = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in left)
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        with closing(sqlite3.connect(outbox)) as other:
            assert all(other.execute(counts).fetchone())
            leave(house)
            assert other.execute(counts).fetchone() == (0, 0, 0)


def test_who_left_lends_nothing_more(peer: Peer, source: Path, mapping: Path) -> None:
    """After leaving, no share is ever made again by accident."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivered(house, source, mapping)
        leave(house)
        with pytest.raises(NotPermitted, match="left"):
            lend_share(house, TokenDomein.RIEC)
        with pytest.raises(NotPermitted, match="left"):
            sent(house, source, mapping)
    assert not list(settings_of(peer).keys.glob("share-*"))
