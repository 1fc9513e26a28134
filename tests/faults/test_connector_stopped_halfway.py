"""Fault: a command of the connector is stopped while it writes. What was half written does not stay."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
LINE = '{"id": "a", "text": "Bel 0612345678."}\n'
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (99, 99)); from connectors.cli import app; app()"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_scan_that_is_stopped_leaves_no_file(tmp_path: Path, number: signal.Signals) -> None:
    """By a service manager (TERM), by the person at the keyboard (INT) or by a terminal that closes (HUP); the exit
    code says which."""
    os.mkfifo(tmp_path / "in.jsonl")
    arguments = (sys.executable, "-c", "from connectors.cli import app; app()", "scan", "in.jsonl", "out.jsonl")
    with (
        subprocess.Popen(
            arguments, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(SOURCE)}, stderr=subprocess.DEVNULL
        ) as scanning,
        (tmp_path / "in.jsonl").open("w") as feed,
    ):  # opens when the command opens its end
        feed.write(LINE)
        feed.flush()
        _until(lambda: any(tmp_path.glob(".out.jsonl.*.part")))
        scanning.send_signal(number)
        assert scanning.wait(timeout=60) == 128 + number
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_full_disk_leaves_the_earlier_result(tmp_path: Path) -> None:
    """Where no more can be written (a limit on the size of files stands for the disk): exit 2, and the earlier file is
    still there, whole."""
    (tmp_path / "in.jsonl").write_text(LINE * 100)
    (tmp_path / "out.jsonl").write_text("earlier")
    done = subprocess.run(
        (sys.executable, "-c", LIMITED, "scan", "in.jsonl", "out.jsonl"),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == "schakel-connector: out.jsonl: cannot be written (File too large)"
    assert (tmp_path / "out.jsonl").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it never happened")
