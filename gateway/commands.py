"""Commands that run the gateway: migrate, serve, check, invite, verify-ledger, retain, bundle activate and withdraw."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import PartijDomein, TokenDomein
from connectors.contract.exits import Exit
from connectors.contract.invite import Uitnodiging
from connectors.contract.signing import Unverified
from gateway.app import announce, create_app, open_ground, open_house, start_checks
from gateway.errors import AlreadyServed, BadSettings, BrokenLedger, CallersFault, Declined, OurFault, PolicyRefused
from gateway.hits.expiry import expire_hits
from gateway.hold import hold_alone
from gateway.house import House
from gateway.intake.retention import retain
from gateway.intake.spool import empty
from gateway.ledger.verify import verify
from gateway.permit.activation import Changed, Given, activate, in_force, judges, withdraw
from gateway.policy.archive import given_bundle
from gateway.policy.commands import bundle_app
from gateway.policy.errors import PolicyError
from gateway.release.published import BrokenSeal
from gateway.serving import ask_serving
from gateway.settings import Settings, read_federation, read_settings
from gateway.store import migrate, open_store, reading
from gateway.web.own import RETENTION
from gateway.web.problems import log_json

SettingsFile = Annotated[
    Path, typer.Option("--settings", envvar="SCHAKEL_GATEWAY", help="The gateway's settings (TOML).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Signatures = Annotated[
    list[Path], typer.Option("--signature", help="A file that `bundle sign` wrote; one for each owner.")
]
Bundle = Annotated[
    Path | None, typer.Argument(help="The rules: a folder or an archive of `bundle build`; else policy_dir.")
]
DEFAULT: Final = Path("gateway.toml")
RETENTION_SECONDS: Final = 600.0
"""How long the serving gateway may take to erase."""


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
    bundle_app.command("activate")(activate_command)
    bundle_app.command("withdraw")(withdraw_command)


def migrate_command(settings: SettingsFile = DEFAULT) -> None:
    """Bring the database to the schema of this version."""
    with exits():
        store = open_store(_read(settings).database)
        with hold_alone(store):
            migrate(store)
    typer.echo("the database is up to date")


def serve_command(settings: SettingsFile = DEFAULT) -> None:
    """Serve the gateway; refuses to start when a check fails."""
    with exits():
        read = _read(settings)
        house = open_house(read)
        with hold_alone(house.store) as hold:
            _serve(read, replace(house, hold=hold))


def _serve(read: Settings, house: House) -> None:
    failed = _failed(start_checks(house))
    if failed:
        raise BadSettings("not ready: " + ", ".join(failed) + " (see `schakel-gateway check`)")
    empty(house.spool)
    announce(house)
    log_json()
    uvicorn.run(
        create_app(house), host=read.host, port=read.port, log_config=None, server_header=False, access_log=False
    )


def check_command(settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Say what holds and what does not: keys, federation file, database, policy."""
    with exits():
        read = _read(settings)
        checks = start_checks(open_house(read))
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
    """Erase rows and questions that may no longer be kept; done by the gateway that serves, if there is one."""
    with exits():
        read = _read(settings)
        gone = _retain(read)
    typer.echo(json.dumps({"erased": gone}) if as_json else f"{gone} rows erased")


def _retain(read: Settings) -> int:
    house = open_house(read)
    try:
        with hold_alone(house.store):
            return retain(house) + expire_hits(house)
    except AlreadyServed:
        return int(json.loads(ask_serving(read, RETENTION, RETENTION_SECONDS))["erased"])


def activate_command(
    signatures: Signatures,
    bundle: Bundle = None,
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Put rules in force that two owners signed. The rules in force judge it; the first time signatures are enough."""
    with exits():
        read = _read(settings)
        ground = open_ground(read)
        house = open_house(read) if judges(ground, in_force(ground)) else None
        changed = activate(ground, house, given_bundle(bundle or read.policy_dir), _given(signatures))
    _tell("activated" if changed.first else "already in force", changed, as_json)
    if read.policy_engine == "opa":
        typer.echo(
            f"now have OPA serve the bundle of revision {changed.revision} (`bundle build`); until it does, "
            "everything is refused and /readyz names policy",
            err=True,
        )


def withdraw_command(
    signatures: Signatures,
    bundle: Bundle = None,
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Record that owners no longer stand behind rules (`bundle sign --withdraw`); with fewer than two left the gateway
    refuses everything from the next question on."""
    with exits():
        read = _read(settings)
        changed = withdraw(open_ground(read), given_bundle(bundle or read.policy_dir, closed=False), _given(signatures))
    _tell("withdrawn" if changed.first else "withdrawn before", changed, as_json)


def _given(paths: list[Path]) -> tuple[Given, ...]:
    found = []
    for path in paths:
        try:
            found.append(Given(path.name, path.read_text(encoding="ascii").strip()))
        except OSError as error:
            raise BadSettings(f"{path.name}: cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise Unverified(f"{path.name}: not a signature of `bundle sign`") from error
    return tuple(found)


def _tell(what: str, changed: Changed, as_json: bool) -> None:
    if as_json:
        told = {"revision": changed.revision, "digest": changed.digest, "owners": list(changed.owners)}
        typer.echo(json.dumps({"status": what, **told, "besluit": changed.besluit}))
        return
    typer.echo(f"{changed.revision} {what}; {len(changed.owners)} owners stand behind it")


def _read(path: Path) -> Settings:
    return read_settings(path, os.environ)


def _failed(checks: Mapping[str, Callable[[], bool]]) -> list[str]:
    return sorted(name for name, holds in checks.items() if not holds())


@contextmanager
def exits() -> Iterator[None]:
    """Turn this house's errors into a message and the exit code of the interface page."""
    try:
        yield
    except (BadSettings, PolicyError) as error:
        _stop(str(error), Exit.BAD_INPUT)
    except Unverified as error:
        _stop(str(error), Exit.UNVERIFIED)
    except PolicyRefused as error:
        codes = "".join(f"\n{reden.code}: {reden.nl}" for reden in error.redenen)
        _stop(f"{error.detail} (decision {error.besluit}){codes}", Exit.REFUSED)
    except CallersFault as error:
        _stop(error.detail, Exit.BAD_INPUT)
    except AlreadyServed as error:
        _stop(error.detail, Exit.BAD_INPUT)
    except (BrokenLedger, BrokenSeal) as error:
        _stop(error.detail, Exit.UNVERIFIED)
    except Declined as error:
        unverified = error.code == BrokenSeal.code
        _stop(error.detail, Exit.UNVERIFIED if unverified else Exit.UNAVAILABLE if error.ours else Exit.BAD_INPUT)
    except OurFault as error:
        _stop(error.detail, Exit.UNAVAILABLE)


def _stop(message: str, code: Exit) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(code)
