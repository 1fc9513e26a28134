"""Rounding beside suppression on the same tables: what an outsider opens, and how much is lost, in one run.

Run: .venv/bin/python tests/bench/bench_rounding.py
"""

import time
from dataclasses import replace

import numpy as np
import pandas as pd

from aggregator.history import PublishedRelease, Truth, attack_releases
from aggregator.protect import SafeRelease, protect
from aggregator.tables import CountTable, Protection, ReleaseSpec, SafeTable, read_spec
from aggregator.tabulate import read_micro, tabulate

K = 5
TOWNS, FORMS = 23, 8


def region(cases: int, seed: int = 1) -> pd.DataFrame:
    """Invented cases with skewed shares."""
    rng = np.random.default_rng(seed)
    towns, forms = rng.dirichlet(np.full(TOWNS, 0.7)), rng.dirichlet(np.full(FORMS, 0.7))
    return pd.DataFrame(
        {
            "gemeente": [f"g{i:02d}" for i in rng.choice(TOWNS, cases, p=towns)],
            "vorm": [f"v{i}" for i in rng.choice(FORMS, cases, p=forms)],
        }
    )


def spec_of(**more: object) -> ReleaseSpec:
    """One table, municipalities under two areas."""
    parents = {f"g{i:02d}": "RR" if i < 13 else "ZHZ" for i in range(TOWNS)}
    dimensions = {"gemeente": {"total": "regio", "parents": parents}, "vorm": {"total": "alle"}}
    tables = [{"id": "gv", "dims": ["gemeente", "vorm"]}]
    return read_spec({"k": K, "dimensions": dimensions, "tables": tables, **more}, "bench")


def nearest(table: CountTable, base: int) -> SafeTable:
    """What a spreadsheet does: every number for itself."""
    counts = tuple(base * round(count / base) for count in table.counts)
    return SafeTable(table.id, table.dims, table.codes, counts)


def line(name: str, release: PublishedRelease, true: CountTable, seconds: float) -> str:
    """Cells opened without and with the truth beside them, cells withheld, and the mean distance of what is shown."""
    pairs = list(zip(release.tables[0].counts, true.counts, strict=True))
    truth = Truth({(true.id, codes): count for codes, count in zip(true.codes, true.counts, strict=True)})
    small = sum(0 < count < K for count in true.counts)
    opened = [len(attack_releases([release], known).broken) for known in (None, truth)]
    distance = np.mean([abs(shown - count) for shown, count in pairs if shown is not None])
    held = sum(shown is None for shown, _ in pairs)
    return (
        f"{name:34} {len(pairs)} cells, {small} small: opened {opened[0]:3} (sensitive {opened[1]:3}), "
        f"withheld {held:3}, mean distance {distance:.2f}, {seconds:.1f} s"
    )


def main() -> None:
    """Print one line a method."""
    frame = region(400)
    cases = read_micro(frame, spec_of())
    true = tabulate(cases, spec_of().tables[0])
    base = PublishedRelease("bench", K, "", cases.hierarchies, ())
    plain = SafeTable(true.id, true.dims, true.codes, tuple(None if 0 < n < K else n for n in true.counts))
    print(line("primary suppression only", replace(base, tables=(plain,)), true, 0.0))
    # Distances of at most 2: a published number stands for counts less than 3 away.
    print(line("each number to the nearest 5", replace(base, tables=(nearest(true, 5),), rounded=3), true, 0.0))
    options: dict[str, dict[str, object]] = {
        "ours: suppression": {},
        "ours: rounding to 10": {"method": Protection.ROUNDING, "base": 10},
        "ours: rounding to 5, one step more": {"method": Protection.ROUNDING, "base": 5, "steps": 1},
    }
    for name, option in options.items():
        start = time.monotonic()
        answer = protect(frame, spec_of(**option), halt=lambda start=start: time.monotonic() - start > 30)
        seconds = time.monotonic() - start
        if not isinstance(answer, SafeRelease):
            print(f"{name}: refused: {answer.reasons[0]}")
            continue
        print(line(name, replace(base, tables=answer.tables, rounded=answer.rounded), true, seconds))


if __name__ == "__main__":
    main()
