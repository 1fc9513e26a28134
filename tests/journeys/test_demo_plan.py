"""What the demo expects follows from what was planted, not from what the federation answered."""

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.contract.case_codes import Leeftijdsband
from connectors.contract.codes import Partnertype
from connectors.contract.releases import Achterhouden, Concept, Publiek, ReleaseAanvraag
from connectors.derive import herkomstregio
from deploy.demo.regisseur import COUNTS, RELEASE_ID, TAFEL, TAFEL_ID, YEAR
from deploy.demo.scenario import KIND, PARTIES
from deploy.demo.sources import RIEC_PARTNERS, plant, write_sources
from gateway.matching.index import Known
from gateway.policy.bundle import load_bundle
from gateway.release.catalogue import SMALLEST, wanted
from gateway.release.figures import Known as Beside
from gateway.release.figures import Made, make
from gateway.release.gathering import Invoer
from gateway.release.hierarchies import parents_for
from gateway.release.naming import VEILIGHEIDSHUIZEN
from gateway.release.seal import document
from gateway.release.size import size_of
from gateway.release.words import Blocked, explained

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = json.loads((ROOT / "deploy" / "demo" / "expected.json").read_text(encoding="utf-8"))
PLAN = plant()


def _identity(person: object) -> tuple[str | None, str | None]:
    return person.bsn, person.document  # type: ignore[attr-defined]


def test_rows_expected_are_rows_planted() -> None:
    """Every partner's records, none lost and none twice."""
    assert {partner: EXPECTED[f"rows_{partner}"] for partner in RIEC_PARTNERS} == {
        partner: len(PLAN.riec[partner]) for partner in RIEC_PARTNERS
    }
    assert EXPECTED["rows_zvh"] == len(PLAN.clients) + len(PLAN.zvh_police)
    assert EXPECTED["rows_monitor"] == sum(len(victims) for victims in PLAN.victims.values())


def test_forty_subjects_are_known_and_ten_are_not() -> None:
    """Who is known where can be read off the planted files."""
    held = {partner: {_identity(person) for person in PLAN.riec[partner]} for partner in RIEC_PARTNERS}
    for subject, where in zip(PLAN.subjects, PLAN.known_to, strict=True):
        assert {partner for partner in RIEC_PARTNERS if _identity(subject) in held[partner]} == set(where)
    assert EXPECTED["known"] == sum(bool(where) for where in PLAN.known_to) == 40
    assert EXPECTED["questions_right"] == len(PLAN.subjects) == 50


def test_the_network_shrinks_by_who_withdraws_and_who_leaves() -> None:
    """First the police, then the Marechaussee are gone from the answer."""
    kinds = {KIND[partner] for partner in PLAN.known_to[0]}
    assert EXPECTED["network_after_withdrawal"] == sorted(kinds - {"politie"})
    assert EXPECTED["network_after_leaving"] == sorted(kinds - {"politie", "kmar"})


def test_the_release_counts_each_victim_once() -> None:
    """The total of every table of persons is the number of different victims planted."""
    different = {_identity(person) for victims in PLAN.victims.values() for person in victims}
    assert set(EXPECTED["release_totals"].values()) == {len(different)}
    assert EXPECTED["estimate_observed"] == len(different)


@pytest.fixture(scope="module")
def victims(tmp_path_factory: pytest.TempPathFactory) -> Invoer:
    """The partners' yearly lists as the gateway would have them: grouped by person, in the monitor's codes."""
    folders = write_sources(tmp_path_factory.mktemp("planted"), PLAN)
    groups: dict[tuple[str, str], list[Known]] = {}
    for partner in RIEC_PARTNERS:
        with (folders[partner] / "slachtoffers.csv").open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                groups.setdefault((row["bsn"], row["document"]), []).append(_known(PARTIES[partner], row))
    ordered = tuple(tuple(sorted(group, key=lambda known: known.party)) for group in groups.values())
    parties = tuple(sorted(PARTIES[partner] for partner in RIEC_PARTNERS))
    return Invoer(parties, ordered, (), "")


def _known(party: str, row: dict[str, str]) -> Known:
    sexes = {"M": "man", "V": "vrouw", "X": "anders"}
    codes = {
        "jaar": YEAR,
        "gemeente": row["gemeente"],
        "uitbuitingsvorm": [row["vorm"]],
        "sector": row["sector"],
        "geslacht": sexes.get(row["geslacht"], "onbekend"),
        "leeftijdsband": Leeftijdsband.ONBEKEND.value,  # no table of the demo has ages
        "herkomstregio": herkomstregio(row["land"]).value,
        "bron_signaal": row["aanmelder"],
        "route": row["route"],
    }
    assert date.fromisoformat(row["geboren"]).year < YEAR
    return Known(party, f"{party} {row['nr']}", json.dumps(codes))


