"""`schakel-aggregator estimate`: how many are on no list; needs neither tables nor a solver."""

import json
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from aggregator.estimate.covariates import estimate_with_covariates, stratified
from aggregator.estimate.loglinear import Floats
from aggregator.estimate.overlap import OverlapError, read_overlap, read_strata
from aggregator.estimate.size import Method, SizeEstimate, estimate_size
from aggregator.terminal import WRONG_INPUT, fail


def estimate_command(
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
        fail(f"{overlap.name}: not UTF-8; save the file as UTF-8", WRONG_INPUT)
    except OSError:
        fail(f"{overlap.name}: cannot be read; check the path and your rights", WRONG_INPUT)
    except OverlapError as error:
        fail(str(error), WRONG_INPUT)
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
