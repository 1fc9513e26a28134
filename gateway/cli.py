"""`schakel-gateway`: the gateway's commands, gathered from the rooms that own them."""

import typer

from gateway import commands, decisions, releases
from gateway.matching import commands as matching
from gateway.policy import commands as policy_commands

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The gateway's house.")
commands.register(app)
decisions.register(app)
releases.register(app)
matching.register(app)
policy_commands.register(app)
