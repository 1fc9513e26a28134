"""CSV sources: what is broken is refused with file, row and column, and never the value."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import InputRefused
from connectors.sources.csv_file import MAX_LINE_BYTES, CsvFile

SECRET = "Canarina"


def opened(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> CsvFile:
    return CsvFile(path, encoding, delimiter)


def cells(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> list[tuple[str, ...]]:
    return [row.cells for row in opened(path, encoding, delimiter).rows()]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def refusal(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        cells(path, encoding, delimiter)
    assert SECRET not in str(caught.value)
    return caught.value


def test_rows_are_read_in_order(tmp_path: Path) -> None:
    """Rows come in the order of the file, numbered from one."""
    source = opened(written(tmp_path / "a.csv", b"x,y\n1,2\n3,4\n"))
    assert [(row.number, row.cells) for row in source.rows()] == [(1, ("1", "2")), (2, ("3", "4"))]


def test_a_mark_at_the_start_is_not_part_of_the_first_column(tmp_path: Path) -> None:
    """A UTF-8 byte order mark is dropped."""
    assert opened(written(tmp_path / "a.csv", b"\xef\xbb\xbfx,y\n1,2\n")).columns == ("x", "y")


def test_a_mark_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """A UTF-8 mark in a file that is said to be Windows-1252 means that the mapping is wrong."""
    with pytest.raises(InputRefused, match="encoding"):
        opened(written(tmp_path / "a.csv", b"\xef\xbb\xbfx,y\n"), "cp1252")


def test_windows_1252_is_read(tmp_path: Path) -> None:
    """The encoding of the mapping is the encoding that is used."""
    path = written(tmp_path / "a.csv", "naam;x\nRenée €;1\n".encode("cp1252"))
    assert cells(path, "cp1252", ";") == [("Renée €", "1")]


def test_a_wrong_encoding_names_row_and_column(tmp_path: Path) -> None:
    """A byte that is not UTF-8 stops the reading at its row and column."""
    found = refusal(written(tmp_path / "a.csv", b"naam,plaats\nok,ok\nCanarina,Ren\xe9e\n"))
    assert (found.file, found.row, found.column) == ("a.csv", 2, "plaats")


def test_a_wide_encoding_is_refused(tmp_path: Path) -> None:
    """UTF-16 cannot be read line by line and is refused by name."""
    with pytest.raises(InputRefused, match="superset of ASCII"):
        opened(written(tmp_path / "a.csv", "x,y\n".encode("utf-16")), "utf-16")


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    """An encoding that Python does not know is the mapping's mistake."""
    with pytest.raises(InputRefused, match="encoding"):
        opened(written(tmp_path / "a.csv", b"x\n"), "klingon")


@pytest.mark.parametrize("encoding", ["hex", "rot13", "zlib", "undefined", "utf-7", "cp037", "unicode_escape"])
def test_what_is_no_plain_encoding_of_text_is_refused(tmp_path: Path, encoding: str) -> None:
    """Python's other codecs are not read with, whatever they would make of the bytes."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(InputRefused, match="encoding"):
        CsvFile(path, encoding, ",")


def test_a_nul_is_refused(tmp_path: Path) -> None:
    """A NUL character names row and column."""
    found = refusal(written(tmp_path / "a.csv", b"naam,x\nCanarina\0,1\n"))
    assert (found.row, found.column) == (1, "naam")


@pytest.mark.parametrize("line", [b"Canarina\n", b"Canarina,2,3\n"])
def test_a_ragged_row_is_refused(tmp_path: Path, line: bytes) -> None:
    """A row with too few or too many cells names its number."""
    found = refusal(written(tmp_path / "a.csv", b"x,y\n1,2\n" + line))
    assert found.row == 2


def test_quoted_newlines_and_delimiters_stay_in_their_cell(tmp_path: Path) -> None:
    """RFC 4180: a quoted cell may hold line ends, delimiters and doubled quotes."""
    path = written(tmp_path / "a.csv", b'x,y\r\n"a\nb, ""c""",2\r\n')
    assert cells(path) == [('a\nb, "c"', "2")]


def test_an_unclosed_quote_is_refused(tmp_path: Path) -> None:
    """A quote that never closes does not swallow the rest in silence."""
    assert "quote" in refusal(written(tmp_path / "a.csv", b'x,y\n"Canarina,2\n')).reason


