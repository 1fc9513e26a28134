"""One-way series with differentially private noise: protected by a charge against a budget instead of by an attack.

    plan = plan_series(spec)              what each table will cost, before any count is looked at
    tables = draw_series(micro, plan, where)

The unit that the promise protects is one case, added or left out. All codes of a table are noised in one draw, totals
too, so a case changes as many numbers by one as its code has ancestors, itself included. The codes come from the spec:
which of them occur in the data is not told. The only step after the noise is to show negative numbers as 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from aggregator.noise import Mechanism, discrete_gaussian
from aggregator.tables import BadInput, Hierarchy, ReleaseSpec, SafeTable, hierarchy_of
from aggregator.tabulate import read_micro, tabulate


@dataclass(frozen=True)
class SeriesPlan:
    """The spec with one mechanism a table (same order) and `cost`, what `opendp` proves that all of them cost."""

    spec: ReleaseSpec
    mechanisms: tuple[Mechanism, ...]

    @property
    def cost(self) -> Fraction:
        """zCDP adds up over the tables (Bun & Steinke 2016, lemma 1.7)."""
        return sum((mechanism.cost for mechanism in self.mechanisms), Fraction(0))


def plan_series(spec: ReleaseSpec, noise: Callable[[Fraction, int], Mechanism] = discrete_gaussian) -> SeriesPlan:
    """Divide the release's rho evenly over its tables and choose the noise of each.

    Raises BadInput when the spec is none of a series, or opendp is not installed.
    """
    if spec.rho is None:
        raise BadInput("rho: the spec is none of a series")
    each = Fraction(spec.rho) / len(spec.tables)
    trees = [hierarchy_of(table.dims[0], spec.dimensions[table.dims[0]], ()) for table in spec.tables]
    return SeriesPlan(spec, tuple(noise(each, longest_chain(tree)) for tree in trees))


def draw_series(micro: pd.DataFrame, plan: SeriesPlan, where: str = "micro-data") -> tuple[SafeTable, ...]:
    """Count, add the noise, and show negative numbers as 0; every call draws anew and must be charged anew.

    Raises BadInput (naming `where`, row and column) when the input is wrong; then nothing has been drawn.
    """
    cases = read_micro(micro, plan.spec, where)
    tables = [tabulate(cases, table) for table in plan.spec.tables]
    return tuple(
        SafeTable(table.id, table.dims, table.codes, tuple(max(0, n) for n in mechanism.draw(table.counts)))
        for table, mechanism in zip(tables, plan.mechanisms, strict=True)
    )


def longest_chain(tree: Hierarchy, code: str | None = None) -> int:
    """The most numbers that one case can be part of: the codes from the total down to its own."""
    below = tree.children.get(tree.total if code is None else code, ())
    return 1 + max((longest_chain(tree, child) for child in below), default=0)
