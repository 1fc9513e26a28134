"""A run of `protect` that is killed at any moment leaves no half release."""

import json
import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aggregator.cli import app

REPOSITORY = Path(__file__).resolve().parents[2]
SPEC = 'k = 5\n[dimensions.g]\ntotal = "t"\n[dimensions.v]\ntotal = "a"\n[[tables]]\nid = "gv"\ndims = ["g", "v"]\n'
# Ends the process at the given call of a function that touches the disk, before or after it acts.
KILLED = """
import os, signal, sys
calls = {{"left": {number}}}
before = os.{name}
def counted(*args, **more):
    calls["left"] -= 1
    if not calls["left"] and not {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    answer = before(*args, **more)
    if not calls["left"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
os.{name} = counted
from aggregator.cli import app
app(sys.argv[1:])
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Cases with one small cell."""
    cells = {("A", "x"): 3, ("A", "y"): 20, ("B", "x"): 18, ("B", "y"): 30}
    lines = ["g,v,count", *(f"{g},{v},{n}" for (g, v), n in cells.items())]
    (tmp_path / "micro.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "ledger").mkdir()
    return tmp_path


def arguments(home: Path) -> list[str]:
    """The command."""
    out, ledger = home / "ledger" / "r1", home / "ledger"
    args = ["protect", home / "micro.csv", "--spec", home / "spec.toml", "--out", out, "--ledger", ledger]
    return [str(arg) for arg in args]


def killed(home: Path, name: str, number: int, after: bool) -> int:
    """Run the command and kill it there; returns the exit status."""
    code = KILLED.format(name=name, number=number, after=after)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments(home)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )
    return done.returncode


def whole(folder: Path) -> bool:
    """Whether every file that the release names is there with its digest."""
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    digests = {name: sha256((folder / name).read_bytes()).hexdigest() for name in about["tables"]}
    return digests == about["tables"] and (folder / "attack.json").is_file()


@pytest.mark.parametrize(
    ("name", "number", "after"),
    [("fsync", 1, False), ("fsync", 2, True), ("fsync", 4, True), ("rename", 1, False), ("rename", 1, True)],
)
def test_killed_run_leaves_a_whole_release_or_none(home: Path, name: str, number: int, after: bool) -> None:
    """Killed while a file is written, before the folder is renamed into place, or just after; the next run succeeds."""
    assert killed(home, name, number, after) == -signal.SIGKILL
    out = home / "ledger" / "r1"
    assert not out.exists() or whole(out)
    assert CliRunner().invoke(app, arguments(home)).exit_code == 0
    assert whole(out)


@pytest.mark.parametrize(("number", "after"), [(1, False), (1, True), (2, False), (2, True)])
def test_killed_replacement_leaves_a_whole_release_or_none(home: Path, number: int, after: bool) -> None:
    """Making a release again over an earlier one: never a mixture of old and new files."""
    assert CliRunner().invoke(app, arguments(home)).exit_code == 0
    assert killed(home, "rename", number, after) == -signal.SIGKILL
    out = home / "ledger" / "r1"
    assert not out.exists() or whole(out)
    assert CliRunner().invoke(app, arguments(home)).exit_code == 0
