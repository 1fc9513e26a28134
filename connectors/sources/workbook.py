"""Excel workbooks (.xlsx), read-only and streamed with openpyxl; values as stored, formulas as last calculated."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from connectors.contract.canonical import b64u
from connectors.errors import InputRefused
from connectors.files import called
from connectors.sources.source import Row, as_text, named_columns

MAX_UNPACKED_BYTES: Final = 1024 * 1024 * 1024
MAX_RATIO: Final = 200
"""A workbook that unpacks to more than this, or more than so many times its size, is treated as a zip bomb."""
_UNREADABLE: Final = (
    OSError,
    EOFError,
    SyntaxError,  # what XML parsers raise
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,  # an encrypted part, or a way of packing that is not known
    zlib.error,
    zipfile.BadZipFile,
    InvalidFileException,
)
"""What openpyxl and the libraries under it raise on a damaged file, at its opening and at any row."""


class Workbook:
    """One sheet of a workbook, its first row the header."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        """`sheet`: its name, or None for the first. Raises InputRefused when the workbook is not usable."""
        self.name = called(path)
        self._path = path
        self._sheet = sheet
        self._refuse_bomb()
        header = next(self._cells(), None)
        if header is None:
            raise InputRefused("the sheet is empty: a header row is needed", file=self.name)
        while header and not header[-1].strip():
            header = header[:-1]
        self.columns = named_columns(self.name, header)

    def rows(self) -> Iterator[Row]:
        width = len(self.columns)
        cells = self._cells()
        next(cells)
        for number, row in enumerate(cells, start=1):
            if not any(row):
                continue
            if any(row[width:]):
                raise InputRefused("a cell stands to the right of the last named column", file=self.name, row=number)
            yield Row(number, (row + ("",) * width)[:width])

    def digest(self) -> str:
        try:
            with self._path.open("rb") as handle:
                return b64u(hashlib.file_digest(handle, "sha256").digest())
        except OSError as error:
            raise InputRefused(f"cannot be read ({error.strerror})", file=self.name) from error

    def _cells(self) -> Iterator[tuple[str, ...]]:
        try:
            book = openpyxl.load_workbook(self._path, read_only=True, data_only=True, keep_links=False)
            with closing(book):
                if not book.worksheets or (self._sheet is not None and self._sheet not in book.sheetnames):
                    raise InputRefused("[source] sheet is not in this workbook", file=self.name)
                sheet = book[self._sheet] if self._sheet is not None else book.worksheets[0]
                for row in sheet.iter_rows(values_only=True):
                    yield tuple(as_text(value) for value in row)
        except _UNREADABLE as error:
            raise InputRefused("is not a workbook that can be read (.xlsx)", file=self.name) from error

    def _refuse_bomb(self) -> None:
        try:
            with zipfile.ZipFile(self._path) as archive:
                unpacked = sum(item.file_size for item in archive.infolist())
            packed = self._path.stat().st_size
        except OSError as error:
            raise InputRefused(f"cannot be read ({error.strerror})", file=self.name) from error
        except _UNREADABLE as error:
            raise InputRefused("is not a workbook that can be read (.xlsx)", file=self.name) from error
        if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * packed:
            raise InputRefused("unpacks to far more than its size; save it again as .xlsx", file=self.name)
