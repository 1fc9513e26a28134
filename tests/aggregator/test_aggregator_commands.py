"""The commands on files: formats, exit codes, clear errors, and no half release."""

import csv
import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aggregator.cli import app

SPEC = """k = 5
[dimensions.gemeente]
total = "regio"
parents = { m00 = "m_A", m01 = "m_A", m02 = "m_A", m03 = "m_B", m04 = "m_B" }
[dimensions.vorm]
total = "alle"
[[tables]]
id = "gemeente_vorm"
dims = ["gemeente", "vorm"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a spec and 120 invented cases."""
    draw = random.Random(3)
    rows = [
        (f"m0{draw.choice([0, 0, 0, 1, 1, 2, 3, 4])}", draw.choice(["seks", "arbeid", "arbeid", "crim"]))
        for _ in range(120)
    ]
    write(tmp_path / "micro.csv", rows)
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def write(path: Path, rows: list[tuple[str, str]], head: str = "gemeente,vorm") -> None:
    """A micro-data file."""
    path.write_text(head + "\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")


def protect(home: Path, out: str, *more: str, spec: str = "spec.toml", micro: str = "micro.csv") -> Result:
    """Run `protect` in the folder."""
    args = ["protect", str(home / micro), "--spec", str(home / spec), "--out", str(home / out), *more]
    return CliRunner().invoke(app, args)


def attack(*folders: Path) -> Result:
    """Run `attack` with JSON output."""
    return CliRunner().invoke(app, ["attack", *map(str, folders), "--json"])


