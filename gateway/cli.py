"""`schakel-gateway`: the gateway's commands, gathered from the rooms that own them."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The gateway's house.")
