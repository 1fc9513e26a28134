"""CSV files: strict in encoding and shape (RFC 4180 with a delimiter of choice), streamed, one physical line at a time.

Nothing is guessed: another encoding, a stray NUL, an unclosed quote or a ragged row stops the reading and says where.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final

from connectors.contract.canonical import b64u
from connectors.errors import InputRefused
from connectors.files import called
from connectors.sources.source import Row, named_columns

MAX_LINE_BYTES: Final = 4 * 1024 * 1024
"""Longer physical lines are refused before they are held in memory (a 10 GB line is an attack or a broken file)."""
_ADVICE: Final = "save the file again or correct [source] encoding"
_ASCII: Final = bytes(range(32, 127)).replace(b"\\", b"") + rb"\x41\u0041"
"""Printable ASCII, its backslash before what some codecs read as an escape and not before what they warn about."""


class _BrokenLine(Exception):
    """A physical line (from 1) that cannot be read; `before`: what stands in front of the place, if that has one."""

    def __init__(self, line: int, reason: str, before: bytes | None) -> None:
        super().__init__(reason)
        self.line, self.reason, self.before = line, reason, before


class CsvFile:
    """A CSV file with a header row."""

    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        """Reads the header. Raises InputRefused when file, encoding, delimiter or header are not usable."""
        self.name = called(path)
        self._path = path
        self._encoding = _known_encoding(self.name, encoding)
        if len(delimiter) != 1 or delimiter in '\r\n\0"':
            raise InputRefused("[source] delimiter must be one character, not a quote or line end", file=self.name)
        self._delimiter = delimiter
        with self._open() as handle:
            header = next(self._records(handle), None)
        if header is None:
            raise InputRefused("the file is empty: a header row is needed", file=self.name)
        self.columns = named_columns(self.name, tuple(header))

    def rows(self) -> Iterator[Row]:
        width = len(self.columns)
        with self._open() as handle:
            records = self._records(handle)
            next(records)
            for number, cells in enumerate(records, start=1):
                if len(cells) != width:
                    raise InputRefused(
                        f"{len(cells)} cells where the header has {width}: a delimiter or quote is missing or doubled",
                        file=self.name,
                        row=number,
                    )
                yield Row(number, tuple(cells))

    def digest(self) -> str:
        with self._open() as handle:
            return b64u(hashlib.file_digest(handle, "sha256").digest())

    def _open(self) -> BufferedReader:
        try:
            return self._path.open("rb")
        except OSError as error:
            raise InputRefused(f"cannot be read ({error.strerror})", file=self.name) from error

    def _records(self, handle: BufferedReader) -> Iterator[list[str]]:
        """Records without blank lines; every complaint of the csv module becomes one with a row."""
        csv.field_size_limit(MAX_LINE_BYTES)
        reader = csv.reader(self._lines(handle), delimiter=self._delimiter, strict=True)
        number, last = -1, 0  # the header is record 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _BrokenLine as broken:
                raise self._refused(broken, number + 1, first=broken.line == last + 1) from broken
            except csv.Error as error:
                where = f"near line {reader.line_num}"
                raise InputRefused(
                    f"not valid CSV {where}: {_csv_reason(error)}", file=self.name, row=max(number + 1, 0) or None
                ) from error
            last = reader.line_num
            if cells:
                number += 1
                yield cells

    def _lines(self, handle: BufferedReader) -> Iterator[str]:
        line_number = 0
        while raw := handle.readline(MAX_LINE_BYTES + 1):
            line_number += 1
            if len(raw) > MAX_LINE_BYTES:
                raise _BrokenLine(line_number, f"is longer than {MAX_LINE_BYTES} bytes; check its line ends", None)
            if line_number == 1:
                raw = self._without_bom(raw)
            try:
                line = raw.decode(self._encoding, "strict")
            except UnicodeError as error:
                place = error.start if isinstance(error, UnicodeDecodeError) else 0
                raise _BrokenLine(line_number, f"is not {self._encoding}; {_ADVICE}", raw[:place]) from error
            if "\0" in line:
                raise _BrokenLine(line_number, f"holds a NUL character; {_ADVICE}", raw[: raw.index(b"\0")])
            yield line

    def _without_bom(self, raw: bytes) -> bytes:
        if not raw.startswith(codecs.BOM_UTF8):
            return raw
        if self._encoding != "utf-8":
            raise InputRefused(
                f"starts with a UTF-8 mark but the mapping says {self._encoding}; correct [source] encoding",
                file=self.name,
            )
        return raw[len(codecs.BOM_UTF8) :]

    def _refused(self, broken: _BrokenLine, record: int, *, first: bool) -> InputRefused:
        """Where a line breaks: its row, and its column when `first`, for then its record starts on that line."""
        column = None
        if first and broken.before is not None:
            text = broken.before.decode(self._encoding, "replace")
            index = max(len(next(csv.reader([text], delimiter=self._delimiter), ())) - 1, 0)
            columns = getattr(self, "columns", ())
            column = columns[index] if index < len(columns) else None
        return InputRefused(f"line {broken.line} {broken.reason}", file=self.name, row=record or None, column=column)


def _known_encoding(file: str, encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise InputRefused(
            "[source] encoding is not one that is known here; use for example utf-8", file=file
        ) from error
    if not _keeps_ascii(name):
        raise InputRefused("[source] encoding must be a superset of ASCII, such as utf-8 or cp1252", file=file)
    return "utf-8" if name == "utf-8-sig" else name


def _keeps_ascii(encoding: str) -> bool:
    """Whether ASCII reads as itself; False also for codecs that are no encoding of text (hex, zlib)."""
    try:
        return _ASCII.decode(encoding) == _ASCII.decode("ascii")
    except (LookupError, ValueError):
        return False


def _csv_reason(error: csv.Error) -> str:
    """The csv module's complaints hold characters of the file: say the same without them."""
    text = str(error)
    if "end of data" in text:
        return "a quote is opened and never closed"
    if "field larger" in text:
        return "a cell is larger than allowed"
    if "new-line" in text:
        return "a bare carriage return outside quotes"
    return "a quote stands in the wrong place (double it inside quotes)"
