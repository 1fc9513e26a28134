"""A large load passes through batch by batch: memory follows the batch, not the load."""

import hashlib
import tracemalloc

import pytest

from connectors.contract.canonical import b64u
from connectors.contract.codes import TokenDomein
from gateway.errors import StoreUnavailable, TooLarge
from gateway.intake.spool import spool
from gateway.store import reading
from gateway.vault.rows import count_rows
from tests.gateway.gateway_world import POLITIE, World, lend, make_batch, riec_row, tokens


def peak_of_batch(world: World, first: int, rows: int) -> int:
    """Bytes of Python memory at the peak of one upload, above what was there before it."""
    batch_id, raw = make_batch(
        world, POLITIE, [riec_row(tokens(bsn=str(n), phone=str(n))) for n in range(first, first + rows)]
    )
    tracemalloc.start()
    sent = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent.status_code == 201, sent.text
    return peak


@pytest.mark.parametrize(
    ("batches", "rows"), [(4, 500), pytest.param(20, 5_000, marks=pytest.mark.full)], ids=["2,000", "100,000"]
)
def test_memory_follows_the_batch_and_not_the_load(world: World, batches: int, rows: int) -> None:
    """The last batch of a load peaks no higher than the second, and within 12 KiB a row."""
    lend(world, POLITIE, TokenDomein.RIEC)
    peaks = [peak_of_batch(world, number * rows, rows) for number in range(batches)]
    assert peaks[-1] < 1.5 * peaks[1]
    assert max(peaks) < rows * 12 * 1024 + 4 * 1024 * 1024
    with reading(world.house.store) as transaction:
        assert count_rows(transaction) == batches * rows


def test_the_spool_takes_a_stream_and_hashes_it(world: World) -> None:
    """Pieces in; out come a file that has no name, so that no crash leaves it behind, and its digest."""
    made = spool((b"a" * 1000 for _ in range(1000)), world.settings.spool, 2_000_000)
    assert list(world.settings.spool.iterdir()) == []
    assert made.file.read() == b"a" * 1_000_000
    assert made.digest == b64u(hashlib.sha256(b"a" * 1_000_000).digest())
    made.discard()
    assert made.file.closed


def test_a_stream_beyond_the_limit_leaves_nothing(world: World) -> None:
    """It stops at the limit, not at the end."""
    with pytest.raises(TooLarge):
        spool((b"a" * 1000 for _ in range(1000)), world.settings.spool, 10_000)
    assert list(world.settings.spool.iterdir()) == []


def test_a_full_disk_is_our_fault_and_leaves_nothing(world: World) -> None:
    """503, try again later."""

    def full() -> "object":
        yield b"a"
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreUnavailable):
        spool(full(), world.settings.spool, 10_000)  # type: ignore[arg-type]
    assert list(world.settings.spool.iterdir()) == []


def test_an_endless_line_is_cut_not_read(world: World) -> None:
    """A line longer than the contract allows is refused after its first 64 KiB."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    refused = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw + b'"' * 5_000_000)
    assert refused.status_code == 422
    assert "line 3" in refused.json()["detail"]
