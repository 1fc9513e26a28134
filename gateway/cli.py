"""`schakel-gateway`: the gateway's commands, gathered from the rooms that own them.

A command's module is imported when the command is called: serving loads the whole house, and `link`, `decide` or
`verify-ledger` need little of it. `--help` loads none.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "migrate": ("gateway.commands", "Bring the database to the schema of this version."),
        "serve": ("gateway.operating", "Serve the gateway; refuses to start when a check fails."),
        "check": ("gateway.operating", "Say what holds and what does not: keys, federation file, database, policy."),
        "invite": ("gateway.commands", "Print the invitation that a new party's connector starts from."),
        "verify-ledger": (
            "gateway.commands",
            "Walk the whole ledger; exit 6 names what does not hold.",
        ),
        "retain": ("gateway.operating", "Erase rows and questions that may no longer be kept."),
        "replay": ("gateway.decisions", "Put a past decision's question to its own rules again."),
        "explain": ("gateway.decisions", "Say why a decision fell, by which articles, and what would be needed."),
        "whatif": ("gateway.decisions", "List the past decisions that other rules would have decided otherwise."),
        "release": ("gateway.releases", "Releases: list, export, make again, others' counts."),
        "link": ("gateway.matching.commands", "Match files made by `schakel-connector pseudonymize`."),
        "decide": ("gateway.policy.commands", "Put questions to policy and print one answer a line."),
        "route": ("gateway.policy.commands", "Say where a signal belongs and with whom it may be shared."),
        "bundle": ("gateway.policy.commands", "The rules: build, sign, activate, withdraw."),
    }
)
"""Command, the module that has it, and what `--help` says of it."""
RULES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "build": ("gateway.policy.commands", "Write the rules as an OPA bundle, signed when a key is given."),
        "compile": ("gateway.policy.commands", "Make the data tables and the pages that officers read and sign."),
        "digest": ("gateway.policy.commands", "Print the revision and the digest that two convenant owners sign."),
        "owner-key": ("gateway.policy.commands", "Make a convenant owner's key."),
        "sign": ("gateway.policy.commands", "Sign rules as a convenant owner."),
        "activate": ("gateway.enacting", "Put rules in force that two owners signed."),
        "withdraw": ("gateway.enacting", "Record that owners no longer stand behind rules."),
    }
)


class House(TyperGroup):
    """Finds a command in its module when it is asked for (`Any`: typer's own copies of click's types are private)."""

    table = COMMANDS
    registers = "register"
    _listing = False

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(self.table)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        super().format_help(ctx, formatter)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.table:
            return None
        module, about = self.table[cmd_name]
        if self._listing:
            return TyperCommand(cmd_name, help=about)
        if cmd_name == "bundle":
            return typer.main.get_command(bundle)
        gathered = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        getattr(import_module(module), self.registers)(gathered)
        return typer.main.get_group(gathered).commands[cmd_name]


class Rules(House):
    """The commands of the rules."""

    table = RULES
    registers = "register_bundle"


app = typer.Typer(cls=House, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
bundle = typer.Typer(cls=Rules, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def house() -> None:
    """The gateway's house."""


@bundle.callback()
def rules() -> None:
    """The rules as one signed bundle."""
