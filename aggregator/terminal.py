"""What the commands share on a terminal: exit codes, options that several have, a message and its code, the clock.

Exit codes (design page "Interfaces"): 0 done, 2 wrong use or bad input, 4 protection refused, 6 verification failed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress

WRONG_INPUT, REFUSED, UNTRUE = 2, 4, 6
Spec = Annotated[Path, typer.Option("--spec", help="What to release and by which rules.")]
Out = Annotated[Path, typer.Option("--out", help="Folder to make; nothing is written when refused.")]
Seconds = Annotated[float, typer.Option("--seconds", min=1, help="Bound on the search; a safe pattern may be better.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
External = Annotated[list[Path] | None, typer.Option(help="Counts that others published (CSV).")]


def fail(message: str, code: int) -> NoReturn:
    """Say what is wrong, on standard error, and end with the exit code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def clock(seconds: float) -> Iterator[Callable[[], bool]]:
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
