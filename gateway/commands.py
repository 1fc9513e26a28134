"""Commands that run the gateway: migrate, serve, check, invite, verify-ledger, retain."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import PartijDomein, TokenDomein
from connectors.contract.exits import Exit
from connectors.contract.invite import Uitnodiging
from gateway.app import announce, create_app, keep_rules, open_house, start_checks
from gateway.errors import BadSettings, BrokenLedger, CallersFault, OurFault
from gateway.intake.retention import retain
from gateway.ledger.verify import verify
from gateway.settings import Settings, read_federation, read_settings
from gateway.store import migrate, open_store, reading
from gateway.web.problems import log_json

SettingsFile = Annotated[
    Path, typer.Option("--settings", envvar="SCHAKEL_GATEWAY", help="The gateway's settings (TOML).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
DEFAULT: Final = Path("gateway.toml")


def register(app: typer.Typer) -> None:
    """Hang the commands on the house's command line."""
    for name, command in (
        ("migrate", migrate_command),
        ("serve", serve_command),
        ("check", check_command),
        ("invite", invite_command),
        ("verify-ledger", verify_command),
        ("retain", retain_command),
    ):
        app.command(name)(command)


def migrate_command(settings: SettingsFile = DEFAULT) -> None:
    """Bring the database to the schema of this version."""
    with exits():
        migrate(open_store(_read(settings).database))
    typer.echo("the database is up to date")


def serve_command(settings: SettingsFile = DEFAULT) -> None:
    """Serve the gateway; refuses to start when a check fails."""
    with exits():
        read = _read(settings)
        house = open_house(read)
        failed = _failed(start_checks(house, read))
        if failed:
            raise BadSettings("not ready: " + ", ".join(failed) + " (see `schakel-gateway check`)")
        keep_rules(house, read)
        announce(house)
        app = create_app(house)
    log_json()
    uvicorn.run(app, host=read.host, port=read.port, log_config=None, server_header=False, access_log=False)


def check_command(settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Say what holds and what does not: keys, federation file, database, policy."""
    with exits():
        read = _read(settings)
        checks = start_checks(open_house(read), read)
        results = {name: holds() for name, holds in checks.items()}
    if as_json:
        typer.echo(json.dumps(results))
    else:
        for name, holds in results.items():
            typer.echo(f"{'ok ' if holds else 'NO '} {name}")
    if not all(results.values()):
        raise typer.Exit(Exit.BAD_INPUT)


def invite_command(
    oin: Annotated[str, typer.Option(help="The new party's OIN, 20 digits.")],
    domein: Annotated[PartijDomein, typer.Option(help="Which part of the organisation it is.")],
    token_domein: Annotated[list[TokenDomein], typer.Option(help="Token domains it will send to; repeat.")],
    epoch: Annotated[str, typer.Option(help="The running epoch, for example 2026.")],
    settings: SettingsFile = DEFAULT,
) -> None:
    """Print the invitation that a new party's connector starts from. It holds no secret."""
    with exits():
        read = _read(settings)
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
    with exits(), reading(open_store(_read(settings).database)) as transaction:
        verified = verify(transaction)
    if as_json:
        typer.echo(json.dumps({"size": verified.size, "head": verified.head.hex(), "erased": verified.erased}))
    else:
        typer.echo(f"{verified.size} entries hold; head {verified.head.hex()}; {verified.erased} bodies erased")


def retain_command(settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Erase rows that may no longer be kept."""
    with exits():
        gone = retain(open_house(_read(settings)))
    typer.echo(json.dumps({"erased": gone}) if as_json else f"{gone} rows erased")


def _read(path: Path) -> Settings:
    return read_settings(path, os.environ)


def _failed(checks: Mapping[str, Callable[[], bool]]) -> list[str]:
    return sorted(name for name, holds in checks.items() if not holds())


@contextmanager
def exits() -> Iterator[None]:
    """Turn this house's errors into a message and the exit code of the interface page."""
    try:
        yield
    except BadSettings as error:
        _stop(str(error), Exit.BAD_INPUT)
    except CallersFault as error:
        _stop(error.detail, Exit.BAD_INPUT)
    except BrokenLedger as error:
        _stop(error.detail, Exit.UNVERIFIED)
    except OurFault as error:
        _stop(error.detail, Exit.UNAVAILABLE)


def _stop(message: str, code: Exit) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(code)
