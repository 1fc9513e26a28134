"""The whole-number attack by short moves says what the exact programme says, and trusts no table unchecked."""

from math import ceil, floor

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import aggregator.whole
from aggregator.attack import INTEGER_CHECK, Attacker, Fact, Interval, System, intervals, proven, system_of
from aggregator.demands import EXACT
from aggregator.lattice import Lattice, build_lattice
from aggregator.second_attack import SecondAttacker
from aggregator.solver import Program, SolverRefused
from aggregator.tables import Region

K = 5
SIZES = {"a": 5, "b": 4, "c": 4}
TABLES = [("a", "b"), ("a", "c"), ("b", "c")]
Floats = npt.NDArray[np.float64]


def world(seed: int) -> tuple[Lattice, list[Fact], list[Region], Floats]:
    """Three linked tables of few cases: small cells and some others withheld, by no rule. Safe or not, as it falls."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(40, 200))
    codes = {d: rng.choice(n, size, p=rng.dirichlet(np.full(n, 1.0))).astype(np.int64) for d, n in SIZES.items()}
    lattice = build_lattice(SIZES, [frozenset(t) for t in TABLES])
    truth = lattice.fill(codes, np.ones(size, dtype=np.int64))
    regions: dict[Region, None] = {(): None}
    for table in TABLES:
        for first in [None, *range(SIZES[table[0]])]:
            for second in [None, *range(SIZES[table[1]])]:
                chosen = [(d, c) for d, c in zip(table, (first, second), strict=True) if c is not None]
                regions[tuple((d, frozenset({c})) for d, c in chosen)] = None
    hidden, facts = [], []
    share = rng.uniform(0.0, 0.7)
    for region in regions:
        count = float(truth[lattice.members(region)].sum())
        if region and (0 < count < K or rng.random() < share):
            hidden.append(region)
        else:
            facts.append(Fact(region, count, count))
    return lattice, facts, hidden, truth


def exactly(system: System, targets: sparse.csr_array, k: float) -> list[Interval]:
    """The attack as it was before short moves: both ends by the exact programmes, each from nothing."""
    linear, whole, out = Attacker(system), Attacker(system, integer=True), []
    for row in range(targets.shape[0]):
        objective = np.asarray(targets[[row]].todense()).reshape(-1)
        low, high = (linear.end(objective, largest)[0] for largest in (False, True))
        if high - low < INTEGER_CHECK * k:
            low, high = (round(whole.end(objective, largest)[0]) for largest in (False, True))
        out.append(Interval(float(low), float(high)))
    return out


def compare(seeds: range) -> tuple[int, int]:
    """How many cells were compared, and how many of them the exact attack opens; all verdicts are the same."""
    compared = opened = 0
    for seed in seeds:
        lattice, facts, hidden, _ = world(seed)
        system, targets = system_of(lattice, facts), lattice.matrix(hidden)
        for told, exact in zip(intervals(system, targets, K), exactly(system, targets, K), strict=True):
            assert told.low == pytest.approx(exact.low, abs=EXACT), seed
            assert told.broken(K) == exact.broken(K), seed
            assert told.hides(0, K) == exact.hides(0, K), seed
            compared, opened = compared + 1, opened + exact.broken(K)
    return compared, opened


def test_verdicts_equal_those_of_the_exact_programme() -> None:
    """25 random releases, safe and unsafe: the same lower end and the same verdict for every withheld cell."""
    compared, opened = compare(range(25))
    assert compared > 400
    assert opened > 50


@pytest.mark.full
def test_verdicts_of_two_hundred_releases_equal_those_of_the_exact_programme() -> None:
    """The same on 200 random releases."""
    compared, opened = compare(range(1000, 1200))
    assert compared > 4000
    assert opened > 400


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_second_attacker_finds_no_table_beyond_the_exact_ends(seed: int) -> None:
    """What its own short changes reach lies within the interval of its own exact programme."""
    lattice, facts, hidden, _ = world(seed)
    second = SecondAttacker(SIZES, lattice.cliques, facts)
    for region in hidden[:4]:
        exact = second.interval(region, True)
        assert not second.reaches(region, exact.low - 1, exact.high)
        assert not second.reaches(region, exact.low, exact.high + 1)


def test_second_attacker_finds_whole_tables_at_most_ends() -> None:
    """Both ends of at least nine in ten cells are reached without the exact programme."""
    found = asked = 0
    for seed in range(6):
        lattice, facts, hidden, _ = world(seed)
        one = SecondAttacker(SIZES, lattice.cliques, facts)
        other = SecondAttacker(SIZES, lattice.cliques, facts)
        for region in hidden[::3]:
            exact = one.interval(region, True)
            asked += 1
            found += other.reaches(region, round(exact.low), round(exact.high))
    assert found >= 0.9 * asked


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_insiders_interval_is_exact_where_it_is_shorter_than_asked(seed: int) -> None:
    """From the view of somebody who knows cases, an end that is not reached is the exact end."""
    lattice, facts, hidden, truth = world(seed)
    known = np.floor(truth * np.random.default_rng(seed).random())
    system, targets = system_of(lattice, facts, known), lattice.matrix(hidden[:6])
    own = np.asarray(targets @ known)
    wanted = [Interval(float(low), float(low + K)) for low in own]
    whole = Attacker(system, integer=True)
    for row, (want, told) in enumerate(zip(wanted, proven(system, targets, wanted), strict=True)):
        objective = np.asarray(targets[[row]].todense()).reshape(-1)
        low, high = (whole.end(objective, largest)[0] for largest in (False, True))
        assert low - EXACT <= told.low
        assert told.high <= high + EXACT
        assert told.hides(want.low, want.high) == Interval(low, high).hides(want.low, want.high)


def test_a_table_that_does_not_fit_is_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver hands over wrong tables wherever it may: the verdicts stay those of the exact programme."""
    lattice, facts, hidden, _ = world(3)
    system, targets = system_of(lattice, facts), lattice.matrix(hidden)

    def wrong(program: Program, _nodes: int) -> Floats:
        return np.full(program.matrix.shape[1], 50.0)

    monkeypatch.setattr(aggregator.whole, "some_whole", wrong)
    told = [interval.broken(K) for interval in intervals(system, targets, K)]
    assert told == [interval.broken(K) for interval in exactly(system, targets, K)]


