"""`protect-magnitude` from its files alone: errors by file, row and column, and an oracle that tries every pattern."""

import csv
import json
import random
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from typer.testing import CliRunner, Result

from aggregator.cli import app

SPEC = """[cells]
value = "uren"
contributors = "n"
largest = "top"
[primary]
min_contributors = 3
dominance_share = 0.85
[protection]
share = 0.10
[cost]
weight = "value"
[dimensions.a]
total = "T"
[dimensions.b]
total = "T"
"""
TABLE = '[[tables]]\nfile = "t.csv"\ndims = ["a", "b"]\n'
Cell = tuple[str, str]
UNDER = {"a": {"T": ("0", "1"), "0": ("0",), "1": ("1",)}, "b": {"T": ("x", "y", "z"), **{c: (c,) for c in "xyz"}}}
EVERY = [(a, b) for a in UNDER["a"] for b in UNDER["b"]]


def run(home: Path, spec: str = SPEC + TABLE, name: str = "t.csv") -> Result:
    """Protect the table in `home`."""
    (home / "s.toml").write_text(spec, encoding="utf-8")
    args = ["protect-magnitude", home / name, "--spec", home / "s.toml", "--out", home / "o", "--json"]
    return CliRunner().invoke(app, [str(arg) for arg in args])


def cells(seed: int) -> dict[Cell, tuple[int, int, int]]:
    """Value, contributors and largest contributor of every cell and margin, from random contributions."""
    draw = random.Random(seed)
    gave = {
        cell: [draw.choice([1, 5, draw.randint(1, 500)]) for _ in range(draw.choice([0, 1, 2, 4, 6, 9]))]
        for cell in product(UNDER["a"]["T"], UNDER["b"]["T"])
    }
    out = {}
    for a, b in EVERY:
        all_of = [n for cell in product(UNDER["a"][a], UNDER["b"][b]) for n in gave[cell]]
        out[a, b] = (sum(all_of), len(all_of), max(all_of, default=0))
    return out


def write(path: Path, table: dict[Cell, tuple[int, int, int]]) -> None:
    """The table, columns in another order than the spec's."""
    rows = [f"{b},{value},{a},{n},{top}" for (a, b), (value, n, top) in table.items()]
    path.write_text("b,uren,a,n,top\n" + "\n".join(rows) + "\n", encoding="utf-8")


def sums(cell: Cell) -> list[float]:
    """Which inner cells a cell is the sum of."""
    inner = product(UNDER["a"]["T"], UNDER["b"]["T"])
    return [float(a in UNDER["a"][cell[0]] and b in UNDER["b"][cell[1]]) for a, b in inner]


def holds(values: dict[Cell, int], sensitive: set[Cell], hidden: set[Cell]) -> bool:
    """Whether every sensitive cell may be 10 % less and more, and no withheld cell follows exactly."""
    told = [cell for cell in EVERY if cell not in hidden]
    known, equal = np.array([sums(c) for c in told]), np.array([float(values[c]) for c in told])
    for cell in hidden:
        ends = []
        for sign in (1.0, -1.0):
            answer = linprog(sign * np.array(sums(cell)), A_eq=known, b_eq=equal, method="highs")
            ends.append(np.inf if answer.status == 3 else abs(float(answer.fun or 0.0)))
        value = values[cell]
        slack = 1e-6 * max(1, value)
        if ends[1] - ends[0] < slack:
            return False
        if cell in sensitive and not (ends[0] <= 0.9 * value + slack and ends[1] >= 1.1 * value - slack):
            return False
    return True


