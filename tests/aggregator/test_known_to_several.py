"""A case that several partners know counts once, and none of them learns the rest by taking his own cases off."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.protect import SafeRelease, protect
from aggregator.tables import Dimension, ReleaseSpec, TableSpec
from aggregator.tabulate import read_micro

K = 3
SPEC = ReleaseSpec(
    k=K,
    partner="partner",
    partner_separator="|",
    dimensions={"vorm": Dimension(total="alle"), "route": Dimension(total="alle")},
    tables=(TableSpec(id="t", dims=("vorm", "route")),),
)


def micro(rows: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    """vorm, route, who knows them, how many."""
    return pd.DataFrame(rows, columns=["vorm", "route", "partner", "count"])


def known(rows: list[tuple[str, str, str, int]], partner: str, cell: tuple[str, str]) -> int:
    """How many cases of a cell a partner knows, by counting."""
    return sum(
        count
        for vorm, route, who, count in rows
        if partner in who.split("|") and cell[0] in (vorm, "alle") and cell[1] in (route, "alle")
    )


def total(rows: list[tuple[str, str, str, int]], cell: tuple[str, str]) -> int:
    """How many cases a cell has, by counting."""
    return sum(n for vorm, route, _, n in rows if cell[0] in (vorm, "alle") and cell[1] in (route, "alle"))


def test_shared_cases_belong_to_both() -> None:
    """Partners are those named, not their combinations."""
    cases = read_micro(micro([("x", "r", "a|b", 2), ("x", "r", "a", 1)]), SPEC)
    assert cases.partners == ("a", "b")
    assert [int(cases.counts[cases.known_to((p,))].sum()) for p in (0, 1)] == [3, 2]
    assert int(cases.counts[cases.known_to((0, 1))].sum()) == 3


def test_who_shares_most_of_a_cell_does_not_learn_the_rest_of_it() -> None:
    """b shares 11 of 12 cases with a: were they a's alone, the cell would be shown and b would subtract."""
    rows = [
        *[("x", "r", "a|b", 11), ("x", "r", "c", 1)],
        *[(vorm, route, who, 20) for vorm in "xy" for route in "rs" for who in "abc" if (vorm, route) != ("x", "r")],
    ]
    found = protect(micro(rows), SPEC)
    assert isinstance(found, SafeRelease)
    shown = dict(zip(found.tables[0].codes, found.tables[0].counts, strict=True))
    assert shown["x", "r"] is None


CASES = st.lists(
    st.tuples(
        st.sampled_from("xyz"),
        st.sampled_from("rs"),
        st.sampled_from(["a", "b", "c", "a|b", "b|c", "a|b|c"]),
        st.integers(1, 12),
    ),
    min_size=4,
    max_size=14,
)


@given(CASES)
@settings(max_examples=40, deadline=None)
def test_no_shown_cell_leaves_a_partner_a_small_rest(rows: list[tuple[str, str, str, int]]) -> None:
    """Whatever the sharing: a shown count minus what one partner knows is nothing, or k or more."""
    found = protect(micro(rows), SPEC)
    if not isinstance(found, SafeRelease):
        assert found.reasons
        return
    for codes, count in zip(found.tables[0].codes, found.tables[0].counts, strict=True):
        if count is None or codes == ("alle", "alle"):
            continue
        cell = (codes[0], codes[1])
        assert count == total(rows, cell)
        for partner in "abc":
            rest = count - known(rows, partner, cell)
            assert not 0 < rest < K
