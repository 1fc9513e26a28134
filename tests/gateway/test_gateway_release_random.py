"""Random regions through the room's own pure core: whatever the people, a refusal, or figures that nobody opens; also
when some of the people change and the figures are published again."""

import json
import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract.codes import Partnertype, TabelId
from connectors.contract.releases import (
    Concept,
    ExterneCel,
    ExternePublicatie,
    Publiek,
    ReleaseAanvraag,
    ReleaseReden,
)
from gateway.matching.index import Known as Row
from gateway.release.attacking import attack
from gateway.release.catalogue import PUBLIC_K, SMALLEST, wanted
from gateway.release.codes import SECTOREN
from gateway.release.external import External
from gateway.release.figures import Known, Made, make
from gateway.release.gathering import Invoer
from gateway.release.hierarchies import parents_for
from gateway.release.seal import document
from gateway.release.words import AT_TABLE, Blocked

PARTIES = ("00000000000000000001/a", "00000000000000000002/b", "00000000000000000003/c", "00000000000000000004/d")
KINDS = dict.fromkeys(PARTIES, Partnertype.POLITIE)
PERSONS = (
    *(TabelId.VORM_PER_GEMEENTE, TabelId.VORM_GESLACHT_LEEFTIJD, TabelId.HERKOMST_PER_VORM),
    *(TabelId.SECTOR_PER_VORM, TabelId.ROUTE_PER_VORM),
)
TOWNS = {
    code: {"veiligheidshuis": house, "van": "1900-01-01T00:00:00Z", "tot": "2200-01-01T00:00:00Z"}
    for code, house in (("GM0599", "ZVH-RR"), ("GM0606", "ZVH-RR"), ("GM0505", "ZVH-ZHZ"), ("GM0531", "ZVH-ZHZ"))
}
NOW = datetime(2026, 11, 24, tzinfo=UTC)
People = list[tuple[Row, ...]]


def somebody(dice: random.Random, number: int) -> tuple[Row, ...]:
    """A person, known to one partner or a few, with traits as skewed as real ones."""
    form = dice.choices(("seksueel", "arbeid", "crimineel", "bedelarij", "onbekend"), (40, 35, 15, 4, 6))[0]
    sectors = sorted(SECTOREN.get(form, {"onbekend"}))[:4]
    codes = {
        "jaar": 2026,
        "gemeente": dice.choices((*TOWNS, "onbekend"), (55, 20, 12, 8, 5))[0],
        "uitbuitingsvorm": [form],
        "sector": dice.choice(sectors),
        "geslacht": dice.choices(("man", "vrouw", "anders"), (40, 57, 3))[0],
        "leeftijdsband": dice.choices(("15-17", "18-22", "23-29", "30-39"), (6, 20, 44, 30))[0],
        "herkomstregio": dice.choice(("NL", "EU_overig", "Azie")),
        "bron_signaal": "anders",
        "route": dice.choices(("zorg_straf", "ondermijning"), (70, 30))[0],
    }
    parties = dice.sample(PARTIES, dice.choices((1, 2, 3), (90, 8, 2))[0])
    return tuple(Row(party, f"{number} {party}", json.dumps(codes)) for party in sorted(parties))


def make_figures(
    people: People,
    earlier: tuple[Concept, ...] = (),
    revisie: int = 1,
    publiek: Publiek = Publiek.OPENBAAR,
    extern: tuple[External, ...] = (),
    tables: tuple[TabelId, ...] = PERSONS,
) -> Made | Blocked:
    """The figures of all tables of persons, or of some, after what was published before."""
    again: dict[str, Any] = {
        "revisie": revisie,
        "vervangt": f"r{revisie - 1}",
        "reden": ReleaseReden.GECORRIGEERDE_BRON,
    }
    asked = ReleaseAanvraag(
        release_id=f"r{revisie}" if publiek is Publiek.OPENBAAR else "tafel",
        jaar=2026,
        publiek=publiek,
        tabellen=tuple(table.value for table in tables),
        epoch="2026",
        **(again if revisie > 1 else {}),
    )
    known = Known(parents_for(TOWNS, 2026), KINDS, tuple(document(concept, NOW) for concept in earlier), extern)
    return make(asked, wanted(asked.tabellen), Invoer(PARTIES, tuple(people), (), ""), known, lambda: False)


