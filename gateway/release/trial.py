"""The trial "only small cells withheld": the mistake that everybody makes first, judged by the same attacker. Pure.

It never publishes more than the full protection: a trial that is not opened still goes through the gate. It shows what
that protection is for: arithmetic on totals gives most small cells back (disclosure page: up to 95 of 95).
"""

from collections.abc import Sequence

import pandas as pd

from aggregator.history import PublishedRelease, Truth, attack_releases
from aggregator.protect import Withheld
from aggregator.solver import SolverRefused
from aggregator.tables import ReleaseSpec, SafeTable
from aggregator.tabulate import read_micro, tabulate


def only_small_withheld(
    micro: pd.DataFrame, spec: ReleaseSpec, earlier: Sequence[PublishedRelease], name: str
) -> Withheld | None:
    """What an outsider opens when only counts of 1 to k-1 are left out; None when he opens nothing."""
    cases = read_micro(micro, spec)
    truth: dict[tuple[str, tuple[str, ...]], int] = {}
    tables = []
    for table in spec.tables:
        counted = tabulate(cases, table)
        truth |= {(table.id, codes): count for codes, count in zip(counted.codes, counted.counts, strict=True)}
        shown = tuple(None if 0 < count < spec.k else count for count in counted.counts)
        tables.append(SafeTable(table.id, table.dims, counted.codes, shown))
    draft = PublishedRelease(name, spec.k, spec.population, cases.hierarchies, tuple(tables))
    try:
        found = attack_releases([*earlier, draft], Truth(truth), newest_only=True)
    except SolverRefused as error:
        return Withheld((str(error),))
    if not found.broken:
        return None
    return Withheld((f"our own attack opens {len(found.broken)} cells",), found.broken)
