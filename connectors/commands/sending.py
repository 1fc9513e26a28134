"""`preview`, `send`: what leaves.

The recognisers are imported when a command works: they take more than a second, for which `--help` need not wait.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from connectors.contract.canonical import canonical_json
from connectors.contract.codes import TokenDomein
from connectors.files import write_whole
from connectors.house import House
from connectors.mapping import read_mapping
from connectors.minimise import Draft
from connectors.plan import open_delivery
from connectors.privacy_receipt import PrivacyReceipt
from connectors.survey import ReadRow
from connectors.terminal import OUTPUT, Desk, command, progress
from connectors.tokenise import prepare

SHOWN_ROWS: Final = 20
"""Rows that the officer sees beside what would leave of them (narrative page, Privacy receipt)."""
SourceArgument = Annotated[str, typer.Argument(help="A file, or a database address for a mapping of format sql.")]
MappingOption = Annotated[Path, typer.Option("--mapping", help="The mapping file of this source (TOML).")]
DomainOption = Annotated[TokenDomein | None, typer.Option("--domain", help="Token domain; else the mapping's.")]


@command
def preview(
    desk: Desk,
    source: SourceArgument,
    mapping: MappingOption,
    out: Annotated[Path | None, typer.Option("--out", help="Where the privacy receipt is written (JSON).")] = None,
    domain: DomainOption = None,
    rows: Annotated[
        int | None, typer.Option("--rows", min=0, help="Rows to show; 20 on a terminal, else none.")
    ] = None,
) -> None:
    """Show what would leave of a source and what stays, and make the privacy receipt. Nothing is sent."""
    from connectors.sending import preview as make_preview
    from pseudonymizer.narrative.scan import Scanner

    read = read_mapping(mapping)
    with desk.house() as house:
        if out is not None:
            desk.check_target(out, house, source, mapping)
        delivery = open_delivery(house, source, read, domain)
        wanted = rows if rows is not None else (SHOWN_ROWS if desk.watched else 0)
        shown: list[ReadRow] = []
        scanner = Scanner() if read.content.narrative.columns else None
        with progress(f"reading {delivery.source.name}") as tick:
            receipt = make_preview(house, delivery, tick, _keeper(shown, wanted), scanner)
        if out is not None:
            write_whole(out, receipt.model_dump_json(indent=2) + "\n")
        if shown:
            _screen(house, delivery.source.columns, shown, delivery.domein)
    content = json.loads(receipt.model_dump_json())
    desk.show({"digest": receipt.digest, **content}, _summary(receipt))


@command
def send(
    desk: Desk,
    source: SourceArgument,
    mapping: MappingOption,
    domain: DomainOption = None,
) -> None:
    """Send what an approved receipt covers. Safe to repeat: nothing is lost and no row is sent twice."""
    from connectors.sending import send as send_delivery

    read = read_mapping(mapping)
    with desk.house() as house:
        delivery = open_delivery(house, source, read, domain)
        with progress("tokenised") as tick, progress("acknowledged") as sent_tick:
            done = send_delivery(house, delivery, tick, sent_tick)
        acknowledged = house.outbox.acknowledged(done.levering_id)
    result = {
        "delivery": done.levering_id,
        "domain": delivery.domein.value,
        "rows_read": done.made.rows_read,
        "rows_new": done.made.rows_new,
        "rows_sent_before": done.made.rows_already,
        "rows_held_back": done.made.rows_held,
        "held_back": done.held,
        "batches_acknowledged": done.delivered.batches,
        "rows_acknowledged": done.delivered.rows,
        "tokens": done.made.tokens,
        "blocks": done.made.blocks,
        "batches": [{"batch_id": b.batch_id, "digest": b.digest, "rows": b.aantal} for b in acknowledged],
    }
    desk.show(result, [f"{name}: {value}" for name, value in result.items() if name != "batches"])


def _keeper(shown: list[ReadRow], wanted: int) -> Callable[[ReadRow], None]:
    def keep(row: ReadRow) -> None:
        if len(shown) < wanted and isinstance(row.outcome, Draft):
            shown.append(row)

    return keep


def _screen(house: House, columns: tuple[str, ...], shown: list[ReadRow], domein: TokenDomein) -> None:
    """On the officer's screen only: the source row left, and right the bytes that would leave, tokens by their type."""
    table = Table(show_lines=True)
    table.add_column("bron, blijft hier / source, stays here", overflow="fold")
    table.add_column("vertrekt / leaves", overflow="fold", ratio=1)
    for row in shown:
        if not isinstance(row.outcome, Draft):
            continue
        person = prepare(row.mapped.raw, bsn=house.party.bsn_recht, composite=domein is not TokenDomein.MONITOR)
        tokens = [kind.value for kind, _ in person.tokens]
        left = "\n".join(f"{name}: {cell}" for name, cell in zip(columns, row.source.cells, strict=True) if cell)
        right = canonical_json(dict(row.outcome.wire())).decode()
        right += f"\ntokens: {', '.join(tokens) or '-'}\nblokken: {len(person.blocks)}"
        table.add_row(Text(left), Text(right))
    OUTPUT.print(table)


def _summary(receipt: PrivacyReceipt) -> list[str]:
    stories = receipt.verhalen
    lines = [
        f"{receipt.naam} -> {receipt.domein} ({receipt.doel}), {receipt.grondslag}",
        f"rows {receipt.rijen}, leaving {receipt.vertrekt}, staying {sum(receipt.blijft.values())} {receipt.blijft}",
        *(f"  {c.kolom}: {c.behandeling}; filled {c.gevuld}, empty {c.leeg}" for c in receipt.kolommen),
        f"narratives {stories.aantal}, {stories.tekens} characters, {stories.verzonden_bytes} bytes sent",
        f"  found and staying: {stories.gevonden}" if stories.gevonden else "",
        f"  signals: {stories.signalen}" if stories.signalen else "",
        f"groups smaller than 5 among outgoing codes: {receipt.kleinste_groepen or 'none'}",
        f"tripwire: {receipt.tripwire}",
        *(f"limit: {limit}" for limit in receipt.bekende_grenzen),
        f"receipt {receipt.digest}: approve it, or nothing is sent",
    ]
    return [line for line in lines if line]
