"""The use cases of looking through texts here: narratives line by line, and what the columns of a source hold.

Nothing found leaves this house; only places, labels and codes come back, never the text.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from connectors.errors import InputRefused
from connectors.files import called
from connectors.progress import Tick
from connectors.sources.source import Source
from pseudonymizer.narrative.columns import ColumnProfile, PiiInCodeColumn, profile_columns, refuse_pii_in_codes
from pseudonymizer.narrative.recognisers.pattern import ScanTimeout
from pseudonymizer.narrative.scan import BadLine, Scanner, parse_line, result_line

MAX_SCAN_LINE: Final = 4 * 1024 * 1024
"""Bytes of a line; a longer one is refused before it is held in memory."""


def scanned(source: Path) -> Iterator[str]:
    """One line of results per line of `{id, text, known?}`, in order, without line ends (interface page, `scan`).

    Raises InputRefused with file and row at a line that is not one, or that cannot be scanned in time.
    """
    scanner = Scanner()
    try:
        handle = source.open("rb")
    except OSError as error:
        raise InputRefused(f"cannot be read ({error.strerror})", file=called(source)) from error
    with handle:
        number = 0
        while raw := handle.readline(MAX_SCAN_LINE + 1):
            number += 1
            if len(raw) > MAX_SCAN_LINE:
                raise InputRefused(f"longer than {MAX_SCAN_LINE} bytes", file=source.name, row=number)
            try:
                yield _result(scanner, number, raw)
            except UnicodeDecodeError as error:
                raise InputRefused("not UTF-8", file=source.name, row=number) from error
            except BadLine as error:
                raise InputRefused(str(error), file=source.name) from error
            except ScanTimeout as error:
                raise InputRefused(
                    "cannot be scanned in time; shorten the text", file=source.name, row=number
                ) from error


def profiled(source: Source, tick: Tick) -> tuple[ColumnProfile, ...]:
    """What each column seems to hold. Raises InputRefused at a row that is broken."""
    return profile_columns(Scanner(), source.columns, _ticking(source, tick))


def refuse_coded(found: Sequence[ColumnProfile], columns: Sequence[str], file: str) -> None:
    """Raises InputRefused when one of `columns`, called a code by the mapping, holds something else."""
    try:
        refuse_pii_in_codes(found, columns)
    except PiiInCodeColumn as error:
        raise InputRefused(str(error), file=file) from error


def _result(scanner: Scanner, number: int, raw: bytes) -> str:
    text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    if not text.strip():
        raise BadLine(f"line {number}: empty; write one object a line")
    return result_line(scanner.scan_one(parse_line(number, text)))


def _ticking(source: Source, tick: Tick) -> Iterator[tuple[str, ...]]:
    for row in source.rows():
        tick(1)
        yield row.cells
