"""A partner that makes up records: drawn rows are opened before its own officer, who says right or wrong."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom
from typer.testing import CliRunner

from connectors import terminal
from connectors.cli import app
from connectors.contract.codes import Rol, TokenDomein
from connectors.contract.spot import DRAWN_ROWS, RijOordeel, Steekproef, drawn, first_day, quarter_of
from connectors.delivery import lend_share
from connectors.departing import withdraw
from connectors.errors import InputRefused, NotPermitted, NotVerified
from connectors.house import House
from connectors.mapping import read_mapping
from connectors.plan import open_delivery
from connectors.spot_checks import OpenedRow, draw_of, judge, open_rows, proof_of, standings
from gateway.intake.retention import retain
from gateway.ledger.entries import Event
from tests.attacks.keeper import KEEPER, OFFICER, appoint
from tests.connectors.samples import MAPPING, row, write_mapping, write_source
from tests.gateway.gateway_world import POLITIE, RIEC_BUREAU, make_layout, person
from tests.world import Federation, copy_federation, deliver, start_federation

QUARTER = "2026-Q4"
POLICE_OFFICER = person("psn:fg88", Rol.PRIVACY_OFFICER)
PEOPLE = 120
FALSE_EVERY = 20
"""One row in twenty is made up: 5 %."""
NAMES = ("voornaam", "achternaam", "sexe", "land")
NUMBERS_ONLY = (
    MAPPING.replace('voornaam = "voornaam"\nachternaam = "achternaam"\ngeboortedatum = "geboren"\n', "").replace(
        'geslacht = "sexe"\nnationaliteit = "land"\n', ""
    )
    + f"[drop]\ncolumns = {json.dumps(NAMES)}\n"
)
"""No composites, so that the run is about the draw."""


def is_false(number: int) -> bool:
    """Whether the police's own register knows no such case."""
    return number % FALSE_EVERY == 7


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """A stopped federation: the police delivered 120 rows, six of them made up."""
    root = tmp_path_factory.mktemp("spot")
    federation = start_federation(appoint(make_layout(root / "federation")))
    rows = [row(number) for number in range(PEOPLE)]
    source, mapping = write_source(root / "source.csv", rows), write_mapping(root / "mapping.toml", NUMBERS_ONLY)
    with federation.connector(POLITIE) as police:
        deliver(police, source, mapping)
    federation.stop_gateway()
    return federation


@pytest.fixture
def spotted(sent: Federation, tmp_path: Path) -> Iterator[Federation]:
    """A running copy."""
    federation = copy_federation(sent, tmp_path / "federation")
    with federation.connector(POLITIE) as police:
        lend_share(police, TokenDomein.RIEC)
    yield federation
    federation.stop_gateway()


@pytest.fixture
def source(tmp_path: Path) -> tuple[Path, Path]:
    """The source as it was sent, and its mapping."""
    rows = [row(number) for number in range(PEOPLE)]
    return write_source(tmp_path / "source.csv", rows), write_mapping(tmp_path / "mapping.toml", NUMBERS_ONLY)


def opened_by(police: House, source: tuple[Path, Path], quarter: str = QUARTER) -> tuple[Steekproef, list[OpenedRow]]:
    """Draw and open."""
    delivery = open_delivery(police, str(source[0]), read_mapping(source[1]), None)
    draw = draw_of(police, TokenDomein.RIEC, quarter).draw
    return draw, open_rows(police, delivery, draw)


def honest_officer(opened: list[OpenedRow]) -> tuple[RijOordeel, ...]:
    """An officer who looks every drawn row up in the register."""

    def says(one: OpenedRow) -> RijOordeel:
        known = one.bevinding == "klopt" and not is_false(int(one.cells[0].removeprefix("PL-")))
        return RijOordeel(record_id=one.record_id, oordeel="juist" if known else "onjuist")

    return tuple(map(says, opened))


