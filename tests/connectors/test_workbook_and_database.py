"""Workbooks and databases give the same rows as text files do."""

import sqlite3
import zipfile
from contextlib import closing, suppress
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import InputRefused
from connectors.sources.database import Database
from connectors.sources.opening import SourceSpec, open_source
from connectors.sources.workbook import Workbook


def book(path: Path, rows: list[list[object]], sheet: str = "Blad1") -> Path:
    made = openpyxl.Workbook()
    made.active.title = sheet  # type: ignore[union-attr]
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    made.save(path)
    return path


def table(path: Path, rows: list[tuple[object, ...]]) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute("create table zaak (nr integer, naam text, geboren date)")
        connection.executemany("insert into zaak values (?,?,?)", rows)
    return path


def test_values_of_a_workbook_read_as_a_person_would(tmp_path: Path) -> None:
    """Dates are ISO, whole numbers have no decimals, nothing is the empty text."""
    path = book(tmp_path / "a.xlsx", [["a", "b", "c", "d"], [date(2001, 2, 3), 12.0, None, True]])
    assert [row.cells for row in Workbook(path, None).rows()] == [("2001-02-03", "12", "", "true")]


def test_a_time_of_day_is_kept(tmp_path: Path) -> None:
    """A date with a time stays a date with a time."""
    path = book(tmp_path / "a.xlsx", [["a"], [datetime(2001, 2, 3, 4, 5)]])
    assert [row.cells for row in Workbook(path, None).rows()] == [("2001-02-03T04:05:00",)]


def test_the_sheet_of_the_mapping_is_read(tmp_path: Path) -> None:
    """A sheet that is not there is refused."""
    path = book(tmp_path / "a.xlsx", [["a"], ["1"]], "RIEC")
    assert Workbook(path, "RIEC").columns == ("a",)
    with pytest.raises(InputRefused, match="sheet"):
        Workbook(path, "ZVH")


def test_cells_beyond_the_header_are_refused(tmp_path: Path) -> None:
    """A value in a column without a name would slip past the mapping."""
    path = book(tmp_path / "a.xlsx", [["a"], ["1", "Canarina"]])
    with pytest.raises(InputRefused, match="right of the last named column"):
        list(Workbook(path, None).rows())


def test_not_a_workbook_is_refused(tmp_path: Path) -> None:
    """A text file with the wrong name is bad input."""
    path = tmp_path / "a.xlsx"
    path.write_text("a,b\n")
    with pytest.raises(InputRefused, match="workbook"):
        Workbook(path, None)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=40), st.booleans())
def test_a_damaged_workbook_is_read_or_refused(place: int, noise: bytes, cut: bool) -> None:
    """Bytes changed anywhere, or the end missing: rows or a refusal, at its opening or later."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        book = openpyxl.Workbook()
        for number in range(20):
            book.active.append([f"x{number}", number, number / 2])
        book.save(path)
        whole = path.read_bytes()
        at = place % len(whole)
        path.write_bytes(whole[:at] + noise + (b"" if cut else whole[at + len(noise) :]))
        with suppress(InputRefused):
            damaged = Workbook(path, None)
            assert all(len(row.cells) == len(damaged.columns) for row in damaged.rows())


def test_a_database_file_with_signs_of_an_address_in_its_name_is_read(tmp_path: Path) -> None:
    """`?`, `#` and `%` are letters of a file's name like any other."""
    path = tmp_path / "a?b#c%20.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table t (a)")
        database.execute("insert into t values (1)")
    assert [row.cells for row in Database(str(path), "t", None).rows()] == [("1",)]


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    """A small file that unpacks to very much is not unpacked."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(80_000_000))
    with pytest.raises(InputRefused, match="unpacks"):
        Workbook(path, None)


def test_a_table_is_read_in_one_order(tmp_path: Path) -> None:
    """Rows come sorted by all columns, so that two readings and two digests agree."""
    first = table(tmp_path / "a.sqlite", [(2, "b", "2001-02-03"), (1, "a", None)])
    second = table(tmp_path / "b.sqlite", [(1, "a", None), (2, "b", "2001-02-03")])
    one, two = (Database(str(path), "zaak", None) for path in (first, second))
    assert [row.cells for row in one.rows()] == [("1", "a", ""), ("2", "b", "2001-02-03")]
    assert one.digest() == two.digest()


def test_a_query_is_read(tmp_path: Path) -> None:
    """A query gives its own columns."""
    path = table(tmp_path / "a.sqlite", [(1, "a", None)])
    assert Database(str(path), None, "select naam as wie from zaak").columns == ("wie",)


def test_a_database_is_opened_read_only(tmp_path: Path) -> None:
    """A query that would change the source does not run."""
    path = table(tmp_path / "a.sqlite", [(1, "a", None)])
    with pytest.raises(InputRefused):
        Database(str(path), None, "delete from zaak returning nr")
    assert len(list(Database(str(path), "zaak", None).rows())) == 1


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    """A table that is not there is the mapping's mistake."""
    with pytest.raises(InputRefused, match="does not exist"):
        Database(str(table(tmp_path / "a.sqlite", [])), "zaken", None)


def test_an_address_with_a_password_is_not_repeated(tmp_path: Path) -> None:
    """A database address that does not work is not printed."""
    with pytest.raises(Exception) as caught:
        Database("nosuchdialect://user:Canarina@host/db", "zaak", None)
    assert "Canarina" not in str(caught.value)


def test_the_mapping_decides_the_kind(tmp_path: Path) -> None:
    """`[source] format` opens the right kind of source."""
    path = table(tmp_path / "a.sqlite", [(1, "a", None)])
    assert open_source(SourceSpec(format="sql", table="zaak"), str(path)).columns == ("nr", "naam", "geboren")


@pytest.mark.parametrize("prefix", ["sqlite:///", "sqlite+pysqlite:///", "sqlite:///file:", ""])
def test_a_database_file_is_opened_read_only_under_every_address(tmp_path: Path, prefix: str) -> None:
    """A query that changes something does not run, and the rows are still there."""
    path = table(tmp_path / "a.db", [(1, "Canarina", "2001-02-03")])
    assert [row.cells[0] for row in Database(f"{prefix}{path}", "zaak", None).rows()] == ["1"]
    with pytest.raises(InputRefused, match="query does not run"):
        Database(f"{prefix}{path}", None, "delete from zaak")
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from zaak").fetchone() == (1,)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Reading creates no file."""
    with pytest.raises(InputRefused, match=r"^a\.db: is neither"):
        Database(f"sqlite:///{tmp_path}/a.db", "zaak", None)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_bad_input(tmp_path: Path) -> None:
    """It will not become one by trying again, so it is not a database that is away."""
    (tmp_path / "a.db").write_text("Canarina;Vogelaarsma\n" * 1_000)
    with pytest.raises(InputRefused, match="cannot be read as a database"):
        Database(str(tmp_path / "a.db"), "zaak", None)


def test_a_query_without_rows_is_refused(tmp_path: Path) -> None:
    """A statement that gives no rows is not a source."""
    path = table(tmp_path / "a.db", [])
    with pytest.raises(InputRefused, match="gives no rows"):
        Database(str(path), None, "begin")
