"""What every command of the gateway shares: options and exit codes. And the commands that need the database alone:
migrate, invite, verify-ledger."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import PartijDomein, TokenDomein
from connectors.contract.exits import Exit
from connectors.contract.invite import Uitnodiging
from connectors.contract.signing import Unverified
from gateway.errors import (
    AlreadyServed,
    BadSettings,
    CallersFault,
    Declined,
    GatewayError,
    OurFault,
    PolicyRefused,
)
from gateway.hold import hold_alone
from gateway.ledger.verify import verify
from gateway.policy.errors import PolicyError
from gateway.settings import Settings, read_federation, read_settings
from gateway.store import migrate, open_store, reading

SettingsFile = Annotated[
    Path, typer.Option("--settings", envvar="SCHAKEL_GATEWAY", help="The gateway's settings (TOML).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
DEFAULT: Final = Path("gateway.toml")
_UNVERIFIED: Final = frozenset({"broken_ledger", "broken_seal"})
"""Codes of errors that say that something stored is not what was promised, also when the serving gateway says so."""


def register(app: typer.Typer) -> None:
    """Hang the commands on the house's command line."""
    app.command("migrate")(migrate_command)
    app.command("invite")(invite_command)
    app.command("verify-ledger")(verify_command)


def migrate_command(settings: SettingsFile = DEFAULT) -> None:
    """Bring the database to the schema of this version."""
    with exits():
        store = open_store(settings_of(settings).database)
        with hold_alone(store):
            migrate(store)
    typer.echo("the database is up to date")


def invite_command(
    oin: Annotated[str, typer.Option(help="The new party's OIN, 20 digits.")],
    domein: Annotated[PartijDomein, typer.Option(help="Which part of the organisation it is.")],
    token_domein: Annotated[list[TokenDomein], typer.Option(help="Token domains it will send to; repeat.")],
    epoch: Annotated[str, typer.Option(help="The running epoch, for example 2026.")],
    settings: SettingsFile = DEFAULT,
) -> None:
    """Print the invitation that a new party's connector starts from. It holds no secret."""
    with exits():
        read = settings_of(settings)
        read_federation(read)
        try:
            invitation = Uitnodiging(
                oin=oin, domein=domein, eigenaren=read.owners, domeinen=tuple(token_domein), epoch=epoch
            )
        except ValueError as error:
            raise BadSettings("oin is 20 digits, epoch a year such as 2026") from error
    typer.echo(canonical_bytes(invitation).decode("utf-8"))


def verify_command(settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Walk the whole ledger; exit 6 names the first entry that does not hold."""
    with exits(), reading(open_store(settings_of(settings).database)) as transaction:
        verified = verify(transaction)
    if as_json:
        typer.echo(json.dumps({"size": verified.size, "head": verified.head.hex(), "erased": verified.erased}))
    else:
        typer.echo(f"{verified.size} entries hold; head {verified.head.hex()}; {verified.erased} bodies erased")


def settings_of(path: Path) -> Settings:
    """The settings in a file, under this process's environment; raises BadSettings."""
    return read_settings(path, os.environ)


@contextmanager
def exits() -> Iterator[None]:
    """Turn this house's errors into a message and the exit code of the interface page."""
    try:
        yield
    except (BadSettings, PolicyError) as error:
        stop(str(error), Exit.BAD_INPUT)
    except Unverified as error:
        stop(str(error), Exit.UNVERIFIED)
    except PolicyRefused as error:
        codes = "".join(f"\n{reden.code}: {reden.nl}" for reden in error.redenen)
        stop(f"{error.detail} (decision {error.besluit}){codes}", Exit.REFUSED)
    except (CallersFault, AlreadyServed) as error:
        stop(error.detail, Exit.BAD_INPUT)
    except Declined as error:
        stop(error.detail, _code_of(error, Exit.UNAVAILABLE if error.ours else Exit.BAD_INPUT))
    except OurFault as error:
        stop(error.detail, _code_of(error, Exit.UNAVAILABLE))


def _code_of(error: GatewayError, otherwise: Exit) -> Exit:
    return Exit.UNVERIFIED if error.code in _UNVERIFIED else otherwise


def stop(message: str, code: Exit) -> NoReturn:
    """Say it and end with this exit code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