def test_text_after_a_quote_is_refused(tmp_path: Path) -> None:
    """A quote in the wrong place is refused, not guessed."""
    assert "quote" in refusal(written(tmp_path / "a.csv", b'x,y\n"Canarina"z,2\n')).reason


def test_a_very_long_line_is_refused_without_being_held(tmp_path: Path) -> None:
    """A line longer than the limit is refused after reading the limit, whatever its length."""
    path = tmp_path / "a.csv"
    with path.open("wb") as handle:
        handle.write(b"x,y\n")
        handle.truncate(20 * MAX_LINE_BYTES)
    assert "longer" in refusal(path).reason


@pytest.mark.parametrize("header", [b"x,x\n", b"x,\n", b"x, \n"])
def test_a_header_with_a_double_or_empty_name_is_refused(tmp_path: Path, header: bytes) -> None:
    """Every column has a name of its own."""
    with pytest.raises(InputRefused):
        opened(written(tmp_path / "a.csv", header))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """Without a header there is nothing to map."""
    with pytest.raises(InputRefused, match="header"):
        opened(written(tmp_path / "a.csv", b""))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A path that cannot be read is bad input, not a crash."""
    with pytest.raises(InputRefused, match="cannot be read"):
        opened(tmp_path / "none.csv")


def test_a_bare_carriage_return_is_refused(tmp_path: Path) -> None:
    """Line ends of an old Macintosh are refused rather than read as one row."""
    assert refusal(written(tmp_path / "a.csv", b"x,y\n1,2\r3,4\n"))


def test_a_formula_is_only_text(tmp_path: Path) -> None:
    """A cell that a spreadsheet would run is read as the text it is."""
    assert cells(written(tmp_path / "a.csv", b"x,y\n=1+1,@a\n")) == [("=1+1", "@a")]


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    """Equal bytes give an equal digest, one changed byte another."""
    one, two, three = (
        opened(written(tmp_path / name, content)).digest()
        for name, content in (("a", b"x\n1\n"), ("b", b"x\n1\n"), ("c", b"x\n2\n"))
    )
    assert one == two != three


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r"), max_size=12)


@given(rows=st.lists(st.tuples(TEXT, TEXT), max_size=8), delimiter=st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    """For any cells, reading gives what writing took."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, delimiter=delimiter).writerows([("x", "y"), *rows])
    assert cells(path, "utf-8", delimiter) == rows


@given(content=st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a file holds, the answer is rows of equal width or a refusal."""
    path = written(tmp_path_factory.mktemp("csv") / "a.csv", content)
    try:
        source = opened(path)
        assert {len(row.cells) for row in source.rows()} <= {len(source.columns)}
    except InputRefused:
        pass


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'a,b\n"1\n2",x\n3,\xff\n', "row 2, column 'b'"),
        (b'a,b\n"1,1,1",\xff\n', "row 1, column 'b'"),
        (b'a,b\n1,"x\n\xff"\n', "row 1"),
        (b"a,b\n\n\n1,2\n3,\xff\n", "row 2, column 'b'"),
        (b'a,b\n"1\n2",x\n3,4\0\n', "row 2, column 'b'"),
        (b'a,b\n"1\n2",' + b"x" * MAX_LINE_BYTES + b"\n", "row 1"),
    ],
)
def test_a_line_that_breaks_is_named_by_its_row(tmp_path: Path, content: bytes, place: str) -> None:
    """Rows are counted as records, whatever line ends and delimiters stand inside quotes; the column is named where the
    record starts on that line, for only then it is known."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputRefused) as refused:
        list(CsvFile(path, "utf-8", ",").rows())
    assert str(refused.value).startswith(f"a.csv, {place}: line ")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape", "utf-7", "hz", "punycode", "undefined"])
def test_a_codec_that_reads_escapes_is_refused_without_a_warning(tmp_path: Path, encoding: str) -> None:
    """Python warns about escapes it does not know; such a codec is tried with those it knows."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\n1\n")
    with pytest.raises(InputRefused, match="encoding"):
        CsvFile(path, encoding, ",")


def test_a_folder_is_called_by_what_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.` has no name of its own, and the message names it all the same."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputRefused, match=r"^\.: cannot be read \(Is a directory\)"):
        CsvFile(Path(), "utf-8", ",")
