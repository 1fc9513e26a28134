"""`schakel-connector`: the partner's commands. Exit codes are those of the contract; nothing here decides anything."""

import typer

from connectors.commands import asking, offline, sending, setup

app = typer.Typer(
    name="schakel-connector",
    help="The partner's house: preview, send, ask and withdraw. Identities stay here; only keyed tokens leave.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(setup.init)
app.command()(setup.check)
app.command()(offline.profile)
app.command()(sending.preview)
app.command()(sending.approve)
app.command()(sending.send)
app.command()(setup.status)
app.command()(setup.lease)
app.command()(sending.withdraw)
app.command()(sending.leave)
app.command()(asking.casus)
app.command()(asking.authorise)
app.command("approve-question")(asking.approve_question)
app.command()(asking.ask)
app.command()(asking.validate)
app.command()(asking.hits)
app.command()(offline.pseudonymize)
app.command()(offline.scan)
