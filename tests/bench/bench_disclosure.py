"""Time, gap and information loss of suppression by table size, and what an outsider opens without it, in one run.

Run: .venv/bin/python tests/bench/bench_disclosure.py [--large]

A small cell (0 < count < k) counts as opened when its interval does not contain 0 to k. Seconds of the search are
seconds of processor, so that other work on the machine does not change the answer; the whole release, both attacks
included, is printed in seconds of processor and of the wall clock. --large takes about half an hour.
"""

import os
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aggregator.history import PublishedRelease, Truth, attack_releases
from aggregator.protect import SafeRelease, protect
from aggregator.tables import CountTable, ReleaseSpec, SafeTable, read_spec
from aggregator.tabulate import read_micro, tabulate

THREE = [["gemeente", "vorm", "geslacht"], ["vorm", "geslacht", "leeftijd"], ["vorm", "herkomst", "leeftijd"]]
FOUR = [*THREE, ["herkomst", "vorm", "geslacht"]]
FIVE = [*FOUR, ["gemeente", "vorm", "leeftijd"]]
K = 5
SMALL_SIZES = 3
CODES = {"gemeente": 23, "vorm": 8, "geslacht": 2, "leeftijd": 7, "herkomst": 24}
# Levels above the codes; `deep` ones in the largest release only.
HUIZEN = {f"g{i:02d}": "huis_RR" if i < 13 else "huis_ZHZ" for i in range(CODES["gemeente"])}
DEEP = {
    "vorm": {f"v{i:02d}": f"groep_{'abc'[i % 3]}" for i in range(CODES["vorm"])},
    "herkomst": {f"h{i:02d}": f"deel_{i % 6}" for i in range(CODES["herkomst"])},
}


@dataclass(frozen=True)
class Size:
    """A release of the bench. `codes`: every code is listed, also those without cases; `deep`: more levels;
    `partners` who contribute and look on, 0 for none."""

    name: str
    tables: list[list[str]]
    cases: int
    seconds: float
    codes: bool = False
    deep: bool = False
    partners: int = 0


SIZES = [
    Size("60 cells", [["vorm", "leeftijd"]], 200, 5),
    Size("240 cells", [["gemeente", "vorm"]], 400, 5),
    Size("700 cells", [["gemeente", "vorm", "geslacht"]], 600, 60),
    Size("linked, three tables", THREE, 1500, 60),
    Size("linked, three tables, three partners and their pairs", THREE, 1500, 60, partners=3),
    Size("linked, four tables, all codes", FOUR, 1500, 60, codes=True),
    Size("linked, four tables, all codes, longer", FOUR, 1500, 400, codes=True),
    Size("linked, five tables, all codes", FIVE, 1500, 60, codes=True),
    Size("linked, three tables, three hierarchies", THREE, 1500, 60, codes=True, deep=True),
]


def region(size: Size, seed: int = 1) -> pd.DataFrame:
    """Invented cases with skewed shares."""
    rng = np.random.default_rng(seed)
    columns = {
        dim: [f"{dim[0]}{code:02d}" for code in rng.choice(n, size.cases, p=rng.dirichlet(np.full(n, 0.7)))]
        for dim, n in CODES.items()
    }
    if size.partners:
        shares = rng.dirichlet(np.full(size.partners, 3.0))
        columns["partner"] = [f"p{number}" for number in rng.choice(size.partners, size.cases, p=shares)]
    return pd.DataFrame(columns)


def spec_of(size: Size) -> ReleaseSpec:
    """A specification with gemeente > huis > regio, and with `deep` forms in groups and origins in parts."""
    dims: dict[str, dict[str, object]] = {dim: {"total": f"alle_{dim}"} for dim in CODES}
    for dim, parents in ({"gemeente": HUIZEN} | (DEEP if size.deep else {})).items():
        dims[dim]["parents"] = parents
    if size.codes:
        for dim, n in CODES.items():
            dims[dim]["codes"] = [f"{dim[0]}{code:02d}" for code in range(n)]
    tables = [{"id": "_".join(table), "dims": table} for table in size.tables]
    partner = {"partner": "partner"} if size.partners else {}
    return read_spec({"k": K, "dimensions": dims, "tables": tables, **partner}, "bench")


