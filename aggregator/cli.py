"""The command line of the aggregator: the only place, with `files.py`, that touches a disk or a clock.

Exit codes (design page "Interfaces"): 0 done, 2 wrong use or bad input, 4 protection refused, 6 verification failed.
"""

import typer

app = typer.Typer(
    name="schakel-aggregator",
    help="Protect tables of counts, attack releases, and estimate sizes. Works on files; needs no gateway and no network.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def main() -> None:
    """Protect, attack and estimate, on files alone."""