def test_59_rows_find_5_percent_false_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Exact for a large delivery (10,000 rows, 500 false) and for a small one."""
    figures = {n: 1 - hypergeom.pmf(0, n, n // 20, DRAWN_ROWS) for n in (200, 1_000, 10_000, 1_000_000)}
    with capsys.disabled():
        print("\n" + "; ".join(f"59 of {n:,} rows find 5 % false with {p:.1%}" for n, p in figures.items()))
    assert all(chance >= 0.95 for chance in figures.values())
    assert 1 - hypergeom.pmf(0, 1_000_000, 50_000, DRAWN_ROWS - 1) < 0.95


def test_draws_find_as_often_as_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The draw itself, over a thousand heads: as good as chance, so no row is safer than another."""
    source, trials = random.Random(5), 1_000
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(1_000)]
    false, found, times = set(ids[::20]), 0, dict.fromkeys(ids, 0)
    for _ in range(trials):
        chosen = drawn(source.randbytes(32), POLITIE, "RIEC", "2026", QUARTER, ids)
        found += not false.isdisjoint(chosen)
        for record_id in chosen:
            times[record_id] += 1
    exact = 1 - hypergeom.pmf(0, len(ids), len(false), DRAWN_ROWS)
    with capsys.disabled():
        print(f"\n1,000 draws of 59 out of 1,000 rows, 5 % false: found {found / trials:.1%} (exact {exact:.1%})")
    assert abs(found / trials - exact) < 4 * (exact * (1 - exact) / trials) ** 0.5
    assert min(times.values()) > 59 - 6 * 59**0.5
    assert max(times.values()) < 59 + 6 * 59**0.5


@given(
    ids=st.sets(st.uuids(version=4).map(str), max_size=150), head=st.binary(min_size=32, max_size=32), seed=st.randoms()
)
def test_a_draw_depends_on_no_order_and_on_no_undrawn_row(ids: set[str], head: bytes, seed: random.Random) -> None:
    """However the rows are listed the same ones are drawn, and taking away rows that were not drawn changes nothing."""
    listed = sorted(ids)
    seed.shuffle(listed)
    chosen = drawn(head, POLITIE, "RIEC", "2026", QUARTER, listed)
    assert len(chosen) == min(DRAWN_ROWS, len(ids))
    assert set(chosen) <= ids
    fewer = {one for one in ids if one in chosen or seed.random() < 0.5}
    assert drawn(head, POLITIE, "RIEC", "2026", QUARTER, fewer) == chosen


