"""The command line of the aggregator: the only place, with `files.py`, that touches a disk or a clock.

Exit codes (design page "Interfaces"): 0 done, 2 wrong use or bad input, 4 protection refused, 6 verification failed.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, NoReturn

import pandas as pd
import typer
from rich.console import Console
from rich.progress import Progress, track

from aggregator.charges import Charge, Overspent, Tampered, charge
from aggregator.documents import (
    RELEASE,
    SEAL,
    commitment_of,
    magnitude_files,
    magnitude_summary,
    release_files,
    sealed_files,
    series_accuracy,
    series_files,
    transcript_json,
)
from aggregator.estimate.covariates import estimate_with_covariates, stratified
from aggregator.estimate.loglinear import Floats
from aggregator.estimate.overlap import OverlapError, read_overlap, read_strata
from aggregator.estimate.size import Method, SizeEstimate, estimate_size
from aggregator.files import (
    check_place,
    check_target,
    is_series,
    named,
    read_external,
    read_frame,
    read_key,
    read_release,
    read_releases,
    read_toml,
    read_truth,
    write_folder,
)
from aggregator.history import PublishedRelease, Transcript, Truth, attack_releases
from aggregator.magnitude import NoPattern, protect_magnitude, read_magnitude_spec
from aggregator.protect import Withheld, protect
from aggregator.series import draw_series, plan_series
from aggregator.solver import Infeasible, SolverRefused
from aggregator.tables import BadInput, Protection, ReleaseSpec, read_spec
from aggregator.tabulate import read_micro, tabulate

WRONG_INPUT, REFUSED, UNTRUE = 2, 4, 6
Spec = Annotated[Path, typer.Option("--spec", help="What to release and by which rules.")]
Out = Annotated[Path, typer.Option("--out", help="Folder to make; nothing is written when refused.")]
Seconds = Annotated[float, typer.Option("--seconds", min=1, help="Bound on the search; a safe pattern may be better.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
External = Annotated[list[Path] | None, typer.Option(help="Counts that others published (CSV).")]

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
    external: External = None,
    truth: Annotated[
        Path | None, typer.Option(help="Folder for the true counts, for the auditor; readable to you alone.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Secret of 32 bytes or more for the draw of rounding; default: the cases.")
    ] = None,
    seconds: Seconds = 60.0,
    as_json: Json = False,
) -> None:
    """Protect the tables of one release, attack them, and write them when they hold.

    A spec with method = "series" is not attacked but charged to the privacy budget of the ledger.
    """
    try:
        rules = read_spec(read_toml(spec), spec.name)
        check_target(out)
        if truth is not None:
            _check_truth(truth, out)
        if key is not None and rules.method != Protection.ROUNDING:
            raise BadInput('--key: only for method = "rounding"; leave it out')
        secret = read_key(key) if key else b""
        task = _Task(micro, read_frame(micro), spec, rules, out, truth, secret, secrets.token_bytes(32))
        if rules.method == Protection.SERIES:
            summary = _release_series(task, ledger, external or [])
        else:
            summary = _release_counts(task, ledger, external or [], seconds)
    except BadInput as error:
        _fail(str(error), WRONG_INPUT)
    except Overspent as error:
        _fail(f"not released: {error}", REFUSED)
    except Tampered as error:
        _fail(str(error), UNTRUE)
    typer.echo(json.dumps(summary) if as_json else "  ".join(f"{k} {v}" for k, v in summary.items()))


@dataclass(frozen=True)
class _Task:
    """What one `protect` has to do.

    `secret` keys the draw of rounding (empty: made of the cases), `key` the release's commitment to its input.
    """

    micro: Path
    frame: pd.DataFrame
    spec: Path
    rules: ReleaseSpec
    out: Path
    truth: Path | None
    secret: bytes
    key: bytes

    def commitment(self) -> str:
        """The keyed digest of the input; none when no true counts are kept to check it with."""
        return commitment_of(self.key, self.micro.read_bytes()) if self.truth else ""


def _check_truth(truth: Path, out: Path) -> None:
    check_target(truth, SEAL)
    if out.resolve() in (truth.resolve(), *truth.resolve().parents):
        raise BadInput(f"{truth.name}: the true counts go beside the release folder, never in it")


def _release_counts(task: _Task, ledger: Path | None, external: list[Path], seconds: float) -> dict[str, object]:
    """Suppression or rounding; ends the command when refused."""
    start = time.monotonic()
    earlier = read_releases(ledger)
    earlier += [read_external(path, task.rules, earlier) for path in external]
    with _clock(seconds) as halt:
        answer = protect(task.frame, task.rules, earlier, halt, task.micro.name, task.secret)
    if isinstance(answer, Withheld):
        lines = [*answer.reasons, *(f"{f.view}: {f.cell}: {f.how}" for f in answer.findings[:20])]
        _fail("not released: " + "\n".join(dict.fromkeys(lines)), REFUSED)
    timings = {"total_seconds": time.monotonic() - start}
    files = release_files(answer, task.rules, timings, task.commitment())
    check_place(task.out, ledger, files)
    _keep_truth(task)
    write_folder(task.out, files)
    about = json.loads(files[RELEASE])
    return {key: about[key] for key in ("pattern", "cells", "withheld", "gap", "rounded") if key in about}


def _release_series(task: _Task, ledger: Path | None, external: list[Path]) -> dict[str, object]:
    """Charge first, then draw: a run that is killed in between has wasted its charge, never spent it twice."""
    rules = task.rules
    if ledger is None or rules.rho is None or rules.budget is None:
        raise BadInput("--ledger: a series is charged to the budget of a ledger folder; name the folder")
    if external:
        raise BadInput("--external: a series is not attacked; leave it out")
    plan = plan_series(rules)
    read_micro(task.frame, rules, task.micro.name)  # an error in the input must cost nothing
    digest = sha256(task.spec.read_bytes()).hexdigest()
    left = charge(ledger, Charge(task.out.name, digest, rules.rho, rules.budget))
    tables = draw_series(task.frame, plan, task.micro.name)
    _keep_truth(task)
    write_folder(task.out, series_files(plan, tables, task.commitment()))
    cells = sum(len(table.counts) for table in tables)
    return {"cells": cells, "rho": str(rules.rho), "left": str(left), "accuracy_95": series_accuracy(plan)}


def _keep_truth(task: _Task) -> None:
    """Write the true counts, only where and when asked for, before the release that they belong to."""
    if task.truth is None:
        return
    cases = read_micro(task.frame, task.rules, task.micro.name)
    tables = [tabulate(cases, table) for table in task.rules.tables]
    files = sealed_files(tables, task.spec.read_bytes(), task.micro.read_bytes(), task.key)
    write_folder(task.truth, files, secret=True)


@contextmanager
def _clock(seconds: float) -> Iterator[Callable[[], bool]]:
    """A halt that becomes true after so many seconds, drawn as a bar on a terminal."""
    start, console = time.monotonic(), Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        search = bar.add_task("search for the best pattern, then attack", total=seconds)

        def halt() -> bool:
            passed = time.monotonic() - start
            if console.is_terminal:
                bar.update(search, completed=min(passed, seconds))
            return passed > seconds

        yield halt


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
        check_target(out)
        frames = {t.file: read_frame(spec.parent / t.file) for t in rules.tables}
        mine = read_frame(table)
        if not any(Path(file).name == table.name and mine.equals(frame) for file, frame in frames.items()):
            raise BadInput(f"{table.name}: the spec names no such table under [[tables]], seen from where the spec is")
        with _clock(seconds) as halt:
            found = protect_magnitude(frames, rules, halt)
        if found.unsafe:
            _fail(f"not released: our own attack narrows {found.unsafe} sensitive cells", REFUSED)
        write_folder(out, magnitude_files(frames, found, time.monotonic() - start))
    except BadInput as error:
        _fail(str(error), WRONG_INPUT)
    except (SolverRefused, NoPattern, TimeoutError) as error:
        _fail(f"not released: {error}", REFUSED)
    summary = magnitude_summary(found)
    typer.echo(json.dumps(summary) if as_json else "  ".join(f"{k} {v}" for k, v in summary.items()))


@app.command("attack")
def attack_command(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Release folders, oldest first.")],
    external: External = None,
    spec: Annotated[Path | None, typer.Option(help="Hierarchies and k for folders without a release.json.")] = None,
    k: Annotated[int | None, typer.Option(min=2, help="Threshold; default what the folder says, else 5.")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="True counts of the newest folder; default NAME.sealed beside it, if there.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Attack published folders as an outsider; exit 4 when any cell opens."""
    try:
        rules = None if spec is None else read_spec(read_toml(spec), spec.name)
        given = named(folders)
        charged = [name for name, folder in given.items() if is_series(folder)]
        exact = {name: folder for name, folder in given.items() if name not in charged}
        releases = [read_release(folder, k, rules, name) for name, folder in exact.items()]
        outside = [read_external(path, rules, releases) for path in external or []]
        found = _attack([*releases, *outside], read_truth(exact, truth))
    except BadInput as error:
        _fail(str(error), WRONG_INPUT)
    except Infeasible as error:
        _fail(f"refused: {error}; a folder without release.json needs --spec for its sub-totals", REFUSED)
    except SolverRefused as error:
        _fail(f"refused: {error}", REFUSED)
    if as_json:
        typer.echo(json.dumps({**transcript_json(found), **({"charged": charged} if charged else {})}))
    else:
        for name in charged:
            typer.echo(f"{name}: a series with noise; charged to the budget, nothing exact to attack")
        for f in found.broken:
            typer.echo(f"broken: {f.cell}: {f.low:g} to {f.high:g}: {f.how}")
        typer.echo(f"{len(found.broken)} broken of {len(found.cells)} withheld cells")
    if found.broken:
        raise typer.Exit(REFUSED)


