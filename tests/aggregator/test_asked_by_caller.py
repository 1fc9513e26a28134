"""Cells that the caller calls sensitive by a rule of its own: withheld, and the interval asked for stays possible."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.asked import Secret
from aggregator.protect import SafeRelease, Withheld, protect
from aggregator.tables import BadInput, ReleaseSpec, read_spec
from tests.aggregator.third_attacker import ThirdAttacker

K = 5
CODES = {
    "soort": {"alle": ("s0", "s1", "s2", "s3"), **{f"s{i}": (f"s{i}",) for i in range(4)}},
    "kwartaal": {"jaar": ("q1", "q2", "q3"), **{f"q{i}": (f"q{i}",) for i in range(1, 4)}},
}


def spec_of(partner: str | None = None) -> ReleaseSpec:
    """One table of hours by kind and quarter."""
    return read_spec(
        {
            "k": K,
            "dimensions": {"soort": {"total": "alle"}, "kwartaal": {"total": "jaar"}},
            "tables": [{"id": "uren", "dims": ["soort", "kwartaal"]}],
            **({"partner": partner} if partner else {}),
        },
        "spec",
    )


def hours(seed: int = 1) -> pd.DataFrame:
    """Hours of four partners, each with many in every cell: nothing is sensitive by count."""
    rng = np.random.default_rng(seed)
    rows = [
        (soort, kwartaal, partner, int(rng.integers(10, 40)))
        for soort in CODES["soort"]["alle"]
        for kwartaal in CODES["kwartaal"]["jaar"]
        for partner in ("p0", "p1", "p2", "p3")
    ]
    return pd.DataFrame(rows, columns=["soort", "kwartaal", "partner", "count"])


def count_of(frame: pd.DataFrame, soort: str, kwartaal: str) -> int:
    """The true hours of one finest cell."""
    return int(frame.loc[(frame["soort"] == soort) & (frame["kwartaal"] == kwartaal), "count"].sum())


def released(frame: pd.DataFrame, also: Sequence[Secret], partner: str | None = None) -> SafeRelease:
    """The release, which must be one."""
    answer = protect(frame, spec_of(partner), also=also)
    assert isinstance(answer, SafeRelease), answer
    return answer


def test_without_secrets_nothing_is_withheld() -> None:
    """Large counts are no secret by themselves."""
    assert all(count is not None for count in released(hours(), ()).tables[0].counts)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(0, 20))
def test_the_interval_asked_for_stays_possible(seed: int, down: int, up: int) -> None:
    """An attacker that shares no line with ours finds whole tables at both ends of the interval."""
    frame = hours(seed)
    count = count_of(frame, "s1", "q2")
    low, high = count - down, count + up
    release = released(frame, [Secret("uren", ("s1", "q2"), low, high)])
    table = release.tables[0]
    assert dict(zip(table.codes, table.counts, strict=True))[("s1", "q2")] is None
    assert ThirdAttacker(CODES, release.tables, K).holds("uren", ("s1", "q2"), low, high)


def test_a_partner_that_knows_its_own_hours_keeps_the_doubt_asked_for() -> None:
    """The view of a named partner is attacked too: its finding says so when nothing can hide the interval."""
    frame = hours()
    own = int(frame.query("soort == 's1' and kwartaal == 'q2' and partner == 'p0'")["count"].iloc[0])
    count = count_of(frame, "s1", "q2")
    release = released(frame, [Secret("uren", ("s1", "q2"), own, count + 3, ("p0",))], "partner")
    assert dict(zip(release.tables[0].codes, release.tables[0].counts, strict=True))[("s1", "q2")] is None


def test_an_interval_that_no_pattern_gives_is_refused() -> None:
    """More than all hours together cannot be in one cell: the release is refused, not weakened."""
    frame = hours()
    answer = protect(frame, spec_of(), also=[Secret("uren", ("s1", "q2"), 0, float(frame["count"].sum() + 1))])
    assert isinstance(answer, Withheld)
    assert "cannot be hidden" in answer.reasons[0]


def test_the_total_as_a_secret_is_refused() -> None:
    """The total is never withheld, so it cannot be kept."""
    total = float(hours()["count"].sum())
    assert isinstance(protect(hours(), spec_of(), also=[Secret("uren", ("alle", "jaar"), 0, total)]), Withheld)


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (Secret("other", ("s1", "q2"), 0, 1000), "no such cell"),
        (Secret("uren", ("s1",), 0, 1000), "no such cell"),
        (Secret("uren", ("s1", "q2"), 0, 1000, ("nobody",)), "partner without cases"),
        (Secret("uren", ("s1", "q2"), 0, 1000, ("p0", "p1", "p2")), "at most two"),
        (Secret("uren", ("s1", "q2"), 0, 1), "must hold the count"),
        (Secret("uren", ("s1", "q2"), 0, float("nan")), "must hold the count"),
        (Secret("uren", ("s1", "q2"), 0, float("inf")), "must hold the count"),
        (Secret("uren", ("s1", "q2"), 0, 1000, ("p0",)), "must hold the count"),
    ],
)
def test_a_wrong_secret_is_named_by_its_place(secret: Secret, words: str) -> None:
    """The message tells which one and what to do, not the count."""
    with pytest.raises(BadInput, match=f"also: number 1: .*{words}"):
        protect(hours(), spec_of("partner"), also=[secret])
