"""What policy is asked: filled from the gateway's own records, and no flag of casus, question or record is lost."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract.answers import Autorisatie, Goedkeuring, Validatie
from connectors.contract.codes import Actie, Categorie, Doel, Status, Sterkte, TokenDomein, TokenKlasse, TokenType
from connectors.contract.record import Profiel
from connectors.contract.ticket import TicketAanvraag
from gateway.hits.questions import showable
from gateway.ledger.decisions import stored_decisions
from gateway.matching.index import Known, Match
from gateway.matching.strength import Zone
from gateway.registry.tables import SUBJECTS
from gateway.store import reading
from tests.gateway.gateway_world import (
    ANALIST,
    COLLEGA,
    MOTIVE,
    NLA,
    POLITIE,
    RIEC_BUREAU,
    World,
    answer_of,
    approve_casus,
    approve_delivery,
    codes_of,
    deliver,
    deliver_approved,
    lend,
    make_batch,
    new_id,
    open_casus,
    put_question,
    riec_row,
    tokens,
)

FLAGS = ("minderjarig", "dubbelrol", "bijzonder")


def asked_about(world: World, actie: Actie) -> list[dict[str, Any]]:
    """The properties of every question of one act that policy was asked, in the order of the ledger."""
    with reading(world.house.store) as transaction:
        entries: list[Any] = [entry for _, entry in stored_decisions(transaction)]
    return [e["request"]["resource"]["properties"] for e in entries if e["event_name"] == actie]


def look(world: World, vraag_id: str) -> list[dict[str, str]]:
    """The analyst validates a question and sees its hits."""
    bureau = world.party(RIEC_BUREAU)
    seen = bureau.post(f"/v1/hits/{vraag_id}/validation", Validatie(oordeel="bevestigd"), ANALIST)
    found: list[dict[str, str]] = seen.json().get("hits", [])
    return found


@pytest.mark.parametrize("flag", FLAGS)
def test_a_hit_is_judged_by_its_records_own_flags(world: World, flag: str) -> None:
    """The question says nothing of it, the found record does: that hit is judged by it, the whole question is not."""
    row = riec_row(tokens(bsn="a"), status=Status.CASUS, noodzaak_bescherming=True, **{flag: True})
    deliver_approved(world, POLITIE, row)
    open_casus(world, status=Status.CASUS)
    look(world, put_question(world, tokens(bsn="a"), noodzaak_bescherming=True).json()["vraag_id"])
    assert [each[flag] for each in asked_about(world, Actie.HITS_INZIEN)] == [False, True]


@pytest.mark.parametrize("flag", FLAGS)
def test_hits_are_judged_by_the_questions_own_flags(world: World, flag: str) -> None:
    """What was asked about stays what it was when the answer is looked at."""
    open_casus(world, status=Status.CASUS)
    flags: dict[str, Any] = {"noodzaak_bescherming": True, flag: True}
    question = put_question(world, tokens(bsn="a"), **flags)
    look(world, question.json()["vraag_id"])
    assert [each[flag] for each in asked_about(world, Actie.HITS_INZIEN)] == [True]


def test_a_casus_that_is_special_makes_its_questions_and_hits_so(world: World) -> None:
    """`bijzonder` of the registered casus, whatever the question says."""
    open_casus(world, bijzonder=True)
    look(world, put_question(world, tokens(bsn="a")).json()["vraag_id"])
    for actie in (Actie.MATCH_AANVRAGEN, Actie.HITS_INZIEN):
        assert [each["bijzonder"] for each in asked_about(world, actie)] == [True]


def test_a_hit_is_judged_by_its_own_strength(world: World) -> None:
    """Two middle identifiers: the whole is asked about as strong, the hit as it is."""
    deliver(world, POLITIE, [riec_row(tokens(phone="1", iban="2"))])
    open_casus(world)
    hits = look(world, put_question(world, tokens(phone="1", iban="2")).json()["vraag_id"])
    assert [each["sterkte"] for each in asked_about(world, Actie.HITS_INZIEN)] == ["sterk", "middel"]
    assert [hit["sterkte"] for hit in hits] == ["middel"]


def test_who_may_ask_may_look_on_the_same_approval(world: World) -> None:
    """A record that asks for four eyes is seen on the approval of the question."""
    deliver_approved(world, POLITIE, riec_row(tokens(bsn="a"), status=Status.CASUS, bijzonder=True))
    open_casus(world)
    assert len(look(world, put_question(world, tokens(bsn="a")).json()["vraag_id"])) == 1


def test_a_party_is_named_by_its_strongest_hit(world: World) -> None:
    """Two records of two categories, one strong and one middle: the party stands there once, as strong."""
    deliver(world, POLITIE, [riec_row(tokens(phone="1", iban="2"), categorie=Categorie.FACILITATOR)])
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    hits = look(world, put_question(world, tokens(bsn="a", phone="1", iban="2")).json()["vraag_id"])
    assert len(asked_about(world, Actie.HITS_INZIEN)) == 3
    assert [hit["sterkte"] for hit in hits] == ["sterk"]


@pytest.mark.parametrize("strong_first", [True, False])
def test_of_a_partys_records_the_strongest_is_kept(strong_first: bool) -> None:
    """Whichever the index finds first."""
    codes = (
        '{"categorie":"verdachte_dader","minderjarig":false,"dubbelrol":false,"bijzonder":false,'
        '"opsporingsbelang":false}'
    )
    strong = Match(0, Known(POLITIE, new_id(), codes), frozenset({TokenType.BSN}), ())
    middle = Match(0, Known(POLITIE, new_id(), codes), frozenset({TokenType.PHONE, TokenType.IBAN}), ())
    matches = (strong, middle) if strong_first else (middle, strong)
    (found,) = showable(matches, (Zone.NONE, Zone.NONE))
    assert (found.record_id, found.sterkte) == (strong.known.record_id, Sterkte.STERK)


@pytest.mark.parametrize(
    "changed",
    [{"actie": Actie.DOORGELEIDEN}, {"onderwerp": "RR-2026-099"}, {"aanvrager": "psn:someone"}],
    ids=lambda changed: next(iter(changed)),
)
def test_an_approval_of_something_else_is_none(world: World, changed: dict[str, Any]) -> None:
    """Of another act, casus or asker: four eyes are missing."""
    open_casus(world, approve=False)
    values = {"actie": Actie.MATCH_AANVRAGEN, "onderwerp": "RR-2026-014", "aanvrager": ANALIST.sub, **changed}
    approval = Goedkeuring(goedkeuring_id=new_id(), **values)
    assert world.party(RIEC_BUREAU).post("/v1/approvals", approval, COLLEGA).status_code == 200
    assert codes_of(put_question(world, tokens(bsn="a"))) == {"VIER_OGEN_ZELFDE_PERSOON"}


def test_a_newer_approval_for_a_colleague_is_not_in_the_way(world: World) -> None:
    """Each asker is found his own."""
    open_casus(world)
    world.clock.advance(seconds=1)
    approval = Goedkeuring(
        goedkeuring_id=new_id(), actie=Actie.MATCH_AANVRAGEN, onderwerp="RR-2026-014", aanvrager=COLLEGA.sub
    )
    assert world.party(RIEC_BUREAU).post("/v1/approvals", approval, ANALIST).status_code == 200
    assert answer_of(put_question(world, tokens(bsn="a"))) == "onbekend"


def test_an_approval_of_hits_is_none_of_the_question(world: World) -> None:
    """Nor is it enough the other way: who may look may not therefore ask."""
    open_casus(world, approve=False)
    approval = Goedkeuring(
        goedkeuring_id=new_id(), actie=Actie.HITS_INZIEN, onderwerp="RR-2026-014", aanvrager=ANALIST.sub
    )
    assert world.party(RIEC_BUREAU).post("/v1/approvals", approval, COLLEGA).status_code == 200
    assert codes_of(put_question(world, tokens(bsn="a"))) == {"VIER_OGEN_ZELFDE_PERSOON"}
    assert approve_casus(world).status_code == 200
    assert answer_of(put_question(world, tokens(bsn="a"))) == "onbekend"


@pytest.mark.parametrize(("party", "actie"), [(NLA, Actie.RECORDS_INDIENEN), (POLITIE, Actie.MATCH_AANVRAGEN)])
def test_a_delivery_names_an_approval_of_its_own(world: World, party: str, actie: Actie) -> None:
    """Another party's, or one of another act, is none."""
    named = approve_delivery(world, party, actie)
    row = riec_row(tokens(bsn="a"), status=Status.CASUS, bijzonder=True)
    refused = deliver(world, POLITIE, [row], goedkeuring=named, motivering=MOTIVE)
    assert codes_of(refused) == {"VIER_OGEN_ZELFDE_PERSOON"}


