"""Every refusal of the gate, each on its own, and the rounding of what passes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.estimate.gate import Evidence, Reason, judge, rounded_outward
from aggregator.estimate.overlap import OverlapTable
from aggregator.estimate.size import estimate_size

SOUND = Evidence(
    estimate=1000.0,
    interval=(800.0, 1300.0),
    replicates=1000,
    opinions=(1000.0, 1100.0),
    lists_left_out=(900.0, 1200.0, 1000.0),
    people_left_out=(990.0, 1010.0),
)


def test_sound_evidence_may_be_published() -> None:
    """Nothing against: the gate opens."""
    assert judge(SOUND).publish
    assert judge(SOUND).reasons == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"estimate": float("inf")}, Reason.NO_ESTIMATE),
        ({"estimate": float("nan")}, Reason.NO_ESTIMATE),
        ({"replicates": 99}, Reason.TOO_FEW_REPLICATES),
        ({"interval": (324.0, 1300.0)}, Reason.INTERVAL_TOO_WIDE),
        ({"interval": (float("nan"), 1300.0), "lists_left_out": ()}, Reason.INTERVAL_TOO_WIDE),
        ({"opinions": (1000.0, 1501.0)}, Reason.METHODS_DISAGREE),
        ({"opinions": (1000.0, 666.0)}, Reason.METHODS_DISAGREE),
        ({"opinions": (float("inf"), 1000.0)}, Reason.METHODS_DISAGREE),
        ({"lists_left_out": (1000.0, 1951.0, 1000.0)}, Reason.ONE_LIST_DECIDES),
        ({"lists_left_out": (1000.0, 533.0, 1000.0)}, Reason.ONE_LIST_DECIDES),
        ({"lists_left_out": (1000.0, float("inf"), 1000.0)}, Reason.ONE_LIST_DECIDES),
        ({"lists_left_out": ()}, Reason.ONE_LIST_DECIDES),
        ({"people_left_out": (1051.0, 1000.0)}, Reason.ONE_PERSON_DECIDES),
        ({"people_left_out": (1000.0, 949.0)}, Reason.ONE_PERSON_DECIDES),
        ({"people_left_out": (1000.0, float("inf"))}, Reason.ONE_PERSON_DECIDES),
        ({"people_left_out": ()}, Reason.ONE_PERSON_DECIDES),
    ],
)
def test_each_rule_refuses(changes: dict[str, object], reason: Reason) -> None:
    """One thing wrong, or impossible to compute, is enough to refuse with its reason."""
    verdict = judge(replace(SOUND, **changes))  # type: ignore[arg-type]
    assert not verdict.publish
    assert reason in verdict.reasons


def test_missing_interval_refuses() -> None:
    """Without an interval there is nothing to publish."""
    assert Reason.NO_INTERVAL in judge(replace(SOUND, interval=None)).reasons


def test_limits_themselves_pass() -> None:
    """Ratios of exactly 4 and 1.5 and a move of exactly 5 % are still within the rules."""
    edge = replace(SOUND, interval=(400.0, 1600.0), opinions=(1000.0, 1500.0), people_left_out=(1050.0, 950.0))
    assert judge(edge).publish


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        ((801.0, 949.0), (800, 950)),
        ((800.0, 950.0), (800, 950)),
        ((999.9, 1000.1), (950, 1100)),
        ((1293.2, 3670.6), (1200, 3700)),
        ((4999.0, 5000.1), (4900, 5500)),
        ((8784.8, 14700.5), (8500, 15000)),
    ],
)
def test_rounding_goes_outward(interval: tuple[float, float], shown: tuple[int, int]) -> None:
    """To 50 below 1,000, to 100 below 5,000, to 500 above."""
    assert rounded_outward(interval) == shown


@given(st.floats(1, 1e6), st.floats(1, 5))
def test_shown_interval_contains_the_real_one(low: float, ratio: float) -> None:
    """Rounding never makes an estimate look surer than it is."""
    shown = rounded_outward((low, low * ratio))
    assert shown[0] <= low
    assert shown[1] >= low * ratio


def test_strong_table_is_published() -> None:
    """Large independent lists with filled overlaps pass every rule and show a rounded interval only."""
    found = estimate_size(OverlapTable(("A", "B", "C"), (840, 840, 360, 560, 240, 240, 160)), replicates=300)
    assert found.gate.publish
    assert found.interval is not None
    assert found.published == rounded_outward(found.interval)


def test_table_without_overlaps_has_no_estimate() -> None:
    """Lists that share nobody say nothing about who is on no list."""
    found = estimate_size(OverlapTable(("A", "B", "C"), (40, 30, 0, 20, 0, 0, 0)), replicates=50)
    assert found.estimate is None
    assert found.interval is None
    assert found.published is None
    assert found.gate.reasons == (Reason.NO_ESTIMATE,)


def test_empty_table_has_no_estimate() -> None:
    """Nobody observed is an answer, not a crash."""
    assert estimate_size(OverlapTable(("A", "B"), (0, 0, 0)), replicates=50).gate.reasons == (Reason.NO_ESTIMATE,)


def test_two_lists_are_never_published() -> None:
    """With two lists nothing can show that no single list decides."""
    found = estimate_size(OverlapTable(("A", "B"), (800, 700, 600)), replicates=200)
    assert found.gate.reasons == (Reason.ONE_LIST_DECIDES,)


def test_single_overlapping_person_decides() -> None:
    """An estimate that hangs on one shared person is refused for that."""
    found = estimate_size(OverlapTable(("A", "B", "C"), (90, 80, 4, 70, 3, 3, 0)), replicates=100)
    assert Reason.ONE_PERSON_DECIDES in found.gate.reasons