def table(folder: Path) -> list[dict[str, str]]:
    """The one table of a release folder."""
    with (folder / "gemeente_vorm.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_folder_holds_every_combination(home: Path) -> None:
    """All codes with sub-totals and totals are crossed; a withheld count is empty."""
    assert protect(home, "r1").exit_code == 0
    rows = table(home / "r1")
    assert len(rows) == 8 * 4
    assert {row["status"] for row in rows} == {"shown", "withheld"}
    assert all((row["count"] == "") == (row["status"] == "withheld") for row in rows)
    assert sorted(path.name for path in (home / "r1").iterdir()) == ["attack.json", "gemeente_vorm.csv", "release.json"]


def test_same_input_same_files(home: Path) -> None:
    """Two runs give the same table and pattern hash."""
    protect(home, "r1")
    protect(home, "r2")
    assert table(home / "r1") == table(home / "r2")
    hashes = [json.loads((home / r / "release.json").read_text(encoding="utf-8"))["pattern"] for r in ("r1", "r2")]
    assert hashes[0] == hashes[1]


def test_our_folder_holds(home: Path) -> None:
    """`attack` on a folder of ours opens nothing."""
    protect(home, "r1")
    run = attack(home / "r1")
    assert run.exit_code == 0
    assert json.loads(run.stdout)["broken"] == []


def test_primary_only_folder_is_broken(home: Path) -> None:
    """A folder with only its small cells withheld is reported broken, with exit 4."""
    protect(home, "r1")
    micro = [line.split(",") for line in (home / "micro.csv").read_text(encoding="utf-8").splitlines()[1:]]
    above = {"m00": "m_A", "m01": "m_A", "m02": "m_A", "m03": "m_B", "m04": "m_B"}
    lines = ["gemeente,vorm,count,status"]
    for row in table(home / "r1"):
        g, v = row["gemeente"], row["vorm"]
        n = sum((g in ("regio", a, above[a])) and v in ("alle", b) for a, b in micro)
        lines.append(f"{g},{v},,withheld" if 0 < n < 5 else f"{g},{v},{n},shown")
    (home / "r1" / "gemeente_vorm.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = attack(home / "r1")
    assert run.exit_code == 4
    assert all(entry["how"] for entry in json.loads(run.stdout)["broken"])


def test_ledger_refuses_one_case_more(home: Path) -> None:
    """One added case since the release in the ledger: exit 4, nothing written, the subtraction named."""
    (home / "ledger").mkdir()
    protect(home, "ledger/r1")
    with (home / "micro.csv").open("a", encoding="utf-8") as stream:
        stream.write("m03,seks\n")
    run = protect(home, "r2", "--ledger", str(home / "ledger"))
    assert run.exit_code == 4
    assert "minus r1" in run.stderr
    assert not (home / "r2").exists()


def test_absent_ledger_is_an_error(home: Path) -> None:
    """A mistyped ledger must not silently leave out the history."""
    run = protect(home, "r1", "--ledger", str(home / "nowhere"))
    assert run.exit_code == 2


def test_no_draft_is_left(home: Path) -> None:
    """Neither a release nor a refusal leaves a temporary folder behind."""
    protect(home, "r1")
    write(home / "few.csv", [("m00", "seks")] * 3)
    assert protect(home, "r2", micro="few.csv").exit_code == 4
    assert sorted(path.name for path in home.iterdir()) == ["few.csv", "micro.csv", "r1", "spec.toml"]


@pytest.mark.parametrize(
    ("head", "row", "told"),
    [
        ("gemeente,vorm,count", ("m00", "seks", "-3"), "'count'"),
        ("gemeente,vorm,count", ("m00", "seks", "2.5"), "'count'"),
        ("gemeente,vorm", ("m00", ""), "'vorm'"),
        ("gemeente,vorm", ("regio", "seks"), "'gemeente'"),
        ("gemeente,vorm", ("m_A", "seks"), "'gemeente'"),
    ],
)
def test_bad_row_is_named(home: Path, head: str, row: tuple[str, ...], told: str) -> None:
    """A bad value: exit 2 with file, row and column, and never the value."""
    good = ("m00", "seks", "1")[: len(row)]
    write(home / "bad.csv", [good, row], head)  # type: ignore[list-item]
    run = protect(home, "r1", micro="bad.csv")
    assert run.exit_code == 2
    assert "bad.csv: row 2 (line 3)" in run.stderr
    assert told in run.stderr
    assert not (home / "r1").exists()


def test_missing_column_is_named(home: Path) -> None:
    """A column of the spec that the file lacks: exit 2."""
    write(home / "bad.csv", [("m00", "seks")], "gemeente,soort")
    run = protect(home, "r1", micro="bad.csv")
    assert run.exit_code == 2
    assert "'vorm'" in run.stderr


def test_hierarchy_cycle_is_named(home: Path) -> None:
    """A code that is its own ancestor: exit 2, the dimension named."""
    (home / "cycle.toml").write_text(SPEC.replace('m04 = "m_B"', 'm04 = "m_B", m_B = "m04"'), encoding="utf-8")
    run = protect(home, "r1", spec="cycle.toml")
    assert run.exit_code == 2
    assert "dimensions.gemeente.parents" in run.stderr
    assert "cycle" in run.stderr


def test_unknown_category_of_a_closed_dimension(home: Path) -> None:
    """With the codes listed in the spec any other code is an error."""
    (home / "closed.toml").write_text(
        SPEC.replace('total = "alle"', 'total = "alle"\ncodes = ["seks", "arbeid"]'), encoding="utf-8"
    )
    run = protect(home, "r1", spec="closed.toml")
    assert run.exit_code == 2
    assert "unknown category" in run.stderr


def test_unknown_key_in_the_spec(home: Path) -> None:
    """A mistyped switch must not silently switch nothing on."""
    (home / "typo.toml").write_text("gruop = true\n" + SPEC, encoding="utf-8")
    assert protect(home, "r1", spec="typo.toml").exit_code == 2


def test_duplicate_cell_in_a_folder(home: Path) -> None:
    """A published folder with one cell twice is bad input, named by row."""
    protect(home, "r1")
    path = home / "r1" / "gemeente_vorm.csv"
    path.write_text(path.read_text(encoding="utf-8") + "regio,alle,120,shown\n", encoding="utf-8")
    assert attack(home / "r1").exit_code == 2


def test_external_publication_is_part_of_the_attack(home: Path) -> None:
    """A count that others publish opens a withheld cell, and the attack sees it."""
    protect(home, "r1")
    hidden = next(row for row in table(home / "r1") if row["status"] == "withheld")
    text = f"gemeente,vorm,count\n{hidden['gemeente']},{hidden['vorm']},3\n"
    (home / "other.csv").write_text(text, encoding="utf-8")
    run = CliRunner().invoke(app, ["attack", str(home / "r1"), "--external", str(home / "other.csv")])
    assert run.exit_code == 4


@pytest.mark.parametrize("which", ["micro.csv", "spec.toml"])
def test_an_input_in_an_earlier_release_is_not_replaced_with_it(home: Path, which: str) -> None:
    """An earlier release's folder is replaced as a whole; what is read may not stand in it, or it would be lost."""
    assert protect(home, "release").exit_code == 0
    before = (home / which).read_bytes()
    (home / which).rename(home / "release" / which)
    moved = {"micro.csv": {"micro": f"release/{which}"}, "spec.toml": {"spec": f"release/{which}"}}[which]
    done = protect(home, "release", **moved)
    assert done.exit_code == 2, done.output
    assert f"release: holds {which}, which this command reads" in done.output
    assert (home / "release" / which).read_bytes() == before


def test_a_ledger_is_not_replaced_by_a_release(home: Path) -> None:
    """Not even where somebody put a release in the ledger's own folder."""
    assert protect(home, "ledger").exit_code == 0
    assert protect(home, "ledger/first", "--ledger", str(home / "ledger")).exit_code == 0
    done = protect(home, "ledger", "--ledger", str(home / "ledger"))
    assert done.exit_code == 2, done.output
    assert (home / "ledger" / "first" / "release.json").is_file()


def test_the_folder_of_the_spec_of_magnitudes_is_not_replaced(home: Path) -> None:
    """`--out` where the tables stand, with a release beside them: exit 2, and every table is still there."""
    rows = "ACTIVITY,SIZE,TOT,N_OBS,MAX\nTotal,Total,30,9,9\nA,Total,30,9,9\nTotal,s,30,9,9\nA,s,30,9,9\n"
    folder = home / "release"
    assert protect(home, "release").exit_code == 0
    (folder / "t.csv").write_text(rows, encoding="utf-8")
    (home / "m.toml").write_text(
        '[cells]\nvalue = "TOT"\ncontributors = "N_OBS"\nlargest = "MAX"\n[primary]\nmin_contributors = 3\n'
        'dominance_share = 0.85\n[protection]\nshare = 0.1\n[cost]\nweight = "value"\n[dimensions.ACTIVITY]\n'
        'total = "Total"\n[dimensions.SIZE]\ntotal = "Total"\n[[tables]]\nfile = "release/t.csv"\n'
        'dims = ["ACTIVITY", "SIZE"]\n',
        encoding="utf-8",
    )
    call = ["protect-magnitude", str(folder / "t.csv"), "--spec", str(home / "m.toml"), "--out", str(folder)]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 2, done.output
    assert "holds t.csv, which this command reads" in done.output
    assert (folder / "t.csv").read_text(encoding="utf-8") == rows
