"""Dominance on efforts: nk 2/85 and p% 10, as rules, in the gate, and from the seats of those who would gain by it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aggregator.asked import Secret
from aggregator.attack import Fact, Interval, proven, system_of
from aggregator.history import PublishedRelease, lattice_for, read
from aggregator.protect import SafeRelease, Withheld, protect
from aggregator.tables import ReleaseSpec, TableSpec, universe_of
from aggregator.tabulate import read_micro
from connectors.contract.case_codes import InspanningType
from connectors.contract.codes import Partnertype, TabelId
from connectors.contract.record import Inspanning
from connectors.contract.releases import Concept, PubliekeTabel, ReleaseAanvraag
from gateway.release.catalogue import wanted
from gateway.release.dominance import NK_SHARE, Contributions, P, contributions, secrets
from gateway.release.figures import Known, Made, make
from gateway.release.gathering import Invoer
from gateway.release.hierarchies import dimensions
from gateway.release.micro import PARTNER, UNIT, Counted
from gateway.release.words import Blocked

DIMS = ("type", "kwartaal")
PARTIES = ("a", "b", "c", "d")
CONTRIBUTIONS = st.dictionaries(
    st.tuples(st.sampled_from(PARTIES), st.sampled_from(("", "GM0599", "GM0606"))), st.integers(1, 500), min_size=1
)


def test_two_that_hold_more_than_85_per_cent_dominate() -> None:
    """86 of 100 together is too much, 85 is not; the range reaches to where they would hold 85 per cent."""
    assert Contributions({("a", ""): 50, ("b", ""): 36, ("c", ""): 14}).nk_range == 2  # 86 / 0.85 = 101.2
    assert Contributions({("a", ""): 50, ("b", ""): 35, ("c", ""): 15}).nk_range == 0


def test_the_rest_must_be_a_tenth_of_the_largest() -> None:
    """b takes its own 60 off 169 and has 109 for a's 100: within 10 per cent; of 170 it has 110, and that is not."""
    close = {("a", ""): 100, ("b", ""): 60, **{(f"small {n}", ""): 1 for n in range(9)}}
    assert Contributions(close).least_top("b") == 170 > Contributions(close).total
    assert Contributions({**close, ("small 9", ""): 1}).least_top("b") == 170 == Contributions(close).total + 1


def test_a_partner_takes_off_what_all_its_units_did() -> None:
    """Two towns of b's leave a's number as open as one would."""
    one = Contributions({("a", ""): 100, ("b", ""): 100, ("c", ""): 9})
    two = Contributions({("a", ""): 100, ("b", "GM0599"): 50, ("b", "GM0606"): 50, ("c", ""): 9})
    assert one.least_top("b") == two.least_top("b") == 210 > one.total


def test_units_are_contributors_of_their_own() -> None:
    """Two partners with two towns each: nobody's town can be estimated; without towns both partners can."""
    towns = {(who, town): 100 for who in "ab" for town in ("GM0599", "GM0606")}
    assert not Contributions(towns).dominated
    assert Contributions({("a", ""): 200, ("b", ""): 200}).dominated


@given(CONTRIBUTIONS)
def test_a_partner_without_named_units_is_judged_no_milder(held: dict[tuple[str, str], int]) -> None:
    """Whole partners dominate wherever their units do."""
    whole: dict[tuple[str, str], int] = {}
    for (who, _), count in held.items():
        whole[who, ""] = whole.get((who, ""), 0) + count
    assert Contributions(whole).dominated >= Contributions(held).dominated


@given(CONTRIBUTIONS)
def test_what_is_asked_keeps_everybody_beyond_the_limits(held: dict[tuple[str, str], int]) -> None:
    """An interval holds the count and what its partner knows; at its ends nobody is within 10 per cent of another."""
    cell = Contributions(held)
    asked = secrets("t", {("x", "y"): cell})
    assert bool(asked) == cell.dominated
    for secret in asked:
        own = sum(cell.of(who) for who in secret.partners)
        assert own <= secret.low <= cell.total <= secret.high
        for who in secret.partners:
            other = cell.largest_beside(who)
            assert 100 * (secret.high - own) >= (100 + P) * other
            assert 100 * (cell.total - secret.low) >= min(P * other, 100 * (cell.total - own))
    for secret in asked[:1]:
        top_two = sum(sorted(held.values(), reverse=True)[:2])
        assert NK_SHARE * secret.high >= 100 * top_two


def efforts(rows: list[tuple[str, str, str, str, int]]) -> pd.DataFrame:
    """Type, quarter, partner, unit, number."""
    return pd.DataFrame(rows, columns=[*DIMS, PARTNER, UNIT, "count"])


SPEC = ReleaseSpec(
    k=10,
    partner=PARTNER,
    dimensions=dimensions(DIMS, {}, ()),
    tables=(TableSpec(id="efforts", dims=DIMS),),
)
REGION = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3), st.integers(20, 400)), min_size=16, max_size=36
)


def region(cells: list[tuple[int, int, int, int]]) -> pd.DataFrame:
    """Types, quarters and partners by number."""
    return efforts([(f"t{t}", f"2026-Q{q + 1}", PARTIES[p], "", n) for t, q, p, n in cells])


def protected(frame: pd.DataFrame) -> tuple[SafeRelease | Withheld, tuple[Secret, ...]]:
    """Through the gate, with its dominated cells."""
    cases = read_micro(frame, SPEC)
    asked = secrets("efforts", contributions(frame, DIMS, cases.hierarchies))
    return protect(frame, SPEC, also=asked), asked


