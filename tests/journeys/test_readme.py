"""The README cannot drift: what it names exists."""

import re
from pathlib import Path

import pytest
import typer.main

from aggregator.cli import app as aggregator
from connectors.cli import app as connector
from gateway.cli import app as gateway
from pseudonymizer.custodian.cli import app as custodian

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = {
    "schakel-connector": connector,
    "schakel-custodian": custodian,
    "schakel-gateway": gateway,
    "schakel-aggregator": aggregator,
}


def test_it_stays_within_two_hundred_lines() -> None:
    """One picture and 200 lines."""
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("command", COMMANDS)
def test_named_subcommands_exist(command: str) -> None:
    """The table of commands lists only what `--help` lists."""
    row = next(line for line in README.splitlines() if line.startswith(f"| `{command}` |"))
    named = set(row.split("|")[3].strip(" `").split())
    group = typer.main.get_command(COMMANDS[command])
    known = set(group.list_commands(group.make_context(command, [], resilient_parsing=True)))  # type: ignore[attr-defined]
    assert named
    assert named <= known


def test_named_make_targets_exist() -> None:
    """Every `make x` of the README is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) <= targets


def test_named_paths_exist() -> None:
    """Every folder and file of the README is there."""
    named = re.findall(
        r"`((?:connectors|pseudonymizer|gateway|aggregator|policies|deploy|tests)/[A-Za-z_./-]*)`", README
    )
    assert len(named) > 10
    assert not [path for path in named if not (ROOT / path).exists()]
