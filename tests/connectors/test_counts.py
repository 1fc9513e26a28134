"""Counts instead of records: cells that are large enough, and never a token."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.batch import encode_line, read_header
from connectors.contract.case_codes import BronSignaal, InspanningType, Uitbuitingsvorm
from connectors.contract.codes import Route, TabelId, TokenDomein
from connectors.contract.record import Inspanning, Telling
from connectors.counts import DEFAULT_K, CountSpec, Tally
from connectors.errors import InputRefused
from connectors.fields import LocalRecord
from connectors.house import open_house
from connectors.mapping import read_mapping
from connectors.plan import open_delivery
from tests.connectors.peer import Peer, settings_of
from tests.connectors.test_send import approved, sent

CARE = "00000099000000080000/zorg"
BOTH = CountSpec(tabellen=(TabelId.MELDINGEN_PER_JAAR, TabelId.AANMELDER_PER_VORM))
MAPPING = """
[traits]
bsn = "bsn"
[fields]
route = "route"
kwartaal = { column = "datum", derive = "kwartaal" }
uitbuitingsvorm = { column = "vorm", separator = "+" }
bron_signaal = "melder"
[narrative]
columns = ["verhaal"]
[tellingen]
tabellen = ["meldingen_per_jaar", "aanmelder_per_vorm"]
"""


def record(form: str = "arbeid", source: str = "mma", route: Route = Route.ZORG) -> LocalRecord:
    return LocalRecord(
        route=route,
        jaar=2026,
        uitbuitingsvorm=frozenset({Uitbuitingsvorm(form)}),
        bron_signaal=BronSignaal(source),
    )


def tallied(spec: CountSpec, records: list[LocalRecord]):  # type: ignore[no-untyped-def]
    tally = Tally(spec)
    for one in records:
        tally.add(one)
    return tally.result()


def test_cells_add_up() -> None:
    """Six registrations of one kind are one cell of six in each table."""
    found = tallied(BOTH, [record()] * 6)
    assert [cell.aantal for cell in found.cells] == [6, 6]


@given(
    st.lists(st.tuples(st.sampled_from(["arbeid", "seksueel", "orgaan"]), st.sampled_from(["mma", "azc"])), max_size=60)
)
def test_no_cell_below_k_leaves(kinds: list[tuple[str, str]]) -> None:
    """Whatever is counted, no cell of 1 to k-1 leaves, and what leaves with what stays is everything."""
    found = tallied(BOTH, [record(form, source) for form, source in kinds])
    assert all(cell.aantal >= DEFAULT_K for cell in found.cells)
    assert sum(cell.aantal for cell in found.cells) + found.suppressed_registrations == 2 * len(kinds)


def test_k_is_never_below_five() -> None:
    """A mapping may raise k, never lower it."""
    with pytest.raises(ValueError, match="greater than or equal"):
        CountSpec(k=4)


def test_other_routes_stay_out() -> None:
    """Records of the other routes travel as records, so they are not counted twice."""
    assert tallied(BOTH, [record(route=Route.ONDERMIJNING)] * 9).cells == ()


def test_several_forms_count_under_none() -> None:
    """A registration with two forms is in the table once, without a form."""
    two = LocalRecord(
        route=Route.ZORG,
        jaar=2026,
        uitbuitingsvorm=frozenset({Uitbuitingsvorm.ARBEID, Uitbuitingsvorm.SEKSUEEL}),
        bron_signaal=BronSignaal.MMA,
    )
    cells = tallied(CountSpec(tabellen=(TabelId.AANMELDER_PER_VORM,)), [two] * 5).cells
    assert [(cell.aantal, cell.uitbuitingsvorm) for cell in cells if isinstance(cell, Telling)] == [(5, None)]


def test_tables_of_unique_victims_are_refused() -> None:
    """Victims cannot be told apart in counts, so those tables are not made of them."""
    with pytest.raises(InputRefused, match="unique victims"):
        Tally(CountSpec(tabellen=(TabelId.VORM_PER_GEMEENTE,)))


def test_efforts_are_added_per_quarter() -> None:
    """Efforts of one type in one quarter are one line; they count acts, not people, so small ones may leave."""
    effort = LocalRecord(type=InspanningType.NOODBED, kwartaal="2026-Q3", aantal=2)
    cells = tallied(CountSpec(), [effort, effort]).cells
    assert cells == (Inspanning(type=InspanningType.NOODBED, kwartaal="2026-Q3", aantal=4),)


def test_a_counted_source_arrives_as_counts(peer: Peer, tmp_path: Path) -> None:
    """The whole way: rows of people become a batch of counts without a token, made once however often it is sent."""
    rows = "".join(f"9999900{n:02d},zorg,2026-05-0{1 + n % 9},arbeid,mma,verhaal {n}\n" for n in range(8))
    source, mapping = tmp_path / "melding.csv", tmp_path / "melding.toml"
    source.write_text("bsn,route,datum,vorm,melder,verhaal\n" + rows, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    with open_house(settings_of(peer), http=peer.client()) as house:
        assert open_delivery(house, str(source), read_mapping(mapping), None).domein is TokenDomein.MONITOR
        approved(house, source, mapping)
        assert sent(house, source, mapping).delivered.rows == 2
        assert sent(house, source, mapping).delivered.rows == 0
    (content,) = peer.batches.values()
    assert read_header(content.splitlines(keepends=True)[0]).inhoud == "tellingen"
    assert not peer.tickets
    assert encode_line(Telling(tabel=TabelId.MELDINGEN_PER_JAAR, jaar=2026, route=Route.ZORG, aantal=8)) in content


def test_a_sum_that_the_wire_does_not_know_is_named() -> None:
    """Efforts that add up to more than a million: bad input, not a stop in the middle."""
    tally = Tally(CountSpec())
    for _ in range(2):
        tally.add(LocalRecord(type=InspanningType.CAMPAGNE, kwartaal="2026-Q1", aantal=1_000_000))
    with pytest.raises(InputRefused, match=r"efforts.*aantal: Input should be less than or equal to 1000000"):
        tally.result()
