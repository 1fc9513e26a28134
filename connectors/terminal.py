"""The edge between commands and a terminal: options that commands share, results, progress, errors as exit codes."""

import functools
import json
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, ParamSpec

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from connectors.contract.codes import Betrouwbaarheid, Rol
from connectors.contract.ticket import Handelende
from connectors.errors import ConnectorError, InputRefused, NotPermitted
from connectors.progress import Tick
from connectors.settings import SETTINGS_VARIABLE

ERRORS: Final = Console(stderr=True, highlight=False, soft_wrap=True)
OUTPUT: Final = Console(highlight=False, soft_wrap=True)
_P = ParamSpec("_P")

SettingsOption = Annotated[
    Path,
    typer.Option("--settings", envvar=SETTINGS_VARIABLE, help="The connector's settings file.", show_default=True),
]
SETTINGS_DEFAULT: Final = Path("connector.toml")
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AsOption = Annotated[str, typer.Option("--as", help="Who acts: a pseudonym of this party's own staff, psn:...")]
RoleOption = Annotated[Rol, typer.Option("--role", help="In which role.")]
LoaOption = Annotated[Betrouwbaarheid, typer.Option("--loa", help="Level of assurance of his or her sign-in.")]
MfaOption = Annotated[bool, typer.Option("--mfa/--no-mfa", help="Whether he or she signed in with a second factor.")]


def reporting(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turn every expected failure into a message on stderr and its exit code; an unexpected one into its place only,
    for its message may hold a value."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ConnectorError as error:
            _report(error)
            raise typer.Exit(error.exit_code) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            ERRORS.print(f"unexpected {type(error).__name__} in {Path(place.filename).name}, line {place.lineno}")
            raise typer.Exit(1) from None

    return run


def acting(sub: str, role: Rol, loa: Betrouwbaarheid, mfa: bool) -> Handelende:
    """The member of staff for whom the command acts; raises InputRefused on a malformed pseudonym."""
    try:
        return Handelende(sub=sub, rol=role, loa=loa, mfa=mfa)
    except ValueError as error:
        raise InputRefused("--as must be psn: and 1 to 60 letters, digits, '.', '_' or '-'") from error


def show(result: dict[str, Any], as_json: bool, lines: list[str]) -> None:
    """One JSON object, or lines for a person."""
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for line in lines:
        OUTPUT.print(line, markup=False)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Tick]:
    """A bar on stderr that counts rows; silent when stderr is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERRORS, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda rows: bar.advance(task, rows)


def _report(error: ConnectorError) -> None:
    ERRORS.print(f"schakel-connector: {error}", markup=False)
    if isinstance(error, NotPermitted):
        for reden in error.redenen:
            ground = f" ({reden.grondslag})" if reden.grondslag else ""
            for line in (f"{reden.code}: {reden.nl}{ground}", reden.en, reden.handelingsperspectief):
                if line:
                    ERRORS.print(f"  {line}", markup=False)
        if error.besluit:
            ERRORS.print(f"  besluit {error.besluit}", markup=False)
