"""Tables with hierarchies: sub-totals add up, cells that cannot exist are known, whatever the cases."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.tables import Dimension, ReleaseSpec, SafeTable, TableSpec
from aggregator.tabulate import read_micro, tabulate
from connectors.contract.case_codes import Sector, Uitbuitingsvorm
from connectors.contract.codes import TabelId
from connectors.contract.releases import Niveau
from gateway.errors import Malformed
from gateway.release.catalogue import CATALOGUE, PUBLIC_K, wanted
from gateway.release.codes import MONITORGROEPEN, SEVERAL, TOTAL, possible
from gateway.release.hierarchies import breakdown, cannot_exist, counted_as, dimensions, parents_for, tree
from gateway.release.measures import measure
from gateway.release.micro import PARTNER

TOWNS = {
    "GM0599": {"veiligheidshuis": "ZVH-RR", "van": "1900-01-01T00:00:00Z", "tot": "2200-01-01T00:00:00Z"},
    "GM0505": {"veiligheidshuis": "ZVH-ZHZ", "van": "1900-01-01T00:00:00Z", "tot": "2200-01-01T00:00:00Z"},
    "GM1992": {"veiligheidshuis": "ZVH-RR", "van": "2023-01-01T00:00:00Z", "tot": "2200-01-01T00:00:00Z"},
    "GM0501": {"veiligheidshuis": "ZVH-RR", "van": "1900-01-01T00:00:00Z", "tot": "2023-01-01T00:00:00Z"},
}


def test_a_municipality_is_in_the_years_in_which_it_existed() -> None:
    """A merger: the old one until, the new one from its first day."""
    assert "GM1992" not in parents_for(TOWNS, 2022)["gemeente"]
    assert "GM0501" in parents_for(TOWNS, 2022)["gemeente"]
    assert "GM1992" in parents_for(TOWNS, 2023)["gemeente"]
    assert "GM0501" not in parents_for(TOWNS, 2023)["gemeente"]


def test_every_form_has_a_place_under_the_total() -> None:
    """A group, or the total itself for the form that is a group of its own."""
    forms = {form.value for form in Uitbuitingsvorm} | {SEVERAL}
    assert forms - set(MONITORGROEPEN) == {"seksueel"}
    assert set(MONITORGROEPEN) <= forms


def test_a_form_can_have_only_its_own_sectors() -> None:
    """As the record page lists them; a form without a list can have any."""
    assert not possible("seksueel", Sector.HORECA)
    assert not possible("arbeid", Sector.RAAM)
    assert possible("arbeid", Sector.HORECA)
    assert all(possible("bedelarij", sector) for sector in Sector)
    assert possible("arbeid", "onbekend")


CASES = st.lists(
    st.tuples(
        st.sampled_from([*TOWNS, "onbekend"]),
        st.sampled_from([form.value for form in Uitbuitingsvorm]),
        st.sampled_from(["a", "b", "c"]),
    ),
    min_size=1,
    max_size=60,
)


def counted(cases: list[tuple[str, str, str]], grover: tuple[Niveau, ...] = ()) -> dict[tuple[str, str], int]:
    """vorm_per_gemeente, counted."""
    table = CATALOGUE[TabelId.VORM_PER_GEMEENTE]
    parents = parents_for(TOWNS, 2026)
    coded = [
        {
            "gemeente": counted_as("gemeente", town, parents, grover),
            "uitbuitingsvorm": counted_as("uitbuitingsvorm", form, parents, grover),
        }
        for town, form, _ in cases
    ]
    spec = ReleaseSpec(
        k=PUBLIC_K,
        dimensions=dimensions(table.dimensies, parents, grover),
        tables=(TableSpec(id="t", dims=table.dimensies),),
    )
    found = tabulate(read_micro(pd.DataFrame(coded), spec), spec.tables[0])
    return {(codes[0], codes[1]): count for codes, count in zip(found.codes, found.counts, strict=True)}


@given(CASES)
@settings(max_examples=40, deadline=None)
def test_sub_totals_are_the_sums_of_what_lies_under_them(cases: list[tuple[str, str, str]]) -> None:
    """Municipalities under a Veiligheidshuis, forms under a group, all under the region."""
    cells = counted(cases)
    houses = {town: about["veiligheidshuis"] for town, about in TOWNS.items() if town != "GM0501"}
    for house in set(houses.values()):
        below = sum(cells[town, TOTAL] for town, its in houses.items() if its == house)
        assert cells[house, TOTAL] == below
    for group in set(MONITORGROEPEN.values()):
        assert cells[TOTAL, group] == sum(cells[TOTAL, form] for form, its in MONITORGROEPEN.items() if its == group)
    assert cells[TOTAL, TOTAL] == len(cases)


@given(CASES)
@settings(max_examples=40, deadline=None)
def test_the_coarser_table_is_the_finer_ones_sub_totals(cases: list[tuple[str, str, str]]) -> None:
    """Counting at a coarser level changes no number that both have."""
    fine, coarse = counted(cases), counted(cases, (Niveau.VEILIGHEIDSHUIS, Niveau.MONITORGROEP))
    assert all(fine[cell] == count for cell, count in coarse.items() if cell in fine)


def test_policy_is_told_the_level() -> None:
    """`uitsplitsing` in policy's words."""
    dims = ("gemeente", "uitbuitingsvorm", "geslacht")
    assert breakdown(dims, (Niveau.VEILIGHEIDSHUIS,)) == ["veiligheidshuis", "uitbuitingsvorm", "geslacht"]
    assert breakdown(dims, ()) == list(dims)


