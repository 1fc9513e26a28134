"""`schakel-gateway link`: match files made by `schakel-connector pseudonymize`."""

import csv
import json
import os
import tempfile
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console

from connectors.contract.exits import Exit
from gateway.matching.engines import EngineMissingError, LinkInputError, open_engine, read_header
from gateway.matching.link import Matches, cluster_numbers, match
from gateway.matching.scoring import FEATURES
from gateway.matching.weights import Weights, published


def register(app: typer.Typer) -> None:
    """Hang `link` on the house's command line."""
    app.command("link")(link)


class Writer(Protocol):
    """What `csv.writer` gives."""

    def writerow(self, row: Iterable[object], /) -> object: ...

    def writerows(self, rows: Iterable[Iterable[object]], /) -> object: ...


class EngineName(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


def link(
    files: Annotated[list[str], typer.Argument(metavar="LEFT.parquet RIGHT.parquet [MORE…] OUT.csv")],
    engine: Annotated[EngineName, typer.Option(help="Where the joins run.")] = EngineName.DUCKDB,
    threads: Annotated[int, typer.Option(min=1, help="Threads of DuckDB.")] = os.cpu_count() or 1,
    duplicates: Annotated[bool, typer.Option(help="A file may hold one person more than once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print counts as one JSON object.")] = False,
) -> None:
    """Match two or more link files and write scored pairs to OUT.csv.

    The score is in log odds. Zone `match` has a precision of 99.9 % on the validation data, `possible` needs a person's
    eye, `none` is for audit. Without --duplicates each file is taken to hold a person at most once.
    """
    console = Console(stderr=True)
    try:
        sources, target = _arguments(files)
        weights = published(FEATURES)
        _comparable(sources, weights)
        with console.status("schakel-gateway link") as status:
            found = match(open_engine(engine.value, threads), sources, weights, not duplicates, status.update)
            try:
                _write(Path(target).resolve(), found, sources, weights, one_each=not duplicates)
            except OSError as error:
                raise LinkInputError(f"{target}: cannot be written ({error.strerror})") from None
    except (LinkInputError, EngineMissingError) as problem:
        console.print(f"[bold]niet gekoppeld[/bold]: {problem}", highlight=False, soft_wrap=True)
        raise typer.Exit(Exit.BAD_INPUT) from None
    _report(found, weights, as_json)


def _arguments(files: list[str]) -> tuple[list[str], str]:
    if len(files) < 3:
        raise LinkInputError("give at least two link files and the CSV to write")
    *sources, target = files
    if missing := [source for source in sources if not Path(source).is_file()]:
        raise LinkInputError(f"{missing[0]}: no such file")
    if len({str(Path(source).resolve()) for source in files}) < len(files):
        raise LinkInputError("a file is named twice; a file cannot be matched with itself or overwritten")
    if target.endswith(".parquet"):
        raise LinkInputError(f"{target}: the last argument is the CSV to write, not a link file")
    if not Path(target).resolve().parent.is_dir():
        raise LinkInputError(f"{target}: no such folder")
    if Path(target).is_dir():
        raise LinkInputError(f"{target}: is a folder; name the CSV to write in it")
    if Path(target).exists():
        if not Path(target).is_file():
            raise LinkInputError(f"{target}: is a device; name the CSV to write")
        if any(Path(target).samefile(source) for source in sources):  # a hard link has no path in common
            raise LinkInputError(f"{target}: is one of the link files; name another CSV to write")
    return sources, target


def _comparable(sources: list[str], weights: Weights) -> None:
    first, *others = (read_header(source) for source in sources)
    for source, header in zip(sources[1:], others, strict=True):
        if different := first.difference(header):
            raise LinkInputError(
                f"{source}: {', '.join(different)} differ from {sources[0]}; tokens cannot be compared"
            )
    if first.encoder != weights.encoder:
        raise LinkInputError(f"encoder {first.encoder} is not the one that the weights fit ({weights.encoder})")


def _write(target: Path, found: list[Matches], sources: list[str], weights: Weights, *, one_each: bool) -> None:
    """Write beside the target and rename, so that a killed run leaves no half file."""
    handle, name = tempfile.mkstemp(dir=target.parent)  # readable to its owner alone
    draft = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            if len(sources) == 2:
                _two(writer, found[0], weights)
            else:
                _many(writer, found, sources, weights, one_each)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _two(writer: Writer, pairs: Matches, weights: Weights) -> None:
    writer.writerow(["left_row", "right_row", "score", "zone"])
    writer.writerows((left, right, f"{score:.6f}", weights.zones.name(score)) for left, right, score in pairs)


def _many(writer: Writer, found: list[Matches], sources: list[str], weights: Weights, one_each: bool) -> None:
    """The cluster of a pair is filled in when both records are in one cluster."""
    numbers = cluster_numbers(found, weights, len(sources), one_each)
    writer.writerow(["file_a", "row_a", "file_b", "row_b", "score", "zone", "cluster"])
    for pairs in found:
        names = sources[pairs.left_file], sources[pairs.right_file]
        for left, right, score in pairs:
            mine, theirs = numbers.get((pairs.left_file, left)), numbers.get((pairs.right_file, right))
            cluster = mine if mine is not None and mine == theirs else ""
            writer.writerow([names[0], left, names[1], right, f"{score:.6f}", weights.zones.name(score), cluster])


def _report(found: list[Matches], weights: Weights, as_json: bool) -> None:
    zones = [weights.zones.name(score) for pairs in found for _, _, score in pairs]
    counts = {name: zones.count(name) for name in ("match", "possible", "none")}
    if as_json:
        typer.echo(json.dumps({"weights": weights.version, **counts}))
    else:
        typer.echo(f"match {counts['match']}, possible {counts['possible']}, none {counts['none']}")
