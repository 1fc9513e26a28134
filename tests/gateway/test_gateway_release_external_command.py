"""`schakel-gateway release external FILE`: what is wrong is named by file, row and column; who registers proves it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.contract.codes import TabelId
from connectors.contract.releases import Publicatie
from gateway.cli import app
from gateway.clock import system_clock
from tests.gateway.gateway_world import NLA, REGISSEUR, MovableClock, World, build_world, make_layout
from tests.gateway.releasing import approve, fill, released, request

GOOD = "route,count\ntotaal,360\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway at the moment of now, which is the command's own."""
    made = build_world(make_layout(tmp_path / "federation", now=system_clock()), MovableClock(system_clock()))
    yield made
    made.close()


def command(world: World, text: str | None, *words: str) -> Result:
    """Run it on a file with this content (None: no such file), with the options that every call has."""
    path = world.layout.root / "extern.csv"
    path.unlink(missing_ok=True)
    if text is not None:
        path.write_text(text, encoding="utf-8")
    about = ("--source", "CoMensha", "--date", "2026-11-01", "--year", "2026", "--table", "route_per_vorm")
    settings = ("--settings", str(world.layout.gateway / "gateway.toml"), "--json")
    return CliRunner().invoke(app, ["release", "external", str(path), *about, *words, *settings])


def by(world: World, party: str = REGISSEUR) -> tuple[str, ...]:
    """The options that say who registers."""
    key = world.layout.partner(party) / "keys" / "party.key"
    return ("--key", str(key), "--as", "psn:reg1", "--mfa")


def test_checked_approved_and_registered(world: World) -> None:
    """The digest that `--check` prints is what the officer approves; until he does the exit code is 3 with the code."""
    fill(world)
    checked = command(world, GOOD, "--check")
    assert checked.exit_code == 0, checked.output
    refused = command(world, GOOD, *by(world))
    assert refused.exit_code == 3
    assert "GOEDKEURING_PRIVACY_OFFICER" in refused.output
    assert approve(world, json.loads(checked.output)["digest"]).status_code == 200
    done = command(world, GOOD, *by(world))
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["extern_id"] == "CoMensha-2026"
    assert command(world, GOOD, *by(world)).output == done.output
    released(world, request("r1", TabelId.ROUTE_PER_VORM))
    read = Publicatie.model_validate_json(world.party(NLA).get("/v1/releases/r1").content)
    assert read.extern is not None
    assert [each.bron for each in read.extern] == ["CoMensha"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "extern.csv: cannot be read"),
        ("", "extern.csv: empty"),
        ("route\ntotaal\n", "column 'count' is missing"),
        ("route,count\ntotaal,360\nzorg,-4\n", "row 2 (line 3), column 'count'"),
        ("route,count\ntotaal,360\n\nelders,4\n", "row 2 (line 4), column 'route': unknown code"),
        ("route,count\ntotaal,360\ntotaal,360\n", "row 2 (line 3): this combination of codes occurs twice"),
        ("kleur,count\nrood,3\n", "column 'kleur': not a dimension"),
        ("route,count\ntotaal,.\n", "no row has a count"),
        ("route,count\ntotaal,3,4\n", "row 1 (line 2): 3 fields"),
    ],
)
def test_a_wrong_file_is_named_by_row_and_column(world: World, text: str | None, words: str) -> None:
    """Exit 2, without the value."""
    done = command(world, text, "--check")
    assert done.exit_code == 2
    assert words in done.output
    assert "elders" not in done.output


def test_a_source_that_contradicts_itself_is_named_with_the_cell(world: World) -> None:
    """Exit 2; the parts are more than the whole."""
    done = command(world, "route,count\ntotaal,10\nzorg,4\nondermijning,9\n", *by(world))
    assert done.exit_code == 2
    assert "CoMensha 2026 contradicts itself about route" in done.output


def test_who_registers_must_hold_the_bureaus_key(world: World) -> None:
    """No key, another party's key, a key of nobody: refused, each with its own exit code, and nothing is stored."""
    assert command(world, GOOD).exit_code == 2
    other = command(world, GOOD, *by(world, NLA))
    assert other.exit_code == 2
    assert "regional director" in other.output
    strange = world.layout.root / "strange.key"
    strange.write_bytes(bytes(range(32)))
    strange.chmod(0o600)
    assert command(world, GOOD, "--key", str(strange), "--as", "psn:reg1").exit_code == 2
    strange.write_bytes(b"short")
    assert command(world, GOOD, "--key", str(strange), "--as", "psn:reg1").exit_code == 6
    assert command(world, GOOD, *by(world)[:2], "--as", "Jan").exit_code == 2


def test_without_a_second_factor_policy_refuses(world: World) -> None:
    """The bureau vouches for how its staff signed in; policy asks MFA."""
    assert "MFA_VEREIST" in command(world, GOOD, *by(world)[:4]).output


@pytest.mark.parametrize("words", [("--source", "two words"), ("--year", "1"), ("--margin", "-1"), ("--id", "a b")])
def test_a_wrong_option_is_named(world: World, words: tuple[str, str]) -> None:
    """Exit 2, by the option's name."""
    done = command(world, GOOD, *words, "--check")
    assert done.exit_code == 2
    assert words[0] in done.output


def test_the_list_says_for_whom(world: World) -> None:
    """Every release with its audience."""
    fill(world)
    released(world, request("r1", TabelId.ROUTE_PER_VORM))
    settings = ["--settings", str(world.layout.gateway / "gateway.toml"), "--json"]
    (line,) = CliRunner().invoke(app, ["release", "list", *settings]).output.splitlines()
    assert json.loads(line)["publiek"] == "openbaar"
