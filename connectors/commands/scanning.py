"""`scan`, `profile`: look through texts and columns here, before anything is sent.

The recognisers are imported when a command works: they take more than a second, for which `--help` need not wait.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from connectors.errors import InputRefused
from connectors.files import check_target, put_in_place
from connectors.sources.opening import SourceSpec, open_source
from connectors.terminal import Screen, file_command, progress


@file_command
def scan(
    screen: Screen,
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="One {id, text, known?} a line.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="One {id, spans, indicators} a line, same order.")],
) -> None:
    """Find identifying data and signals in texts. The texts stay: the output holds places and codes only."""
    from connectors.scanning import scanned

    check_target(out, source)
    lines = 0
    with put_in_place(out) as part, part.open("w", encoding="utf-8") as handle, progress("scanned") as tick:
        for line in scanned(source):
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
    from connectors.mapping import read_mapping
    from connectors.scanning import profiled, refuse_coded

    read = read_mapping(mapping) if mapping is not None else None
    opened = open_source(read.source if read else _spec(source, encoding, delimiter, sheet, table), source)
    with progress("profiled") as tick:
        found = profiled(opened, tick)
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
        refuse_coded(found, read.uncoded_columns, opened.name)


def _spec(source: str, encoding: str, delimiter: str, sheet: str | None, table: str | None) -> SourceSpec:
    kind: Literal["csv", "xlsx", "sql"] = "csv"
    if table is not None:
        kind = "sql"
    elif source.lower().endswith(".xlsx"):
        kind = "xlsx"
    if len(delimiter) != 1:
        raise InputRefused("--delimiter must be one character")
    return SourceSpec(format=kind, encoding=encoding, delimiter=delimiter, sheet=sheet, table=table)
