"""`spot-draw`, `spot-open`, `spot-sign`, `spot-status`: rows opened before the party's own officer."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.table import Table
from rich.text import Text

from connectors.contract.codes import Rol, TokenDomein
from connectors.contract.model import Uuid
from connectors.contract.spot import RijOordeel
from connectors.contract.ticket import Handelende
from connectors.errors import InputRefused, complaint
from connectors.files import read_whole, write_whole
from connectors.house import CONNECTOR_PSN
from connectors.mapping import read_mapping
from connectors.plan import open_delivery
from connectors.spot_checks import Bevinding, OpenedRow, draw_of, judge, open_rows, standings
from connectors.terminal import OUTPUT, Desk, command, staff_command

QuarterArgument = Annotated[str, typer.Argument(help="The quarter, YYYY-Qn.")]
DomainOption = Annotated[TokenDomein | None, typer.Option("--domain", help="Token domain; else the first.")]


class _Row(BaseModel):
    """One row of the officer's file; he fills in `oordeel`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    record_id: Uuid
    bevinding: Bevinding
    bronrij: int | None = None
    oordeel: Literal["juist", "onjuist"] | None = None


class _Sheet(BaseModel):
    """The officer's file: no value of the source, no token."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    domein: TokenDomein
    kwartaal: str
    rijen: tuple[_Row, ...]


@command
def spot_draw(
    desk: Desk,
    quarter: QuarterArgument,
    domain: DomainOption = None,
) -> None:
    """Which of this party's rows a quarter drew, checked against the ledger and this party's own records."""
    with desk.house() as house:
        checked = draw_of(house, house.domein(domain), quarter)
    draw = checked.draw
    result = {
        "quarter": draw.kwartaal,
        "index": draw.index,
        "head": draw.hoofd,
        "population": draw.populatie,
        "deadline": draw.uiterlijk.isoformat(),
        "missed": checked.missed,
        "drawn": [row.record_id for row in draw.getrokken],
    }
    lines = [f"{len(draw.getrokken)} of {draw.populatie} rows drawn by entry {draw.index}; open by {draw.uiterlijk}"]
    desk.show(result, lines + [f"  {row.record_id}" for row in draw.getrokken])


@command
def spot_open(
    desk: Desk,
    quarter: QuarterArgument,
    source: Annotated[str, typer.Argument(help="The source that was sent: a file, or a database address.")],
    mapping: Annotated[Path, typer.Option("--mapping", help="The mapping it was sent with (TOML).")],
    out: Annotated[Path, typer.Option("--out", help="The officer's file: one row a drawn record (JSON).")],
    domain: DomainOption = None,
) -> None:
    """Show the officer every drawn row beside its source, and write the file in which he judges. Nothing is sent."""
    read = read_mapping(mapping)
    with desk.house() as house:
        desk.check_target(out, house, source, mapping)
        delivery = open_delivery(house, source, read, domain)
        opened = open_rows(house, delivery, draw_of(house, delivery.domein, quarter).draw)
        columns = delivery.source.columns
    sheet = _Sheet(
        domein=delivery.domein,
        kwartaal=quarter,
        rijen=tuple(_Row(record_id=r.record_id, bevinding=r.bevinding, bronrij=r.source_row) for r in opened),
    )
    write_whole(out, sheet.model_dump_json(indent=2) + "\n")
    if desk.watched:
        _screen(columns, opened)
    found = {name: sum(row.bevinding == name for row in opened) for name in ("klopt", "wijkt_af", "geen_bronrij")}
    desk.show({"rows": len(opened), **found}, [f"{len(opened)} rows opened: {found}; judge them in {out.name}"])


@staff_command(role=Rol.PRIVACY_OFFICER)
def spot_sign(
    desk: Desk,
    act: Handelende,
    sheet: Annotated[Path, typer.Argument(help="The officer's file with a judgement in every row he saw.")],
) -> None:
    """Send the officer's judgement of the rows, in his name. A row without judgement stays unopened."""
    read = _read_sheet(sheet)
    judged = tuple(_judgement(row, sheet.name) for row in read.rijen if row.oordeel is not None)
    with desk.house() as house:
        stand = judge(house, read.domein, read.kwartaal, judged, act)
    line = f"right {stand.juist}, wrong {stand.onjuist}, unopened {stand.ongeopend} of {stand.getrokken}"
    desk.show(stand.model_dump(mode="json"), [line])


@staff_command(role=Rol.PRIVACY_OFFICER, as_=CONNECTOR_PSN)
def spot_status(
    desk: Desk,
    act: Handelende,
) -> None:
    """How this party's draws stand; for a keeper's privacy officer, those of every party."""
    with desk.house() as house:
        found = standings(house, act)
    lines = [
        f"{s.partij} {s.domein} {s.kwartaal}: right {s.juist}, wrong {s.onjuist}, unopened {s.ongeopend}"
        f" of {s.getrokken}{', TOO LATE' if s.te_laat else ''}"
        for s in found.steekproeven
    ]
    desk.show(found.model_dump(mode="json"), lines or ["nothing was drawn yet"])


def _read_sheet(path: Path) -> _Sheet:
    raw = read_whole(path)
    try:
        return _Sheet.model_validate_json(raw)
    except ValidationError as error:
        raise InputRefused(complaint(error), file=path.name) from error


def _judgement(row: _Row, file: str) -> RijOordeel:
    """A row whose proof does not fit cannot be called right, whoever says so."""
    if row.oordeel is None or (row.oordeel == "juist" and row.bevinding != "klopt"):
        raise InputRefused(f"record {row.record_id}: its proof does not fit a source row, so it is onjuist", file=file)
    return RijOordeel(record_id=row.record_id, oordeel=row.oordeel)


def _screen(columns: tuple[str, ...], opened: list[OpenedRow]) -> None:
    """On the officer's screen only: the source left, what the gateway stores right."""
    table = Table(show_lines=True)
    table.add_column("record")
    table.add_column("bron, blijft hier / source, stays here", overflow="fold")
    table.add_column("bij de gateway / at the gateway", overflow="fold", ratio=1)
    for row in opened:
        left = "\n".join(f"{name}: {cell}" for name, cell in zip(columns, row.cells, strict=False) if cell)
        table.add_row(Text(f"{row.record_id}\n{row.bevinding}"), Text(left), Text(json.dumps(row.sent, sort_keys=True)))
    OUTPUT.print(table)