def test_a_sub_total_cannot_exist_when_nothing_under_it_can() -> None:
    """A sector of sexual exploitation within the group of labour."""
    trees = {
        "sector": tree("sector", {"raam", "horeca"}, {}),
        "uitbuitingsvorm": tree("uitbuitingsvorm", {"arbeid", "seksueel"}, {"uitbuitingsvorm": {"arbeid": "groep"}}),
    }
    dims = ("sector", "uitbuitingsvorm")
    assert cannot_exist(dims, ("raam", "groep"), trees)
    assert cannot_exist(dims, ("raam", "arbeid"), trees)
    assert not cannot_exist(dims, ("raam", TOTAL), trees)
    assert not cannot_exist(dims, (TOTAL, "groep"), trees)
    assert not cannot_exist(("gemeente", "uitbuitingsvorm"), ("GM0599", "arbeid"), trees)


def test_one_partners_share_is_measured_on_sub_totals_too() -> None:
    """All of a Veiligheidshuis from one partner is a share of 1000 thousandths."""
    frame = pd.DataFrame([("GM0599", "a", 20), ("GM0505", "b", 20)], columns=["gemeente", PARTNER, "count"])
    trees = {"gemeente": tree("gemeente", set(frame["gemeente"]), {"gemeente": {"GM0599": "ZVH-RR"}})}
    shown = SafeTable("t", ("gemeente",), (("totaal",), ("ZVH-RR",)), (40, 20))
    assert measure(shown, frame, PARTNER, trees).dominance == 1000
    alone = SafeTable("t", ("gemeente",), (("totaal",),), (40,))
    assert measure(alone, frame, PARTNER, trees).dominance == 500


def test_a_table_is_asked_once() -> None:
    """Twice is a mistake of the caller's."""
    with pytest.raises(Malformed):
        wanted(["route_per_vorm", "route_per_vorm"])


def test_persons_are_one_group_and_registrations_each_their_own() -> None:
    """Who counts the same cases is protected together."""
    asked = wanted([table.value for table in TabelId])
    sizes = sorted(len(group) for group in asked.groups)
    assert sizes == [1, 1, 1, 5]
    assert asked.estimate


def test_an_undeclared_code_hangs_under_the_total() -> None:
    """`onbekend` has no Veiligheidshuis."""
    made = dimensions(["gemeente"], parents_for(TOWNS, 2026), ())
    parents = {"GM0599": "ZVH-RR", "GM0505": "ZVH-ZHZ", "GM1992": "ZVH-RR"}
    assert made["gemeente"] == Dimension(total=TOTAL, parents=parents)