def test_fingerprints_go_after_thirty_days(world: World) -> None:
    """With the next question, whoever asks it."""
    open_casus(world)
    put_question(world, tokens(bsn="a"), tokens(bsn="b"))
    world.clock.advance(days=30, seconds=1)
    approve_casus(world)
    assert put_question(world, tokens(bsn="c")).status_code == 200
    with reading(world.house.store) as transaction:
        assert len(transaction.execute(select(SUBJECTS.c.number)).all()) == 1


def wanted(**changed: Any) -> TicketAanvraag:
    """A ticket for records."""
    profile = Profiel.model_validate(
        riec_row(tokens(phone="1")).profiel.model_dump() | {"bsn_aanwezig": False, "bewaren_tot": "2027-05-31"},
        strict=False,
    )
    values = {
        "domein": TokenDomein.RIEC,
        "epoch": "2026",
        "klasse": TokenKlasse.ID,
        "aantal": 16,
        "actie": Actie.RECORDS_INDIENEN,
        "doel": Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        "profielen": (profile,),
        **changed,
    }
    return TicketAanvraag(**values)


def test_a_ticket_for_numbers_says_so_to_policy(world: World) -> None:
    """A profile without BSN does not give a ticket for the class of the BSN by silence."""
    world.party(POLITIE).post("/v1/tickets", wanted())
    world.party(POLITIE).post("/v1/tickets", wanted(klasse=TokenKlasse.BSN))
    assert [each["bsn_aanwezig"] for each in asked_about(world, Actie.RECORDS_INDIENEN)] == [False, True]


