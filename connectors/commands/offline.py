"""`pseudonymize`: tokens and link encodings of a file, without the gateway."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import TypeAdapter, ValidationError

from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.model import Epoch
from connectors.errors import InputRefused
from connectors.evaluation import pinned_keys
from connectors.files import check_target
from connectors.house import system_clock
from connectors.mapping import read_mapping
from connectors.offline import Job, Pseudonymised, link_header, pseudonymise_locally, pseudonymise_with
from connectors.plan import offline_evaluation, open_delivery
from connectors.sources.opening import file_of
from connectors.terminal import Desk, command, progress

MAX_WORKERS: Final = 8
_EPOCH: Final = TypeAdapter[str](Epoch)


@command
def pseudonymize(
    desk: Desk,
    source: Annotated[str, typer.Argument(metavar="IN.csv", help="The source file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="Where the encodings go.")],
    mapping: Annotated[Path, typer.Option("--mapping", help="The mapping file of this source (TOML).")],
    domain: Annotated[TokenDomein, typer.Option("--domain", help="Token domain.")],
    local_custodians: Annotated[
        Path | None, typer.Option("--local-custodians", help="Two local custodians; made there on first use.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=64, help="Processes; else one per processor.")
    ] = None,
    epoch: Annotated[str | None, typer.Option("--epoch", help="Key epoch; else the settings' or this year.")] = None,
) -> None:
    """Tokens and link encodings of a file, for use without the gateway. No identifier is in the output."""
    if local_custodians is not None:
        seeds = tuple(local_custodians.iterdir()) if local_custodians.is_dir() else ()
        check_target(out, mapping, *seeds, *filter(None, (file_of(source),)))
        now = system_clock()
        job = Job(
            source, read_mapping(mapping), domain, _epoch(epoch or f"{now.year:04d}"), local_custodians, now.date()
        )
        with progress("encoded") as tick:
            done = pseudonymise_locally(job, out, workers or min(MAX_WORKERS, os.cpu_count() or 1), tick)
    else:
        done = _with_custodians(desk, source, out, mapping, domain)
    result = {"rows": done.rows, "tokens": done.tokens, "blocks": done.blocks, "rows_without_any": done.rows_without}
    lines = [f"{name}: {value}" for name, value in result.items()]
    for trait, reasons in sorted(done.unusable.items()):
        why = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        lines.append(f"no token from {trait}: {sum(reasons.values())} ({why})")
    desk.show({**result, "unusable": done.unusable}, lines)


def _with_custodians(desk: Desk, source: str, out: Path, mapping: Path, domain: TokenDomein) -> Pseudonymised:
    """With the real custodians: a ticket is needed, so policy judges the file's profiles as for a send."""
    read = read_mapping(mapping)
    with desk.house() as house:
        desk.check_target(out, house, source, mapping)
        delivery = open_delivery(house, source, read, domain)
        evaluate = offline_evaluation(house, delivery)
        epoch = house.settings.epoch
        keys = {klasse: pinned_keys(house.federatie, domain, epoch, klasse) for klasse in TokenKlasse}
        header = link_header(domain, epoch, keys)
        with progress("encoded") as tick:
            bsn = house.party.bsn_recht
            return pseudonymise_with(delivery.source, delivery.bound, header, evaluate, bsn, out, tick)


def _epoch(text: str) -> str:
    try:
        return _EPOCH.validate_python(text)
    except ValidationError as error:
        raise InputRefused("--epoch is a year, or a year with a letter (2026, 2026-b)") from error
