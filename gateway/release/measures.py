"""What policy asks about a protected table: its smallest published cell and the largest share of one partner. Pure."""

from dataclasses import dataclass

import pandas as pd

from aggregator.tables import SafeTable


@dataclass(frozen=True, slots=True)
class Measures:
    """`smallest`: smallest published non-zero count. `dominance`: largest share of one partner in a published cell,
    in thousandths, rounded up."""

    smallest: int
    dominance: int


def measure(safe: SafeTable, micro: pd.DataFrame, partner: str, total: str) -> Measures:
    """Measured on the published cells alone; a table without any published non-zero cell measures 0 and is refused."""
    by_partner: dict[tuple[tuple[str, ...], str], int] = {}
    columns = [*safe.dims, partner, "count"]
    for *codes, who, count in micro[columns].itertuples(index=False, name=None):
        for cell in _cells(tuple(str(code) for code in codes), total):
            by_partner[(cell, who)] = by_partner.get((cell, who), 0) + int(count)
    partners = sorted({who for _, who in by_partner})
    published = {codes: n for codes, n in zip(safe.codes, safe.counts, strict=True) if n}
    shares = [
        -(-1000 * by_partner.get((codes, who), 0) // count) for codes, count in published.items() for who in partners
    ]
    return Measures(min(published.values(), default=0), max(shares, default=1000))


def _cells(codes: tuple[str, ...], total: str) -> list[tuple[str, ...]]:
    """The cells that a case counts in: each dimension as itself and as total."""
    cells: list[tuple[str, ...]] = [()]
    for code in codes:
        cells = [(*cell, value) for cell in cells for value in (code, total)]
    return cells
