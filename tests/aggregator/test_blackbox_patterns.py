"""Patterns across tables and releases, through the commands: what is withheld is so in every row and stays so."""

import csv
import json
from pathlib import Path

from typer.testing import CliRunner, Result

from aggregator.cli import app

TREE = 'parents = { "1" = "g1", "2" = "g1", g1 = "G" }'


def run(*args: str | Path) -> Result:
    """One command of the aggregator."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


def spec_file(path: Path, tables: str, head: str = "k = 5\n", tree: str = "") -> Path:
    """A spec over the dimensions `vorm` and `plaats`."""
    dims = f'[dimensions.vorm]\ntotal = "alle"\n{tree}\n[dimensions.plaats]\ntotal = "regio"\n'
    path.write_text(f"{head}{dims}{tables}", encoding="utf-8")
    return path


def table(name: str, *dims: str) -> str:
    """One table of a spec."""
    return f"[[tables]]\nid = {json.dumps(name)}\ndims = {json.dumps(dims)}\n"


def cases(path: Path, *cells: tuple[str, str, int]) -> Path:
    """Micro-data with a count."""
    path.write_text("vorm,plaats,count\n" + "".join(f"{v},{p},{n}\n" for v, p, n in cells), encoding="utf-8")
    return path


def shown(path: Path) -> dict[tuple[str, ...], str]:
    """Codes to count (empty when withheld) of one published table."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {tuple(row[:-2]): row[-2] for row in list(csv.reader(stream))[1:]}


def test_group_rule_holds_for_a_cell_that_stands_in_several_rows(tmp_path: Path) -> None:
    """G and its only child g1 are one cell; that the rule names only one of the two rows withholds both."""
    micro = cases(tmp_path / "m.csv", ("1", "a", 22), ("1", "b", 40), ("2", "b", 50), ("3", "b", 40), ("3", "c", 60))
    spec = spec_file(tmp_path / "s.toml", table("vp", "vorm", "plaats"), "k = 5\ngroup = true\n", TREE)
    assert run("protect", micro, "--spec", spec, "--out", tmp_path / "r").exit_code == 0
    counts = shown(tmp_path / "r" / "vp.csv")
    assert counts["G", "a"] == counts["g1", "a"] == ""


def test_what_a_release_withheld_stays_withheld_in_the_next(tmp_path: Path) -> None:
    """The next release has no group rule; what the rule withheld in an earlier one of the same cases is not shown."""
    micro = cases(tmp_path / "m.csv", ("1", "a", 22), ("2", "b", 50), ("2", "c", 30), ("1", "c", 40), ("1", "b", 31))
    (tmp_path / "ledger").mkdir()
    ledger = ("--ledger", tmp_path / "ledger")
    strict = spec_file(tmp_path / "s1.toml", table("vp", "vorm", "plaats"), "k = 5\ngroup = true\n")
    plain = spec_file(tmp_path / "s2.toml", table("again", "vorm", "plaats"))
    assert run("protect", micro, "--spec", strict, "--out", tmp_path / "ledger" / "r1", *ledger).exit_code == 0
    assert run("protect", micro, "--spec", plain, "--out", tmp_path / "ledger" / "r2", *ledger).exit_code == 0
    first, second = (shown(tmp_path / "ledger" / r / f"{t}.csv") for r, t in (("r1", "vp"), ("r2", "again")))
    assert first["1", "a"] == ""
    assert [codes for codes, count in first.items() if count == "" and second[codes] != ""] == []


def folder(path: Path, **tables: str) -> Path:
    """A release folder as anyone may publish it."""
    path.mkdir()
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


CROSSED = "vorm,plaats,count,status\nalle,regio,90,shown\nalle,a,,withheld\nalle,b,,withheld\n"
MARGIN = "plaats,count,status\nregio,90,shown\na,40,shown\nb,,withheld\n"


def test_cell_withheld_here_and_shown_there_is_broken(tmp_path: Path) -> None:
    """Its interval is a point, however large the count; both places are named."""
    done = run("attack", folder(tmp_path / "r1", vp=CROSSED), folder(tmp_path / "r2", p=MARGIN), "--json")
    assert done.exit_code == 4
    broken = {entry["cell"]: entry for entry in json.loads(done.stdout)["broken"]}
    assert set(broken) == {"plaats a", "plaats b"}
    assert broken["plaats a"]["how"] == "withheld in r1 and shown in r2"
    assert (broken["plaats a"]["low"], broken["plaats a"]["high"]) == (40, 40)


def test_tables_of_one_folder_that_disagree_are_broken(tmp_path: Path) -> None:
    """A margin withheld in one table and shown in another of the same release."""
    done = run("attack", folder(tmp_path / "r1", vp=CROSSED, p=MARGIN))
    assert done.exit_code == 4
    assert "withheld in r1 and shown in r1" in done.stdout
