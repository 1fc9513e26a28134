"""P5: a withdrawn record is unmatchable at once after the gateway's receipt, within the lease when the gateway cannot
be reached, and after any restore. Each test tries to bring one back."""

from pathlib import Path
from typing import Any

import pytest

from connectors.contract.codes import TokenDomein
from connectors.delivery import lend_share
from connectors.departing import withdraw
from connectors.errors import PeerUnavailable
from connectors.hits import hits_of
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import ANALIST, GATEWAY, POLITIE
from tests.world import ANALYST_PARTY, Federation, approve_questions, known, partners_of, put_question

SUBJECTS = (1, 3, 5)
"""Rows of the delivered source that have a BSN."""


def asked(federation: Federation) -> list[bool]:
    """Whether each of the subjects is known, as the analyst hears it now."""
    with federation.connector(ANALYST_PARTY) as bureau:
        return [known(bureau, bsn(number)) for number in SUBJECTS]


def record_of(federation: Federation, rows: list[dict[str, Any]], number: int) -> str:
    """The id of the record that a subject's token leads to."""
    with federation.connector(ANALYST_PARTY) as bureau:
        token = put_question(bureau, bsn(number)).vraag.subjecten[0].tokens[0].waarde
    (record,) = {row["record_id"] for row in rows for has in row["tokens"] if has["waarde"] == token}
    return str(record)


def lend(federation: Federation) -> None:
    with federation.connector(POLITIE) as police:
        lend_share(police, TokenDomein.RIEC)


def take_back(federation: Federation, *records: str) -> None:
    """The police withdraw these records, or all."""
    with federation.connector(POLITIE) as police:
        withdraw(police, records, TokenDomein.RIEC)


def test_one_record_is_gone_at_once(delivered: Federation, police_rows: list[dict[str, Any]]) -> None:
    """From the receipt on, for a new question; the other records stay."""
    take_back(delivered, record_of(delivered, police_rows, 1))
    assert asked(delivered) == [False, True, True]


def test_hits_that_were_found_before_are_gone_too(delivered: Federation, police_rows: list[dict[str, Any]]) -> None:
    """A question that was answered `bekend` yesterday shows nothing today."""
    record = record_of(delivered, police_rows, 1)
    with delivered.connector(ANALYST_PARTY) as bureau:
        before = put_question(bureau, bsn(1))
        take_back(delivered, record)
        assert partners_of(bureau, before) == ()


def test_a_renewed_lease_brings_nothing_back(delivered: Federation) -> None:
    """Withdraw all, lend again, restart, lend again."""
    take_back(delivered)
    lend(delivered)
    assert asked(delivered) == [False] * 3
    delivered.stop_gateway()
    delivered.start_gateway()
    lend(delivered)
    assert asked(delivered) == [False] * 3


def test_a_batch_sent_again_brings_nothing_back(
    delivered: Federation, police_delivered: Federation, police_rows: list[dict[str, Any]]
) -> None:
    """The very batch with the withdrawn record, byte for byte, gets its old receipt and changes nothing."""
    (batch,) = (exchange for exchange in police_delivered.wire.exchanges if exchange.method == "PUT")
    take_back(delivered, record_of(delivered, police_rows, 1))
    answer = delivered.gateway.party(POLITIE).put(batch.url.removeprefix(GATEWAY), batch.body)
    assert answer.status_code == 200
    assert asked(delivered) == [False, True, True]


def test_a_restored_backup_brings_nothing_back(
    delivered: Federation, police_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Yesterday's database knows nothing of today's withdrawal; the connector's tombstones come with its share."""
    record = record_of(delivered, police_rows, 1)
    backup = delivered.back_up(tmp_path / "yesterday.sqlite")
    take_back(delivered, record)
    delivered.restore(backup)
    assert asked(delivered) == [False] * 3  # no share, no match
    lend(delivered)
    assert asked(delivered) == [False, True, True]


def test_old_answers_in_a_backup_show_nothing(
    delivered: Federation, police_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    """A question that the backup knows as answered `bekend` has no hits once the record behind it is withdrawn."""
    record = record_of(delivered, police_rows, 1)
    with delivered.connector(ANALYST_PARTY) as bureau:
        before = put_question(bureau, bsn(1))
        assert partners_of(bureau, before) == ("politie",)
        backup = delivered.back_up(tmp_path / "yesterday.sqlite")
        take_back(delivered, record)
        delivered.restore(backup)
        assert hits_of(bureau, before.vraag.vraag_id, ANALIST).hits == ()
        lend(delivered)
        assert hits_of(bureau, before.vraag.vraag_id, ANALIST).hits == ()


def test_a_backup_restored_twice_brings_nothing_back(
    delivered: Federation, police_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Everything withdrawn, an old backup, a lease, a crash, the old backup again."""
    backup = delivered.back_up(tmp_path / "yesterday.sqlite")
    take_back(delivered)
    for _ in range(2):
        delivered.restore(backup)
        lend(delivered)
        assert asked(delivered) == [False] * 3


def test_when_the_gateway_is_away_it_ends_with_the_lease(
    delivered: Federation, police_rows: list[dict[str, Any]]
) -> None:
    """The withdrawal waits, durably; the gateway cannot match longer than the lease; and it is told first thing."""
    record = record_of(delivered, police_rows, 1)
    delivered.wire.away.add("gateway.test:8400")
    with pytest.raises(PeerUnavailable):
        take_back(delivered, record)
    delivered.wire.away.clear()
    delivered.clock.advance(hours=24)
    with delivered.connector(ANALYST_PARTY) as bureau:
        approve_questions(bureau)
    assert asked(delivered) == [False] * 3
    lend(delivered)
    assert asked(delivered) == [False, True, True]


def test_a_withdrawn_row_is_not_in_the_database_file(delivered: Federation, police_rows: list[dict[str, Any]]) -> None:
    """Its ciphertext is overwritten, not only unlinked: a copy of the file made afterwards does not hold it."""
    with delivered.gateway.house.store.connect() as connection:
        sealed = [bytes(row[0]) for row in connection.exec_driver_sql("SELECT sealed FROM sealed_rows")]
    assert len(sealed) == len(police_rows)
    take_back(delivered)
    delivered.stop_gateway()
    files = b"".join(path.read_bytes() for path in delivered.database.parent.glob("gateway.sqlite*"))
    assert sum(row in files for row in sealed) == 0