def test_the_cell_that_the_careless_draft_gives_away_follows_from_the_lists(victims: Invoer) -> None:
    """Our attacker, on the planted lists alone, opens the cell that the demo expects to see named."""
    towns = load_bundle(ROOT / "policies" / "opa").table("municipalities")["gemeenten"]
    asked = ReleaseAanvraag(
        release_id=RELEASE_ID,
        jaar=YEAR,
        tabellen=tuple(table.value for table in COUNTS),
        epoch=str(YEAR),
        achterhouden=Achterhouden.ALLEEN_KLEIN,
    )
    beside = Beside(parents_for(towns, YEAR), {}, ())  # type: ignore[arg-type]
    blocked = make(asked, wanted(asked.tabellen), victims, beside, lambda: False)
    assert isinstance(blocked, Blocked)
    towns_named = {code: about["naam"] for code, about in towns.items()}  # type: ignore[union-attr, index, call-overload]
    names = {**VEILIGHEIDSHUIZEN, **towns_named}
    assert EXPECTED["first_draft_opens"] == explained(blocked, asked, names)[0].nl  # type: ignore[arg-type]
    assert EXPECTED["first_draft_blocked"] is True


def _figures(victims: Invoer, asked: ReleaseAanvraag, earlier: tuple[Concept, ...] = ()) -> Concept:
    """The figures of a request on the planted lists, after what was published before."""
    towns = load_bundle(ROOT / "policies" / "opa").table("municipalities")["gemeenten"]
    before = tuple(document(each, datetime(YEAR, 11, 24, tzinfo=UTC)) for each in earlier)
    beside = Beside(parents_for(towns, YEAR), {}, before)  # type: ignore[arg-type]
    made = make(asked, wanted(asked.tabellen), victims, beside, lambda: False)
    assert isinstance(made, Made)
    return made.concept


def test_the_table_sees_what_the_public_does_not_from_five_on(victims: Invoer) -> None:
    """How many counts only the Regionale Tafel sees follows from the planted lists."""
    tables = tuple(table.value for table in COUNTS)
    public = _figures(victims, ReleaseAanvraag(release_id=RELEASE_ID, jaar=YEAR, tabellen=tables, epoch=str(YEAR)))
    asked = ReleaseAanvraag(
        release_id=TAFEL_ID,
        jaar=YEAR,
        tabellen=tuple(table.value for table in TAFEL),
        epoch=str(YEAR),
        publiek=Publiek.REGIONALE_TAFEL,
    )
    (table,) = _figures(victims, asked, (public,)).tabellen
    hidden = {cel.codes for each in public.tabellen if each.tabel in TAFEL for cel in each.cellen if cel.aantal is None}
    besides = [cel.aantal for cel in table.cellen if cel.aantal and cel.codes in hidden]
    assert EXPECTED["tafel_shown_besides"] == len(besides) > 0
    assert table.k == SMALLEST[Publiek.REGIONALE_TAFEL] <= min(besides)
    assert EXPECTED["tafel_readers"] == ["nla"]


def test_the_estimate_follows_from_the_lists(victims: Invoer) -> None:
    """Overlaps of the planted lists give the interval, or the reasons against one, that the demo expects."""
    kinds = {PARTIES[partner]: Partnertype(KIND[partner]) for partner in RIEC_PARTNERS}
    found = size_of(victims.groups, YEAR, kinds, lambda: False).public
    interval = None if found.onder is None else [found.onder, found.boven]
    assert EXPECTED["estimate_interval"] == interval
    assert EXPECTED["estimate_reasons"] == list(found.redenen)


def test_the_shelter_client_is_at_shelter_and_police_and_nowhere_in_riec() -> None:
    """The wall is tested by somebody who really stands on both sides."""
    client = _identity(PLAN.shelter_client)
    assert client in {_identity(person) for person in PLAN.clients}
    assert client in {_identity(person) for person in PLAN.zvh_police}
    assert all(client not in {_identity(person) for person in persons} for persons in PLAN.riec.values())
    assert EXPECTED["shelter_client_under_riec"] == []


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """Text files are equal from run to run."""
    for name in ("a", "b"):
        write_sources(tmp_path / name, plant())
    for path in (tmp_path / "a").rglob("*.csv"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