@pytest.mark.parametrize("seed", range(24))
def test_pattern_is_safe_and_the_cheapest(tmp_path: Path, seed: int) -> None:
    """Read back from the files: rows as given, primary by the rules, and no cheaper pattern of all holds."""
    table = cells(seed)
    write(tmp_path / "t.csv", table)
    done = run(tmp_path)
    values = {cell: value for cell, (value, _, _) in table.items()}
    sensitive = {cell for cell, (value, n, top) in table.items() if 0 < n < 3 or top > 0.85 * value}
    free = [cell for cell in EVERY if cell not in sensitive and cell != ("T", "T") and values[cell]]
    patterns = [{*more} for size in range(len(free) + 1) for more in combinations(free, size)]
    patterns.sort(key=lambda more: sum(values[cell] for cell in more))
    best = next((more for more in patterns if holds(values, sensitive, sensitive | more)), None)
    if best is None:
        assert done.exit_code == 4
        assert not (tmp_path / "o").exists()
        return
    assert done.exit_code == 0
    with (tmp_path / "t.csv").open(newline="") as given, (tmp_path / "o" / "t.csv").open(newline="") as made:
        before, after = list(csv.reader(given)), list(csv.reader(made))
    assert [row[:-1] for row in after] == before
    assert after[0][-1] == "status"
    status = {(row[2], row[0]): row[-1] for row in after[1:]}
    second = {cell for cell, word in status.items() if word == "secondary"}
    assert {cell for cell, word in status.items() if word == "primary"} == sensitive
    assert holds(values, sensitive, sensitive | second)
    assert sum(values[c] for c in second) == sum(values[c] for c in best)
    about = json.loads((tmp_path / "o" / "release.json").read_text(encoding="utf-8"))
    assert (about["primary"], about["secondary"]) == (len(sensitive), len(second))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("x,", "x,-", "t.csv: row 6 (line 8), column 'uren': not a number of 0 or more"),
        ("x,", "x,1", "column 'uren': its parts do not add up to it"),
        ("top", "status", "t.csv: column 'top' is missing"),
        ("a,n", "a,a", "t.csv: column 'a' occurs twice"),
        ("b,uren,a,n,top", "b,uren,a,n,top,status", "(line 3): 5 fields, the header has 6"),
    ],
)
def test_bad_cell_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    """File, row and column, also below a blank line; nothing written."""
    write(tmp_path / "t.csv", cells(1))
    text = (tmp_path / "t.csv").read_text(encoding="utf-8")
    head, rest = text.split("\n", 1)
    lines = rest.splitlines()
    if old in head:
        head = head.replace(old, new)
    else:
        lines[5] = lines[5].replace(old, new)
    (tmp_path / "t.csv").write_text("\n".join([head, "", *lines]) + "\n", encoding="utf-8")
    done = run(tmp_path)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("head", "told"), [("b,uren,a,n,top", "no cells"), ("b,uren,a,n,top,status", "'status' is there already")]
)
def test_table_that_cannot_be_protected_is_told(tmp_path: Path, head: str, told: str) -> None:
    """No rows, or a column by the name that this command adds."""
    (tmp_path / "t.csv").write_text(head + "\n", encoding="utf-8")
    done = run(tmp_path)
    assert done.exit_code == 2
    assert told in done.stderr


def test_margin_that_only_another_table_lists_ties_both(tmp_path: Path) -> None:
    """Rows of t.csv add up to cells of u.csv: one sensitive inner cell needs a second one in its row."""
    (tmp_path / "t.csv").write_text("a,b,uren,n,top\n0,x,50,1,50\n0,y,300,9,60\n1,x,400,9,60\n1,y,500,9,60\n")
    (tmp_path / "u.csv").write_text("a,uren,n,top\nT,1250,28,60\n0,350,10,60\n1,900,18,60\n")
    spec = SPEC + TABLE + '[[tables]]\nfile = "u.csv"\ndims = ["a"]\n'
    assert run(tmp_path, spec).exit_code == 0
    assert "0,y,300,9,60,secondary" in (tmp_path / "o" / "t.csv").read_text(encoding="utf-8")


def test_another_file_of_the_same_name_is_not_taken_for_the_specs(tmp_path: Path) -> None:
    """The spec's own t.csv is beside it; the one named on the command line holds other cells."""
    (tmp_path / "other").mkdir()
    write(tmp_path / "t.csv", cells(1))
    write(tmp_path / "other" / "t.csv", cells(2))
    done = run(tmp_path, name="other/t.csv")
    assert done.exit_code == 2
    assert "t.csv: the spec names no such table" in done.stderr


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """The second would be written over the first."""
    write(tmp_path / "t.csv", cells(1))
    done = run(tmp_path, SPEC + TABLE + TABLE.replace("t.csv", "more/t.csv"))
    assert done.exit_code == 2
    assert "would be one file" in done.stderr


def test_cell_that_nothing_can_hide_is_refused_by_its_row(tmp_path: Path) -> None:
    """The total is shown and as large as the only cell with a value: exit 4 at once, with the row."""
    table = dict.fromkeys(EVERY, (0, 0, 0))
    for cell in (("T", "T"), ("T", "x"), ("0", "T"), ("0", "x")):
        table[cell] = (50, 4, 20)
    table["0", "x"] = (50, 2, 30)
    write(tmp_path / "t.csv", table)
    done = run(tmp_path)
    assert done.exit_code == 4
    assert "no pattern hides t.csv: row 6 (line 7)" in done.stderr
    assert not (tmp_path / "o").exists()
