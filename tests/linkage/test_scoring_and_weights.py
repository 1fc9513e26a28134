"""The scorer and its published weights: complete, finite, and refused when they do not fit."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.codes import BlokType
from gateway.matching.blocks import TOKEN_TYPES, Evidence, agreement
from gateway.matching.scoring import FEATURES, against_rivals, log_odds
from gateway.matching.sketches import TRAITS, Likeness
from gateway.matching.weights import WeightsError, parse, published
from pseudonymizer.linkage import COMPOSITE_TYPES, ENCODER_VERSION
from pseudonymizer.tokens import RULES, Strength

DATE = {"y": 1, "ya": 1, "yb": 1, "yd": 1, "mo": 1, "da": 1, "dt": 1, "du": 1, "md": 1}
YEAR = {"y": 1, "ya": 1, "yb": 1, "yd": 1}


def _seen(shared: int, alike: float, apart: float, traits: dict[str, int], rare: int = 4) -> Evidence:
    """One pair of records that share so many blocks, with names so alike, so many bigrams apart and these traits known
    to agree (+1) or not."""
    states = np.array([[traits.get(name, 0) for name in TRAITS]], dtype=np.int64)
    like = Likeness(np.full((1, 4), alike), np.array([apart]), np.array([rare]), states, np.array(["da" not in traits]))
    at = np.zeros(1, dtype=np.int64)
    return Evidence(at, at, np.array([float(shared)]), like, np.zeros((1, len(TOKEN_TYPES))))


def test_gateway_and_pseudonymizer_agree_on_types() -> None:
    """The two houses cannot import each other; their lists are the same all the same."""
    assert set(COMPOSITE_TYPES) == set(BlokType)
    assert tuple(RULES) == TOKEN_TYPES
    assert [rule.strength for rule in RULES.values()] == [Strength.STERK] * 4 + [Strength.MIDDEL] * 6
    assert published(FEATURES).encoder == str(ENCODER_VERSION)


def test_published_weights_fit_the_scorer() -> None:
    """Every feature has a weight, zones are ordered."""
    weights = published(FEATURES)
    assert len(weights.values) == len(FEATURES) == len(set(FEATURES))
    assert weights.zones.match > weights.zones.possible > weights.zones.written


def test_a_surer_pair_scores_higher() -> None:
    """Full agreement over year only over a name pair alone."""
    weights = published(FEATURES)
    full = log_odds(_seen(18, 0.98, 0.0, DATE | {"sx": 1, "na": 1, "nw": 1}), weights)
    year = log_odds(_seen(2, 0.8, 4.0, YEAR | {"sx": 1, "na": 1}), weights)
    name = log_odds(_seen(1, 0.55, 12.0, {"y": -1, "mo": -1, "da": -1, "md": -1, "sx": 1}), weights)
    assert full > year > name
    assert weights.zones.name(float(full[0])) == "match"
    assert weights.zones.name(float(name[0])) == "none"


@given(
    st.integers(1, 43),
    st.floats(-1, 1),
    st.floats(0, 54),
    st.lists(st.integers(-1, 1), min_size=len(TRAITS), max_size=len(TRAITS)),
    st.integers(0, 8),
)
def test_scores_are_finite(shared: int, alike: float, apart: float, traits: list[int], rare: int) -> None:
    """Whatever the blocks say, there is a number."""
    seen = _seen(shared, alike, apart, dict(zip(TRAITS, traits, strict=True)), rare)
    assert np.isfinite(log_odds(seen, published(FEATURES))).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(-20, 20)), min_size=1, max_size=20))
def test_rivals_only_lower_a_score(pairs: list[tuple[int, int, float]]) -> None:
    """And a pair without rivals keeps its own."""
    left, right, score = (np.array(column) for column in zip(*pairs, strict=True))
    lowered = against_rivals(left, right, score)
    assert (lowered <= score + 1e-9).all()
    alone = (np.bincount(left)[left] == 1) & (np.bincount(right)[right] == 1)
    assert np.allclose(lowered[alone], score[alone])


def test_two_equal_rivals_share_the_odds() -> None:
    """Neither of two twins may be called a match."""
    lowered = against_rivals(np.array([0, 0]), np.array([0, 1]), np.array([8.0, 8.0]))
    assert (lowered < 0.1).all()


def test_agreement_knows_same_different_and_missing() -> None:
    """+1, -1 and 0."""
    assert agreement(np.array([[5, 5, -1, 5]]), np.array([[5, 6, 5, -1]])).tolist() == [[1.0, -1.0, 0.0, 0.0]]


@pytest.mark.parametrize("spoil", ["weights", "zones", "intercept", "version"])
def test_incomplete_weights_are_refused(spoil: str) -> None:
    """Nothing may be scored with half a file."""
    body = {
        "version": "1",
        "encoder": "1",
        "intercept": 0,
        "zones": {"match": 3, "possible": 1, "written": 0},
        "weights": {"a": 1},
    }
    del body[spoil]
    with pytest.raises(WeightsError):
        parse(json.dumps(body), ("a",))


def test_weights_of_another_scorer_are_refused() -> None:
    """Names and order are the contract."""
    body = {
        "version": "1",
        "encoder": "1",
        "intercept": 0,
        "zones": {"match": 3, "possible": 1, "written": 0},
        "weights": {"b": 1},
    }
    with pytest.raises(WeightsError, match="other features"):
        parse(json.dumps(body), ("a",))


def test_disordered_zones_are_refused() -> None:
    """A match that is less sure than a possible one makes no sense."""
    body = {
        "version": "1",
        "encoder": "1",
        "intercept": 0,
        "zones": {"match": 0, "possible": 1, "written": 0},
        "weights": {"a": 1},
    }
    with pytest.raises(WeightsError, match="ordered"):
        parse(json.dumps(body), ("a",))
