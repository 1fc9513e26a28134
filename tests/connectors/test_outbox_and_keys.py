"""The outbox is all or nothing and private; the keyring makes secrets once and destroys shares for good."""

import os
import pickle
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.contract.codes import TokenDomein
from connectors.errors import NotVerified
from connectors.keyring import Keyring
from connectors.outbox import Outbox
from connectors.outbox_file import OutboxBroken
from connectors.outbox_rows import SealedBatch

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def sealed(number: int, rows: int = 2, size: int = 100) -> SealedBatch:
    name = f"00000000-0000-4000-8000-{number:012d}"
    ids = [f"00000000-0000-4000-9000-{number:06d}{row:06d}" for row in range(rows)]
    records = tuple((bytes([number, row]) * 16, record_id, b"case") for row, record_id in enumerate(ids))
    return SealedBatch(name, "levering", TokenDomein.RIEC, "2026", "digest", rows, bytes(size), records)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


def test_batches_leave_in_the_order_they_were_made(outbox: Outbox) -> None:
    """First made, first sent; an acknowledged one is not sent again."""
    outbox.put([sealed(2), sealed(1)])
    outbox.put([sealed(3)])
    assert [batch.batch_id[-1] for batch in outbox.queued()] == ["2", "1", "3"]
    outbox.acknowledge(sealed(2).batch_id, "receipt")
    assert [batch.batch_id[-1] for batch in outbox.queued()] == ["1", "3"]


def test_the_bytes_are_dropped_after_the_receipt(outbox: Outbox, tmp_path: Path) -> None:
    """What was acknowledged is kept as digest and receipt only."""
    outbox.put([sealed(1)])
    outbox.acknowledge(sealed(1).batch_id, "receipt")
    with sqlite3.connect(tmp_path / "outbox.sqlite") as other:
        assert other.execute("select content, receipt from batch").fetchone() == (None, "receipt")


def test_a_row_is_in_one_batch_only(outbox: Outbox) -> None:
    """A second batch with a row that is already in one is refused as a whole."""
    outbox.put([sealed(1)])
    double = SealedBatch(**{**_fields(sealed(2)), "records": sealed(2).records + sealed(1).records})
    with pytest.raises(OutboxBroken):
        outbox.put([double])
    assert outbox.counts().queued_batches == 1
    assert outbox.known([sealed(2).records[0][0]]) == set()


def test_a_full_disk_stores_nothing_of_a_batch(outbox: Outbox) -> None:
    """When the disk is full in the middle, neither batch nor record ids are there, and what was there stays."""
    outbox.put([sealed(1)])
    outbox._db.execute("PRAGMA max_page_count=60")
    with pytest.raises(OutboxBroken, match="nothing was sent"):
        outbox.put([sealed(2, size=10_000_000)])
    assert outbox.counts().queued_batches == 1
    assert outbox.counts().records == 2


def test_two_connectors_at_once_wait_for_each_other(outbox: Outbox, tmp_path: Path) -> None:
    """A second process on the same outbox sees whole batches only."""
    other = Outbox(tmp_path / "outbox.sqlite")
    outbox.put([sealed(1)])
    other.put([sealed(2)])
    assert outbox.counts().queued_batches == other.counts().queued_batches == 2


def test_a_refused_batch_keeps_withdrawn_rows_withdrawn(outbox: Outbox) -> None:
    """Rows of a refused batch may be made again, but not one that was withdrawn meanwhile."""
    outbox.put([sealed(1)])
    (first, gone, _), (second, _, _) = sealed(1).records
    outbox.withdraw([gone], TokenDomein.RIEC, "w", b"content", NOW)
    outbox.drop_refused(sealed(1).batch_id)
    assert outbox.known([first, second]) == {first}


def test_a_damaged_outbox_is_said_so(tmp_path: Path) -> None:
    """A file that is not a database stops the connector, and is not overwritten."""
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(OutboxBroken):
        Outbox(path)
    assert path.read_bytes().startswith(b"not a database")


def test_the_outbox_is_private(outbox: Outbox, tmp_path: Path) -> None:
    """Mode 0600, log files included."""
    outbox.put([sealed(1)])
    for path in tmp_path.glob("outbox.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_a_share_is_made_once(tmp_path: Path) -> None:
    """The same share for one domain and epoch, another for every other."""
    keyring = Keyring(tmp_path)
    share = keyring.share(TokenDomein.RIEC, "2026")
    assert keyring.share(TokenDomein.RIEC, "2026") == share
    others = {keyring.share(TokenDomein.RIEC, "2027"), keyring.share(TokenDomein.MONITOR, "2026")}
    assert share not in others
    assert len(others) == 2


def test_destroying_leaves_no_share(tmp_path: Path) -> None:
    """Every share is gone, other keys stay."""
    keyring = Keyring(tmp_path)
    keyring.make()
    keyring.share(TokenDomein.RIEC, "2026")
    keyring.share(TokenDomein.MONITOR, "2026")
    assert keyring.destroy_shares() == 2
    assert not keyring.has_share(TokenDomein.RIEC, "2026")
    assert keyring.signing_key()


def test_a_share_is_overwritten_before_its_name_goes(tmp_path: Path) -> None:
    """Whoever kept another name of the file finds no share in it."""
    keyring = Keyring(tmp_path / "keys")
    keyring.share(TokenDomein.RIEC, "2026")
    os.link(tmp_path / "keys" / "share-RIEC-2026.key", tmp_path / "kept")
    keyring.destroy_shares()
    assert (tmp_path / "kept").read_bytes() == bytes(32)


def test_make_never_replaces_a_key(tmp_path: Path) -> None:
    """Keys that are there stay as they are."""
    keyring = Keyring(tmp_path)
    keyring.make()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    keyring.make()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33), b"\x07" * 32])
def test_a_weak_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """Short, long or constant bytes are no key."""
    (tmp_path / "party.key").write_bytes(content)
    os.chmod(tmp_path / "party.key", 0o600)
    with pytest.raises(NotVerified):
        Keyring(tmp_path).signing_key()


def test_secrets_are_not_shown_or_pickled(tmp_path: Path) -> None:
    """Neither a key nor the local keys show their bytes, and neither is pickled."""
    keyring = Keyring(tmp_path)
    keyring.make()
    for secret in (keyring.signing_key(), keyring.local_keys()):
        with pytest.raises(TypeError):
            pickle.dumps(secret)
    assert keyring.local_keys().row.hex() not in repr(keyring.local_keys())


def _fields(batch: SealedBatch) -> dict[str, object]:
    return {name: getattr(batch, name) for name in SealedBatch.__slots__}
