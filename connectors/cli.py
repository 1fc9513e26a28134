"""`schakel-connector`: the partner's commands. Exit codes are those of the contract; nothing here decides anything.

A command's module is imported when the command is called: the recognisers of `preview` take more than a second to load,
and `status` needs none of them. `--help` loads none.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "init": (
            "setup",
            "Make keys and settings from an invitation, and print the public keys for the convenant owners.",
        ),
        "check": ("setup", "Try everything a send needs: keys, federation file, clock, gateway, custodians."),
        "profile": (
            "scanning",
            "What each column of a source seems to hold: a first look, before a mapping is written.",
        ),
        "preview": ("sending", "Show what would leave of a source and what stays, and make the privacy receipt."),
        "approve": (
            "approving",
            "Sign a privacy receipt with name and time: only then may that source be sent with that mapping.",
        ),
        "send": ("sending", "Send what an approved receipt covers."),
        "status": (
            "setup",
            "What is queued, sent, withdrawn and approved; from this connector's own outbox, without the gateway.",
        ),
        "lease": ("setup", "Lend this party's share to the gateway, so that its records can be matched for 24 hours."),
        "verify": (
            "setup",
            "Walk the gateway's ledger and compare it with what this party saw before and with its receipts.",
        ),
        "withdraw": ("departing", "Withdraw a record, or all of them."),
        "leave": (
            "departing",
            "Leave for good: destroy this party's shares, so that no copy of its records can ever be matched.",
        ),
        "casus": ("casework", "Register a casus at the gateway; questions are bound to it."),
        "authorise": ("casework", "Authorise a member of staff to ask in a casus, for a purpose and a time."),
        "approve-question": (
            "casework",
            "Approve, as a second person, what a colleague will ask in a casus within 24 hours.",
        ),
        "ask": ("asking", "Tokenise the subject of a registered casus here, and ask whether partners know it."),
        "validate": ("hits", "Record that you judged the match yourself; only then may its hits be seen."),
        "hits": ("hits", "Contentless hits of your own questions: kind of partner, contact point, strength."),
        "spot-draw": (
            "checking",
            "Which of this party's rows a quarter drew, checked against the ledger and this party's own records.",
        ),
        "spot-open": (
            "checking",
            "Show the officer every drawn row beside its source, and write the file in which he judges.",
        ),
        "spot-sign": ("checking", "Send the officer's judgement of the rows, in his name."),
        "spot-status": (
            "checking",
            "How this party's draws stand; for a keeper's privacy officer, those of every party.",
        ),
        "kanaries": ("keeping", "Tokenise numbers here and put them at the gateway as canaries."),
        "notices": ("keeping", "Which batches and questions touched canaries, and which parties are suspended."),
        "decide-notices": (
            "keeping",
            "End notices, four eyes: one person proposes, a privacy officer who is another person confirms.",
        ),
        "pseudonymize": ("offline", "Tokens and link encodings of a file, for use without the gateway."),
        "scan": ("scanning", "Find identifying data and signals in texts."),
    }
)
"""Command, the module under `connectors.commands` that has it, and what `--help` says of it; in the order in which a
partner meets them."""


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
        place, about = COMMANDS[cmd_name]
        if self._listing:
            return TyperCommand(cmd_name, help=about)
        module = import_module(f"connectors.commands.{place}")
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
