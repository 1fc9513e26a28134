"""Commands over published releases: `release list | export | reproduce`, and `external` of `gateway.externals`."""

import json
import os
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from connectors.contract.exits import Exit
from connectors.contract.releases import Reproductie
from gateway.commands import DEFAULT, AsJson, SettingsFile, exits
from gateway.externals import external_command
from gateway.policy.bundle import load_bundle
from gateway.release.exports.files import Formaat, export
from gateway.release.naming import code_names
from gateway.release.published import published_releases, read_published
from gateway.serving import ask_serving
from gateway.settings import read_federation, read_settings
from gateway.store import open_store

SECONDS: Final = 180.0
"""How long a reproduction may take: the search, both attacks, and the estimate's bootstrap."""
ReleaseId = Annotated[str, typer.Argument(help="A published release.")]


def register(app: typer.Typer) -> None:
    """Hang the commands on the house's command line."""
    group = typer.Typer(
        no_args_is_help=True, help="Releases: list, export, make again; register what others published."
    )
    group.command("list")(list_command)
    group.command("export")(export_command)
    group.command("reproduce")(reproduce_command)
    group.command("external")(external_command)
    app.add_typer(group, name="release")


def list_command(settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """The published releases, newest first; one JSON object a line with --json."""
    with exits():
        read = read_settings(settings, os.environ)
        found = published_releases(open_store(read.database), read_federation(read).gateway.sleutel)
    for each in found:
        about = {
            "release_id": each.publicatie.release_id,
            "jaar": each.publicatie.jaar,
            "revisie": each.publicatie.revisie,
            "publiek": each.publicatie.kring.value,
            "gepubliceerd": each.publicatie.gepubliceerd.isoformat(),
            "vervangen_door": each.vervangen_door,
            "digest": each.zegel.publicatie,
        }
        typer.echo(json.dumps(about) if as_json else "  ".join(f"{value}" for value in about.values() if value))


def export_command(
    release_id: ReleaseId,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write.")],
    formaat: Annotated[Formaat, typer.Option("--format", help="What to write.")] = Formaat.CSV,
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Write a sealed release to a file; exit 6 when what is stored is not what was sealed."""
    with exits():
        read = read_settings(settings, os.environ)
        federatie = read_federation(read)
        found = read_published(open_store(read.database), federatie.gateway.sleutel, release_id)
        made = export(found, formaat, code_names(load_bundle(read.policy_dir), federatie))
    _write(out, made.content)
    said = {"file": out.name, "bytes": len(made.content), "digest": found.zegel.publicatie}
    typer.echo(json.dumps(said) if as_json else f"{out.name}: {len(made.content)} bytes")


def reproduce_command(release_id: ReleaseId, settings: SettingsFile = DEFAULT, as_json: AsJson = False) -> None:
    """Have the serving gateway make a release again from its rows; exit 6 when it differs, 5 when a share is away.

    Only the process that serves holds the leased shares with which rows open, so it does the work.
    """
    with exits():
        path = f"/v1/releases/{release_id}/reproduction"
        outcome = Reproductie.model_validate_json(ask_serving(read_settings(settings, os.environ), path, SECONDS))
    if as_json:
        typer.echo(outcome.model_dump_json())
    else:
        same = "the same, byte for byte" if not outcome.verschillen else "differs in " + ", ".join(outcome.verschillen)
        changed = [name for name, is_so in (("code", outcome.andere_code), ("rules", outcome.andere_regels)) if is_so]
        typer.echo(f"{release_id}: {same}" + (f" (changed since: {', '.join(changed)})" if changed else ""))
    if outcome.verschillen:
        raise typer.Exit(Exit.UNVERIFIED)


def _write(out: Path, content: bytes) -> None:
    """The whole file or none."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        _stop(f"{out.name}: cannot be written ({error.strerror})", Exit.BAD_INPUT)


def _stop(message: str, code: Exit) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
