"""`schakel-aggregator attack`: read release folders as anyone reads them, and say what opens."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from aggregator.documents import transcript_json
from aggregator.files import is_series, named, read_external, read_release, read_toml, read_truth
from aggregator.history import PublishedRelease, Transcript, Truth, attack_releases
from aggregator.solver import Infeasible, SolverRefused
from aggregator.tables import BadInput, read_spec
from aggregator.terminal import REFUSED, WRONG_INPUT, External, Json, fail


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
        fail(str(error), WRONG_INPUT)
    except Infeasible as error:
        fail(f"refused: {error}; a folder without release.json needs --spec for its sub-totals", REFUSED)
    except SolverRefused as error:
        fail(f"refused: {error}", REFUSED)
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
