"""How fast texts are scanned and rows are looked at, beside a bare pass of the same patterns in the same run.

Figures are per CPU second of this process, so a busy machine does not
change them; the ratio says what Presidio and our own name finding cost over the patterns alone.
"""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pseudonymizer.narrative.engine import structured_recognizers
from pseudonymizer.narrative.known import KnownValues
from pseudonymizer.narrative.scan import NarrativeLine, Scanner
from pseudonymizer.narrative.tripwire import Json, Tripwire, fields_of

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.narrative.test_narrative_tripwire import CODES, own_values, row  # tests/ is no package
from tests.narrative.writer import write  # tests/ is no package

TEXTS = 3_000
ROWS = 3_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Rates per CPU second; start in wall seconds of a fresh interpreter, imports included."""

    texts_per_second: float
    patterns_only_per_second: float
    share_of_patterns_only: float
    characters_per_text: float
    tripwire_rows_per_second: float
    start_seconds: float


def rate(work: Callable[[], object], n: int) -> float:
    """Return how many of the `n` items of `work` fit in one CPU second."""
    start = time.process_time()
    work()
    return n / (time.process_time() - start)


def look(tripwire: Tripwire, rows: list[tuple[dict[str, Json], KnownValues]]) -> None:
    """Let every row pass the tripwire."""
    for fields, known in rows:
        tripwire.check(fields_of(fields), known)


def measure() -> Figures:
    """Scan generated texts and look at generated rows; takes about ten seconds."""
    scanner, tripwire, rng = Scanner(), Tripwire(CODES), random.Random(1)
    stories = list(write(1, TEXTS))
    lines = [NarrativeLine(str(n), story.text, story.known) for n, story in enumerate(stories)]
    patterns = structured_recognizers("nl")
    rows = [(row(rng), own_values(rng)) for _ in range(ROWS)]
    list(scanner.scan(lines[:200]))
    texts = rate(lambda: list(scanner.scan(lines)), TEXTS)
    bare = rate(lambda: [r.analyze(line.text, []) for line in lines for r in patterns], TEXTS)
    looked = rate(lambda: look(tripwire, rows), ROWS)
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "from pseudonymizer.narrative.scan import Scanner; Scanner()"], check=True)
    return Figures(
        round(texts),
        round(bare),
        round(texts / bare, 2),
        round(sum(len(s.text) for s in stories) / TEXTS),
        round(looked),
        round(time.perf_counter() - begun, 2),
    )


if __name__ == "__main__":
    print(json.dumps({"bench": "narrative", **asdict(measure())}))
