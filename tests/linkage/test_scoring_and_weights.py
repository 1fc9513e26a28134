"""The scorer and its published weights: complete, finite, and refused when they do not fit."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.matching.blocks import BLOCK_TYPES, TOKEN_TYPES, Evidence, agreement, estimated_bits
from gateway.matching.scoring import FEATURES, against_rivals, log_odds
from gateway.matching.weights import WeightsError, parse, published
from pseudonymizer.linkage import COMPOSITE_TYPES, ENCODER_VERSION
from pseudonymizer.tokens import RULES, Strength


def _seen(shared: dict[str, int], dice: float, company: float = 0.0) -> Evidence:
    """One pair of records with two words, a full date and these shared blocks."""
    has = np.array([[0, 0, 2, 0, 0, 2, 2, 2, 4, 2]], dtype=float)
    row = np.array([[shared.get(kind[3:], 0) for kind in BLOCK_TYPES]], dtype=float)
    bits = np.array([400.0])
    union = np.array([2 * 400.0 - dice * 400.0])
    at = np.zeros(1, dtype=np.int64)
    none = np.zeros((1, len(TOKEN_TYPES)))
    return Evidence(at, at, row, np.where(row > 0, company, 0.0), np.array([dice]), bits, bits, union, has, has, none)


def test_gateway_and_pseudonymizer_agree_on_types() -> None:
    """The two houses cannot import each other; their lists are the same all the same."""
    assert BLOCK_TYPES == COMPOSITE_TYPES
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
    full = log_odds(_seen({"SF": 2, "SX": 2, "S4": 2, "SM": 2, "SY": 4, "SN": 2}, 0.98), weights)
    year = log_odds(_seen({"SY": 4, "SN": 2}, 0.80), weights)
    name = log_odds(_seen({"SN": 2}, 0.55, company=3.0), weights)
    assert full > year > name
    assert weights.zones.name(float(full[0])) == "match"
    assert weights.zones.name(float(name[0])) == "none"


@given(st.floats(0, 1), st.floats(0, 5), st.lists(st.integers(0, 12), min_size=10, max_size=10))
def test_scores_are_finite(dice: float, company: float, counts: list[int]) -> None:
    """Whatever the blocks say, there is a number."""
    seen = _seen({kind[3:]: count for kind, count in zip(BLOCK_TYPES, counts, strict=True)}, dice, company)
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


def test_estimated_bits_undo_collisions() -> None:
    """632 ones of 1024 are about 983 bits set; a full filter stays finite."""
    found = estimated_bits(np.array([0.0, 632.0, 1024.0]))
    assert found[0] == 0
    assert 970 < found[1] < 995
    assert np.isfinite(found[2])


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
