"""The command line of the aggregator: the only place, with `files.py`, that touches a disk or a clock.

Exit codes (design page "Interfaces"): 0 done, 2 wrong use or bad input, 4 protection refused, 6 verification failed.
"""

import json
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import track

from aggregator.demands import Impossible
from aggregator.estimate.loglinear import Floats
from aggregator.estimate.overlap import OverlapError, read_overlap
from aggregator.estimate.size import Method, SizeEstimate, estimate_size
from aggregator.files import (
    check_target,
    magnitude_files,
    magnitude_summary,
    read_external,
    read_frame,
    read_release,
    read_releases,
    read_toml,
    read_truth,
    release_files,
    transcript_json,
    write_folder,
)
from aggregator.history import attack_releases
from aggregator.magnitude import protect_magnitude, read_magnitude_spec
from aggregator.protect import Withheld, protect
from aggregator.solver import SolverRefused
from aggregator.tables import BadInput, read_spec

WRONG_INPUT, REFUSED = 2, 4
Spec = Annotated[Path, typer.Option("--spec", help="What to release and by which rules.")]
Out = Annotated[Path, typer.Option("--out", help="Folder to make; nothing is written when refused.")]
Seconds = Annotated[float, typer.Option("--seconds", min=1, help="Bound on the search; a safe pattern may be better.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

app = typer.Typer(
    name="schakel-aggregator",
    help="Protect tables of counts, attack releases, estimate sizes; on files, without gateway or network.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def main() -> None:
    """Protect, attack and estimate, on files alone."""


@app.command("protect")
def protect_command(
    micro: Annotated[Path, typer.Argument(metavar="MICRO.csv", help="One row a case, or a 'count' column.")],
    spec: Spec,
    out: Out,
    ledger: Annotated[Path | None, typer.Option(help="Folder of all earlier releases' folders.")] = None,
    external: Annotated[list[Path] | None, typer.Option(help="Counts that others published (CSV).")] = None,
    seconds: Seconds = 60.0,
    as_json: Json = False,
) -> None:
    """Protect the tables of one release, attack them, and write them when they hold."""
    start = time.monotonic()
    try:
        rules = read_spec(read_toml(spec), spec.name)
        check_target(out)
        earlier = read_releases(ledger, out)
        earlier += [read_external(path, rules, earlier) for path in external or []]
        answer = protect(read_frame(micro), rules, earlier, lambda: time.monotonic() - start > seconds, micro.name)
    except BadInput as error:
        _fail(str(error), WRONG_INPUT)
    if isinstance(answer, Withheld):
        lines = [*answer.reasons, *(f"{f.view}: {f.cell}: {f.how}" for f in answer.findings[:20])]
        _fail("not released: " + "\n".join(dict.fromkeys(lines)), REFUSED)
    files = release_files(answer, rules, {"total_seconds": time.monotonic() - start})
    try:
        write_folder(out, files)
    except BadInput as error:
        _fail(str(error), WRONG_INPUT)
    about = json.loads(files["release.json"])
    summary = {key: about[key] for key in ("pattern", "cells", "withheld", "gap")}
    typer.echo(json.dumps(summary) if as_json else "  ".join(f"{k} {v}" for k, v in summary.items()))


@app.command("protect-magnitude")
def protect_magnitude_command(
    table: Annotated[Path, typer.Argument(metavar="TABLE.csv", help="One of the files that the spec names.")],
    spec: Spec,
    out: Out,
    seconds: Seconds = 60.0,
    as_json: Json = False,
) -> None:
    """Protect magnitude tables (hours, money) that are linked by shared cells; writes a status for every cell."""
    start = time.monotonic()
    try:
        rules = read_magnitude_spec(read_toml(spec), spec.name)
        if table.name not in [Path(t.file).name for t in rules.tables]:
            raise BadInput(f"{table.name}: the spec names no such file under [[tables]]")
        check_target(out)
        frames = {t.file: read_frame(spec.parent / t.file) for t in rules.tables}
        found = protect_magnitude(frames, rules, lambda: time.monotonic() - start > seconds)
        if found.unsafe:
            _fail(f"not released: our own attack narrows {found.unsafe} sensitive cells", REFUSED)
        write_folder(out, magnitude_files(frames, found, time.monotonic() - start))
    except BadInput as error:
        _fail(str(error), WRONG_INPUT)
    except (SolverRefused, Impossible, TimeoutError) as error:
        _fail(f"not released: {error}", REFUSED)
    summary = magnitude_summary(found)
    typer.echo(json.dumps(summary) if as_json else "  ".join(f"{k} {v}" for k, v in summary.items()))


@app.command("attack")
def attack_command(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Release folders, oldest first.")],
    external: Annotated[list[Path] | None, typer.Option(help="Counts that others published (CSV).")] = None,
    spec: Annotated[Path | None, typer.Option(help="Hierarchies and k for folders without a release.json.")] = None,
    k: Annotated[int | None, typer.Option(min=2, help="Threshold; default what the folder says, else 5.")] = None,
    as_json: Json = False,
) -> None:
    """Attack published folders as an outsider; exit 4 when any cell opens."""
    try:
        rules = None if spec is None else read_spec(read_toml(spec), spec.name)
        releases = [read_release(folder, k, rules) for folder in folders]
        outside = [read_external(path, rules, releases) for path in external or []]
        truth = read_truth(folders[-1])
        found = attack_releases([*releases, *outside], truth)
    except BadInput as error:
        _fail(str(error), WRONG_INPUT)
    except SolverRefused as error:
        _fail(f"refused: {error}", REFUSED)
    if as_json:
        typer.echo(json.dumps(transcript_json(found)))
    else:
        for f in found.broken:
            typer.echo(f"broken: {f.cell}: {f.low:g} to {f.high:g}: {f.how}")
        typer.echo(f"{len(found.broken)} broken of {len(found.cells)} withheld cells")
    if found.broken:
        raise typer.Exit(REFUSED)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


@app.command()
def estimate(
    overlap: Annotated[Path, typer.Argument(metavar="OVERLAP.csv", help="One 0/1 column for each list, and 'count'.")],
    method: Annotated[Method, typer.Option(help="How the model is chosen.")] = Method.STEPWISE,
    bootstrap: Annotated[int, typer.Option(min=0, help="Replicates of the BCa interval; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the replicates.")] = 1234,
    as_json: Annotated[
        bool, typer.Option("--json", help="Accepted for uniformity: the answer is always JSON.")
    ] = False,
) -> None:
    """Estimate how many people are on no list, and whether that may be published."""
    del as_json
    try:
        table = read_overlap(overlap.read_text(encoding="utf-8-sig").splitlines(), overlap.name)
    except UnicodeDecodeError:
        typer.echo(f"{overlap.name}: not UTF-8; save the file as UTF-8", err=True)
        raise typer.Exit(2) from None
    except OSError:
        typer.echo(f"{overlap.name}: cannot be read; check the path and your rights", err=True)
        raise typer.Exit(2) from None
    except OverlapError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    found = estimate_size(table, method, bootstrap, seed, partial(_with_progress, total=bootstrap))
    if not found.gate.publish and sys.stderr.isatty():
        typer.echo(f"geen verantwoorde schatting mogelijk: {', '.join(found.gate.reasons)}", err=True)
    typer.echo(json.dumps(_size_answer(found)))


def _with_progress(replicates: Iterable[Floats], total: int) -> Iterable[Floats]:
    console = Console(stderr=True)
    return track(replicates, "bootstrap", total=total, console=console, disable=not console.is_terminal, transient=True)


def _size_answer(found: SizeEstimate) -> dict[str, object]:
    """Sizes to two decimals, as they are printed in the literature."""
    return {
        "n": found.n,
        "estimate": None if found.estimate is None else round(found.estimate, 2),
        "model": list(found.model),
        "interval": None if found.interval is None else [round(end, 2) for end in found.interval],
        "bic": None if found.bic is None else round(found.bic, 2),
        "gate": {"publish": found.gate.publish, "reasons": [reason.value for reason in found.gate.reasons]},
        "published": None if found.published is None else list(found.published),
    }
