"""P6: no release leaves that our own attacker can break. Leaky tables are planted and must be caught; whatever the gate
lets through is attacked once more, by an attacker that knows nothing of how it was made."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.history import PublishedRelease, attack_releases
from aggregator.protect import SafeRelease, Withheld, protect
from aggregator.tables import Dimension, Protection, ReleaseSpec, SafeTable, TableSpec
from aggregator.tabulate import read_micro, tabulate
from connectors.contract.codes import TabelId, TokenDomein
from connectors.contract.releases import Publicatie, Publiek
from gateway.release.earlier import as_read_all
from gateway.release.published import everything_published
from gateway.release.seats import seats, seen
from tests.gateway.gateway_world import KMAR, NLA, POLITIE, World, deliver, make_world
from tests.gateway.releasing import draft, request, some_people
from tests.gateway.releasing import released as publish_release

K = 5
SPEC = ReleaseSpec(
    k=K,
    dimensions={"gemeente": Dimension(total="regio"), "vorm": Dimension(total="alle")},
    tables=(TableSpec(id="gemeente_vorm", dims=("gemeente", "vorm")),),
)
CELLS = {("A", "x"): 3, ("A", "y"): 20, ("B", "x"): 18, ("B", "y"): 30, ("C", "x"): 25, ("C", "y"): 40}


def micro(cells: dict[tuple[str, str], int]) -> pd.DataFrame:
    rows = [(town, form, count) for (town, form), count in cells.items()]
    return pd.DataFrame(rows, columns=["gemeente", "vorm", "count"])


def released(safe: SafeRelease, name: str = "new") -> PublishedRelease:
    """What an outsider reads."""
    return PublishedRelease(name, K, "", safe.hierarchies, safe.tables)


def primary_only(cells: dict[tuple[str, str], int]) -> PublishedRelease:
    """The mistake that everybody makes first: blank the small cells and leave the rest and the totals standing."""
    cases = read_micro(micro(cells), SPEC)
    table = tabulate(cases, SPEC.tables[0])
    counts = tuple(None if 0 < count < K else count for count in table.counts)
    leaky = SafeTable(table.id, table.dims, table.codes, counts)
    return PublishedRelease("leaky", K, "", cases.hierarchies, (leaky,))


def test_primary_suppression_alone_is_caught() -> None:
    """One blank cell in a row with a total: subtraction gives it back, and the attacker says which and how."""
    (found,) = attack_releases([primary_only(CELLS)]).broken
    assert "A" in found.cell
    assert found.low == found.high == 3
    assert found.how


def test_a_small_count_left_standing_is_caught() -> None:
    """A table with nothing withheld."""
    cases = read_micro(micro(CELLS), SPEC)
    table = tabulate(cases, SPEC.tables[0])
    open_ = SafeTable(table.id, table.dims, table.codes, table.counts)
    assert attack_releases([PublishedRelease("open", K, "", cases.hierarchies, (open_,))]).broken


def test_the_gate_protects_what_it_lets_through() -> None:
    """The same cells through the gate: the small cell is withheld, with others, and nothing can be computed."""
    safe = protect(micro(CELLS), SPEC)
    assert isinstance(safe, SafeRelease)
    shown = dict(zip(safe.tables[0].codes, safe.tables[0].counts, strict=True))
    assert shown["A", "x"] is None
    assert sum(count is None for count in shown.values()) >= 4
    assert attack_releases([released(safe)]).broken == ()


def test_what_cannot_be_protected_is_withheld() -> None:
    """Two cases in all: there is no other cell to hide behind, so there is no release."""
    outcome = protect(micro({("A", "x"): 2}), SPEC)
    if isinstance(outcome, SafeRelease):
        assert all(count is None or count == 0 for count in outcome.tables[0].counts)
    else:
        assert isinstance(outcome, Withheld)
        assert outcome.reasons


def test_a_difference_between_two_releases_is_caught() -> None:
    """One case more in a corrected table: each release is safe alone, together they would tell of that one."""
    later = {**CELLS, ("B", "x"): CELLS["B", "x"] + 1}
    first = protect(micro(CELLS), SPEC)
    assert isinstance(first, SafeRelease)
    alone = protect(micro(later), SPEC)
    together = protect(micro(later), SPEC, [released(first, "first")])
    if isinstance(alone, SafeRelease):
        careless = attack_releases([released(first, "first"), released(alone, "second")])
        assert careless.broken
    if isinstance(together, SafeRelease):
        assert attack_releases([released(first, "first"), released(together, "second")]).broken == ()
    else:
        assert together.reasons


@pytest.mark.parametrize(("base", "steps", "leaves"), [(10, 0, True), (5, 1, True), (5, 0, False)])
def test_rounded_counts_leave_only_when_their_intervals_hide_the_small_ones(
    base: int, steps: int, leaves: bool
) -> None:
    """Rounding to 5 against k = 5 would tell which cells hold 1 to 4, and stays inside; coarser numbers may go."""
    spec = SPEC.model_copy(update={"method": Protection.ROUNDING, "base": base, "steps": steps})
    outcome = protect(micro(CELLS), spec)
    assert isinstance(outcome, SafeRelease) == leaves
    if isinstance(outcome, SafeRelease):
        read = PublishedRelease("new", K, "", outcome.hierarchies, outcome.tables, {}, outcome.rounded)
        found = attack_releases([read])
        assert found.broken == ()
        assert len(found.cells) == len(outcome.tables[0].counts)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from("xyz")), st.integers(0, 30), min_size=2, max_size=12
    )
)
def test_nothing_that_passes_the_gate_can_be_broken(cells: dict[tuple[str, str], int]) -> None:
    """Whatever the counts: a refusal, or a release with no small count shown and no withheld one computable."""
    if not any(cells.values()):
        return
    outcome = protect(micro(cells), SPEC)
    if isinstance(outcome, Withheld):
        assert outcome.reasons
        return
    assert all(count is None or count == 0 or count >= K for count in outcome.tables[0].counts)
    assert attack_releases([released(outcome)]).broken == ()


def _people_of_three(root: Path) -> World:
    world = make_world(root)
    people = some_people(180)
    for party, rows in ((NLA, people[:70]), (POLITIE, people[70:130]), (KMAR, people[130:])):
        assert deliver(world, party, rows, TokenDomein.MONITOR).status_code == 201
    return world


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three partners with 180 people for the monitor."""
    world = _people_of_three(tmp_path_factory.mktemp("release"))
    yield world
    world.close()


