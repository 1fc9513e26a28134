"""`kanaries`, `notices`, `decide-notices`: the keeper of canaries."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError

from connectors.contract.canaries import KanarieBesluit
from connectors.contract.codes import Rol, TokenDomein
from connectors.contract.ticket import Handelende
from connectors.delivery import new_id
from connectors.errors import InputRefused
from connectors.keeping import decide, put_canaries
from connectors.keeping import notices as read_notices
from connectors.keeping_notes import check_notes
from connectors.terminal import Desk, progress, staff_command
from pseudonymizer.identity import Trait


@staff_command(role=Rol.PRIVACY_OFFICER)
def kanaries(
    desk: Desk,
    act: Handelende,
    numbers: Annotated[Path, typer.Argument(help="Numbers that pass the check and were never issued, one a line.")],
    trait: Annotated[Trait, typer.Option("--trait", help="What the numbers are.")] = Trait.BSN,
    domain: Annotated[TokenDomein | None, typer.Option("--domain", help="Token domain; else the first.")] = None,
) -> None:
    """Tokenise numbers here and put them at the gateway as canaries. Safe to repeat; the numbers stay here."""
    with desk.house() as house, progress("canaries put") as tick:
        kept = put_canaries(house, numbers, trait, house.domein(domain), act, tick)
    desk.show({"canaries": kept.canaries, "sets": kept.sets}, [f"{kept.canaries} canaries in {kept.sets} sets"])


@staff_command(role=Rol.PRIVACY_OFFICER)
def notices(
    desk: Desk,
    act: Handelende,
    check: Annotated[
        bool, typer.Option("--check", help="Also open every sealed note in the ledger: was a touch kept from us?")
    ] = False,
) -> None:
    """Which batches and questions touched canaries, and which parties are suspended. Looking is logged."""
    with desk.house() as house:
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
    desk.show(found.model_dump(mode="json") | checked, lines)


@staff_command(role=Rol.PRIVACY_OFFICER)
def decide_notices(
    desk: Desk,
    act: Handelende,
    notice: Annotated[list[str], typer.Argument(help="The notices to end, by id.")],
    judgement: Annotated[
        Literal["vrijgeven", "verwijderen"], typer.Option("--judgement", help="Let the rows join, or erase them.")
    ],
    decision: Annotated[
        str | None, typer.Option("--decision", help="Confirm what a colleague proposed, by its id.")
    ] = None,
) -> None:
    """End notices, four eyes: one person proposes, a privacy officer who is another person confirms."""
    with desk.house() as house:
        try:
            body = KanarieBesluit(
                besluit_id=decision or new_id(house.random), meldingen=tuple(notice), oordeel=judgement
            )
        except ValidationError as error:
            raise InputRefused("a notice or decision id is not one; take it from `notices`") from error
        stand = decide(house, body, act)
    line = f"decision {stand.besluit_id}: {stand.stap}, ledger entry {stand.grootboek.index}"
    desk.show(stand.model_dump(mode="json"), [line])
