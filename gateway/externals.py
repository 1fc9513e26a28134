"""The command that registers what others published: `release external FILE`.

Who registers proves it with the party's own key, as `bundle activate` takes owners' words: the gateway's operator alone
registers nothing. The privacy officer approves the digest that `--check` prints (`POST /v1/approvals`).
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import Betrouwbaarheid, Rol, TabelId
from connectors.contract.releases import ExternePublicatie
from connectors.contract.signing import SigningKey, read_secret_file
from connectors.contract.ticket import Handelende
from gateway.app import open_house
from gateway.caller import Caller
from gateway.commands import DEFAULT, AsJson, SettingsFile, exits
from gateway.errors import BadSettings, Malformed, UnverifiedCaller
from gateway.house import House
from gateway.policy.bundle import load_bundle
from gateway.release.external_file import read_cells
from gateway.release.hierarchies import parents_for
from gateway.release.naming import municipalities
from gateway.release.registering import check, register
from gateway.settings import read_settings

CsvFile = Annotated[Path, typer.Argument(metavar="FILE", help="Counts: a column a dimension, and count.")]
Source = Annotated[str, typer.Option("--source", help="Who published them, for example CoMensha.")]
On = Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="The day on which they were published.")]
Year = Annotated[int, typer.Option("--year", help="The year that they are about.")]
Counted = Annotated[TabelId, typer.Option("--table", help="The table of the catalogue that counts the same cases.")]
Id = Annotated[str | None, typer.Option("--id", help="What to register them as; default SOURCE-YEAR.")]
Margin = Annotated[int, typer.Option("--margin", help="Each number may be so far off (rounding, another definition).")]
Replaces = Annotated[str | None, typer.Option("--replaces", help="The registration that this one corrects.")]
Key = Annotated[Path | None, typer.Option("--key", help="The key of the regional director's bureau (mode 0600).")]
Staff = Annotated[str | None, typer.Option("--as", help="Who registers: psn:…, in the role of regisseur.")]
Loa = Annotated[Betrouwbaarheid, typer.Option("--loa", help="How well he signed in.")]
Mfa = Annotated[bool, typer.Option("--mfa/--no-mfa", help="With a second factor.")]
Check = Annotated[bool, typer.Option("--check", help="Only check the file, and print the digest to approve.")]


def external_command(  # one option a fact about the source
    file: CsvFile,
    source: Source,
    on: On,
    year: Year,
    table: Counted,
    id_: Id = None,
    margin: Margin = 0,
    replaces: Replaces = None,
    key: Key = None,
    staff: Staff = None,
    loa: Loa = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: Mfa = False,
    only_check: Check = False,
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Register counts that others published: every later attack knows them. Exit 2 names file, row and column, or the
    source and cell that they contradict; exit 3 names what policy misses, for one the privacy officer's approval."""
    with exits():
        read = read_settings(settings, os.environ)
        parents = parents_for(municipalities(load_bundle(read.policy_dir)), year)
        dims, cells = read_cells(file, table, year, parents)
        about = {
            "extern_id": id_ or f"{source}-{year}",
            "bron": source,
            "datum": on.replace(tzinfo=UTC).date(),
            "jaar": year,
            "tabel": table,
            "marge": margin,
            "vervangt": replaces,
        }
        publicatie = _made({**about, "dimensies": dims, "cellen": cells})
        check(publicatie, parents)
        said = {"extern_id": publicatie.extern_id, "cells": len(cells), "digest": sha256(canonical_bytes(publicatie))}
        if not only_check:
            house = open_house(read)
            done = register(house, _caller(house, key, staff, loa, mfa), publicatie)
            said["besluit"] = done.besluit
            said["opens"] = len(done.opent)
            for reden in done.opent:
                typer.echo(reden.nl, err=True)
    typer.echo(json.dumps(said) if as_json else "  ".join(f"{name} {value}" for name, value in said.items()))


def _made(values: dict[str, object]) -> ExternePublicatie:
    try:
        return ExternePublicatie.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        option = {
            "extern_id": "id or --source",
            "bron": "source",
            "jaar": "year",
            "marge": "margin",
            "vervangt": "replaces",
        }
        name = str(first["loc"][0])
        raise Malformed(f"--{option.get(name, name)}: {first['msg']}") from error


def _caller(house: House, key: Path | None, staff: str | None, loa: Betrouwbaarheid, mfa: bool) -> Caller:
    """The party whose key it is, and the member of staff that it vouches for; raises Unverified for no key of 32 bytes,
    UnverifiedCaller for a key of none of the parties."""
    if key is None or staff is None:
        raise BadSettings("--key, --as: name the bureau's key and who registers, or only --check")
    signing = SigningKey(read_secret_file(key))
    thumbprint = signing.public.thumbprint
    party = next((each for each in house.federatie.partijen if each.sleutel.thumbprint == thumbprint), None)
    if party is None:
        raise UnverifiedCaller(f"{key.name}: the key of no party in the federation file")
    try:
        return Caller(party, Handelende(sub=staff, rol=Rol.REGISSEUR, loa=loa, mfa=mfa))
    except ValidationError as error:
        raise BadSettings("--as: a pseudonym of a member of staff, psn: and up to 60 letters or digits") from error
