"""A command loads what it needs and no more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from aggregator.cli import COMMANDS, app

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "highspy", "scipy.optimize", "aggregator.protect")
LOADED = """
import sys
from aggregator.cli import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    print(end.code, *[name for name in {heavy!r} if name in sys.modules])
"""


def loaded(*args: str) -> list[str]:
    """Exit code of a command in a process of its own, and which of the heavy modules it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(heavy=HEAVY), *args],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()


def test_an_estimate_loads_neither_tables_nor_the_solver(tmp_path: Path) -> None:
    """A whole run on a file: of the heavy modules only what its existence check asks."""
    overlap = tmp_path / "overlap.csv"
    overlap.write_text(
        "a,b,c,count\n1,0,0,40\n0,1,0,30\n0,0,1,35\n1,1,0,9\n1,0,1,8\n0,1,1,7\n1,1,1,3\n", encoding="utf-8"
    )
    assert loaded("estimate", str(overlap), "--bootstrap", "0") == ["0", "scipy.optimize"]


def test_help_loads_nothing_heavy() -> None:
    """The list of commands is a table."""
    assert loaded("--help") == ["0"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    """The table of `--help` and the first paragraph of the command's own help are the same words."""
    group = typer.main.get_group(app)
    command = group.get_command(group.make_context("schakel-aggregator", [], resilient_parsing=True), name)
    assert command is not None
    assert " ".join((command.help or "").split("\n\n")[0].split()) == COMMANDS[name][1]
