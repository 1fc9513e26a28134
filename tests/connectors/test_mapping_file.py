"""The mapping file: every column named, every code translated, every broken field stopped where it stands."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.case_codes import Leeftijdsband, Uitbuitingsvorm
from connectors.contract.codes import Categorie
from connectors.errors import InputRefused
from connectors.mapping import Mapping, UnmappedValue, read_mapping
from connectors.sources.source import Row

TODAY = date(2026, 11, 24)


def mapped(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def read(tmp_path: Path, text: str, **cells: str):  # type: ignore[no-untyped-def]
    columns = tuple(cells)
    bound = mapped(tmp_path, text).bind("a.csv", columns, TODAY)
    return bound.read(Row(7, tuple(cells.values())))


def test_a_column_that_is_not_named_is_refused(tmp_path: Path) -> None:
    """A column the mapping does not know is named with its file, and nothing is read."""
    with pytest.raises(InputRefused) as caught:
        mapped(tmp_path, '[traits]\nbsn = "bsn"\n').bind("a.csv", ("bsn", "nieuw"), TODAY)
    assert (caught.value.file, caught.value.column) == ("a.csv", "nieuw")


def test_a_named_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A column that the mapping expects and the source lacks is named."""
    with pytest.raises(InputRefused) as caught:
        mapped(tmp_path, '[traits]\nbsn = "bsn"\n').bind("a.csv", ("x",), TODAY)
    assert caught.value.column in ("x", "bsn")


def test_a_source_of_one_column_is_read_with_another_delimiter(tmp_path: Path) -> None:
    """A file with semicolons looks like one column: the message says what to correct, not which column is unknown."""
    with pytest.raises(InputRefused, match=r"has one column where m\.toml names 2; correct \[source\] delimiter"):
        mapped(tmp_path, '[traits]\nbsn = "bsn"\ntelefoon = "tel"\n').bind("a.csv", ("bsn;tel",), TODAY)


def test_a_mapping_with_a_mark_at_its_start_is_read(tmp_path: Path) -> None:
    """Editors on Windows put a mark before UTF-8."""
    (tmp_path / "m.toml").write_bytes(b'\xef\xbb\xbf[traits]\nbsn = "bsn"\n')
    assert read_mapping(tmp_path / "m.toml").content.traits == {"bsn": "bsn"}


def test_a_mapping_in_another_encoding_is_named(tmp_path: Path) -> None:
    """What is not UTF-8 is said to be that, without its bytes."""
    (tmp_path / "m.toml").write_bytes('[traits]\nvoornaam = "José"\n'.encode("cp1252"))
    with pytest.raises(InputRefused, match=r"^m\.toml: not UTF-8; save it again as UTF-8$"):
        read_mapping(tmp_path / "m.toml")


def test_codes_translate(tmp_path: Path) -> None:
    """A value is translated by the codes of its field."""
    text = '[fields]\ncategorie = { column = "c", codes = { v = "verdachte_dader" } }\n'
    assert read(tmp_path, text, c="v").record.categorie is Categorie.VERDACHTE_DADER


def test_an_unmapped_value_names_row_and_column_only(tmp_path: Path) -> None:
    """A value without a code is an error that does not repeat it."""
    text = '[fields]\ncategorie = { column = "c", codes = { v = "verdachte_dader" } }\n'
    with pytest.raises(UnmappedValue) as caught:
        read(tmp_path, text, c="Canarina")
    assert (caught.value.row, caught.value.column) == (7, "c")
    assert "Canarina" not in str(caught.value)


def test_without_codes_a_value_must_be_a_wire_value(tmp_path: Path) -> None:
    """A column that holds the wire's own codes needs no table."""
    assert read(tmp_path, '[fields]\ncategorie = "c"\n', c="bedrijf").record.categorie is Categorie.BEDRIJF
    with pytest.raises(UnmappedValue):
        read(tmp_path, '[fields]\ncategorie = "c"\n', c="onderneming")


def test_a_set_is_split(tmp_path: Path) -> None:
    """A cell may name several values of a set field."""
    text = '[fields]\nuitbuitingsvorm = { column = "c", separator = ";", codes = { s = "seksueel", a = "arbeid" } }\n'
    found = read(tmp_path, text, c="s; a").record.uitbuitingsvorm
    assert found == {Uitbuitingsvorm.SEKSUEEL, Uitbuitingsvorm.ARBEID}


@pytest.mark.parametrize("text", ["2026-02-30", "31-11-2026", "20261301", "morgen", "1-2-26", "9999-01-01"])
def test_a_broken_date_in_a_field_names_row_and_column(tmp_path: Path, text: str) -> None:
    """A date that does not exist stops, with its place and without its value."""
    with pytest.raises(InputRefused) as caught:
        read(tmp_path, '[fields]\nbewaren_tot = "d"\n', d=text)
    assert (caught.value.row, caught.value.column) == (7, "d")
    assert text not in str(caught.value)