@pytest.fixture
def unpublished(tmp_path: Path) -> Iterator[World]:
    """The same people, and no release of another test that would bind the next one."""
    world = _people_of_three(tmp_path)
    yield world
    world.close()


def test_what_the_gateway_publishes_withstands_an_outsider(filled: World) -> None:
    """Tables of one year read back as anyone reads them, and attacked."""
    wanted = request("monitor-2026-1", TabelId.ROUTE_PER_VORM, TabelId.HERKOMST_PER_VORM)
    publish_release(filled, wanted)
    published = Publicatie.model_validate_json(filled.party(NLA).get("/v1/releases/monitor-2026-1").content)
    counts = [cel.aantal for tabel in published.tabellen for cel in tabel.cellen]
    assert None in counts
    documents = [each.publicatie for each in everything_published(filled.house)]
    releases = as_read_all(documents, "uniek_slachtoffer 2026")
    assert len(releases) == 1
    assert attack_releases(releases).broken == ()


def test_neither_the_public_nor_the_table_breaks_what_both_got(unpublished: World) -> None:
    """A table for the Regionale Tafel, then for everybody: each as its readers see it, with all that they see."""
    publish_release(unpublished, request("tafel-1", TabelId.SECTOR_PER_VORM, publiek=Publiek.REGIONALE_TAFEL))
    publish_release(unpublished, request("open-1", TabelId.SECTOR_PER_VORM))
    documents = [each.publicatie for each in everything_published(unpublished.house)]
    for seat in seats(Publiek.OPENBAAR, documents):
        *before, newest = seen(seat, "uniek_slachtoffer 2026")
        assert attack_releases([*before, newest], newest_only=True).broken == ()


def test_a_draft_that_the_attacker_opens_is_stored_nowhere(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate refuses: the answer names the reason, and neither tables nor release row are kept."""
    monkeypatch.setattr("aggregator.protect.protect", lambda *_, **__: Withheld(("our own attack opens a cell",)))
    answer = draft(filled, request("monitor-2026-9", TabelId.SECTOR_PER_VORM))
    assert 400 <= answer.status_code < 500
    assert filled.party(NLA).get("/v1/releases/monitor-2026-9").status_code == 404
