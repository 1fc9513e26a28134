"""Long work shows a bar on a terminal, and nothing where there is none."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SPEC = 'k = 5\n[dimensions.g]\ntotal = "t"\n[dimensions.v]\ntotal = "a"\n[[tables]]\nid = "gv"\ndims = ["g", "v"]\n'


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """A short `protect`."""
    (tmp_path / "micro.csv").write_text("g,v,count\nA,x,3\nA,y,20\nB,x,18\nB,y,30\n", encoding="utf-8")
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    code = "import sys; from aggregator.cli import app; app(sys.argv[1:])"
    args = ["protect", tmp_path / "micro.csv", "--spec", tmp_path / "spec.toml", "--out", tmp_path / "r1", "--json"]
    return [sys.executable, "-c", code, *map(str, args)]


def test_terminal_sees_the_bar(command: list[str]) -> None:
    """The bar goes to standard error, so that the answer stays clean."""
    mine, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, cwd=REPOSITORY, env=env, check=False)
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(mine, 65536)
        except OSError:  # the other side is closed and all is read
            break
        if not part:
            break
        seen += part
    os.close(mine)
    assert done.returncode == 0
    assert b"search for the best pattern" in seen
    assert done.stdout.startswith(b"{")


def test_pipe_sees_nothing(command: list[str]) -> None:
    """Without a terminal standard error stays empty."""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, capture_output=True, cwd=REPOSITORY, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
