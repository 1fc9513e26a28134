"""`schakel-aggregator protect` and `protect-magnitude`: make tables safe, attack them, write them when they hold."""

import json
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

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
)
from aggregator.files import (
    check_place,
    check_target,
    read_external,
    read_frame,
    read_key,
    read_releases,
    read_toml,
    write_folder,
)
from aggregator.magnitude import NoPattern, protect_magnitude, read_magnitude_spec
from aggregator.protect import Withheld, protect
from aggregator.series import draw_series, plan_series
from aggregator.solver import SolverRefused
from aggregator.tables import BadInput, Protection, ReleaseSpec, read_spec
from aggregator.tabulate import read_micro, tabulate
from aggregator.terminal import REFUSED, UNTRUE, WRONG_INPUT, External, Json, Out, Seconds, Spec, clock, fail


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
        reads = [micro, spec, *(external or []), *filter(None, (ledger, key))]
        check_target(out, reads=reads)
        if truth is not None:
            _check_truth(truth, out, reads)
        if key is not None and rules.method != Protection.ROUNDING:
            raise BadInput('--key: only for method = "rounding"; leave it out')
        secret = read_key(key) if key else b""
        task = _Task(micro, read_frame(micro), spec, rules, out, truth, secret, secrets.token_bytes(32))
        if rules.method == Protection.SERIES:
            summary = _release_series(task, ledger, external or [])
        else:
            summary = _release_counts(task, ledger, external or [], seconds)
    except BadInput as error:
        fail(str(error), WRONG_INPUT)
    except Overspent as error:
        fail(f"not released: {error}", REFUSED)
    except Tampered as error:
        fail(str(error), UNTRUE)
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


def _check_truth(truth: Path, out: Path, reads: list[Path]) -> None:
    check_target(truth, SEAL, reads)
    if out.resolve() in (truth.resolve(), *truth.resolve().parents):
        raise BadInput(f"{truth.name}: the true counts go beside the release folder, never in it")


def _release_counts(task: _Task, ledger: Path | None, external: list[Path], seconds: float) -> dict[str, object]:
    """Suppression or rounding; ends the command when refused."""
    start = time.monotonic()
    earlier = read_releases(ledger)
    earlier += [read_external(path, task.rules, earlier) for path in external]
    with clock(seconds) as halt:
        answer = protect(task.frame, task.rules, earlier, halt, task.micro.name, task.secret)
    if isinstance(answer, Withheld):
        lines = [*answer.reasons, *(f"{f.view}: {f.cell}: {f.how}" for f in answer.findings[:20])]
        fail("not released: " + "\n".join(dict.fromkeys(lines)), REFUSED)
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
        check_target(out, reads=(table, spec, *(spec.parent / tied.file for tied in rules.tables)))
        frames = {t.file: read_frame(spec.parent / t.file) for t in rules.tables}
        mine = read_frame(table)
        if not any(Path(file).name == table.name and mine.equals(frame) for file, frame in frames.items()):
            raise BadInput(f"{table.name}: the spec names no such table under [[tables]], seen from where the spec is")
        with clock(seconds) as halt:
            found = protect_magnitude(frames, rules, halt)
        if found.unsafe:
            fail(f"not released: our own attack narrows {found.unsafe} sensitive cells", REFUSED)
        write_folder(out, magnitude_files(frames, found, time.monotonic() - start))
    except BadInput as error:
        fail(str(error), WRONG_INPUT)
    except (SolverRefused, NoPattern, TimeoutError) as error:
        fail(f"not released: {error}", REFUSED)
    summary = magnitude_summary(found)
    typer.echo(json.dumps(summary) if as_json else "  ".join(f"{k} {v}" for k, v in summary.items()))
