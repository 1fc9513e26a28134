"""Random regions by a stranger: odd codes, deep hierarchies, all rules, two releases; judged from the files alone."""

import csv
import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aggregator.cli import app
from tests.aggregator.file_oracle import Published, Region, rows_of

CODES = [
    "01",
    "1",
    "é",
    "Žižek, Ž",
    "日本",
    'q"x',
    "a b",
    "-",
    "0",
    "x.y",
    "NA",
    "null",
    "true",
    "1e3",
    "<2",
    "Ω",
    "SS",
]
NAMES = ["gemeente", "vorm", "leeftijd-band", "jaar", "form type", "geslacht"]


def quoted(text: object) -> str:
    """A string, or a list of strings, as TOML."""
    return json.dumps(text, ensure_ascii=False)


def hierarchy(draw: random.Random) -> tuple[list[str], str]:
    """Two to four finest codes, and the lines of their dimension: flat, or with one or two levels of sub-totals."""
    codes, depth = draw.sample(CODES, draw.choice([2, 3, 3, 4])), draw.choice([0, 0, 1, 2])
    cut = draw.randint(1, len(codes) - 1)
    parents = dict.fromkeys(codes[:cut], "g1") if depth else {}
    if depth and draw.random() < 0.6:
        parents |= dict.fromkeys(codes[cut:], "g2")
    if depth == 2:
        parents |= {"g1": "G"} | ({"g2": "G"} if "g2" in parents.values() and draw.random() < 0.5 else {})
    pairs = ", ".join(f"{quoted(child)} = {quoted(parent)}" for child, parent in parents.items())
    return codes, f"total = {quoted(draw.choice(['Tot', 'alle', '*']))}\n" + (
        f"parents = {{ {pairs} }}\n" if pairs else ""
    )


def write_region(home: Path, draw: random.Random) -> None:
    """Cases in m.csv, and two specs: the second asks for other tables over the same cases."""
    dims = draw.sample(NAMES, draw.choice([1, 2, 2, 3]))
    trees = [hierarchy(draw) for _ in dims]
    if len(dims) > 1 and draw.random() < 0.3:
        trees[1] = trees[0]
    counted, partners = draw.random() < 0.4, draw.random() < 0.3
    weights = [[draw.random() ** 2 + 0.02 for _ in codes] for codes, _ in trees]
    with (home / "m.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*dims, *(["count"] if counted else []), *(["org"] if partners else [])])
        for _ in range(draw.choice([20, 60, 150])):
            row = [draw.choices(codes, weight)[0] for (codes, _), weight in zip(trees, weights, strict=True)]
            row += [str(draw.choice([0, 1, 1, 2, 3, 7, 40]))] if counted else []
            writer.writerow([*row, *(draw.choices("PQR", [5, 3, 2]) if partners else [])])
    head = f"k = {draw.choice([3, 5, 10])}\n" + ("group = true\n" if draw.random() < 0.3 else "")
    head += 'partner = "org"\n' if partners else ""
    head += "".join(f"[dimensions.{quoted(dim)}]\n{lines}" for dim, (_, lines) in zip(dims, trees, strict=True))
    for name, most in (("s1.toml", 3), ("s2.toml", 2)):
        tables = [draw.sample(dims, draw.randint(1, len(dims))) for _ in range(draw.randint(1, most))]
        body = [
            f"[[tables]]\nid = {quoted(f't.{n}_-x')}\ndims = {quoted(crossed)}\n" for n, crossed in enumerate(tables)
        ]
        (home / name).write_text(head + "".join(body), encoding="utf-8")


def released(home: Path, name: str) -> bool:
    """Protect by spec s-`name` into the ledger; whether it was released. A refusal leaves nothing."""
    out = home / "ledger" / f"r{name}"
    args = ["protect", home / "m.csv", "--spec", home / f"s{name}.toml", "--out", out, "--ledger", home / "ledger"]
    args += ["--seconds", "2"]
    done = CliRunner().invoke(app, [str(arg) for arg in args])
    assert done.exit_code in (0, 4), done.output
    assert out.exists() == (done.exit_code == 0)
    return done.exit_code == 0


def look(home: Path, seed: int) -> None:
    """One region: every complaint of the oracle about what was released, alone and together, is a failure."""
    write_region(home, random.Random(seed))
    (home / "ledger").mkdir()
    folders = []
    for name in ("1", "2"):
        if not released(home, name):
            break
        folders.append((home / "ledger" / f"r{name}", home / f"s{name}.toml"))
        assert Published(Region(home / "m.csv", home / f"s{name}.toml"), folders).judge() == []
    if folders:
        done = CliRunner().invoke(app, ["attack", *(str(folder) for folder, _ in folders)])
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize("seed", [40, 103, *range(105, 112), *range(113, 120), 248])
def test_nothing_that_is_released_opens(tmp_path: Path, seed: int) -> None:
    """Rows, counts, statuses, rules and intervals hold over both releases; `attack` agrees."""
    look(tmp_path, seed)


def test_oracle_notices_a_count_too_many(tmp_path: Path) -> None:
    """The same table with one withheld cell shown: the oracle complains, so its silence above means something."""
    write_region(tmp_path, random.Random(110))
    (tmp_path / "ledger").mkdir()
    assert released(tmp_path, "1")
    region = Region(tmp_path / "m.csv", tmp_path / "s1.toml")
    for table in region.spec["tables"]:
        path = tmp_path / "ledger" / "r1" / f"{table['id']}.csv"
        head, *rows = rows_of(path)
        held = next((row for row in rows if row[-1] == "withheld"), None)
        if held is not None:
            held[-2:] = [str(region.count(table["dims"], tuple(held[:-2]))), "shown"]
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows([head, *rows])
            break
    assert Published(region, [(tmp_path / "ledger" / "r1", tmp_path / "s1.toml")]).judge() != []


@pytest.mark.full
@pytest.mark.parametrize("seed", range(200, 500))
def test_nothing_that_is_released_opens_in_many_regions(tmp_path: Path, seed: int) -> None:
    """The same, three hundred times."""
    look(tmp_path, seed)