class Budget:
    """The caller's clock, in seconds of processor; `last` is when the search asked it last."""

    def __init__(self, seconds: float) -> None:
        self._start, self._seconds, self.last = time.process_time(), seconds, 0.0

    def __call__(self) -> bool:
        """Whether the search has had its seconds."""
        self.last = self.spent()
        return self.last > self._seconds

    def spent(self) -> float:
        """Seconds of processor since the start."""
        return time.process_time() - self._start


def true_tables(frame: pd.DataFrame, spec: ReleaseSpec) -> tuple[CountTable, ...]:
    """The counts as they are."""
    cases = read_micro(frame, spec)
    return tuple(tabulate(cases, table) for table in spec.tables)


def published(frame: pd.DataFrame, spec: ReleaseSpec, tables: tuple[SafeTable, ...], rounded: int) -> PublishedRelease:
    """Tables as anyone reads them."""
    return PublishedRelease("bench", K, "", read_micro(frame, spec).hierarchies, tables, {}, rounded)


def line(name: str, release: PublishedRelease, true: tuple[CountTable, ...]) -> str:
    """How many of the small cells an outsider opens."""
    counts = {(table.id, c): n for table in true for c, n in zip(table.codes, table.counts, strict=True)}
    small = len({place for place, n in counts.items() if 0 < n < K})
    found = attack_releases([release], Truth(counts))
    exact = sum(cell.low == cell.high for cell in found.cells)
    return f"    {name:28} opens {len(found.broken)} of at most {small} small cells; {exact} cells known exactly"


def primary_only(table: CountTable) -> SafeTable:
    """Small cells withheld and nothing else."""
    return SafeTable(table.id, table.dims, table.codes, tuple(None if 0 < n < K else n for n in table.counts))


def nearest(table: CountTable) -> SafeTable:
    """Every number rounded for itself to the nearest 5."""
    return SafeTable(table.id, table.dims, table.codes, tuple(5 * round(n / 5) for n in table.counts))


def run(size: Size) -> None:
    """Protect one release and print what it took, then what an outsider opens with other means and with ours."""
    spec, frame, start = spec_of(size), region(size), time.monotonic()
    budget = Budget(size.seconds)
    answer = protect(frame, spec, halt=budget)
    spent, worked = time.monotonic() - start, budget.spent()
    if not isinstance(answer, SafeRelease):
        print(f"{size.name}: refused after {worked:.1f} s of processor: {answer.reasons[0]}")
        return
    true = true_tables(frame, spec)
    counts = {place: n for t in answer.tables for place, n in zip(_places(t, spec), t.counts, strict=True)}
    held, small = sum(n is None for n in counts.values()), sum(0 < n < K for t in true for n in t.counts)
    rows = sum(len(t.counts) for t in answer.tables)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{size.name}: {len(counts)} cells in {rows} rows, {worked:.1f} s of processor (search {budget.last:.1f}, "
        f"attacks {worked - budget.last:.1f}), wall {spent:.1f} s at load {os.getloadavg()[0]:.1f}, peak {peak} MB, "
        f"withheld {held} ({held / len(counts):.0%}; {small} small ones in {rows} rows), gap {answer.gap:.2%}, "
        f"{answer.transcript.views} views",
        flush=True,
    )
    if size.partners or size.codes:
        return  # what opens without us is told by the sizes above
    # Distances of at most 2: a published number stands for counts less than 3 away.
    print(line("primary suppression only", published(frame, spec, tuple(map(primary_only, true)), 0), true))
    print(line("each number to nearest 5", published(frame, spec, tuple(map(nearest, true)), 3), true))
    print(line("ours", published(frame, spec, answer.tables, 0), true), flush=True)


def _places(table: SafeTable, spec: ReleaseSpec) -> list[tuple[tuple[str, str], ...]]:
    """Each row's cell, the same in every table that shows it: its codes without totals."""
    total = {dim: spec.dimensions[dim].total for dim in table.dims}
    return [
        tuple(sorted((d, c) for d, c in zip(table.dims, codes, strict=True) if c != total[d])) for codes in table.codes
    ]


def main() -> None:
    """One release after the other: small ones, with --large the linked ones too."""
    for size in SIZES if "--large" in sys.argv else SIZES[:SMALL_SIZES]:
        run(size)


if __name__ == "__main__":
    main()
