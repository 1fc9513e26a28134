"""Time, gap and information loss of suppression by table size, and what an outsider opens without it, in one run.

Run: .venv/bin/python tests/bench/bench_disclosure.py [--large]

A small cell (0 < count < k) counts as opened when its interval does not contain 0 to k.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from aggregator.history import PublishedRelease, Truth, attack_releases
from aggregator.protect import SafeRelease, protect
from aggregator.tables import CountTable, ReleaseSpec, SafeTable, read_spec
from aggregator.tabulate import read_micro, tabulate

THREE = [["gemeente", "vorm", "geslacht"], ["vorm", "geslacht", "leeftijd"], ["vorm", "herkomst", "leeftijd"]]
# name, tables, cases, seconds for the search
SIZES: list[tuple[str, list[list[str]], int, float]] = [
    ("60 cells", [["vorm", "leeftijd"]], 200, 5),
    ("240 cells", [["gemeente", "vorm"]], 400, 5),
    ("700 cells", [["gemeente", "vorm", "geslacht"]], 600, 60),
    ("linked, three tables", THREE, 1500, 60),
    ("linked, four tables", [*THREE, ["herkomst", "vorm", "geslacht"]], 1500, 60),
]
SMALL_SIZES = 3
CODES = {"gemeente": 23, "vorm": 8, "geslacht": 2, "leeftijd": 7, "herkomst": 24}
K = 5


def region(cases: int, seed: int = 1) -> pd.DataFrame:
    """Invented cases with skewed shares."""
    rng = np.random.default_rng(seed)
    columns = {
        dim: [f"{dim[0]}{code:02d}" for code in rng.choice(n, cases, p=rng.dirichlet(np.full(n, 0.7)))]
        for dim, n in CODES.items()
    }
    return pd.DataFrame(columns)


def spec_text(tables: list[list[str]]) -> dict[str, object]:
    """A specification with gemeente > huis > regio."""
    parents = {f"g{i:02d}": "huis_RR" if i < 13 else "huis_ZHZ" for i in range(CODES["gemeente"])}
    dims = {dim: {"total": f"alle_{dim}"} | ({"parents": parents} if dim == "gemeente" else {}) for dim in CODES}
    return {"k": K, "dimensions": dims, "tables": [{"id": "_".join(t), "dims": t} for t in tables]}


def stop_after(seconds: float) -> Callable[[], bool]:
    """The caller's clock."""
    start = time.monotonic()
    return lambda: time.monotonic() - start > seconds


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


def main() -> None:
    """Print one line a size, then what the outsider opens there with other means and with ours."""
    for name, tables, cases, seconds in SIZES[: None if "--large" in sys.argv else SMALL_SIZES]:
        spec, frame = read_spec(spec_text(tables), "bench"), region(cases)
        start, cpu = time.monotonic(), time.process_time()
        answer = protect(frame, spec, halt=stop_after(seconds))
        spent, worked = time.monotonic() - start, time.process_time() - cpu
        if not isinstance(answer, SafeRelease):
            print(f"{name}: refused after {spent:.1f} s: {answer.reasons[0]}")
            continue
        cells = sum(len(t.counts) for t in answer.tables)
        held = sum(n is None for t in answer.tables for n in t.counts)
        true = true_tables(frame, spec)
        small = sum(0 < n < K for t in true for n in t.counts)
        print(
            f"{name}: {cells} cells, {spent:.1f} s ({worked:.1f} s of processor), withheld {held} ({held / cells:.0%}, "
            f"small {small / cells:.0%}), gap {answer.gap:.2%}",
            flush=True,
        )
        print(line("primary suppression only", published(frame, spec, tuple(map(primary_only, true)), 0), true))
        # Distances of at most 2: a published number stands for counts less than 3 away.
        print(line("each number to nearest 5", published(frame, spec, tuple(map(nearest, true)), 3), true))
        print(line("ours", published(frame, spec, answer.tables, 0), true), flush=True)


if __name__ == "__main__":
    main()
