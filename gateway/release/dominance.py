"""Dominance on efforts: cells in which one contributor's number could be estimated from the published sum. Pure.

Rules (disclosure page, step 2; Hundepool et al., Statistical Disclosure Control, 2012, section 4.2.2)
1. nk 2/85: the two largest contributors hold more than 85 % of the cell.
2. p% 10: somebody who takes his own contribution off comes within 10 % of another's, from above.
A contributor is a partner's unit where its counts name one (the municipality of an effort), else the partner itself.
Who takes off is a whole partner, which knows what all its units did. A dominated cell is withheld, and what stays
possible for it is so wide that neither outsider nor partner comes within those limits (safety ranges, same section).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Final

import pandas as pd

from aggregator.asked import Secret
from aggregator.tables import Hierarchy
from gateway.release.hierarchies import ancestors
from gateway.release.micro import PARTNER, UNIT

NK_SHARE: Final = 85
"""Per cent that the two largest contributors may hold together."""
P: Final = 10
"""Per cent within which nobody may estimate another's contribution."""
Contributor = tuple[str, str]
"""Partner, and its unit or nothing."""


@dataclass(frozen=True, slots=True)
class Contributions:
    """Who contributes how much to one cell: positive whole numbers by contributor."""

    by: Mapping[Contributor, int]

    @property
    def total(self) -> int:
        """The cell's value."""
        return sum(self.by.values())

    def of(self, partner: str) -> int:
        """What all units of a partner contribute."""
        return sum(count for (who, _), count in self.by.items() if who == partner)

    def largest_beside(self, partner: str) -> int:
        """The largest contribution of anybody else's unit; 0 when nobody else contributes."""
        return max((count for (who, _), count in self.by.items() if who != partner), default=0)

    @property
    def nk_range(self) -> int:
        """How far above the cell's value it must stay possible for the two largest to hold 85 % at most; 0 or less when
        they do not dominate. Rounded up."""
        two = sum(sorted(self.by.values(), reverse=True)[:2])
        return -(-100 * two // NK_SHARE) - self.total if 100 * two > NK_SHARE * self.total else 0

    def least_top(self, partner: str) -> int:
        """The smallest upper end of the cell, for `partner`, with which its estimate of the largest other is 10 % too
        high at least. Rounded up."""
        other = self.largest_beside(partner)
        return self.of(partner) + -(-(100 + P) * other // 100)

    @property
    def dominated(self) -> bool:
        """Whether rule 1 or 2 calls the cell sensitive; an empty one never is."""
        return self.nk_range > 0 or any(self.least_top(who) > self.total for who, _ in self.by)


def contributions(
    micro: pd.DataFrame, dims: Sequence[str], trees: Mapping[str, Hierarchy]
) -> dict[tuple[str, ...], Contributions]:
    """Every cell of a table that somebody contributes to, sub-totals and totals too. `micro` has the columns `dims`,
    partner, unit (empty for none) and count."""
    above = {dim: ancestors(trees[dim]) for dim in dims}
    cells: dict[tuple[str, ...], dict[Contributor, int]] = {}
    for *codes, partner, unit, count in micro[[*dims, PARTNER, UNIT, "count"]].itertuples(index=False, name=None):
        if not count:
            continue
        for cell in product(*(above[dim][str(code)] for dim, code in zip(dims, codes, strict=True))):
            held = cells.setdefault(cell, {})
            held[str(partner), str(unit)] = held.get((str(partner), str(unit)), 0) + int(count)
    return {cell: Contributions(held) for cell, held in cells.items()}


def secrets(table: str, cells: Mapping[tuple[str, ...], Contributions]) -> tuple[Secret, ...]:
    """The dominated cells of a table as the aggregator's gate takes them: what must stay possible for the outsider, and
    for each partner that contributes anywhere."""
    partners = sorted({who for cell in cells.values() for who, _ in cell.by})
    return tuple(secret for codes in sorted(cells) for secret in _of_cell(table, codes, cells[codes], partners))


def _of_cell(table: str, codes: tuple[str, ...], cell: Contributions, partners: Sequence[str]) -> Iterator[Secret]:
    if not cell.dominated:
        return
    total = cell.total
    reach = max(cell.nk_range, *(cell.least_top(who) - total for who, _ in cell.by), 0)
    yield Secret(table, codes, float(max(0, total - reach)), float(total + reach))
    for partner in partners:
        own, other = cell.of(partner), cell.largest_beside(partner)
        low = max(own, total - ceil(P * other / 100))
        yield Secret(table, codes, float(low), float(max(total, cell.least_top(partner))), (partner,))