def test_planted_false_rows_are_found(
    spotted: Federation, source: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """A real run of four quarters: six made-up rows in 120; every one that is drawn is said to be wrong, in the
    ledger. (That four draws all miss has a chance below one in ten million.)"""
    found = []
    with spotted.connector(POLITIE) as police:
        for quarter in ("2026-Q1", "2026-Q2", "2026-Q3", QUARTER):
            draw, opened = opened_by(police, source, quarter)
            assert (len(draw.getrokken), draw.populatie) == (DRAWN_ROWS, PEOPLE)
            assert {one.bevinding for one in opened} == {"klopt"}
            stand = judge(police, TokenDomein.RIEC, quarter, honest_officer(opened), POLICE_OFFICER)
            assert stand.onjuist == sum(is_false(int(one.cells[0].removeprefix("PL-"))) for one in opened)
            assert (stand.juist + stand.onjuist, stand.ongeopend) == (DRAWN_ROWS, 0)
            found.append(stand.onjuist)
    with capsys.disabled():
        print(f"\n59 of 120 real rows, 6 made up, four quarters: {found} found")
    assert sum(found) >= 1
    entries = [entry for _, entry in spotted.entries(Event.SPOT_JUDGEMENT)]
    assert [(entry["onjuist"], entry["door"]) for entry in entries] == [(n, POLICE_OFFICER.sub) for n in found]


def test_a_row_bound_to_another_case_is_seen(spotted: Federation, source: tuple[Path, Path]) -> None:
    """The partner shows the officer another case than it sent the record for: the proof does not fit."""
    secret = bytes(range(32))
    sent = {"record_id": "00000000-0000-4000-8000-000000000001", "route": "ondermijning", "tokens": []}
    right = proof_of(secret, sent, "PL-1")
    assert proof_of(secret, sent, "PL-2") != right
    assert proof_of(secret, sent | {"route": "zorg"}, "PL-1") != right
    rows = [row(number) for number in range(PEOPLE)]
    for changed in rows:
        changed[9] = "facilitator" if changed[9] == "verdachte" else "verdachte"
    write_source(source[0], rows)
    with spotted.connector(POLITIE) as police:
        _, opened = opened_by(police, source)
    assert {one.bevinding for one in opened} == {"geen_bronrij"}


def test_the_partner_cannot_choose_and_the_gateway_neither(spotted: Federation) -> None:
    """Both compute the same rows from the ledger's first head of the quarter; another head draws others."""
    with spotted.connector(POLITIE) as police:
        checked = draw_of(police, TokenDomein.RIEC, QUARTER)
        mine = [record_id for record_id, _ in police.outbox.records(TokenDomein.RIEC, "2026")]
    chosen = {one.record_id for one in checked.draw.getrokken}
    assert checked.missed == 0
    assert checked.draw.index == 0
    assert len(chosen & set(drawn(bytes(32), POLITIE, "RIEC", "2026", QUARTER, mine))) < DRAWN_ROWS


def test_a_gateway_that_draws_from_another_head_is_caught(spotted: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later entry's head, which the gateway could have tried many of, is not the quarter's first."""
    with spotted.connector(POLITIE) as police:
        draw = draw_of(police, TokenDomein.RIEC, QUARTER).draw
        leaves = json.loads(spotted.gateway.party(POLITIE).get("/v1/ledger/entries").content)["bladen"]
        later = draw.model_copy(update={"index": 2, "hoofd": leaves[2]["hoofd"]})
        post = police.calls.post
        monkeypatch.setattr(
            police.calls, "post", lambda path, *rest: later if path == "/v1/spot-draws" else post(path, *rest)
        )
        with pytest.raises(NotVerified, match="not the first"):
            draw_of(police, TokenDomein.RIEC, QUARTER)


def test_a_gateway_that_shows_another_row_is_caught(spotted: Federation, source: tuple[Path, Path]) -> None:
    """Two of this party's own rows exchanged, each with a proof that is right for itself."""
    with spotted.connector(POLITIE) as police:
        draw, _ = opened_by(police, source)
        one, two, *others = draw.getrokken
        exchanged = (one.model_copy(update={"rij": two.rij}), two.model_copy(update={"rij": one.rij}), *others)
        delivery = open_delivery(police, str(source[0]), read_mapping(source[1]), None)
        with pytest.raises(NotVerified, match="another row"):
            open_rows(police, delivery, draw.model_copy(update={"getrokken": exchanged}))


def test_a_gateway_that_shows_no_row_of_the_contract_is_caught(spotted: Federation, source: tuple[Path, Path]) -> None:
    """Broken JSON, another shape, or nesting without end: refused by name, never a crash."""
    with spotted.connector(POLITIE) as police:
        draw, _ = opened_by(police, source)
        delivery = open_delivery(police, str(source[0]), read_mapping(source[1]), None)
        for shown in ("{}", "no json", "[" * 60_000, '{"soort":"riec","record_id":5}'):
            changed = (draw.getrokken[0].model_copy(update={"rij": shown}), *draw.getrokken[1:])
            with pytest.raises(NotVerified, match="not one of the contract"):
                open_rows(police, delivery, draw.model_copy(update={"getrokken": changed}))


def test_withdrawing_a_drawn_row_does_not_hide_it(spotted: Federation, source: tuple[Path, Path]) -> None:
    """It stays drawn, cannot be opened any more, and stands as unopened after the term."""
    with spotted.connector(POLITIE) as police:
        draw, _ = opened_by(police, source)
        withdraw(police, (draw.getrokken[0].record_id,), None)
        again, opened = opened_by(police, source)
        assert [one.record_id for one in again.getrokken] == [one.record_id for one in draw.getrokken]
        assert opened[0].bevinding == "ingetrokken"


def test_rows_that_are_not_opened_in_time_are_seen(spotted: Federation) -> None:
    """The daily run draws without being asked; thirty days into the quarter every unopened row shows."""
    spotted.clock.now = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    spotted.gateway.party(POLITIE).get("/v1/ledger/checkpoint")
    with spotted.connector(POLITIE) as police:
        lend_share(police, TokenDomein.RIEC)  # enters the quarter's first entry
    retain(spotted.gateway.house)
    with spotted.connector(KEEPER) as keeper:
        (stand,) = standings(keeper, OFFICER).steekproeven
        assert (stand.partij, stand.kwartaal, stand.ongeopend, stand.te_laat) == (POLITIE, "2027-Q1", 59, False)
        spotted.clock.now = first_day("2027-Q1") + timedelta(days=31)
        (late,) = standings(keeper, OFFICER).steekproeven
    assert late.te_laat


def test_other_parties_do_not_see_how_a_draw_stands(spotted: Federation) -> None:
    """One's own, and for the keeper's privacy officer all; nothing for anybody else."""
    with spotted.connector(POLITIE) as police:
        draw_of(police, TokenDomein.RIEC, QUARTER)
        assert len(standings(police, POLICE_OFFICER).steekproeven) == 1
    with spotted.connector(RIEC_BUREAU) as bureau:
        assert standings(bureau, OFFICER).steekproeven == ()


def test_only_a_privacy_officer_judges(spotted: Federation, source: tuple[Path, Path]) -> None:
    """Neither the connector by itself nor the officer's colleague."""
    with spotted.connector(POLITIE) as police:
        _, opened = opened_by(police, source)
        said = honest_officer(opened)
        for act in (person("psn:connector", Rol.PARTNER_IT), person("psn:x", Rol.BRON_FUNCTIONARIS)):
            with pytest.raises(NotPermitted, match="officer_needed"):
                judge(police, TokenDomein.RIEC, QUARTER, said, act)


def test_a_judgement_does_not_change(spotted: Federation, source: tuple[Path, Path]) -> None:
    """What was said wrong stays wrong."""
    with spotted.connector(POLITIE) as police:
        _, opened = opened_by(police, source)
        wrong = RijOordeel(record_id=opened[0].record_id, oordeel="onjuist")
        judge(police, TokenDomein.RIEC, QUARTER, (wrong,), POLICE_OFFICER)
        judge(police, TokenDomein.RIEC, QUARTER, (wrong,), POLICE_OFFICER)
        with pytest.raises(NotVerified):
            judge(police, TokenDomein.RIEC, QUARTER, (wrong.model_copy(update={"oordeel": "juist"}),), POLICE_OFFICER)


def test_a_row_that_was_not_drawn_is_not_judged(spotted: Federation) -> None:
    """The officer's word is about drawn rows only."""
    made_up = RijOordeel(record_id="00000000-0000-4000-8000-000000000000", oordeel="juist")
    with spotted.connector(POLITIE) as police:
        draw_of(police, TokenDomein.RIEC, QUARTER)
        with pytest.raises(InputRefused):
            judge(police, TokenDomein.RIEC, QUARTER, (made_up,), POLICE_OFFICER)


def test_a_quarter_that_has_not_begun_is_not_drawn(spotted: Federation) -> None:
    """Nobody knows the head of a quarter to come."""
    with spotted.connector(POLITIE) as police, pytest.raises(InputRefused):
        draw_of(police, TokenDomein.RIEC, "2027-Q1")


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [((2026, 1, 1), "2026-Q1"), ((2026, 3, 31), "2026-Q1"), ((2026, 4, 1), "2026-Q2"), ((2026, 12, 31), "2026-Q4")],
)
def test_quarters_begin_on_their_first_day(moment: tuple[int, int, int], quarter: str) -> None:
    """And `first_day` is the first of them."""
    day = datetime(*moment, tzinfo=UTC)
    assert quarter_of(day) == quarter
    assert first_day(quarter) <= day < first_day(quarter) + timedelta(days=93)


def test_the_commands_open_and_sign(
    spotted: Federation, source: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`spot-open` writes the officer's file without a value of the source, `spot-sign` sends what he filled in, and
    refuses to call a row right whose proof does not fit; neither is written over what was read."""

    @contextmanager
    def on_this_wire(_settings: object) -> Iterator[House]:
        with spotted.connector(POLITIE) as police:
            yield police

    monkeypatch.setattr(terminal, "open_house", on_this_wire)
    settings = str(spotted.layout.partner(POLITIE) / "connector.toml")
    sheet = tmp_path / "sheet.json"

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*arguments, "--settings", settings])
        return done.exit_code, done.output

    over = run("spot-open", QUARTER, str(source[0]), "--mapping", str(source[1]), "--out", str(source[1]))
    assert over[0] == 2
    assert "is read by this command" in over[1]
    shown = run("spot-open", QUARTER, str(source[0]), "--mapping", str(source[1]), "--out", str(sheet), "--json")
    assert shown[0] == 0, shown[1]
    assert json.loads(shown[1]) == {"rows": 59, "klopt": 59, "wijkt_af": 0, "geen_bronrij": 0}
    text = sheet.read_text()
    assert not any(cell in text for number in range(PEOPLE) for cell in row(number)[1:3])
    content = json.loads(text)
    content["rijen"][0]["oordeel"] = "juist"
    content["rijen"][1] |= {"bevinding": "geen_bronrij", "oordeel": "juist"}
    sheet.write_text(json.dumps(content))
    assert run("spot-sign", str(sheet), "--as", "psn:fg88")[0] == 2
    content["rijen"][1]["oordeel"] = "onjuist"
    sheet.write_text(json.dumps(content))
    signed = run("spot-sign", str(sheet), "--as", "psn:fg88", "--json")
    assert signed[0] == 0, signed[1]
    stand = json.loads(signed[1])
    assert (stand["juist"], stand["onjuist"], stand["ongeopend"]) == (1, 1, 57)
    assert run("spot-status", "--json")[0] == 0
