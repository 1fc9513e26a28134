"""Bad input to `protect` and `attack`: exit 2, named by file, row and column, never the value, nothing written."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aggregator.cli import app

SPEC = """k = 5
[dimensions.gemeente]
total = "regio"
parents = { m00 = "m_A", m01 = "m_A" }
[dimensions.vorm]
total = "alle"
codes = ["seks", "arbeid"]
[[tables]]
id = "gv"
dims = ["gemeente", "vorm"]
"""
GOOD = "gemeente,vorm,count\n" + "".join(f"m0{i % 3},{v},20\n" for i in range(3) for v in ("seks", "arbeid"))


def protect(home: Path, micro: str | bytes = GOOD, spec: str = SPEC, out: str = "r1") -> Result:
    """Protect this content by this spec."""
    (home / "micro.csv").write_bytes(micro.encode() if isinstance(micro, str) else micro)
    (home / "spec.toml").write_text(spec, encoding="utf-8")
    args = ["protect", home / "micro.csv", "--spec", home / "spec.toml", "--out", home / out]
    return CliRunner().invoke(app, [str(arg) for arg in args])


def attack(home: Path, table: str) -> Result:
    """Attack a folder that holds this table."""
    (home / "r").mkdir()
    (home / "r" / "gv.csv").write_text(table, encoding="utf-8")
    return CliRunner().invoke(app, ["attack", str(home / "r")])


def test_good_input_passes(tmp_path: Path) -> None:
    """What the cases below change is sound."""
    assert protect(tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("m00,seks,-3", "count"),
        ("m00,seks,nan", "count"),
        ("m00,seks,NaN", "count"),
        ("m00,seks,1e3", "count"),
        ("m00,seks,", "count"),
        ("m00,seks,inf", "count"),
        ("m00,seks,99999999999999999999999999", "count"),
        ("m00,seks,1000000001", "count"),
        ("m00,seks,٣", "count"),
        ("m00,nan,3", "vorm"),
        ("m00,,3", "vorm"),
        ("m00,  ,3", "vorm"),
        ("m00,onbekend,3", "vorm"),
        ("m00,alle,3", "vorm"),
        ("m_A,seks,3", "gemeente"),
        ("regio,seks,3", "gemeente"),
    ],
)
def test_bad_value_is_named_by_row_and_column(tmp_path: Path, row: str, column: str) -> None:
    """The seventh data row is wrong: its number, its line and its column are told, its value is not."""
    done = protect(tmp_path, GOOD + row + "\n")
    assert done.exit_code == 2
    assert f"micro.csv: row 7 (line 8), column '{column}'" in done.stderr
    value = row.split(",")[["gemeente", "vorm", "count"].index(column)].strip()
    assert not value or f"{value!r}" not in done.stderr
    assert not (tmp_path / "r1").exists()


@pytest.mark.parametrize(
    ("micro", "told"),
    [
        ("", "micro.csv: empty"),
        ("gemeente,count\nm00,3\n", "'vorm' is missing"),
        ("gemeente,vorm,vorm\nm00,seks,seks\n", "'vorm' occurs twice"),
        ("gemeente,vorm,count,count\nm00,seks,3,3\n", "'count' occurs twice"),
        ("gemeente,vorm\nm00\n", "row 1 (line 2): 1 fields"),
        ("gemeente,vorm\nm00,seks,arbeid\n", "row 1 (line 2): 3 fields"),
        ('gemeente,vorm\n"m00,seks\n', "not CSV"),
        (b"gemeente,vorm\nm\xe9,seks\n", "not UTF-8"),
        ("gemeente,vorm,count\n" + "m00,seks,600000000\n" * 2, "all rows together"),
    ],
)
def test_bad_file_is_named(tmp_path: Path, micro: str | bytes, told: str) -> None:
    """A file that is no table of cases: what is wrong with it, and nothing written."""
    done = protect(tmp_path, micro)
    assert done.exit_code == 2
    assert "micro.csv" in done.stderr
    assert told in done.stderr
    assert not (tmp_path / "r1").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("k = 5", "k = 1"), "spec.toml: k"),
        (("k = 5", "k = 0"), "spec.toml: k"),
        (("k = 5", "k = -4"), "spec.toml: k"),
        (("k = 5", "k = 5.5"), "spec.toml: k"),
        (("k = 5", 'k = "5"'), "spec.toml: k"),
        (("k = 5\n", ""), "spec.toml: k"),
        (("k = 5", 'k = 5\npartner_separator = "|"'), "partner_separator: only beside partner"),
        (("k = 5", "k = "), "spec.toml: not TOML"),
        (('m01 = "m_A"', 'm01 = "m_A", m_A = "m01"'), "dimensions.gemeente.parents: cycle"),
        (('m01 = "m_A"', 'm01 = "m01"'), "dimensions.gemeente.parents: cycle"),
        (('m01 = "m_A"', 'm01 = "m_A", regio = "m_A"'), "dimensions.gemeente.parents: the total"),
        (('dims = ["gemeente", "vorm"]', 'dims = ["gemeente", "soort"]'), "'soort' is not declared"),
        (('dims = ["gemeente", "vorm"]', 'dims = ["vorm", "vorm"]'), "tables.gv.dims"),
        (('dims = ["gemeente", "vorm"]', "dims = []"), "tables.gv.dims"),
        (('id = "gv"', 'id = "../gv"'), "tables"),
        (("[[tables]]", '[[tables]]\nid = "gv"\ndims = ["vorm"]\n[[tables]]'), "used twice"),
    ],
)
def test_bad_spec_is_named_by_its_key(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    """The key of the spec that is wrong, and nothing written."""
    done = protect(tmp_path, spec=SPEC.replace(*change))
    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tmp_path / "r1").exists()


def test_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    """Files that a spreadsheet wrote as UTF-8 start with one."""
    assert protect(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()).exit_code == 0


def test_line_ends_of_another_system_are_read(tmp_path: Path) -> None:
    """Carriage returns belong to no code."""
    assert protect(tmp_path, GOOD.replace("\n", "\r\n")).exit_code == 0
    assert "\r" not in (tmp_path / "r1" / "gv.csv").read_text(encoding="utf-8")


def test_line_is_that_of_the_file(tmp_path: Path) -> None:
    """Blank lines and a field over two lines shift the line, not the row."""
    text = 'gemeente,vorm,count,naam\n\nm00,seks,20,"a\nb"\n\nm00,onbekend,20,\n'
    assert "row 2 (line 6), column 'vorm'" in protect(tmp_path, text).stderr


def test_undeclared_columns_are_ignored(tmp_path: Path) -> None:
    """Also when they hold what would be an error elsewhere."""
    lines = GOOD.splitlines()
    text = "\n".join([lines[0] + ",naam", *(line + "," for line in lines[1:])]) + "\n"
    assert protect(tmp_path, text).exit_code == 0


def test_missing_files_are_wrong_use(tmp_path: Path) -> None:
    """A path that is not there: exit 2, by name."""
    protect(tmp_path)
    for micro, spec in (("none.csv", "spec.toml"), ("micro.csv", "none.toml")):
        args = ["protect", tmp_path / micro, "--spec", tmp_path / spec, "--out", tmp_path / "r2"]
        done = CliRunner().invoke(app, [str(arg) for arg in args])
        assert done.exit_code == 2
        assert "none" in done.stderr


HEAD = "gemeente,vorm,count,status\nregio,alle,40,shown\nregio,seks,20,shown\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("regio,arbeid,-20,shown", "row 3 (line 4), column 'count'"),
        ("regio,arbeid,nan,shown", "row 3 (line 4), column 'count'"),
        ("regio,arbeid,20.5,shown", "row 3 (line 4), column 'count'"),
        ("regio,arbeid,,shown", "row 3 (line 4), column 'count'"),
        ("regio,arbeid,99999999999999999999,shown", "row 3 (line 4), column 'count'"),
        ("regio,seks,20,shown", "row 3 (line 4): this combination of codes occurs twice"),
        (",arbeid,20,shown", "row 3 (line 4): empty code"),
        ("regio,arbeid,20", "row 3 (line 4): 3 fields"),
    ],
)
def test_bad_cell_of_a_published_table_is_named(tmp_path: Path, row: str, told: str) -> None:
    """What is no table is not attacked, and not called safe: exit 2."""
    done = attack(tmp_path, HEAD + row + "\n")
    assert done.exit_code == 2
    assert "gv.csv" in done.stderr
    assert told in done.stderr


def test_folder_without_tables_is_named(tmp_path: Path) -> None:
    """Nothing to attack is not nothing found."""
    (tmp_path / "empty").mkdir()
    done = CliRunner().invoke(app, ["attack", str(tmp_path / "empty")])
    assert done.exit_code == 2
    assert "empty" in done.stderr
