"""Published multiple systems estimates come out to the printed digit."""

import json
from pathlib import Path

import numpy as np
import pytest

from aggregator.estimate.histories import history_design, main_effects
from aggregator.estimate.loglinear import NotEstimableError, Obstacle, fit, wald_interval
from aggregator.estimate.overlap import OverlapTable, read_overlap
from aggregator.estimate.resample import _uniforms, resamples
from aggregator.estimate.size import Method, estimate_size
from aggregator.estimate.stepwise import stepwise

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
ANSWERS = json.loads((DATA / "mse" / "answers_dev.json").read_text(encoding="utf-8"))["dev"]


def table(name: str) -> OverlapTable:
    """One of the published tables."""
    path = DATA / "mse" / f"{name}.csv"
    return read_overlap(path.read_text(encoding="utf-8").splitlines(), path.name)


@pytest.mark.parametrize("name", ["UKdat_5", "NewOrl_5", "Western", "Korea"])
def test_stepwise_estimate_is_the_published_one(name: str) -> None:
    """Forward selection by exact Poisson tails gives the published population, to the printed digit."""
    found = estimate_size(table(name), replicates=0)
    assert found.estimate is not None
    assert round(found.estimate, 2) == ANSWERS[name]["csv2021"]["pop"]


@pytest.mark.parametrize("name", ["UKdat_5", "NewOrl_5", "Western"])
def test_stepwise_model_is_the_published_one(name: str) -> None:
    """The same two-list effects enter in the same order."""
    assert list(estimate_size(table(name), replicates=0).model) == ANSWERS[name]["csv2021"]["model"]


@pytest.mark.parametrize("name", ["UKdat_5", "Western"])
def test_main_effects_estimate_is_the_published_one(name: str) -> None:
    """The independence model gives the published population."""
    found = estimate_size(table(name), Method.MAIN, replicates=0)
    assert found.estimate is not None
    assert round(found.estimate, 2) == ANSWERS[name]["main"]["pop"]


def test_best_bic_estimate_is_the_published_one() -> None:
    """The smallest BIC over all hierarchical models gives the published Korean figure and interval."""
    found = estimate_size(table("Korea"), Method.BIC)
    assert found.estimate is not None
    assert round(found.estimate, 2) == ANSWERS["Korea"]["bic_all"]["pop"]
    assert found.interval == pytest.approx(ANSWERS["Korea"]["bic_all"]["interval95"], rel=0.05)
    assert found.bic == pytest.approx(found.estimate)


@pytest.mark.parametrize(("name", "method"), [("UKdat_5", "csv2021"), ("UKdat_5", "main"), ("Western", "csv2021")])
def test_wald_interval_is_the_published_one(name: str, method: str) -> None:
    """The interval on the logarithm of the dark figure agrees to the printed tenth."""
    counts = table(name)
    lists = len(counts.lists)
    design, mains = history_design(lists), main_effects(lists)
    pairs = tuple(1 << i | 1 << j for i in range(lists) for j in range(i + 1, lists))
    model = fit(design, mains, counts.vector()) if method == "main" else stepwise(design, mains, pairs, counts.vector())
    assert [round(end, 1) for end in wald_interval(model)] == ANSWERS[name][method]["wald95"]


def test_bca_interval_of_the_uk_is_the_authors_own() -> None:
    """With the authors' seed the 1,000 replicates are theirs, and so is the interval, to the printed tenth."""
    found = estimate_size(table("UKdat_5"))
    assert found.interval is not None
    assert [round(end, 1) for end in found.interval] == ANSWERS["UKdat_5"]["csv2021"]["bca95_ref_run"]


@pytest.mark.parametrize("name", ["NewOrl_5", "Western"])
def test_bca_interval_is_near_the_published_one(name: str) -> None:
    """Within the Monte Carlo tolerance of the answers file: 5 % at the lower end, 8 % at the upper."""
    found = estimate_size(table(name))
    low, high = ANSWERS[name]["csv2021"]["interval95"]
    assert found.interval is not None
    assert found.interval[0] == pytest.approx(low, rel=0.05)
    assert found.interval[1] == pytest.approx(high, rel=0.08)


@pytest.mark.parametrize(
    ("effects", "obstacle"),
    [((3, 5, 6), Obstacle.NOT_IDENTIFIABLE), ((3,), Obstacle.NO_MLE), ((3, 5), Obstacle.NO_MLE)],
)
def test_models_without_an_estimate_are_named(effects: tuple[int, ...], obstacle: Obstacle) -> None:
    """On the published artificial table the checks tell a missing estimate from one that is not identifiable."""
    with pytest.raises(NotEstimableError) as caught:
        fit(history_design(3), (*main_effects(3), *effects), table("Artificial_3").vector())
    assert caught.value.obstacle is obstacle


def test_model_with_an_estimate_passes_the_checks() -> None:
    """Two empty overlaps without the filled one leave an estimate: 40 and 30 with 6 in common, and 20 beside them."""
    found = fit(history_design(3), (*main_effects(3), 5, 6), table("Artificial_3").vector())
    assert found.total == pytest.approx(96 + 40 * 30 / 6)


def test_published_dutch_table_has_an_answer() -> None:
    """Six lists run through stepwise, the downhill BIC search and the gate."""
    path = DATA / "overlap_nl_2010_2015.csv"
    found = estimate_size(read_overlap(path.read_text(encoding="utf-8").splitlines(), path.name), replicates=0)
    assert found.n == 8234
    assert found.estimate is not None
    assert not found.gate.publish


def test_uniforms_are_those_of_r() -> None:
    """The first numbers of runif after set.seed(42), known to every user of R."""
    draw = _uniforms(42)
    assert [round(draw(), 7) for _ in range(3)] == [0.9148060, 0.9370754, 0.2861395]


def test_resamples_have_the_right_size_and_mean() -> None:
    """Every resample holds as many people as were counted, and each cell averages its own count."""
    counts = np.array([5, 40, 200, 755])
    drawn = resamples(counts, 4000, seed=7)
    assert (drawn.sum(axis=1) == 1000).all()
    spread = np.sqrt(counts * (1.0 - counts / 1000.0))
    assert (np.abs(drawn.mean(axis=0) - counts) < 4.5 * spread / np.sqrt(4000)).all()
    assert np.allclose(drawn.std(axis=0), spread, rtol=0.06)
