"""`kanaries`, `notices`, `decide-notices`: the keeper of canaries."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError

from connectors.contract.canaries import KanarieBesluit
from connectors.contract.codes import Betrouwbaarheid, Rol, TokenDomein
from connectors.delivery import new_id
from connectors.errors import InputRefused
from connectors.house import open_house
from connectors.keeping import decide, put_canaries
from connectors.keeping import notices as read_notices
from connectors.keeping_notes import check_notes
from connectors.settings import read_settings
from connectors.terminal import (
    SETTINGS_DEFAULT,
    AsOption,
    JsonOption,
    LoaOption,
    MfaOption,
    RoleOption,
    SettingsOption,
    acting,
    progress,
    reporting,
    show,
)
from pseudonymizer.identity import Trait


@reporting
def kanaries(
    numbers: Annotated[Path, typer.Argument(help="Numbers that pass the check and were never issued, one a line.")],
    as_: AsOption,
    trait: Annotated[Trait, typer.Option("--trait", help="What the numbers are.")] = Trait.BSN,
    domain: Annotated[TokenDomein | None, typer.Option("--domain", help="Token domain; else the first.")] = None,
    role: RoleOption = Rol.PRIVACY_OFFICER,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
) -> None:
    """Tokenise numbers here and put them at the gateway as canaries. Safe to repeat; the numbers stay here."""
    act = acting(as_, role, loa, mfa)
    with open_house(read_settings(settings)) as house, progress("canaries put") as tick:
        kept = put_canaries(house, numbers, trait, house.domein(domain), act, tick)
    show({"canaries": kept.canaries, "sets": kept.sets}, json_, [f"{kept.canaries} canaries in {kept.sets} sets"])


@reporting
def notices(
    as_: AsOption,
    role: RoleOption = Rol.PRIVACY_OFFICER,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    check: Annotated[
        bool, typer.Option("--check", help="Also open every sealed note in the ledger: was a touch kept from us?")
    ] = False,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
) -> None:
    """Which batches and questions touched canaries, and which parties are suspended. Looking is logged."""
    act = acting(as_, role, loa, mfa)
    with open_house(read_settings(settings)) as house:
        found = read_notices(house, act)
        opened = check_notes(house, found, act) if check else None
    lines = [
        f"{n.melding_id} {n.gezien.isoformat()} {n.partij} {n.soort} {n.onderwerp}: {n.geraakt} touched, {n.stand}"
        for n in found.meldingen
    ]
    lines.append(f"suspended: {', '.join(found.geschorst) or 'nobody'}")
    if opened is not None:
        lines.append(f"{opened.opened} notes of the ledger opened: every touch in them is among these notices")
        lines.append(f"{opened.unseen} batches and questions without a body: erased by retention, or withheld")
    checked = {} if opened is None else {"notes_opened": opened.opened, "notes_unseen": opened.unseen}
    show(found.model_dump(mode="json") | checked, json_, lines)


@reporting
def decide_notices(
    notice: Annotated[list[str], typer.Argument(help="The notices to end, by id.")],
    judgement: Annotated[
        Literal["vrijgeven", "verwijderen"], typer.Option("--judgement", help="Let the rows join, or erase them.")
    ],
    as_: AsOption,
    decision: Annotated[
        str | None, typer.Option("--decision", help="Confirm what a colleague proposed, by its id.")
    ] = None,
    role: RoleOption = Rol.PRIVACY_OFFICER,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
) -> None:
    """End notices, four eyes: one person proposes, a privacy officer who is another person confirms."""
    with open_house(read_settings(settings)) as house:
        try:
            body = KanarieBesluit(
                besluit_id=decision or new_id(house.random), meldingen=tuple(notice), oordeel=judgement
            )
        except ValidationError as error:
            raise InputRefused("a notice or decision id is not one; take it from `notices`") from error
        stand = decide(house, body, acting(as_, role, loa, mfa))
    line = f"decision {stand.besluit_id}: {stand.stap}, ledger entry {stand.grootboek.index}"
    show(stand.model_dump(mode="json"), json_, [line])
