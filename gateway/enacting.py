"""Commands that change which rules are in force: `bundle activate | withdraw`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from connectors.contract.signing import Unverified
from gateway.app import open_ground, open_house
from gateway.commands import DEFAULT, AsJson, SettingsFile, exits, settings_of
from gateway.errors import BadSettings
from gateway.permit.activation import Changed, Given, activate, in_force, judges, withdraw
from gateway.policy.archive import given_bundle

Signatures = Annotated[
    list[Path], typer.Option("--signature", help="A file that `bundle sign` wrote; one for each owner.")
]
Bundle = Annotated[
    Path | None, typer.Argument(help="The rules: a folder or an archive of `bundle build`; else policy_dir.")
]


def register_bundle(app: typer.Typer) -> None:
    """Hang the commands on the group of the rules."""
    app.command("activate")(activate_command)
    app.command("withdraw")(withdraw_command)


def activate_command(
    signatures: Signatures,
    bundle: Bundle = None,
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Put rules in force that two owners signed. The rules in force judge it; the first time signatures are enough."""
    with exits():
        read = settings_of(settings)
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
        read = settings_of(settings)
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
