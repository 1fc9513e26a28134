"""What holds for every overlap table, on tables drawn at random and on populations of known size."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aggregator.estimate.bic import best_models, contest_of, hierarchical_models, least_bic, rank, smallest_bic
from aggregator.estimate.covariates import StratifiedTable, estimate_with_covariates
from aggregator.estimate.gate import Reason
from aggregator.estimate.histories import history_design, main_effects
from aggregator.estimate.loglinear import NotEstimableError, fit
from aggregator.estimate.overlap import OverlapError, OverlapTable
from aggregator.estimate.size import Method, estimate_size


def expected_table(chances: tuple[float, ...], size: float, names: str = "ABCDE") -> OverlapTable:
    """Independent lists that see exactly what is expected of a population of that size, rounded."""
    counts = []
    for history in range(1, 2 ** len(chances)):
        share = np.prod([c if history >> i & 1 else 1.0 - c for i, c in enumerate(chances)])
        counts.append(round(size * float(share)))
    return OverlapTable(tuple(names[: len(chances)]), tuple(counts))


@st.composite
def overlap_tables(draw: st.DrawFn) -> OverlapTable:
    """Three or four lists with single-list counts that are larger than the overlaps, as registers have."""
    lists = draw(st.integers(3, 4))
    counts = [
        draw(st.integers(20, 400)) if history.bit_count() == 1 else draw(st.integers(0, 25))
        for history in range(1, 2**lists)
    ]
    return OverlapTable(tuple("DBAC"[:lists]), tuple(counts))


@settings(max_examples=15, deadline=None)
@given(overlap_tables(), st.permutations(range(4)))
def test_order_of_the_lists_changes_nothing(table: OverlapTable, shuffled: list[int]) -> None:
    """Estimate, chosen effects, BIC and verdict do not depend on which list comes first."""
    order = [index for index in shuffled if index < len(table.lists)]
    one = estimate_size(table, replicates=0)
    other = estimate_size(table.reordered(tuple(order)), replicates=0)
    assert (one.n, one.estimate, one.bic, one.gate) == (other.n, other.estimate, other.bic, other.gate)
    assert [set(effect.split(":")) for effect in one.model] == [set(effect.split(":")) for effect in other.model]


@settings(max_examples=15, deadline=None)
@given(overlap_tables(), st.integers(2, 9))
def test_main_effects_estimate_scales_with_the_counts(table: OverlapTable, factor: int) -> None:
    """Every count times k gives the population times k: nothing in the fit is absolute."""
    one = estimate_size(table, Method.MAIN, replicates=0).estimate
    many = estimate_size(
        replace(table, counts=tuple(factor * count for count in table.counts)), Method.MAIN, replicates=0
    ).estimate
    assert (one is None) == (many is None)
    if one is not None:
        assert many == pytest.approx(factor * one, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(overlap_tables())
def test_a_fitted_model_reproduces_its_margins(table: OverlapTable) -> None:
    """The likelihood equations: expected and observed people agree on every effect in the model."""
    lists = len(table.lists)
    design, counts = history_design(lists), table.vector()
    try:
        found = fit(design, (*main_effects(lists), 3), counts)
    except NotEstimableError:
        return
    effects = list(found.effects)
    assert found.expected @ design.observed[:, effects] == pytest.approx(counts @ design.observed[:, effects], abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(overlap_tables())
def test_no_hierarchical_model_beats_the_best_bic(table: OverlapTable) -> None:
    """The search that stops early finds the same minimum as fitting every model."""
    lists = len(table.lists)
    assume(any(table.counts[history - 1] for history in range(1, 2**lists) if history.bit_count() > 1))
    design, counts = history_design(lists), table.vector()
    best = best_models(design, lists, counts, 1)[0]
    everything = rank(design, hierarchical_models(lists), counts, 10**6)
    assert best.bic == pytest.approx(min(model.bic for model in everything), abs=1e-6)


def resampled(table: OverlapTable, seed: int) -> "np.typing.NDArray[np.float64]":
    """As many people, drawn anew; some overlaps may come out empty, and one that was empty gets somebody."""
    rng = np.random.default_rng(seed)
    counts = table.vector()
    drawn = rng.multinomial(int(counts.sum()), counts / counts.sum()).astype(np.float64)
    drawn[rng.integers(counts.size)] += float(seed % 2)
    return drawn


@settings(max_examples=25, deadline=None)
@given(overlap_tables(), st.integers(0, 10_000))
def test_bound_is_never_above_the_fitted_bic(table: OverlapTable, seed: int) -> None:
    """What bounds a model's BIC on a resample without a fit holds for every hierarchical model."""
    lists = len(table.lists)
    assume(any(table.counts[history - 1] for history in range(1, 2**lists) if history.bit_count() > 1))
    design = history_design(lists)
    contest = contest_of(design, best_models(design, lists, table.vector(), 60))
    counts = resampled(table, seed)
    for model, bound in zip(contest.models, least_bic(contest, counts), strict=True):
        try:
            assert bound <= fit(design, model, counts).bic + 1e-6
        except NotEstimableError:
            continue


