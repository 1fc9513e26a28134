"""Files of the connector: whole or not at all, one sender at a time, and every refusal names the file."""

import errno
import resource
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.approval import judge
from connectors.commands.setup import clock_state
from connectors.contract.codes import TokenDomein
from connectors.contract.signing import write_secret_file
from connectors.errors import InputRefused, NotPermitted, PeerUnavailable
from connectors.files import MAX_BYTES, InUse, alone_with, put_in_place, read_whole, write_whole
from connectors.house import open_house
from connectors.keyring import Keyring, KeysBroken
from tests.connectors.peer import Peer, settings_of
from tests.connectors.test_send import approved, previewed, sent

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow: every write fails, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    """Name, reason, advice; not the whole path."""
    with pytest.raises(InputRefused, match=r"^none\.toml: cannot be read \(No such file or directory\); make it$"):
        read_whole(tmp_path / "none.toml", "; make it")


def test_a_file_larger_than_any_is_not_held(tmp_path: Path) -> None:
    """A sparse file of 16 MB and a byte."""
    path = tmp_path / "large.toml"
    with path.open("wb") as handle:
        handle.truncate(MAX_BYTES + 1)
    with pytest.raises(InputRefused, match="larger than 16 MB"):
        read_whole(path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """And no half file beside it."""
    path = tmp_path / "receipt.json"
    write_whole(path, "first\n")
    with full_disk(), pytest.raises(InputRefused, match=r"receipt\.json: cannot be written"):
        write_whole(path, "second\n")
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("receipt.json", "first\n")]


def test_a_block_that_fails_puts_nothing_in_place(tmp_path: Path) -> None:
    """Whatever stopped it passes through."""
    with suppress(KeyError), put_in_place(tmp_path / "out.csv") as part:
        part.write_text("half")
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_the_systems_own_words_say_why_a_write_failed(tmp_path: Path) -> None:
    """Libraries put the whole path in their error; the message has the file's own name and the system's reason."""
    words = f"Failed to open local file '{tmp_path}/a'"
    with (
        pytest.raises(InputRefused, match=r"^a: cannot be written \(No space left on device\)$"),
        put_in_place(tmp_path / "a"),
    ):
        raise OSError(errno.ENOSPC, words)


def test_a_symbolic_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    """A result that stands elsewhere by a link is written there."""
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far" / "result")
    write_whole(tmp_path / "near", "new")
    assert (tmp_path / "near").is_symlink()
    assert (tmp_path / "far" / "result").read_text() == "new"


def test_an_output_in_no_folder_is_refused(tmp_path: Path) -> None:
    """Exit 2 with the file's name."""
    with pytest.raises(InputRefused, match=r"out\.csv: cannot be written"):
        write_whole(tmp_path / "nowhere" / "out.csv", "x")


def test_an_output_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    """The folder stays."""
    (tmp_path / "out").mkdir()
    with pytest.raises(InputRefused, match="out: cannot be written"):
        write_whole(tmp_path / "out", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_processes_do_not_send_at_once(peer: Peer, source: Path, mapping: Path) -> None:
    """The second is told to wait, before it asks anybody for anything."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with alone_with(settings_of(peer).outbox), pytest.raises(InUse, match="wait"):
            sent(house, source, mapping)
        assert not peer.calls
        assert sent(house, source, mapping).delivered.rows > 0


def test_a_lock_ends_with_the_block_and_is_private(tmp_path: Path) -> None:
    """However the block ends."""
    with pytest.raises(PeerUnavailable), alone_with(tmp_path / "outbox.sqlite"):
        raise PeerUnavailable("away")
    with alone_with(tmp_path / "outbox.sqlite"):
        (lock,) = tmp_path.iterdir()
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_a_secret_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """A full disk leaves neither key nor half a key, and the next attempt makes it."""
    keyring = Keyring(tmp_path / "keys")
    keyring.make()
    before = sorted(path.name for path in (tmp_path / "keys").iterdir())
    with full_disk(), pytest.raises(KeysBroken, match="the folder keys cannot be written"):
        keyring.share(TokenDomein.RIEC, "2026")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == before
    assert len(keyring.share(TokenDomein.RIEC, "2026")) == 32


def test_secrets_stand_in_a_folder_that_others_cannot_list(tmp_path: Path) -> None:
    """Mode 0700, files 0600, nothing else left behind."""
    write_secret_file(tmp_path / "keys" / "a.key", bytes(range(32)))
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()] == [0o600]


def test_commands_that_need_a_new_secret_at_once_get_the_same(tmp_path: Path) -> None:
    """One of them makes it, the others read it."""
    with ThreadPoolExecutor(8) as pool:
        shares = set(pool.map(lambda _: Keyring(tmp_path).share(TokenDomein.RIEC, "2026"), range(8)))
    assert len(shares) == 1


def test_certificates_that_are_none_are_bad_input(peer: Peer, tmp_path: Path) -> None:
    """Neither a missing file nor one without certificates starts a command, and the file is named."""
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(InputRefused, match=name), open_house(replace(settings_of(peer), ca=tmp_path / name)):
            raise AssertionError("the house opened")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Tue, 24 Nov 2026 12:00:10 GMT", "ok"),
        ("Tue, 24 Nov 2026 12:00:10 -0000", "ok"),
        ("Tue, 24 Nov 2026 12:10:00 GMT", "off by 600 seconds; set the clock"),
        ("Tue, 24 Nov 2026 11:50:00 GMT", "off by 600 seconds; set the clock"),
        ("yesterday", "unknown: the gateway states no date that can be read"),
    ],
)
def test_the_clock_is_compared_with_the_gateways(said: str, state: str) -> None:
    """Ahead or behind, and whatever the gateway writes as its date."""
    assert clock_state(said, NOW) == state


def test_the_last_judgement_of_a_delivery_counts(peer: Peer, source: Path, mapping: Path) -> None:
    """An officer who refuses what was approved before takes the approval back, and may give it again."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        judge(house, previewed(house, source, mapping), "Invented Officer", False, None)
        with pytest.raises(NotPermitted, match="no approval"):
            sent(house, source, mapping)
        assert not peer.batches
        approved(house, source, mapping)
        assert sent(house, source, mapping).delivered.rows > 0


@pytest.mark.parametrize("name", ["", "x" * 129])
def test_an_officer_without_a_usable_name_decides_nothing(peer: Peer, source: Path, mapping: Path, name: str) -> None:
    """1 to 128 characters; the message says so."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        receipt = previewed(house, source, mapping)
        with pytest.raises(InputRefused, match="naam: String should have at"):
            judge(house, receipt, name, True, None)
        assert all(stored.signed is None for stored in house.outbox.receipts())


def test_a_clock_that_went_back_gives_no_judgement(peer: Peer, source: Path, mapping: Path) -> None:
    """Else a refusal could seem older than the approval that it takes back."""
    with open_house(settings_of(peer), http=peer.client(), clock=lambda: NOW) as house:
        approved(house, source, mapping)
    earlier = NOW - timedelta(seconds=1)
    with open_house(settings_of(peer), http=peer.client(), clock=lambda: earlier) as house:
        receipt = previewed(house, source, mapping)
        with pytest.raises(InputRefused, match="set the clock"):
            judge(house, receipt, "Invented Officer", False, None)