def safe(made: Made, earlier: tuple[Concept, ...] = (), extern: tuple[External, ...] = ()) -> bool:
    """No small count stands in the figures, and nobody opens one, alone or with what came before, ours or others'."""
    counts = [cel.aantal for table in made.concept.tabellen for cel in table.cellen]
    k = SMALLEST[made.concept.kring]
    assert all(count is None or count == 0 or count >= k for count in counts)
    published = [document(concept, NOW) for concept in earlier]
    found = attack(made.concept, made.groups, published, extern, parents_for(TOWNS, 2026))
    return not isinstance(found, Blocked)


def printed(dice: random.Random, people: People) -> External:
    """What a source that counts as we do printed of a few forms and towns, each of ten people or more."""
    codes = [json.loads(rows[0].codes) for rows in people]
    dim = dice.choice(("gemeente", "uitbuitingsvorm", "geslacht"))
    values = [each[dim] if isinstance(each[dim], str) else each[dim][0] for each in codes]
    told = [(code, n) for code, n in sorted(Counter(values).items()) if n >= PUBLIC_K]
    cells = tuple(ExterneCel(codes=(code,), aantal=n) for code, n in dice.sample(told, dice.randint(1, len(told))))
    publicatie = ExternePublicatie(
        extern_id="e", bron="Bron", datum=NOW.date(), jaar=2026, tabel=PERSONS[0], dimensies=(dim,), cellen=cells
    )
    return External(publicatie, "A" * 43)


def region(seed: int) -> tuple[random.Random, People]:
    """A region of 40 to 400 people."""
    dice = random.Random(seed)
    return dice, [somebody(dice, number) for number in range(dice.randrange(40, 400))]


SEEDS = [seed if seed < 4 else pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 25)]


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_opens_what_the_room_publishes(seed: int) -> None:
    """Five linked tables with hierarchies, four partners, people known to several."""
    dice, people = region(seed)
    first = make_figures(people)
    if isinstance(first, Blocked):
        assert first.reasons
        return
    assert safe(first)
    changed = dice.choice((0, 1, 5, 12, 30))
    later = [*people[changed // 2 :], *(somebody(dice, 10_000 + n) for n in range(changed))]
    second = make_figures(later, (first.concept,), revisie=2)
    if isinstance(second, Blocked):
        assert second.reasons
        return
    assert safe(second, (first.concept,))


@pytest.mark.parametrize("seed", SEEDS[:2] + SEEDS[4:])
def test_nobody_opens_it_with_what_others_published(seed: int) -> None:
    """A source's counts in hand, registered before the figures were made; with one of them wrong nothing is made."""
    dice, people = region(seed)
    source = printed(dice, people)
    found = make_figures(people, extern=(source,))
    if isinstance(found, Made):
        assert safe(found, extern=(source,))
    first, *rest = source.publicatie.cellen
    wrong = source.publicatie.model_copy(update={"cellen": (first.model_copy(update={"aantal": 9999}), *rest)})
    refused = make_figures(people, extern=(External(wrong, "A" * 43),))
    assert isinstance(refused, Blocked)
    assert refused.reasons[0].startswith("Bron 2026 contradicts the rows at hand about ")


@pytest.mark.parametrize("seed", SEEDS[:1] + SEEDS[4:])
@pytest.mark.parametrize("first", list(Publiek))
def test_neither_seat_opens_what_the_other_was_given(seed: int, first: Publiek) -> None:
    """Figures for one audience, then for the other: neither the public nor the table's members open anything."""
    _, people = region(seed)
    before = make_figures(people, publiek=first)
    if isinstance(before, Blocked):
        return
    assert safe(before)
    (second,) = set(Publiek) - {first}
    after = make_figures(people, (before.concept,), publiek=second)
    if isinstance(after, Made):
        assert safe(after, (before.concept,))


@pytest.mark.parametrize("seed", [5, 6, *(pytest.param(seed, marks=pytest.mark.full) for seed in (9, 10, 11, 19, 20))])
def test_the_tables_seat_opens_what_was_made_without_it_in_view(seed: int) -> None:
    """Two releases that are each safe alone are open to the members together; with theirs in view nobody opens any."""
    _, people = region(seed)
    route = (TabelId.ROUTE_PER_VORM,)
    table, alone = (make_figures(people, publiek=p, tables=route) for p in (Publiek.REGIONALE_TAFEL, Publiek.OPENBAAR))
    assert isinstance(table, Made)
    assert isinstance(alone, Made)
    assert safe(table)
    assert safe(alone)
    found = attack(alone.concept, alone.groups, [document(table.concept, NOW)], (), parents_for(TOWNS, 2026))
    assert isinstance(found, Blocked)
    assert {finding.view for finding in found.findings} == {AT_TABLE}
    together = make_figures(people, (table.concept,), tables=route)
    assert isinstance(together, Made)
    assert safe(together, (table.concept,))
