"""Time, gap and information loss of protection by table size, and the attack on what others do, in one run.

Run: .venv/bin/python tests/bench/bench_disclosure.py [--large]
"""

import sys
import time

import numpy as np
import pandas as pd

from aggregator.history import PublishedRelease, attack_releases
from aggregator.protect import SafeRelease, Withheld, protect
from aggregator.tables import SafeTable, read_spec

# name, tables, codes of (gemeente, vorm, geslacht, leeftijd, herkomst), cases, seconds for the search
SIZES = [
    ("240 cells", [["gemeente", "vorm"]], 400, 5),
    ("700 cells", [["gemeente", "vorm", "geslacht"]], 600, 60),
    (
        "linked 3,000",
        [["gemeente", "vorm", "geslacht"], ["vorm", "geslacht", "leeftijd"], ["vorm", "herkomst", "leeftijd"]],
        1500,
        60,
    ),
]
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


def attacked(table: SafeTable, rounded: int, hierarchies: object, name: str) -> str:
    """How many withheld (or, when rounded, small) cells an outsider opens."""
    assert isinstance(hierarchies, dict)
    used = {dim: hierarchies[dim] for dim in table.dims}
    found = attack_releases([PublishedRelease(name, K, "", used, (table,), {}, rounded)])
    return f"{name}: {len(found.broken)} opened of {len(found.cells)} withheld"


def main() -> None:
    """Print one line a size, then the attack on primary-only suppression beside ours."""
    for name, tables, cases, seconds in SIZES[: None if "--large" in sys.argv else 2]:
        spec, frame = read_spec(spec_text(tables), "bench"), region(cases)
        start = time.monotonic()
        answer = protect(frame, spec, halt=lambda start=start, seconds=seconds: time.monotonic() - start > seconds)
        spent = time.monotonic() - start
        if isinstance(answer, Withheld):
            print(f"{name}: refused after {spent:.1f} s: {answer.reasons[0]}")
            continue
        assert isinstance(answer, SafeRelease)
        cells = sum(len(t.counts) for t in answer.tables)
        held = sum(n is None for t in answer.tables for n in t.counts)
        print(f"{name}: {cells} cells, {spent:.1f} s, withheld {held} ({held / cells:.0%}), gap {answer.gap:.1%}")
        if len(tables) == 1:
            compare(answer, frame)


def compare(answer: SafeRelease, frame: pd.DataFrame) -> None:
    """Ours against withholding the small cells only, on the same table."""
    table = answer.tables[0]
    parents = {f"g{i:02d}": "huis_RR" if i < 13 else "huis_ZHZ" for i in range(CODES["gemeente"])}
    counts = []
    for codes in table.codes:
        mask = pd.Series(True, index=frame.index)
        for dim, code in zip(table.dims, codes, strict=True):
            if code.startswith("huis"):
                mask &= frame[dim].map(parents) == code
            elif not code.startswith("alle"):
                mask &= frame[dim] == code
        counts.append(int(mask.sum()))
    primary = SafeTable(table.id, table.dims, table.codes, tuple(None if 0 < n < K else n for n in counts))
    print("  " + attacked(table, 0, answer.hierarchies, "ours"))
    print("  " + attacked(primary, 0, answer.hierarchies, "primary suppression only"))


if __name__ == "__main__":
    main()
