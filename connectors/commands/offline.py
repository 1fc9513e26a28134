"""`pseudonymize`, `scan`, `profile`: work on files, without the gateway."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from pydantic import TypeAdapter, ValidationError

from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.model import Epoch
from connectors.errors import InputRefused
from connectors.evaluation import pinned_keys
from connectors.files import put_in_place
from connectors.house import system_clock
from connectors.mapping import Mapping, read_mapping
from connectors.offline import Job, Pseudonymised, link_header, pseudonymise_locally, pseudonymise_with
from connectors.progress import Tick
from connectors.sending import offline_evaluation, open_delivery
from connectors.sources.opening import SourceSpec, open_source
from connectors.sources.source import Source
from connectors.terminal import Desk, Screen, command, file_command, progress
from pseudonymizer.narrative.columns import PiiInCodeColumn, profile_columns, refuse_pii_in_codes
from pseudonymizer.narrative.recognisers.pattern import ScanTimeout
from pseudonymizer.narrative.scan import BadLine, Scanner, parse_line, result_line

MAX_WORKERS: Final = 8
MAX_SCAN_LINE: Final = 4 * 1024 * 1024
_EPOCH: Final = TypeAdapter[str](Epoch)


@command
def pseudonymize(
    desk: Desk,
    source: Annotated[str, typer.Argument(metavar="IN.csv", help="The source file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="Where the encodings go.")],
    mapping: Annotated[Path, typer.Option("--mapping", help="The mapping file of this source (TOML).")],
    domain: Annotated[TokenDomein, typer.Option("--domain", help="Token domain.")],
    local_custodians: Annotated[
        Path | None, typer.Option("--local-custodians", help="Two local custodians; made there on first use.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=64, help="Processes; else one per processor.")
    ] = None,
    epoch: Annotated[str | None, typer.Option("--epoch", help="Key epoch; else the settings' or this year.")] = None,
) -> None:
    """Tokens and link encodings of a file, for use without the gateway. No identifier is in the output."""
    read = read_mapping(mapping)
    if local_custodians is not None:
        now = system_clock()
        job = Job(source, read, domain, _epoch(epoch or f"{now.year:04d}"), local_custodians, now.date())
        with progress("encoded") as tick:
            done = pseudonymise_locally(job, out, workers or min(MAX_WORKERS, os.cpu_count() or 1), tick)
    else:
        done = _with_custodians(desk, source, out, read, domain)
    result = {"rows": done.rows, "tokens": done.tokens, "blocks": done.blocks, "rows_without_any": done.rows_without}
    desk.show(result, [f"{name}: {value}" for name, value in result.items()])


@file_command
def scan(
    screen: Screen,
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="One {id, text, known?} a line.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="One {id, spans, indicators} a line, same order.")],
) -> None:
    """Find identifying data and signals in texts. The texts stay: the output holds places and codes only."""
    lines = 0
    with put_in_place(out) as part, part.open("w", encoding="utf-8") as handle, progress("scanned") as tick:
        for line in _scanned(source):
            handle.write(line + "\n")
            lines += 1
            tick(1)
    screen.show({"lines": lines}, [f"lines: {lines}"])


@file_command
def profile(
    screen: Screen,
    source: Annotated[str, typer.Argument(help="A file, or a database address with --table.")],
    encoding: Annotated[str, typer.Option("--encoding", help="Of a CSV file.")] = "utf-8",
    delimiter: Annotated[str, typer.Option("--delimiter", help="Of a CSV file.")] = ",",
    sheet: Annotated[str | None, typer.Option("--sheet", help="Of a workbook.")] = None,
    table: Annotated[str | None, typer.Option("--table", help="Of a database.")] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="Refuse when a column that it calls a code is not one.")
    ] = None,
) -> None:
    """What each column of a source seems to hold: a first look, before a mapping is written. No value is shown."""
    read = read_mapping(mapping) if mapping is not None else None
    opened = open_source(read.source if read else _spec(source, encoding, delimiter, sheet, table), source)
    with progress("profiled") as tick:
        found = profile_columns(Scanner(), opened.columns, _ticking(opened, tick))
    for column in found:
        labels = {label.value: count for label, count in column.found}
        result = {
            "column": column.column,
            "kind": column.kind.value,
            "filled": column.filled,
            "cells": column.cells,
            "distinct": column.distinct,
            "found": labels,
        }
        said = ", ".join(f"{label} {count}" for label, count in labels.items()) or "nothing identifying"
        screen.show(result, [f"{column.column}: {column.kind}; filled {column.filled} of {column.cells}; {said}"])
    if read is not None:
        try:
            refuse_pii_in_codes(found, read.uncoded_columns)
        except PiiInCodeColumn as error:
            raise InputRefused(str(error), file=opened.name) from error


def _spec(source: str, encoding: str, delimiter: str, sheet: str | None, table: str | None) -> SourceSpec:
    kind: Literal["csv", "xlsx", "sql"] = "csv"
    if table is not None:
        kind = "sql"
    elif source.lower().endswith(".xlsx"):
        kind = "xlsx"
    if len(delimiter) != 1:
        raise InputRefused("--delimiter must be one character")
    return SourceSpec(format=kind, encoding=encoding, delimiter=delimiter, sheet=sheet, table=table)


def _ticking(source: Source, tick: Tick) -> Iterator[tuple[str, ...]]:
    for row in source.rows():
        tick(1)
        yield row.cells


def _scanned(source: Path) -> Iterator[str]:
    scanner = Scanner()
    try:
        handle = source.open("rb")
    except OSError as error:
        raise InputRefused(f"cannot be read ({error.strerror})", file=source.name) from error
    with handle:
        number = 0
        while raw := handle.readline(MAX_SCAN_LINE + 1):
            number += 1
            if len(raw) > MAX_SCAN_LINE:
                raise InputRefused(f"longer than {MAX_SCAN_LINE} bytes", file=source.name, row=number)
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                if not text.strip():
                    raise BadLine(f"line {number}: empty; write one object a line")
                yield result_line(scanner.scan_one(parse_line(number, text)))
            except UnicodeDecodeError as error:
                raise InputRefused("not UTF-8", file=source.name, row=number) from error
            except BadLine as error:
                raise InputRefused(str(error), file=source.name) from error
            except ScanTimeout as error:
                raise InputRefused(
                    "cannot be scanned in time; shorten the text", file=source.name, row=number
                ) from error


def _with_custodians(desk: Desk, source: str, out: Path, mapping: Mapping, domain: TokenDomein) -> Pseudonymised:
    """With the real custodians: a ticket is needed, so policy judges the file's profiles as for a send."""
    with desk.house() as house:
        delivery = open_delivery(house, source, mapping, domain)
        evaluate = offline_evaluation(house, delivery)
        epoch = house.settings.epoch
        keys = {klasse: pinned_keys(house.federatie, domain, epoch, klasse) for klasse in TokenKlasse}
        header = link_header(domain, epoch, keys)
        with progress("encoded") as tick:
            bsn = house.party.bsn_recht
            return pseudonymise_with(delivery.source, delivery.bound, header, evaluate, bsn, out, tick)


def _epoch(text: str) -> str:
    try:
        return _EPOCH.validate_python(text)
    except ValidationError as error:
        raise InputRefused("--epoch is a year, or a year with a letter (2026, 2026-b)") from error
