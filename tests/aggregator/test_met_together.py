"""The first pattern of a large release: many demands met by one table, and what it gives up for that."""

import numpy as np
import pandas as pd
import pytest

from aggregator.cells import lay_out
from aggregator.demands import Bools, Problem, State
from aggregator.incumbent import Ends, Mover, Target
from aggregator.probe import Prober, Witnesses
from aggregator.protect import SafeRelease, protect
from aggregator.suppress import never
from aggregator.tables import ReleaseSpec, read_spec
from aggregator.tabulate import read_micro
from aggregator.together import MANY, meet_together

SIZES = {"gemeente": 16, "vorm": 6, "geslacht": 2, "leeftijd": 6}
TABLES = [["gemeente", "vorm", "geslacht"], ["vorm", "geslacht", "leeftijd"], ["gemeente", "vorm", "leeftijd"]]
K = 5


def region(seed: int = 1, partners: int = 0, cases: int = 700) -> pd.DataFrame:
    """Invented cases with skewed shares."""
    rng = np.random.default_rng(seed)
    columns = {
        d: [f"{d[0]}{n}" for n in rng.choice(n, cases, p=rng.dirichlet(np.full(n, 0.8)))] for d, n in SIZES.items()
    }
    if partners:
        columns["partner"] = [f"p{n}" for n in rng.choice(partners, cases)]
    return pd.DataFrame(columns)


def spec_of(partners: int = 0, tables: list[list[str]] = TABLES) -> ReleaseSpec:
    """Three linked tables."""
    dims = {d: {"total": f"alle_{d}"} for d in SIZES}
    raw: dict[str, object] = {"k": K, "dimensions": dims, "tables": [{"id": "_".join(t), "dims": t} for t in tables]}
    return read_spec({**raw, **({"partner": "partner"} if partners else {})}, "test")


def problem_of(partners: int = 0, tables: list[list[str]] = TABLES) -> Problem:
    """The suppression problem of one region."""
    spec = spec_of(partners, tables)
    return lay_out(read_micro(region(partners=partners), spec), spec, []).problem


def met(problem: Problem) -> Bools:
    """The pattern that meets all demands together, from nothing withheld but the sensitive cells."""
    pattern = meet_together(problem, Mover(problem), np.zeros(len(problem.values), bool), Witnesses(problem), never)
    assert pattern is not None
    return pattern


def misses(problem: Problem, pattern: Bools) -> list[Target]:
    """Of one demand in five, those that the attacker's programme finds unmet, asked without any witness."""
    prober, ends = Prober(problem), Ends(problem, pattern, Witnesses(problem))
    prober.set_pattern(pattern.astype(np.float64))
    found = []
    for target in sorted(ends.unmet(pattern), key=lambda t: (t.view, t.cell))[::5]:
        low, high = (prober.reach(target.cell, target.view, upward)[0] for upward in (False, True))
        if target.length:
            held = high >= problem.spread - 1e-6 and high - low >= problem.spread - 1e-6
        else:
            held = high >= target.goal - 1e-6 if target.upward else low <= target.goal + 1e-6
        found += [] if held else [target]
    return found


@pytest.mark.parametrize(("partners", "tables"), [(0, TABLES), (3, TABLES[:1])])
def test_every_demand_is_met(partners: int, tables: list[list[str]]) -> None:
    """One in five is asked again by itself, from the outsider's view and from each partner's and pair's."""
    problem = problem_of(partners, tables)
    assert misses(problem, met(problem)) == []


def test_only_what_may_be_withheld_is_withheld() -> None:
    """The region's total and other fixed cells stay as they are."""
    problem = problem_of()
    assert not met(problem)[problem.state != State.FREE].any()


def test_the_same_problem_gives_the_same_pattern() -> None:
    """No clock and no randomness decide."""
    problem = problem_of()
    assert (met(problem) == met(problem)).all()


def test_a_small_release_goes_one_demand_at_a_time() -> None:
    """Its pattern is lighter then, and quick enough."""
    problem = problem_of(tables=[["gemeente", "vorm"]])
    nothing = np.zeros(len(problem.values), bool)
    assert len(Ends(problem, nothing, Witnesses(problem)).unmet(nothing)) < MANY
    assert meet_together(problem, Mover(problem), nothing, Witnesses(problem), never) is None


def test_it_takes_a_tenth_of_the_programmes() -> None:
    """The reason that it exists: the clock is asked before every programme."""
    problem = problem_of()
    mover, seen, nothing = Mover(problem), Witnesses(problem), np.zeros(len(problem.values), bool)
    open_ones = len(Ends(problem, nothing, seen).unmet(nothing))
    asked = iter(range(open_ones))
    assert meet_together(problem, mover, nothing, seen, lambda: next(asked, None) is None) is not None
    assert open_ones - len(list(asked)) < open_ones / 10


def test_a_clock_that_is_over_gives_no_half_pattern() -> None:
    """Nothing safe, nothing at all."""
    problem = problem_of()
    with pytest.raises(TimeoutError):
        meet_together(problem, Mover(problem), np.zeros(len(problem.values), bool), Witnesses(problem), lambda: True)


def test_a_release_that_the_clock_stops_early_withstands_both_attackers() -> None:
    """Through the gate, with hardly any time to search further."""
    left = iter(range(60))
    answer = protect(region(), spec_of(), halt=lambda: next(left, None) is None)
    assert isinstance(answer, SafeRelease)
    assert answer.transcript.broken == ()
    assert answer.gap < 1
