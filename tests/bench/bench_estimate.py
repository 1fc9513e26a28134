"""Time of the size estimate: the whole answer on the UK five lists against one main-effects fit, in the same run.

Run: python tests/bench/bench_estimate.py. The target of the design is under 60 s for 1,000 replicates on two cores.
"""

from pathlib import Path
from time import perf_counter

from aggregator.estimate.histories import history_design, main_effects
from aggregator.estimate.loglinear import fit
from aggregator.estimate.overlap import read_overlap
from aggregator.estimate.size import Method, estimate_size

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def main() -> None:
    """Print seconds and the ratio to a single fit for every table and method."""
    uk = DATA / "mse" / "UKdat_5.csv"
    for path in (uk, DATA / "mse" / "Western.csv", DATA / "overlap_nl_2010_2015.csv"):
        table = read_overlap(path.read_text(encoding="utf-8").splitlines(), path.name)
        lists, counts = len(table.lists), table.vector()
        started = perf_counter()
        for _ in range(200):
            fit(history_design(lists), main_effects(lists), counts)
        single = (perf_counter() - started) / 200
        for method in (Method.STEPWISE, Method.BIC) if path == uk else (Method.STEPWISE,):
            started = perf_counter()
            estimate_size(table, method)
            took = perf_counter() - started
            print(f"{path.name:28} {method:9} 1,000 replicates and gate {took:6.1f} s = {took / single:8.0f} fits")


if __name__ == "__main__":
    main()