def _attack(releases: list[PublishedRelease], truth: Truth) -> Transcript:
    """Attack, with a turning sign on a terminal: how many steps it takes is not known beforehand."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return attack_releases(releases, truth)
    with console.status("attack"):
        return attack_releases(releases, truth)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


@app.command()
def estimate(
    overlap: Annotated[Path, typer.Argument(metavar="OVERLAP.csv", help="One 0/1 column for each list, and 'count'.")],
    method: Annotated[Method, typer.Option(help="How the model is chosen.")] = Method.STEPWISE,
    bootstrap: Annotated[int, typer.Option(min=0, help="Replicates of the BCa interval; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the replicates.")] = 1234,
    covariate: Annotated[
        list[str] | None, typer.Option(help="Column that divides the people (year, sex); may be given more than once.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Accepted for uniformity: the answer is always JSON.")
    ] = False,
) -> None:
    """Estimate how many people are on no list, and whether that may be published."""
    del as_json
    watch = partial(_with_progress, total=bootstrap)
    try:
        lines = overlap.read_text(encoding="utf-8-sig").splitlines()
        if covariate:
            strata = stratified(covariate, read_strata(lines, overlap.name, covariate), overlap.name)
            found = estimate_with_covariates(strata, method, bootstrap, seed, watch)
        else:
            found = estimate_size(read_overlap(lines, overlap.name), method, bootstrap, seed, watch)
    except UnicodeDecodeError:
        _fail(f"{overlap.name}: not UTF-8; save the file as UTF-8", WRONG_INPUT)
    except OSError:
        _fail(f"{overlap.name}: cannot be read; check the path and your rights", WRONG_INPUT)
    except OverlapError as error:
        _fail(str(error), WRONG_INPUT)
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
