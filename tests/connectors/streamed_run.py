"""A run in a process of its own, so that its peak memory can be read: usage N_ROWS FOLDER; prints rows and MB.

The evaluator is a keyed stand-in of the right shape: this measures the run, not the custodians.
"""

import hashlib
import os
import resource
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from connectors.contract.codes import PartijDomein, Thema, TokenDomein, TokenKlasse
from connectors.contract.record import Profiel
from connectors.mapping import read_mapping
from connectors.minimise import DOELEN
from connectors.outbox import Outbox
from connectors.plan import Plan
from connectors.run import Means, make_batches
from connectors.sources.opening import open_source
from connectors.tokenise import Evaluate
from connectors.wire_codes import wire_codes
from pseudonymizer.narrative.tripwire import Tripwire
from tests.connectors.samples import COLUMNS, write_mapping

TODAY = date(2026, 11, 24)


def stand_in(_: tuple[Profiel, ...]) -> Evaluate:
    def evaluate(klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]:
        size = 64 if klasse is TokenKlasse.CX else 32
        return [hashlib.sha512(message).digest()[:size] for message in messages]

    return evaluate


def write_rows(path: Path, count: int) -> None:
    """Rows of people who are known by telephone and document only."""
    with path.open("w", encoding="utf-8") as handle:
        handle.write(",".join(COLUMNS) + "\n")
        for n in range(count):
            handle.write(f"{n},,,,,,,06{10_000_000 + n},CA{1_000_000 + n},verdachte,verhaal {n}\n")


def main(count: int, folder: Path) -> None:
    write_rows(folder / "a.csv", count)
    mapping = read_mapping(write_mapping(folder / "a.toml"))
    source = open_source(mapping.source, str(folder / "a.csv"))
    bound = mapping.bind(source.name, source.columns, TODAY)
    outbox = Outbox(folder / "outbox.sqlite")
    plan = Plan(
        levering_id="00000000-0000-4000-8000-000000000001",
        bron=("0" * 20, PartijDomein.OPSPORING),
        domein=TokenDomein.RIEC,
        doel=DOELEN[TokenDomein.RIEC.convenant],
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        epoch="2026",
        federatie="A" * 43,
        motivering=None,
        goedkeuring=None,
        bsn=True,
        today=TODAY,
    )
    means = Means(outbox, stand_in, Tripwire(wire_codes()), bytes(range(32)), bytes(range(32)), os.urandom)
    done = make_batches(source, bound, plan, means, lambda rows: None)
    print(done.rows_new, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