@settings(max_examples=25, deadline=None)
@given(overlap_tables(), st.integers(0, 10_000))
def test_contest_that_skips_fits_keeps_the_winner(table: OverlapTable, seed: int) -> None:
    """On a resample the model of smallest BIC is the one that fitting all of them gives."""
    lists = len(table.lists)
    assume(any(table.counts[history - 1] for history in range(1, 2**lists) if history.bit_count() > 1))
    design = history_design(lists)
    contest = contest_of(design, best_models(design, lists, table.vector(), 60))
    counts = resampled(table, seed)
    try:
        winner = rank(design, contest.models, counts, 1)[0]
    except NotEstimableError:
        with pytest.raises(NotEstimableError):
            smallest_bic(contest, counts)
        return
    assert smallest_bic(contest, counts).effects == winner.effects


@pytest.mark.parametrize(("lists", "models"), [(2, 1), (3, 8), (4, 113), (5, 6893)])
def test_number_of_hierarchical_models_is_known(lists: int, models: int) -> None:
    """Closed families of effects with all main effects, without the effect of all lists at once."""
    assert len(set(hierarchical_models(lists))) == models


def test_two_lists_give_lincoln_petersen() -> None:
    """With two lists the estimate is the product of the lists over their overlap."""
    found = estimate_size(OverlapTable(("A", "B"), (80, 50, 20)), replicates=0)
    assert found.estimate == pytest.approx(100 * 70 / 20)


@pytest.mark.parametrize("size", [2_000, 20_000])
def test_population_of_independent_lists_is_recovered(size: int) -> None:
    """Lists that are independent lead back to the population they were drawn from."""
    found = estimate_size(expected_table((0.3, 0.25, 0.4, 0.2), size), replicates=0)
    assert found.estimate == pytest.approx(size, rel=0.02)
    assert found.model == ()


def test_list_without_people_changes_nothing_but_the_verdict() -> None:
    """An empty list carries no information about the size."""
    table = expected_table((0.3, 0.25, 0.4), 5_000)
    counts = [0] * 15
    counts[:7] = table.counts
    widened = OverlapTable(("A", "B", "C", "D"), tuple(counts))
    one, other = estimate_size(table, replicates=0), estimate_size(widened, replicates=0)
    assert other.estimate == pytest.approx(one.estimate)


def test_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    """The interval depends on the seed alone, not on machine or moment."""
    table = expected_table((0.3, 0.25, 0.4), 3_000)
    first, second = (estimate_size(table, replicates=120, seed=5) for _ in range(2))
    assert first == second
    assert estimate_size(table, replicates=120, seed=6).interval != first.interval


def test_covariates_undo_the_mixing_of_groups() -> None:
    """Two groups that lists see with opposite chances look dependent together, and are right apart."""
    adults, minors = expected_table((0.5, 0.1, 0.4), 4_000), expected_table((0.1, 0.5, 0.3), 4_000)
    pooled = OverlapTable(adults.lists, tuple(a + b for a, b in zip(adults.counts, minors.counts, strict=True)))
    apart = StratifiedTable(("leeftijd",), (("volwassen",), ("minderjarig",)), (adults, minors))
    mixed = estimate_size(pooled, Method.MAIN, replicates=0).estimate
    found = estimate_with_covariates(apart, replicates=0)
    assert mixed is not None
    assert abs(mixed - 8_000) > 800
    assert found.estimate == pytest.approx(8_000, rel=0.02)
    assert any("leeftijd" in effect for effect in found.model)


def test_covariates_pass_the_same_gate() -> None:
    """With covariates the answer has a second opinion and a verdict too, and here it may be published."""
    adults, minors = expected_table((0.5, 0.1, 0.4), 4_000), expected_table((0.1, 0.5, 0.3), 4_000)
    apart = StratifiedTable(("leeftijd",), (("volwassen",), ("minderjarig",)), (adults, minors))
    found = estimate_with_covariates(apart, Method.BIC, replicates=120)
    assert found.bic == found.estimate == pytest.approx(8_000, rel=0.02)
    assert found.interval is not None
    assert found.interval[0] < 8_000 < found.interval[1]
    assert Reason.NO_INTERVAL not in found.gate.reasons
    assert Reason.METHODS_DISAGREE not in found.gate.reasons


def test_one_stratum_gives_the_plain_estimate() -> None:
    """Without a real covariate the stratified model is the plain one."""
    table = expected_table((0.3, 0.2, 0.4), 3_000)
    found = estimate_with_covariates(StratifiedTable(("jaar",), (("2024",),), (table,)), replicates=150)
    plain = estimate_size(table, replicates=0)
    assert found.estimate == pytest.approx(plain.estimate)
    assert found.interval is not None
    assert found.interval[0] < found.estimate < found.interval[1]


def test_strata_with_different_lists_are_refused() -> None:
    """Counts of different lists cannot be laid side by side."""
    one, other = expected_table((0.3, 0.2, 0.4), 900), expected_table((0.3, 0.2, 0.4), 900, "XYZ")
    with pytest.raises(OverlapError, match="same lists"):
        StratifiedTable(("jaar",), (("2023",), ("2024",)), (one, other))


def test_leaving_lists_out_keeps_the_people_on_the_others() -> None:
    """Summing a list away loses exactly the people seen on nothing else."""
    table = expected_table((0.3, 0.2, 0.4), 1_000)
    for kept in combinations(range(3), 2):
        (gone,) = set(range(3)) - set(kept)
        assert table.reordered(kept).observed == table.observed - table.counts[(1 << gone) - 1]