def test_a_ticket_of_an_epoch_that_is_not_open_is_refused(world: World) -> None:
    """422 with its own code; policy is not asked."""
    answer = world.party(POLITIE).post("/v1/tickets", wanted(epoch="2020"))
    assert (answer.status_code, answer.json()["code"]) == (422, "epoch_not_open")
    assert asked_about(world, Actie.RECORDS_INDIENEN) == []


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [({"federatie": "A" * 43}, 409, "other_federation"), ({"epoch": "2020"}, 422, "epoch_not_open")],
)
def test_a_question_of_another_federation_or_epoch_is_refused(
    world: World, changed: dict[str, Any], status: int, code: str
) -> None:
    """Tokens of other keys are told from an unknown subject."""
    open_casus(world)
    answer = put_question(world, tokens(bsn="a"), **changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_batch_of_another_federation_is_refused(world: World) -> None:
    """Its party lists and keys are not these."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="a"))], federatie="A" * 43)
    answer = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    assert (answer.status_code, answer.json()["code"]) == (409, "other_federation")


def test_an_authorisation_needs_its_casus(world: World) -> None:
    """404: a name that nobody registered stands for nothing."""
    now = world.clock()
    authorisation = Autorisatie(
        autorisatie_id="A-1",
        casus_id="RR-2026-404",
        subject=ANALIST.sub,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        van=now,
        tot=now + timedelta(days=1),
    )
    answer = world.party(RIEC_BUREAU).post("/v1/authorisations", authorisation, COLLEGA)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_casus")
