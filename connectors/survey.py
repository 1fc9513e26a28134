"""The first reading of a source: everything that can be wrong is found, everything that leaves is counted.

Nothing is tokenised, stored or sent. `preview` makes the privacy receipt from it; `send` compares its digest with what
an officer approved.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from connectors.contract.canonical import b64u, canonical_json
from connectors.contract.codes import PartijDomein, TokenDomein
from connectors.contract.record import Profiel, Telling
from connectors.counts import Cell, Counted, Tally, missing_for_counts
from connectors.errors import InputRefused
from connectors.mapping import BoundMapping, MappedRow, UnmappedValue
from connectors.minimise import Draft, HeldBack, minimise, missing_fields
from connectors.progress import Tick
from connectors.sources.source import Row, Source
from pseudonymizer.identity import Trait
from pseudonymizer.normalise import normalise

TICK_ROWS: Final = 500


@dataclass(frozen=True, slots=True, repr=False)
class ReadRow:
    """A source row, as mapped, and what may leave of it."""

    source: Row
    mapped: MappedRow
    outcome: Draft | HeldBack | None
    """None where the source is counted and the row is in the counts."""

    def __repr__(self) -> str:
        return f"ReadRow({self.source.number})"


@dataclass
class Survey:
    """Counts over one reading; no values of the source but outgoing codes."""

    rows: int = 0
    leaving: int = 0
    content_digest: str = ""
    held: Counter[HeldBack] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    usable: Counter[str] = field(default_factory=Counter)
    unusable: Counter[tuple[str, str]] = field(default_factory=Counter)
    narratives: int = 0
    narrative_characters: int = 0
    profiles: Counter[Profiel] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    cells: tuple[Cell, ...] = ()


def read_rows(
    source: Source, bound: BoundMapping, domein: TokenDomein, party: PartijDomein, today: date
) -> Iterator[ReadRow]:
    """Map and minimise every row. Raises InputRefused with file, row and column; UnmappedValue at the first such."""
    for row in source.rows():
        mapped = bound.read(row)
        yield ReadRow(row, mapped, _minimised(source, mapped, domein, party, today))


def survey(
    source: Source,
    bound: BoundMapping,
    domein: TokenDomein,
    party: PartijDomein,
    today: date,
    tick: Tick,
    see: Callable[[ReadRow], None] | None = None,
) -> Survey:
    """Read the whole source once. `see` is shown each row, for a preview; memory stays bounded.

    Raises InputRefused: for an incomplete mapping, at the first broken row, and at the end for unmapped values, naming
    each column with the number of rows, never a value.
    """
    spec = bound.mapping.content.tellingen
    filled = bound.mapping.filled
    lacking = missing_for_counts(spec, filled) if spec else missing_fields(filled, domein.convenant)
    if lacking:
        raise InputRefused(
            f"[fields] or [constants] must fill, for {domein}: {', '.join(lacking)}", file=bound.mapping.file
        )
    found, digest = Survey(), hashlib.sha256()
    tally = Tally(spec) if spec else None
    unmapped: dict[str, list[int]] = {}
    for row in source.rows():
        found.rows += 1
        if found.rows % TICK_ROWS == 0:
            tick(TICK_ROWS)
        try:
            mapped = bound.read(row)
        except UnmappedValue as error:
            unmapped.setdefault(error.column or "", []).append(row.number)
            continue
        outcome = _tallied(source, mapped, tally) if tally else _minimised(source, mapped, domein, party, today)
        _count(found, source, row, mapped, outcome)
        if isinstance(outcome, Draft):
            digest.update(canonical_json(dict(outcome.wire())) + b"\n")
        if see is not None:
            see(ReadRow(row, mapped, outcome))
    tick(found.rows % TICK_ROWS)
    if unmapped:
        raise InputRefused(_unmapped(bound.mapping.file, unmapped), file=source.name)
    found.content_digest = b64u(digest.digest())
    if tally is not None:
        _close_counts(found, tally.result())
    return found


def count_traits(found: Survey, mapped: MappedRow) -> None:
    """Count per identifying trait whether it gives a usable value, and why not (cryptography page, Normalisation)."""
    norm = normalise(mapped.raw)
    reasons = {item.trait: item.reason for item in norm.unusable}
    for trait in Trait:
        if getattr(mapped.raw, trait.value) is None:
            continue
        if trait in reasons:
            found.unusable[trait.value, reasons[trait].value] += 1
        else:
            found.usable[trait.value] += 1


def _tallied(source: Source, mapped: MappedRow, tally: Tally) -> HeldBack | None:
    try:
        return None if tally.add(mapped.record) else HeldBack.ROUTE
    except InputRefused as error:
        raise InputRefused(error.reason, file=source.name, row=mapped.number) from error


def _close_counts(found: Survey, counted: Counted) -> None:
    """What leaves of a counted source are its cells; registrations in cells that are too small stay."""
    found.cells, found.content_digest = counted.cells, counted.digest
    for cell in counted.cells:
        found.codes["tabel" if isinstance(cell, Telling) else "type", str(getattr(cell, "tabel", cell.soort))] += 1
    if counted.suppressed_cells:
        found.held[HeldBack.TE_KLEIN] += counted.suppressed_registrations


def _count(found: Survey, source: Source, row: Row, mapped: MappedRow, outcome: Draft | HeldBack | None) -> None:
    for column, cell in zip(source.columns, row.cells, strict=True):
        if cell:
            found.filled[column] += 1
    found.narratives += len(mapped.narrative)
    found.narrative_characters += sum(map(len, mapped.narrative))
    if isinstance(outcome, HeldBack):
        found.held[outcome] += 1
        return
    found.leaving += 1
    if outcome is None:
        return
    found.profiles[outcome.profiel] += 1
    wire = outcome.wire()
    for name, value in wire.items():
        if not name.endswith("_ref"):
            for item in value if isinstance(value, list) else (value,):
                found.codes[name, str(item).lower() if isinstance(item, bool) else str(item)] += 1
    found.groups["|".join(str(value) for name, value in wire.items() if not name.endswith("_ref"))] += 1


def _minimised(
    source: Source, mapped: MappedRow, domein: TokenDomein, party: PartijDomein, today: date
) -> Draft | HeldBack:
    try:
        return minimise(mapped.record, domein, party, today)
    except InputRefused as error:
        raise InputRefused(error.reason, file=source.name, row=mapped.number) from error


def _unmapped(file: str, unmapped: dict[str, list[int]]) -> str:
    parts = [
        f"column {column!r}: {len(rows)} rows hold a value that {file} does not map (first: row {rows[0]})"
        for column, rows in sorted(unmapped.items())
    ]
    return "; ".join(parts) + "; add each value to the field's codes"
