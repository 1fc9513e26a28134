"""The command line of the aggregator: the only place, with `files.py`, that touches a disk or a clock.

Exit codes (design page "Interfaces"): 0 done, 2 wrong use or bad input, 4 protection refused, 6 verification failed.
"""

import json
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from aggregator.estimate.loglinear import Floats
from aggregator.estimate.overlap import OverlapError, read_overlap
from aggregator.estimate.size import Method, SizeEstimate, estimate_size

app = typer.Typer(
    name="schakel-aggregator",
    help="Protect tables of counts, attack releases, estimate sizes; on files, without gateway or network.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def main() -> None:
    """Protect, attack and estimate, on files alone."""


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
