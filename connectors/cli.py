"""`schakel-connector`: the partner's commands. Exit codes are those of the contract; nothing here decides anything.

A command's module is imported when the command is called: the recognisers of `preview` take most of a second to load,
and `status` needs none of them.
"""

from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import typer
from typer.core import TyperGroup

COMMANDS: Final = MappingProxyType(
    {
        "init": "setup",
        "check": "setup",
        "profile": "offline",
        "preview": "sending",
        "approve": "sending",
        "send": "sending",
        "status": "setup",
        "lease": "setup",
        "verify": "setup",
        "withdraw": "departing",
        "leave": "departing",
        "casus": "asking",
        "authorise": "asking",
        "approve-question": "asking",
        "ask": "asking",
        "validate": "asking",
        "hits": "asking",
        "spot-draw": "checking",
        "spot-open": "checking",
        "spot-sign": "checking",
        "spot-status": "checking",
        "kanaries": "keeping",
        "notices": "keeping",
        "decide-notices": "keeping",
        "pseudonymize": "offline",
        "scan": "offline",
    }
)
"""Command and the module under `connectors.commands` that has it, in the order in which a partner meets them."""


class Commands(TyperGroup):
    """Finds a command in its module when it is asked for (`Any`: typer's own copies of click's types are private)."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"connectors.commands.{COMMANDS[cmd_name]}")
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(getattr(module, cmd_name.replace("-", "_")))
        return typer.main.get_command(alone)


app = typer.Typer(
    name="schakel-connector",
    help="The partner's house: preview, send, ask and withdraw. Identities stay here; only keyed tokens leave.",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def main() -> None:
    """The partner's house: preview, send, ask and withdraw. Identities stay here; only keyed tokens leave."""
