"""`approve`: on whose word a source leaves."""

import os
import pwd
from pathlib import Path
from typing import Annotated

import typer

from connectors.approval import judge, read_receipt
from connectors.contract.codes import Betrouwbaarheid, Rol
from connectors.errors import InputRefused
from connectors.files import read_whole
from connectors.terminal import Desk, LoaOption, MfaOption, RoleOption, acting, command


@command
def approve(
    desk: Desk,
    receipt: Annotated[Path, typer.Argument(help="The privacy receipt that `preview --out` wrote.")],
    name: Annotated[str | None, typer.Option("--name", help="Who decides; else the account's name.")] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse instead of approve.")] = False,
    as_: Annotated[
        str | None, typer.Option("--as", help="Also register at the gateway as this member of staff, psn:...")
    ] = None,
    role: RoleOption = Rol.PRIVACY_OFFICER,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
) -> None:
    """Sign a privacy receipt with name and time: only then may that source be sent with that mapping."""
    content = read_receipt(read_whole(receipt), receipt.name)
    officer = acting(as_, role, loa, mfa) if as_ is not None else None
    with desk.house() as house:
        judgement = judge(house, content, _account() if name is None else name, not refuse, officer)
    line = f"{judgement.oordeel} by {judgement.naam} at {judgement.tijd.isoformat()}: receipt {judgement.bewijs}"
    desk.show(judgement.model_dump(mode="json"), [line])


def _account() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError as error:  # a container may run under a number that has no name
        raise InputRefused("this account has no name; say who decides with --name") from error