@pytest.mark.parametrize("text", ["2027-05-14", "14-05-2027", "14/5/2027", "20270514", "2027-05-14T10:00:00Z"])
def test_dates_are_read_in_their_spellings(tmp_path: Path, text: str) -> None:
    """ISO, Dutch and compact dates are one date."""
    assert read(tmp_path, '[fields]\nbewaren_tot = "d"\n', d=text).record.bewaren_tot == date(2027, 5, 14)


def test_a_broken_birth_date_in_a_trait_is_never_an_error(tmp_path: Path) -> None:
    """A trait that is unusable only gives no token."""
    row = read(tmp_path, '[traits]\ngeboortedatum = "d"\n', d="2026-02-30")
    assert row.raw.geboortedatum == "2026-02-30"


def test_age_is_derived_on_the_day_of_the_mapping(tmp_path: Path) -> None:
    """`op` names the column with the day on which the age counts."""
    text = '[fields]\nleeftijdsband = { column = "d", derive = "leeftijdsband", op = "m" }\n'
    assert read(tmp_path, text, d="2000-06-15", m="2017-06-14").record.leeftijdsband is Leeftijdsband.J15_17
    assert read(tmp_path, text, d="2000-06-15", m="2018-06-15").record.leeftijdsband is Leeftijdsband.J18_22


def test_retention_is_derived_from_a_date(tmp_path: Path) -> None:
    """`bewaartermijn` adds months to a date of the source."""
    text = '[fields]\nbewaren_tot = { column = "d", derive = "bewaartermijn", maanden = 6 }\n'
    assert read(tmp_path, text, d="2026-08-31").record.bewaren_tot == date(2027, 2, 28)


@pytest.mark.parametrize(
    "text",
    [
        '[fields]\nkleur = "c"\n',
        '[traits]\nschoenmaat = "c"\n',
        '[constants]\nkleur = "rood"\n',
        '[constants]\nroute = "linksom"\n',
        '[constants]\ndomein = "ELDERS"\n',
        '[fields]\nroute = { column = "c", codes = { a = "linksom" } }\n',
        '[fields]\nroute = "c"\n[constants]\nroute = "ondermijning"\n',
        '[traits]\nbsn = "c"\n[drop]\ncolumns = ["c"]\n',
        '[fields]\nroute = { column = "c", codes = {}, derive = "jaar" }\n',
        '[fields]\nbewaren_tot = { column = "c", derive = "bewaartermijn" }\n',
        "[onbekend]\nx = 1\n",
        "not toml",
    ],
)
def test_a_wrong_mapping_is_refused_by_name(tmp_path: Path, text: str) -> None:
    """What a mapping says wrongly is refused before any source is opened, naming the file."""
    with pytest.raises(InputRefused) as caught:
        mapped(tmp_path, text)
    assert caught.value.file == "m.toml"


def test_the_example_of_the_interface_page_is_valid(tmp_path: Path) -> None:
    """The mapping that the interface page prints is read and binds to its columns."""
    text = """
[source]
format = "csv"
encoding = "utf-8"
delimiter = ","
[traits]
voornaam = "given"
achternaam = "family"
geboortedatum = "dob"
geslacht = "sex"
nationaliteit = "nat"
telefoon = "phone"
document = "doc"
[fields]
uitbuitingsvorm = { column = "type", codes = { "seks" = "seksueel", "werk" = "arbeid" } }
[constants]
route = "ondermijning"
[narrative]
columns = ["toelichting"]
[drop]
columns = ["eid"]
"""
    columns = ("given", "family", "dob", "sex", "nat", "phone", "doc", "type", "toelichting", "eid")
    assert mapped(tmp_path, text).bind("a.csv", columns, TODAY)


@given(value=st.text(max_size=40))
def test_no_error_ever_repeats_a_value(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    """Whatever stands in a field column, a refusal does not hold it."""
    text = '[fields]\nstatus = "s"\nbewaren_tot = "d"\ngemeente_uitbuiting = "g"\n'
    mark = f"Zq{value}qZ"
    tmp_path = tmp_path_factory.mktemp("m")
    for column in "sdg":
        cells = {"s": "", "d": "", "g": ""} | {column: mark}
        with pytest.raises(InputRefused) as caught:
            read(tmp_path, text, **cells)
        assert mark not in str(caught.value)


def test_reprs_hide_values(tmp_path: Path) -> None:
    """Neither a row nor what was read of it shows a value."""
    row = read(tmp_path, '[traits]\nbsn = "b"\n[fields]\ncase_ref = "c"\n', b="Canarina", c="Kanarie")
    assert "Canarina" not in repr(row) + repr(row.raw) + repr(row.record) + repr(Row(1, ("Canarina",)))
    assert "Kanarie" not in repr(row) + repr(row.record)
