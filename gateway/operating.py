"""Commands of the operator that need the whole house: serve, check, retain."""

import json
import resource
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import structlog
import typer
import uvicorn

from connectors.contract.exits import Exit
from gateway.app import announce, create_app, open_house, recall, start_checks
from gateway.commands import DEFAULT, AsJson, SettingsFile, exits, settings_of
from gateway.errors import AlreadyServed, BadSettings
from gateway.hits.expiry import expire_hits
from gateway.hold import hold_alone
from gateway.house import House
from gateway.intake.retention import retain
from gateway.serving import ask_serving
from gateway.settings import Settings
from gateway.web.own import RETENTION
from gateway.web.problems import log_json

REMEDIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "schema": "the database's schema is not this version's: run `schakel-gateway migrate`",
        "parties": "the rules in force name other parties than the federation file: `bundle activate` rules for it",
        "owners": "fewer than two pinned owners stand behind the rules in force, or they were not verified for a day: "
        "see that `bundles` can be read, or `bundle activate` rules that two owners signed",
        "policy": "the engine does not answer by the rules in force: start the OPA server of opa_url with their bundle "
        "(`bundle build`)",
        "alone": "another process may serve the database: start this one anew",
        "limits": "the folder `limits` is gone, and with it what a restored database forgets: put it back",
        "golden": "a golden case of the rules in force comes out otherwise: `bundle activate` rules whose cases hold",
    }
)
"""What to do about each check that does not hold."""
RETENTION_SECONDS: Final = 600.0
"""How long the serving gateway may take to erase."""
_LOG: Final = structlog.get_logger("gateway")


def register(app: typer.Typer) -> None:
    """Hang the commands on the house's command line."""
    app.command("serve")(serve_command)
    app.command("check")(check_command)
    app.command("retain")(retain_command)


def serve_command(settings: SettingsFile = DEFAULT) -> None:
    """Serve the gateway; refuses to start when a check fails."""
    with exits():
        read = settings_of(settings)
        house = open_house(read)
        with hold_alone(house.store) as hold:
            _serve(read, replace(house, hold=hold))


def _serve(read: Settings, house: House) -> None:
    failed = _failed(start_checks(house))
    if failed:
        raise BadSettings("not ready" + "".join(f"\n{name}: {REMEDIES[name]}" for name in failed))
    listening = _bound(read)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold keys, leased shares and the index
    log_json()
    recall(house)
    announce(house)
    _LOG.info("serving", host=read.host, port=read.port, engine=read.policy_engine, rules=house.policy.bundle.revision)
    config = uvicorn.Config(create_app(house), log_config=None, server_header=False, access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


def _bound(read: Settings) -> socket.socket:
    """The socket of the settings' address; raises BadSettings rather than enter a start in the ledger for nothing."""
    opened = socket.socket(socket.AF_INET6 if ":" in read.host else socket.AF_INET)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((read.host, read.port))
    except OSError as error:
        opened.close()
        raise BadSettings(f"host, port: cannot be listened on ({error.strerror}); free it or name another") from error
    return opened


def check_command(settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Say what holds and what does not (keys, federation file, database, policy), and what to do about it."""
    with exits():
        read = settings_of(settings)
        checks = start_checks(open_house(read))
        results = {name: holds() for name, holds in checks.items()}
    if as_json:
        typer.echo(json.dumps(results))
    else:
        for name, holds in results.items():
            typer.echo(f"ok  {name}" if holds else f"NO  {name}: {REMEDIES[name]}")
    if not all(results.values()):
        raise typer.Exit(Exit.BAD_INPUT)


def retain_command(settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Erase rows and questions that may no longer be kept; done by the gateway that serves, if there is one."""
    with exits():
        read = settings_of(settings)
        gone = _retain(read)
    typer.echo(json.dumps({"erased": gone}) if as_json else f"{gone} rows erased")


def _retain(read: Settings) -> int:
    house = open_house(read)
    try:
        with hold_alone(house.store):
            return retain(house) + expire_hits(house)
    except AlreadyServed:
        return int(json.loads(ask_serving(read, RETENTION, RETENTION_SECONDS))["erased"])


def _failed(checks: Mapping[str, Callable[[], bool]]) -> list[str]:
    return sorted(name for name, holds in checks.items() if not holds())
