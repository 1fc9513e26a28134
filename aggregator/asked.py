"""Sensitive cells that the caller of `protect` names itself, by a rule that the spec lacks (dominance of hours)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from aggregator.demands import Demand, Floats, Ints, View
from aggregator.tables import BadInput


@dataclass(frozen=True)
class Secret:
    """A cell that the caller calls sensitive by a rule of its own, beside those of the spec.

    The cell `codes` (one a dimension) of the release's table `table` is withheld, and everybody who knows the cases of
    `partners` (none: the outsider) must hold all of low..high possible; its count lies in there. For dominance the ends
    are the count minus and plus the protection level: nk(2, 85) 100/85 of the two largest contributions minus the
    count; p% 10 a tenth of the largest minus all but the two largest (Hundepool et al., Statistical Disclosure
    Control, 2012, ch. 4, safety ranges).
    """

    table: str
    codes: tuple[str, ...]
    low: float
    high: float
    partners: tuple[str, ...] = ()


def demands_of(
    also: Sequence[Secret],
    numbers: Mapping[tuple[str, tuple[str, ...]], int],
    values: Floats,
    views: Sequence[View],
    parts: Sequence[Ints],
    partners: Sequence[str],
) -> tuple[Demand, ...]:
    """The secrets as demands. `numbers` gives the cell of (table id, codes); `values` and `parts[view]` what it counts
    and what each view knows of that. Raises BadInput naming the place in `also`, never the count."""
    view_of = {view.members: number for number, view in enumerate(views)}
    out = []
    for at, secret in enumerate(also, start=1):
        where = f"also: number {at}"
        cell = numbers.get((secret.table, secret.codes))
        if cell is None:
            raise BadInput(f"{where}: no such cell; name a table of the release and one code for each dimension")
        if not {*secret.partners} <= {*partners}:
            raise BadInput(f"{where}: a partner without cases; name partners of the micro-data, or none")
        view = view_of.get(tuple(sorted({partners.index(name) for name in secret.partners})))
        if view is None:
            raise BadInput(f"{where}: at most two partners look together; name fewer")
        if not parts[view][cell] <= secret.low <= values[cell] <= secret.high < inf:
            raise BadInput(
                f"{where}: the interval must hold the count, and not go below what these partners know of it"
            )
        out.append(Demand(cell, view, float(secret.low), float(secret.high)))
    return tuple(out)