def ends(frame: pd.DataFrame, safe: SafeRelease, codes: tuple[str, ...], knows: str, asked: Secret) -> Interval:
    """What a partner that knows its own efforts can prove about a cell of the published table."""
    release = PublishedRelease("r", 10, "", safe.hierarchies, safe.tables)
    universe = universe_of([safe.hierarchies], [{}])
    reading = read(release, 0, universe)
    lattice = lattice_for([reading], universe)
    mine = read_micro(frame[frame[PARTNER] == knows], SPEC)
    meaning = universe.meaning[0]

    atoms = {dim: np.array([min(meaning[dim][c]) for c in mine.codes[dim]], dtype=np.int64) for dim in DIMS}
    known = lattice.fill(atoms, mine.counts)
    facts: list[Fact] = list(reading.facts)
    target = lattice.matrix([universe.region(0, DIMS, codes)])
    (found,) = proven(system_of(lattice, facts, known), target, [Interval(asked.low, asked.high)])
    return found


@settings(max_examples=25, deadline=None)
@given(REGION)
def test_a_dominated_cell_never_leaves_shown(cells: list[tuple[int, int, int, int]]) -> None:
    """Whatever the efforts: the release is refused, or every dominated cell in it is withheld."""
    frame = region(cells)
    outcome, asked = protected(frame)
    if isinstance(outcome, Withheld):
        assert outcome.reasons
        return
    shown = dict(zip(outcome.tables[0].codes, outcome.tables[0].counts, strict=True))
    assert all(shown[secret.codes] is None for secret in asked)


@settings(max_examples=15, deadline=None)
@given(REGION)
def test_neither_of_the_two_largest_estimates_the_other(cells: list[tuple[int, int, int, int]]) -> None:
    """With its own efforts and everything published, each of them is 10 per cent off at least."""
    frame = region(cells)
    outcome, asked = protected(frame)
    assume(isinstance(outcome, SafeRelease) and bool(asked))
    assert isinstance(outcome, SafeRelease)
    held = contributions(frame, DIMS, outcome.hierarchies)
    for codes in {secret.codes for secret in asked}:
        cell = held[codes]
        largest = sorted(cell.by, key=lambda who: (-cell.by[who], who))[:2]
        for who, _ in largest:
            mine = next(secret for secret in asked if secret.codes == codes and secret.partners == (who,))
            other = cell.largest_beside(who)
            assert ends(frame, outcome, codes, who, mine).high - cell.of(who) >= (1 + P / 100) * other - 1e-6


def invoer(rows: list[tuple[str, InspanningType, int, int]]) -> Invoer:
    """Efforts that partners handed in: partner, type, quarter, number."""
    counted = tuple(
        Counted(who, Inspanning(type=kind, kwartaal=f"2026-Q{quarter}", aantal=number))
        for who, kind, quarter, number in rows
    )
    return Invoer(tuple(sorted({row[0] for row in rows})), (), counted, "")


def made(rows: list[tuple[str, InspanningType, int, int]]) -> Made | Blocked:
    """The room's own figures of efforts."""
    table = TabelId.INSPANNINGEN_PER_KWARTAAL.value
    asked = ReleaseAanvraag(release_id="r", jaar=2026, tabellen=(table,), epoch="2026")
    known = Known({}, dict.fromkeys(PARTIES, Partnertype.ZORG_NGO), ())
    return make(asked, wanted(asked.tabellen), invoer(rows), known, lambda: False)


def even(kinds: tuple[InspanningType, ...]) -> Iterator[tuple[str, InspanningType, int, int]]:
    """Four partners that do about as much."""
    for number, who in enumerate(PARTIES):
        for at, kind in enumerate(kinds):
            for quarter in (1, 2, 3, 4):
                yield who, kind, quarter, 40 + 3 * number + 2 * at + quarter


def table_of(figures: Concept) -> dict[tuple[str, ...], int | None]:
    """The published table of efforts."""
    table: PubliekeTabel = figures.tabellen[0]
    return {cel.codes: cel.aantal for cel in table.cellen}


KINDS = (InspanningType.NOODBED, InspanningType.OPVANG_REGULIER, InspanningType.CAMPAGNE)


def test_a_planted_dominated_cell_is_withheld_by_the_room() -> None:
    """One partner does ten times as much in one quarter: that cell and company are withheld, the rest is shown."""
    rows = list(even(KINDS))
    assert isinstance(plain := made(rows), Made)
    assert None not in table_of(plain.concept).values()
    planted = [(w, k, q, n * 12 if (w, k, q) == ("a", InspanningType.NOODBED, 1) else n) for w, k, q, n in rows]
    found = made(planted)
    assert isinstance(found, Made)
    counts = table_of(found.concept)
    assert counts["noodbed", "2026-Q1"] is None
    assert sum(count is None for count in counts.values()) >= 4
    assert counts["totaal", "totaal"] is not None


@pytest.mark.parametrize("parties", [("a",), ("a", "b")])
def test_a_region_that_one_or_two_dominate_is_refused(parties: tuple[str, ...]) -> None:
    """The region's total is never withheld, and from it each would know the other."""
    found = made([row for row in even(KINDS) if row[0] in parties])
    assert isinstance(found, Blocked)
    assert "itself sensitive" in found.reasons[0]
