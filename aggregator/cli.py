"""The command line of the aggregator. It, `commands/`, `terminal.py` and `files.py` alone touch a disk or a clock.

A command's module is imported when the command is called: `estimate` needs neither tables nor a solver. `--help` needs
none of them.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "protect": ("protecting", "Protect the tables of one release, attack them, and write them when they hold."),
        "protect-magnitude": (
            "protecting",
            "Protect magnitude tables (hours, money) that are linked by shared cells; writes a status for every cell.",
        ),
        "attack": ("attacking", "Attack published folders as an outsider; exit 4 when any cell opens."),
        "estimate": ("estimating", "Estimate how many people are on no list, and whether that may be published."),
    }
)
"""Command, the module under `aggregator.commands` that has it, and what `--help` says of it."""


class Commands(TyperGroup):
    """Finds a command in its module when it is asked for (`Any`: typer's own copies of click's types are private)."""

    _listing = False

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        super().format_help(ctx, formatter)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, about = COMMANDS[cmd_name]
        if self._listing:
            return TyperCommand(cmd_name, help=about)
        alone = typer.Typer(add_completion=False)
        found = import_module(f"aggregator.commands.{module}")
        alone.command(cmd_name)(getattr(found, f"{cmd_name.replace('-', '_')}_command"))
        return typer.main.get_command(alone)


app = typer.Typer(
    name="schakel-aggregator",
    help="Protect tables of counts, attack releases, estimate sizes; on files, without gateway or network.",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def main() -> None:
    """Protect, attack and estimate, on files alone."""
