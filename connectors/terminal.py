"""The edge between commands and a terminal: the options that commands share, results, progress, errors as exit codes.

A command is a function of what it alone needs. `file_command`, `command` and `staff_command` put the shared options
beside its own, and hand it a `Screen`, a `Desk`, or a `Desk` and the member of staff for whom it acts.
"""

import inspect
import json
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, NoReturn, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from connectors.contract.codes import Betrouwbaarheid, Doel, Rol
from connectors.contract.ticket import Handelende
from connectors.errors import ConnectorError, InputRefused, NotPermitted, complaint
from connectors.files import check_target
from connectors.house import House, open_house
from connectors.progress import Tick
from connectors.settings import SETTINGS_VARIABLE, read_settings
from connectors.sources.opening import file_of

_ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
ERRORS: Final = Console(stderr=True, highlight=False, soft_wrap=True)
OUTPUT: Final = Console(highlight=False, soft_wrap=True)

_M = TypeVar("_M", bound=BaseModel)
SettingsOption = Annotated[
    Path,
    typer.Option("--settings", envvar=SETTINGS_VARIABLE, help="The connector's settings file.", show_default=True),
]
SETTINGS: Final = Path("connector.toml")
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AsOption = Annotated[str, typer.Option("--as", help="Who acts: a pseudonym of this party's own staff, psn:...")]
RoleOption = Annotated[Rol, typer.Option("--role", help="In which role.")]
LoaOption = Annotated[Betrouwbaarheid, typer.Option("--loa", help="Level of assurance of his or her sign-in.")]
CasusOption = Annotated[str, typer.Option("--casus", help="The casus, by its id.")]
DoelOption = Annotated[Doel, typer.Option("--doel", help="The purpose.")]
MfaOption = Annotated[bool, typer.Option("--mfa/--no-mfa", help="Whether he or she signed in with a second factor.")]


@dataclass(frozen=True, slots=True)
class Screen:
    """How a command answers."""

    as_json: bool

    @property
    def watched(self) -> bool:
        """Whether a person looks on: what may be seen on a screen only is shown to nobody else."""
        return OUTPUT.is_terminal and not self.as_json

    def show(self, result: dict[str, Any], lines: list[str]) -> None:
        """One JSON object, or lines for a person."""
        if self.as_json:
            typer.echo(json.dumps(result, ensure_ascii=False))
            return
        for line in lines:
            OUTPUT.print(line, markup=False)


@dataclass(frozen=True, slots=True)
class Desk(Screen):
    """Where a command works, and how it answers."""

    settings: Path

    def check_target(self, out: Path, house: House, location: str, *inputs: Path) -> None:
        """Return when a result may be written at `out`: over none of `inputs`, nor the source at `location`, nor a
        file of this house. Raises InputRefused as `files.check_target`."""
        source = file_of(location)
        named = (*inputs, self.settings, *house.settings.files)
        check_target(out, *named if source is None else (*named, source))

    def house(self) -> AbstractContextManager[House]:
        """Open this partner's house; raises as `read_settings` and `open_house` do."""
        return open_house(read_settings(self.settings))


def file_command(work: Callable[Concatenate[Screen, ...], None]) -> Callable[..., None]:
    """A command on files alone, with `--json`. `work` gets its screen first, and its own options."""

    def run(*, json_: JsonOption = False, **own: Any) -> None:
        with _reporting():
            work(Screen(json_), **own)

    return _presented(run, work, handed=1)


def command(work: Callable[Concatenate[Desk, ...], None]) -> Callable[..., None]:
    """A command with `--settings` and `--json`. `work` gets its desk first, and its own options."""

    def run(*, settings: SettingsOption = SETTINGS, json_: JsonOption = False, **own: Any) -> None:
        with _reporting():
            work(Desk(json_, settings), **own)

    return _presented(run, work, handed=1)


def staff_command(
    *, role: Rol | None = None, as_: str | None = None
) -> Callable[[Callable[Concatenate[Desk, Handelende, ...], None]], Callable[..., None]]:
    """A command on behalf of a member of staff. `work` gets its desk and who acts first, and its own options.

    `role`, `as_`: what `--role` and `--as` are when not given; without them here they must be given.
    """

    def decorate(work: Callable[Concatenate[Desk, Handelende, ...], None]) -> Callable[..., None]:
        def run(
            *,
            as_: AsOption,
            role: RoleOption,
            loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
            mfa: MfaOption = True,
            settings: SettingsOption = SETTINGS,
            json_: JsonOption = False,
            **own: Any,
        ) -> None:
            with _reporting():
                work(Desk(json_, settings), acting(as_, role, loa, mfa), **own)

        return _presented(run, work, handed=2, role=role, as_=as_)

    return decorate


def acting(sub: str, role: Rol, loa: Betrouwbaarheid, mfa: bool) -> Handelende:
    """The member of staff for whom the command acts; raises InputRefused on a malformed pseudonym."""
    try:
        return Handelende(sub=sub, rol=role, loa=loa, mfa=mfa)
    except ValueError as error:
        raise InputRefused("--as must be psn: and 1 to 60 letters, digits, '.', '_' or '-'") from error


def from_options(model: type[_M], **values: object) -> _M:
    """A body from options; raises InputRefused that names the option."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InputRefused(complaint(error)) from error


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Tick]:
    """A bar on stderr that counts rows; silent when stderr is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERRORS, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda rows: bar.advance(task, rows)


def _presented(
    run: Callable[..., None], work: Callable[..., None], handed: int, **given: object
) -> Callable[..., None]:
    """`run` under the name and documentation of `work`, with the options of both: those of `work` but the first
    `handed`, then the shared ones, of which `given` may set what they are when not given."""
    own = list(inspect.signature(work).parameters.values())[handed:]
    shared = [item for item in inspect.signature(run).parameters.values() if item.kind is not item.VAR_KEYWORD]
    shared = [item if given.get(item.name) is None else item.replace(default=given[item.name]) for item in shared]
    listed = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in (*own, *shared)]
    run.__name__, run.__doc__, run.__module__ = work.__name__, work.__doc__, work.__module__
    run.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]  # what inspect.signature reads first
    return run


@contextmanager
def _reporting() -> Iterator[None]:
    """Turn every expected failure into a message on stderr and its exit code; an unexpected one into its place only,
    for its message may hold a value. A TERM, or the HUP of a terminal that closes, ends the command as an interrupt
    does: what was half written is removed; what is ignored (`nohup`) stays so."""
    before = {number: signal.getsignal(number) for number in _ENDINGS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _terminated)
    try:
        yield
    except ConnectorError as error:
        _report(error)
        raise typer.Exit(error.exit_code) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        ERRORS.print(f"unexpected {type(error).__name__} in {Path(place.filename).name}, line {place.lineno}")
        raise typer.Exit(1) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminated(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)  # as a shell reports a process that a signal ended


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
