"""A large source is never held in memory: peak memory does not follow the number of rows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).with_name("streamed_run.py")
REPOSITORY = Path(__file__).resolve().parents[2]
ROOM_MB = 120
"""What a run may take more for a tenfold source: record ids and fingerprints, not rows."""


def peak(rows: int, folder: Path) -> tuple[int, int]:
    """(rows made, peak MB) of a run in its own process."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(LAUNCHER), str(rows), str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    made, megabytes = done.stdout.split()
    return int(made), int(megabytes)


@pytest.mark.full
def test_a_hundred_thousand_rows_stream(tmp_path: Path) -> None:
    """100,000 rows become batches in about the memory of 10,000."""
    small, large = peak(10_000, tmp_path / "small"), peak(100_000, tmp_path / "large")
    assert (small[0], large[0]) == (10_000, 100_000)
    assert large[1] < small[1] + ROOM_MB