def test_without_any_whole_table_to_start_from_the_exact_programme_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding nothing proves nothing."""
    lattice, facts, hidden, _ = world(4)
    system, targets = system_of(lattice, facts), lattice.matrix(hidden)
    monkeypatch.setattr(aggregator.whole, "some_whole", lambda _program, _nodes: None)
    told = [interval.broken(K) for interval in intervals(system, targets, K)]
    assert told == [interval.broken(K) for interval in exactly(system, targets, K)]


def test_an_exact_answer_whose_table_does_not_fit_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """An optimum that comes with a table that contradicts what is published is a doubt, not a bound."""
    lattice, facts, hidden, _ = world(3)
    system, targets = system_of(lattice, facts), lattice.matrix(hidden)
    monkeypatch.setattr(aggregator.whole, "some_whole", lambda _program, _nodes: None)
    plain = Attacker.end

    def shifted(self: Attacker, objective: Floats, largest: bool) -> tuple[float, Floats | None]:
        value, point = plain(self, objective, largest)
        return value, None if point is None else point + 1.0

    monkeypatch.setattr(Attacker, "end", shifted)
    with pytest.raises(SolverRefused, match="does not fit"):
        intervals(system, targets, K)


def test_a_table_fits_only_by_exact_arithmetic() -> None:
    """The true table fits; one case more, half a case, or less than is known does not."""
    lattice, facts, _, truth = world(1)
    system = system_of(lattice, facts)
    more, half = truth.copy(), truth.copy()
    more[0] += 1
    half[0] += 0.5
    assert system.fits(truth)
    assert not system.fits(more)
    assert not system.fits(half)
    assert not system_of(lattice, facts, known=truth).fits(np.maximum(truth - 1, 0))


def test_same_question_same_interval() -> None:
    """No chance and no clock: the same facts give the same intervals."""
    lattice, facts, hidden, _ = world(9)
    system, targets = system_of(lattice, facts), lattice.matrix(hidden)
    assert intervals(system, targets, K) == intervals(system, targets, K)


def test_every_told_end_is_a_whole_number_where_the_interval_is_short() -> None:
    """Counts are whole, so no bound of a short interval is between two counts."""
    lattice, facts, hidden, _ = world(11)
    found = intervals(system_of(lattice, facts), lattice.matrix(hidden), K)
    short = [i for i in found if i.high - i.low < INTEGER_CHECK * K]
    assert all(ceil(i.low) == floor(i.low) and ceil(i.high) == floor(i.high) for i in short)
