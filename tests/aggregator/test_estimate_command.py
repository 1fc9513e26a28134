"""`schakel-aggregator estimate`: its answer, and how it refuses bad tables."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aggregator.cli import app

GOOD = "A,B,C,count\n1,0,0,840\n0,1,0,840\n1,1,0,360\n0,0,1,490\n1,0,1,210\n0,1,1,210\n1,1,1,90\n"


def run(tmp_path: Path, text: str | bytes, *options: str) -> tuple[int, str]:
    """The exit code and everything the command says."""
    path = tmp_path / "overlap.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = CliRunner().invoke(app, ["estimate", str(path), "--bootstrap", "120", *options])
    return done.exit_code, done.output


def test_answer_has_exactly_the_agreed_fields(tmp_path: Path) -> None:
    """One JSON object with the names of the interface page."""
    code, said = run(tmp_path, GOOD)
    answer = json.loads(said)
    assert code == 0
    assert list(answer) == ["n", "estimate", "model", "interval", "bic", "gate", "published"]
    assert list(answer["gate"]) == ["publish", "reasons"]
    assert answer["n"] == 3040
    assert answer["gate"] == {"publish": True, "reasons": []}
    assert answer["published"][0] <= answer["interval"][0]


def test_refusal_of_the_gate_is_an_answer(tmp_path: Path) -> None:
    """No estimate, no interval, nothing published, and still exit code 0."""
    code, said = run(tmp_path, "A,B,count\n1,0,5\n0,1,5\n")
    assert code == 0
    answer = json.loads(said)
    assert (answer["estimate"], answer["interval"], answer["bic"], answer["published"]) == (None, None, None, None)
    assert answer["gate"] == {"publish": False, "reasons": ["no_estimate"]}


def test_order_of_rows_and_place_of_count_do_not_matter(tmp_path: Path) -> None:
    """The same histories in another order, with the count first, give the same answer to the last digit."""
    rows = [line.split(",") for line in GOOD.splitlines()]
    moved = [[row[3], *row[:3]] for row in (rows[0], *reversed(rows[1:]))]
    assert run(tmp_path, GOOD) == run(tmp_path, "\n".join(",".join(row) for row in moved))


@pytest.mark.parametrize("method", ["bic", "main", "stepwise"])
def test_other_methods_answer_too(tmp_path: Path, method: str) -> None:
    """Every method of the interface page gives an estimate on a sound table."""
    code, said = run(tmp_path, GOOD, "--method", method)
    assert code == 0
    assert json.loads(said)["estimate"] == pytest.approx(5000, rel=0.01)


def by_age() -> str:
    """Two groups of 4,000 that lists A and B see with opposite chances, one after the other."""
    lines = ["leeftijd,A,B,C,count"]
    for level, chances in (("volwassen", (0.5, 0.1, 0.4)), ("minderjarig", (0.1, 0.5, 0.3))):
        for history in range(1, 8):
            size = 4000.0
            for bit, chance in enumerate(chances):
                size *= chance if history >> bit & 1 else 1 - chance
            lines.append(f"{level},{history & 1},{history >> 1 & 1},{history >> 2 & 1},{round(size)}")
    return "\n".join(lines) + "\n"


def test_covariate_column_divides_the_people(tmp_path: Path) -> None:
    """The same fields, and the size that mixing the groups would miss; effects name the column's level."""
    code, said = run(tmp_path, by_age(), "--covariate", "leeftijd")
    answer = json.loads(said)
    assert code == 0
    assert list(answer) == ["n", "estimate", "model", "interval", "bic", "gate", "published"]
    assert answer["estimate"] == pytest.approx(8000, rel=0.02)
    assert any("leeftijd=" in effect for effect in answer["model"])


def test_order_of_strata_and_columns_does_not_matter(tmp_path: Path) -> None:
    """Rows reversed and the covariate last give the same answer to the last digit."""
    rows = [line.split(",") for line in by_age().splitlines()]
    moved = [[*row[1:], row[0]] for row in (rows[0], *reversed(rows[1:]))]
    told = ("--covariate", "leeftijd")
    assert run(tmp_path, by_age(), *told) == run(tmp_path, "\n".join(",".join(row) for row in moved), *told)


@pytest.mark.parametrize(
    ("text", "options", "places"),
    [
        ("A,B,count\n1,0,5\n", ["jaar"], ("header", "'jaar'")),
        ("A,B,count\n1,0,5\n", ["count"], ("header", "'count'")),
        ("A,B,jaar,count\n1,0,2024,5\n", ["jaar", "jaar"], ("header", "'jaar'", "twice")),
        ("A,B,jaar,count\n1,0,2024,5\n0,1,,5\n", ["jaar"], ("row 2 (line 3)", "'jaar'", "empty")),
        ("A,B,jaar,count\n1,0,2024,5\n1,0,2024,5\n", ["jaar"], ("row 2 (line 3)", "same history as row 1")),
        ("A,jaar,count\n1,2024,5\n", ["jaar"], ("header", "2 to 10 lists")),
        ("A,B,jaar,count\n", ["jaar"], ("overlap.csv", "nobody")),
    ],
)
def test_bad_covariates_are_refused_with_the_place(
    tmp_path: Path, text: str, options: list[str], places: tuple[str, ...]
) -> None:
    """Exit code 2 and what is wrong where."""
    code, said = run(tmp_path, text, *(part for name in options for part in ("--covariate", name)))
    assert code == 2
    for place in places:
        assert place in said


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("A,B,count\n1,0,5\n0,1,-3\n", ("row 2 (line 3)", "'count'")),
        ("A,B,count\n1,0,5.5\n", ("row 1 (line 2)", "'count'")),
        ("A,B,count\n1,0,\n", ("row 1 (line 2)", "'count'")),
        ("A,B,count\n1,0,4\n1,2,4\n", ("row 2 (line 3)", "'B'")),
        ("A,B,count\n1,0,4\n0,1,4\n1,0,7\n", ("row 3 (line 4)", "same history as row 1")),
        ("A,B,count\n1,0,4\n0,0,4\n", ("row 2 (line 3)", "no list")),
        ("A,B,number\n1,0,4\n", ("header", "'count'")),
        ("A,A,count\n1,0,4\n", ("header", "'A'")),
        ("A,count\n1,4\n", ("header", "2 to 10 lists")),
        ("A,B,count\n1,0\n", ("row 1 (line 2)", "columns")),
        ("", ("header", "'count'")),
        (b"A,B\xff,count\n1,0,4\n", ("UTF-8",)),
    ],
)
def test_bad_tables_are_refused_with_the_place(tmp_path: Path, text: str | bytes, places: tuple[str, ...]) -> None:
    """Exit code 2 and a message with file, row and column."""
    code, said = run(tmp_path, text)
    assert code == 2
    assert "overlap.csv" in said
    for place in places:
        assert place in said


def test_message_never_repeats_the_value(tmp_path: Path) -> None:
    """What stands in a wrong cell may be somebody's data."""
    code, said = run(tmp_path, "A,B,count\n1,Jansen,4\n")
    assert code == 2
    assert "Jansen" not in said


def test_missing_file_is_wrong_use(tmp_path: Path) -> None:
    """A path that cannot be read ends in exit code 2."""
    assert CliRunner().invoke(app, ["estimate", str(tmp_path / "none.csv")]).exit_code == 2


def test_row_of_nobody_on_no_list_is_passed_over(tmp_path: Path) -> None:
    """A table with a row for every history has one for no list too; with a count of zero it says nothing."""
    assert run(tmp_path, GOOD) == run(tmp_path, GOOD + "0,0,0,0\n")
