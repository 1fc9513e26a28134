"""What policy asks about a protected table: its smallest published cell and difference, one partner's share. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from aggregator.history import PublishedRelease
from aggregator.tables import Hierarchy, SafeTable
from gateway.release.hierarchies import ancestors
from gateway.release.micro import TOGETHER


@dataclass(frozen=True, slots=True)
class Measures:
    """`smallest`: smallest published non-zero count. `difference`: smallest non-zero difference of a cell with what an
    earlier release of the same cases shows of it; `smallest` when there is none. `dominance`: largest share of one
    partner in a published cell, in thousandths, rounded up; a case that two partners know counts for both."""

    smallest: int
    difference: int
    dominance: int


def measure(
    safe: SafeTable,
    micro: pd.DataFrame,
    partner: str,
    trees: Mapping[str, Hierarchy],
    earlier: Sequence[PublishedRelease] = (),
) -> Measures:
    """Measured on the published cells alone; a table without any published non-zero cell measures 0 and is refused."""
    above = {dim: ancestors(trees[dim]) for dim in safe.dims}
    by_partner: dict[tuple[tuple[str, ...], str], int] = {}
    columns = [*safe.dims, partner, "count"]
    for *codes, who, count in micro[columns].itertuples(index=False, name=None):
        for cell in product(*(above[dim][str(code)] for dim, code in zip(safe.dims, codes, strict=True))):
            for each in str(who).split(TOGETHER):
                by_partner[(cell, each)] = by_partner.get((cell, each), 0) + int(count)
    partners = sorted({who for _, who in by_partner})
    published = {codes: n for codes, n in zip(safe.codes, safe.counts, strict=True) if n}
    shares = [
        -(-1000 * by_partner.get((codes, who), 0) // count) for codes, count in published.items() for who in partners
    ]
    smallest = min(published.values(), default=0)
    return Measures(smallest, min(_differences(safe, earlier), default=smallest), max(shares, default=1000))


def _differences(safe: SafeTable, earlier: Sequence[PublishedRelease]) -> list[int]:
    """How much cells of the same table and codes changed; linked tables are the attackers' work, not a measure's."""
    now = {codes: n for codes, n in zip(safe.codes, safe.counts, strict=True) if n is not None}
    then = [
        (codes, n)
        for release in earlier
        for table in release.tables
        if (table.id, table.dims) == (safe.id, safe.dims)
        for codes, n in zip(table.codes, table.counts, strict=True)
        if n is not None
    ]
    return [abs(now[codes] - n) for codes, n in then if codes in now and now[codes] != n]
