"""The size estimate of a release: on true overlaps, out comes an interval rounded outward or a reason, never more."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.estimate.overlap import read_overlap
from connectors.contract.codes import Partnertype, TabelId, TokenDomein
from connectors.contract.releases import Publicatie, PubliekeSchatting
from gateway.ledger.chain import LEAF_DATA
from gateway.ledger.entries import Event
from gateway.ledger.verify import stored_leaves
from gateway.matching.index import Known
from gateway.release.size import NO_TIME, TOO_FEW_LISTS, WHY, size_of
from gateway.store import reading
from tests.gateway.gateway_world import KMAR, NLA, World, deliver
from tests.gateway.releasing import draft, fill, released, request, some_people

MSE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mse"
KINDS = dict.fromkeys("ABCDEFGH", Partnertype.POLITIE)


def never() -> bool:
    """No hurry."""
    return False


def people(lists: str, count: int, jaar: int = 2026) -> list[tuple[Known, ...]]:
    """So many persons on exactly these lists."""
    return [tuple(Known(name, "x", json.dumps({"jaar": jaar})) for name in lists) for _ in range(count)]


def region() -> list[tuple[Known, ...]]:
    """Three independent lists that overlap a good deal: 60, 50 and 40 % of 1,000."""
    counts = {"A": 180, "B": 120, "C": 80, "AB": 180, "AC": 120, "BC": 80, "ABC": 120}
    return [person for lists, count in counts.items() for person in people(lists, count)]


def test_a_well_overlapping_region_gets_an_interval_rounded_outward() -> None:
    """Ends on whole fifties below 1,000 and hundreds above; the true 1,000 lies within."""
    found = size_of(region(), 2026, KINDS, never).public
    assert found.waargenomen == 880
    assert found.onder is not None
    assert found.boven is not None
    assert found.onder <= 1000 <= found.boven
    assert found.onder % 50 == 0
    assert found.boven % (50 if found.boven < 1000 else 100) == 0
    assert found.redenen == ()


def test_the_published_tables_are_refused_with_words() -> None:
    """The UK's five lists do not pass the gate; every reason has a sentence in two languages."""
    table = read_overlap((MSE / "UKdat_5.csv").read_text(encoding="utf-8").splitlines(), "UKdat_5.csv")
    groups = []
    for history, count in enumerate(table.counts, start=1):
        lists = "".join("ABCDE"[bit] for bit in range(5) if history >> bit & 1)
        groups += people(lists, count)
    found = size_of(groups, 2026, KINDS, never).public
    assert found.waargenomen == table.observed
    assert found.redenen
    assert all(len(WHY[code]) == 2 for code in found.redenen)


def test_who_was_first_seen_in_another_year_is_not_counted() -> None:
    """The observed count is that of the tables of persons."""
    later = [(Known("A", "x", json.dumps({"jaar": 2025})), Known("B", "y", json.dumps({"jaar": 2026})))]
    found = size_of([*region(), *later, *people("A", 7, 2027)], 2026, KINDS, never)
    assert found.public.waargenomen == 880


def test_one_list_gives_no_estimate() -> None:
    """Nothing overlaps with nothing."""
    assert size_of(people("A", 50), 2026, KINDS, never).public.redenen == (TOO_FEW_LISTS,)


def test_late_is_no_estimate() -> None:
    """The caller's clock ends the bootstrap; what was computed so far is not shown."""
    found = size_of(region(), 2026, KINDS, lambda: True).public
    assert (found.onder, found.boven, found.redenen) == (None, None, (NO_TIME,))


def test_dominance_counts_everybody_a_partner_knows() -> None:
    """Of 880 persons A knows 600."""
    assert size_of(region(), 2026, KINDS, never).dominance == -(-600_000 // 880)


@pytest.mark.parametrize(
    "wrong",
    [
        {"onder": 100},
        {"boven": 100},
        {"onder": 100, "boven": 200, "redenen": ("no_estimate",)},
        {},
    ],
)
def test_an_interval_and_reasons_exclude_each_other_on_the_wire(wrong: dict[str, object]) -> None:
    """Half an interval, both, or neither, is no document."""
    with pytest.raises(ValueError, match="interval"):
        PubliekeSchatting.model_validate({"waargenomen": 100, "lijsten": (), **wrong})


@pytest.fixture
def filled(world: World) -> World:
    """Three partners, 360 people of whom 60 are known to two."""
    fill(world)
    return world


def test_the_estimate_leaves_with_the_release_and_is_charged(filled: World) -> None:
    """Observed count, lists and reasons or interval; an entry of its own; no overlap anywhere."""
    released(filled, request("m1", TabelId.ROUTE_PER_VORM, TabelId.GESCHATTE_OMVANG))
    raw = filled.party(NLA).get("/v1/releases/m1").content
    found = Publicatie.model_validate_json(raw).schatting
    assert found is not None
    assert (found.waargenomen, len(found.lijsten)) == (360, 3)
    (charge,) = charges(filled)
    assert charge == {
        "release_id": "m1",
        "partij": charge["partij"],
        "jaar": 2026,
        "lijsten": 3,
        "verantwoord": found.onder is not None,
    }


def charges(world: World) -> list[dict[str, object]]:
    """The ledger's entries about estimates."""
    with reading(world.house.store) as transaction:
        return [
            json.loads(leaf.record)
            for leaf in stored_leaves(transaction)
            if leaf.record is not None and LEAF_DATA.unpack(leaf.leaf_data)[1] == Event.ESTIMATE
        ]


def test_the_estimate_alone_can_be_released(filled: World) -> None:
    """Its observed count is attacked as the region's total."""
    released(filled, request("m1", TabelId.GESCHATTE_OMVANG))
    filled.clock.advance(seconds=timedelta(minutes=1).total_seconds())
    assert deliver(filled, NLA, some_people(1, first=9000), TokenDomein.MONITOR).status_code == 201
    blocked = draft(filled, request("m2", TabelId.ROUTE_PER_VORM))
    assert blocked.json()["code"] == "release_blocked"


def test_too_few_people_are_no_observed_count(world: World) -> None:
    """Below k nothing is said."""
    for party in (NLA, KMAR):
        assert deliver(world, party, some_people(4, first=len(party)), TokenDomein.MONITOR).status_code == 201
    assert draft(world, request("m1", TabelId.GESCHATTE_OMVANG)).json()["code"] == "release_blocked"
