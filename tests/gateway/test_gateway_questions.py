"""Questions, hits and their limits: bound to a casus, judged, counted, contentless, of one shape."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract.answers import Autorisatie, Casus, Goedkeuring, Validatie
from connectors.contract.codes import (
    Actie,
    Categorie,
    Convenant,
    Doel,
    Route,
    Status,
    Thema,
    TokenDomein,
    TokenKlasse,
)
from connectors.contract.ticket import TicketAanvraag, verify_ticket
from tests.gateway.gateway_world import (
    ANALIST,
    COLLEGA,
    GEMEENTE,
    NLA,
    POLITIE,
    RIEC_BUREAU,
    World,
    answer_of,
    approve_casus,
    codes_of,
    deliver,
    deliver_approved,
    make_question,
    new_id,
    open_casus,
    put_question,
    riec_row,
    tokens,
    withdraw,
)


def hits_of(world: World, vraag_id: str) -> list[dict[str, str]]:
    """Validate and look."""
    seen = world.party(RIEC_BUREAU).post(f"/v1/hits/{vraag_id}/validation", Validatie(oordeel="bevestigd"), ANALIST)
    assert seen.status_code == 200, seen.text
    found: list[dict[str, str]] = seen.json()["hits"]
    return found


def test_a_known_subject_is_known_and_an_unknown_one_is_not(any_world: World) -> None:
    """One strong identifier in common is a hit; the answer tells how many partners were present."""
    deliver(any_world, POLITIE, [riec_row(tokens(bsn="a"))])
    deliver(any_world, GEMEENTE, [riec_row(tokens(bsn="b"))])
    open_casus(any_world)
    known, unknown = put_question(any_world, tokens(bsn="a")), put_question(any_world, tokens(bsn="z"))
    assert (answer_of(known), answer_of(unknown)) == ("bekend", "onbekend")
    assert known.json()["partners_aanwezig"] == unknown.json()["partners_aanwezig"] == 2
    assert known.json().keys() == unknown.json().keys()


@pytest.mark.parametrize(
    ("asked", "held", "answer"),
    [
        ({"phone": "1"}, {"phone": "1"}, "onbekend"),
        ({"phone": "1", "iban": "2"}, {"phone": "1", "iban": "2"}, "bekend"),
        ({"phone": "1", "iban": "2"}, {"phone": "1", "iban": "3"}, "onbekend"),
        ({"doc": "1"}, {"doc": "1"}, "bekend"),
        ({"vnr": "1", "phone": "2"}, {"vnr": "1", "phone": "9"}, "bekend"),
    ],
)
def test_rule_of_strength(world: World, asked: dict[str, str], held: dict[str, str], answer: str) -> None:
    """One strong, or two different middle; a weaker match is not shown."""
    deliver(world, POLITIE, [riec_row(tokens(**held))])
    open_casus(world)
    assert answer_of(put_question(world, tokens(**asked))) == answer


def test_the_same_value_of_another_type_is_no_match(world: World) -> None:
    """A token joins within its type."""
    row = riec_row(tokens(doc="x"))
    deliver(world, POLITIE, [row])
    open_casus(world)
    other = row.tokens[0].model_copy(update={"type": tokens(vnr="x")[0].type})
    assert answer_of(put_question(world, (other,))) == "onbekend"


def test_hits_say_partner_type_contact_and_strength_only(any_world: World) -> None:
    """A contentless hit: who to call, and how sure."""
    deliver(any_world, POLITIE, [riec_row(tokens(bsn="a"))])
    deliver(any_world, NLA, [riec_row(tokens(phone="1", iban="2"))])
    open_casus(any_world)
    asked = put_question(any_world, tokens(bsn="a", phone="1", iban="2"))
    hits = hits_of(any_world, asked.json()["vraag_id"])
    assert sorted((hit["partnertype"], hit["sterkte"]) for hit in hits) == [("nla", "middel"), ("politie", "sterk")]
    assert all(hit.keys() == {"partnertype", "contactpunt", "sterkte"} for hit in hits)


def test_hits_need_a_person_who_validated(world: World) -> None:
    """MEN: before validation, and after a rejection, nothing is shown."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    vraag_id = put_question(world, tokens(bsn="a")).json()["vraag_id"]
    bureau = world.party(RIEC_BUREAU)
    assert "MENSELIJKE_TOETS_ONTBREEKT" in codes_of(bureau.get(f"/v1/hits/{vraag_id}", ANALIST))
    rejected = bureau.post(f"/v1/hits/{vraag_id}/validation", Validatie(oordeel="verworpen"), ANALIST)
    assert rejected.json()["hits"] == []
    assert "MENSELIJKE_TOETS_ONTBREEKT" in codes_of(bureau.get(f"/v1/hits/{vraag_id}", ANALIST))
    machine = bureau.post(f"/v1/hits/{vraag_id}/validation", Validatie(oordeel="bevestigd"))
    assert (machine.status_code, machine.json()["code"]) == (403, "person_needed")


def test_a_record_under_opsporingsbelang_looks_like_no_hit(world: World) -> None:
    """Same shape, same status, same keys as an unknown subject."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"), opsporingsbelang=True)])
    open_casus(world)
    hidden, unknown = put_question(world, tokens(bsn="a")), put_question(world, tokens(bsn="q"))
    assert answer_of(hidden) == answer_of(unknown) == "onbekend"
    assert len(hidden.content) == len(unknown.content)
    assert hits_of(world, hidden.json()["vraag_id"]) == hits_of(world, unknown.json()["vraag_id"]) == []


def test_a_withdrawn_record_is_no_hit_any_more(any_world: World) -> None:
    """Neither for a new question, nor for hits that were found before."""
    row = riec_row(tokens(bsn="a"))
    deliver(any_world, POLITIE, [row])
    open_casus(any_world)
    vraag_id = put_question(any_world, tokens(bsn="a")).json()["vraag_id"]
    assert len(hits_of(any_world, vraag_id)) == 1
    assert withdraw(any_world, POLITIE, record_ids=(row.record_id,)).status_code == 200
    assert hits_of(any_world, vraag_id) == []
    assert answer_of(put_question(any_world, tokens(bsn="a"))) == "onbekend"


def test_an_absent_partner_is_not_an_answer(world: World) -> None:
    """When its lease is over, its records are not matched and it is not counted as present."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    world.clock.advance(hours=24)
    open_casus(world)
    answer = put_question(world, tokens(bsn="a"))
    assert answer_of(answer) == "onbekend"
    assert answer.json()["partners_aanwezig"] == 0


def test_the_same_question_again_gets_the_same_answer(any_world: World) -> None:
    """The question id is the idempotency key; other content under it is a conflict."""
    deliver(any_world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(any_world)
    bureau, question = any_world.party(RIEC_BUREAU), make_question(any_world, tokens(bsn="a"))
    first, second = (bureau.post("/v1/match-requests", question, ANALIST) for _ in range(2))
    assert first.json() == second.json()
    other = make_question(any_world, tokens(bsn="b"), vraag_id=question.vraag_id)
    assert bureau.post("/v1/match-requests", other, ANALIST).status_code == 409


def test_no_casus_no_question(world: World) -> None:
    """A casus that this party did not register does not exist for it."""
    refused = put_question(world, tokens(bsn="a"))
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_casus")


def test_the_wrong_purpose_is_refused(world: World) -> None:
    """A purpose that the data was not collected for: DOELVERSCHUIVING."""
    open_casus(world)
    assert "DOELVERSCHUIVING" in codes_of(put_question(world, tokens(bsn="a"), doel=Doel.HANDHAVINGSKNELPUNTEN))


def test_a_closed_casus_asks_nothing(world: World) -> None:
    """The casus' newest registered status counts."""
    open_casus(world)
    casus = Casus(
        casus_id="RR-2026-014",
        convenant=Convenant.RIEC,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        status=Status.AFGESLOTEN,
        route=Route.ONDERMIJNING,
    )
    assert world.party(RIEC_BUREAU).post("/v1/cases", casus, ANALIST).status_code == 200
    assert "CASUS_GESLOTEN" in codes_of(put_question(world, tokens(bsn="a")))


def test_four_eyes_hold_for_a_day(world: World) -> None:
    """Without approval, or with one of yesterday, no answer."""
    open_casus(world, approve=False)
    assert codes_of(put_question(world, tokens(bsn="a"))) == {"VIER_OGEN_ZELFDE_PERSOON"}
    approve_casus(world)
    assert put_question(world, tokens(bsn="a")).status_code == 200
    world.clock.advance(hours=25)
    assert codes_of(put_question(world, tokens(bsn="a"))) == {"VIER_OGEN_ZELFDE_PERSOON"}


def test_nobody_approves_his_own_question(world: World) -> None:
    """The approver is another person than the asker, whatever the party says."""
    own = Goedkeuring(
        goedkeuring_id=new_id(), actie=Actie.MATCH_AANVRAGEN, onderwerp="RR-2026-014", aanvrager=ANALIST.sub
    )
    refused = world.party(RIEC_BUREAU).post("/v1/approvals", own, ANALIST)
    assert (refused.status_code, refused.json()["code"]) == (403, "same_person")


def test_nobody_authorises_himself(world: World) -> None:
    """403, and no authorisation is there: a colleague registers it."""
    open_casus(world)
    now = world.clock()
    own = Autorisatie(
        autorisatie_id="A-own",
        casus_id="RR-2026-014",
        subject=COLLEGA.sub,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        van=now,
        tot=now + timedelta(days=1),
    )
    answer = world.party(RIEC_BUREAU).post("/v1/authorisations", own, COLLEGA)
    assert (answer.status_code, answer.json()["code"]) == (403, "same_person")
    assert "AUTORISATIE_VERLOPEN" in codes_of(put_question(world, tokens(bsn="a"), act=COLLEGA))


def test_another_analyst_without_authorisation_is_refused(world: World) -> None:
    """The authorisation names one person."""
    open_casus(world)
    assert "AUTORISATIE_VERLOPEN" in codes_of(put_question(world, tokens(bsn="a"), act=COLLEGA))


def test_hits_of_a_colleague_are_not_mine(world: World) -> None:
    """eigen_verzoek is read from the gateway's record of who asked."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    vraag_id = put_question(world, tokens(bsn="a")).json()["vraag_id"]
    hits_of(world, vraag_id)
    assert "HIT_VERLOPEN" in codes_of(world.party(RIEC_BUREAU).get(f"/v1/hits/{vraag_id}", COLLEGA))


def test_hits_expire_after_thirty_days(world: World) -> None:
    """Day 30 is the last."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    vraag_id = put_question(world, tokens(bsn="a")).json()["vraag_id"]
    hits_of(world, vraag_id)
    world.clock.now += timedelta(days=31)
    assert "HIT_VERLOPEN" in codes_of(world.party(RIEC_BUREAU).get(f"/v1/hits/{vraag_id}", ANALIST))


def test_twenty_five_subjects_a_casus_and_no_more(any_world: World) -> None:
    """Distinct subjects count, in the transaction that stores the question; a repeated one is free."""
    open_casus(any_world)
    first = [tokens(bsn=f"s{n}") for n in range(20)]
    assert put_question(any_world, *first).status_code == 200
    assert put_question(any_world, *first).status_code == 200
    assert put_question(any_world, *[tokens(bsn=f"t{n}") for n in range(5)]).status_code == 200
    assert "SLEEPNET" in codes_of(put_question(any_world, tokens(bsn="one more")))
    any_world.clock.advance(days=31)
    approve_casus(any_world)
    assert put_question(any_world, tokens(bsn="one more")).status_code == 200


def test_a_refused_question_is_not_counted(world: World) -> None:
    """Only what was asked and answered uses the limit."""
    open_casus(world, approve=False)
    for n in range(3):
        put_question(world, *[tokens(bsn=f"{n} {m}") for m in range(20)])
    approve_casus(world)
    assert put_question(world, *[tokens(bsn=f"s{n}") for n in range(25)]).status_code == 200


def test_ones_own_records_are_no_answer(world: World) -> None:
    """A party asks what others know."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    question = make_question(world, tokens(bsn="a"))
    assert answer_of(world.party(RIEC_BUREAU).post("/v1/match-requests", question, ANALIST)) == "bekend"
    present = world.house.present(TokenDomein.RIEC, "2026", world.clock())
    assert RIEC_BUREAU not in present


def test_a_ticket_to_ask_is_judged_like_the_question(world: World) -> None:
    """Without approval no ticket; with it one that a custodian would accept."""
    open_casus(world, approve=False)
    wanted = TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch="2026",
        klasse=TokenKlasse.ID,
        aantal=16,
        actie=Actie.MATCH_AANVRAGEN,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        casus_id="RR-2026-014",
    )
    bureau = world.party(RIEC_BUREAU)
    assert "VIER_OGEN_ZELFDE_PERSOON" in codes_of(bureau.post("/v1/tickets", wanted, ANALIST))
    approve_casus(world)
    answer = bureau.post("/v1/tickets", wanted, ANALIST)
    ticket = verify_ticket(answer.json()["ticket"], world.federatie.gateway.sleutel, world.clock())
    assert (ticket.sub, ticket.cls, ticket.max, ticket.fed) == (RIEC_BUREAU, "id", 16, world.federatie.digest)


def test_a_victim_found_under_a_suspect_is_judged_as_a_double_role(world: World) -> None:
    """A victim's protected record does not surface as a hit on a suspect when the casus is only being weighed; a
    suspect's record of the same person does."""
    victim = riec_row(tokens(bsn="a"), categorie=Categorie.SLACHTOFFER, status=Status.CASUS, noodzaak_bescherming=True)
    deliver_approved(world, POLITIE, victim)
    deliver(world, NLA, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    vraag_id = put_question(world, tokens(bsn="a")).json()["vraag_id"]
    assert [hit["partnertype"] for hit in hits_of(world, vraag_id)] == ["nla"]


def test_a_colleagues_newer_authorisation_is_not_in_the_way(world: World) -> None:
    """Two analysts in one casus: each asks by his own authorisation, whichever was registered last."""
    open_casus(world)
    now = world.clock()
    theirs = Autorisatie(
        autorisatie_id="A-colleague",
        casus_id="RR-2026-014",
        subject=COLLEGA.sub,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        van=now,
        tot=now + timedelta(days=60),
    )
    world.clock.advance(seconds=1)
    assert world.party(RIEC_BUREAU).post("/v1/authorisations", theirs, ANALIST).status_code == 200
    assert answer_of(put_question(world, tokens(bsn="a"))) == "onbekend"


def authorise(world: World, name: str, **changed: Any) -> None:
    """One more authorisation of the analyst, registered a second later."""
    world.clock.advance(seconds=1)
    now = world.clock()
    values = {
        "autorisatie_id": name,
        "casus_id": "RR-2026-014",
        "subject": ANALIST.sub,
        "doel": Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        "van": now,
        "tot": now + timedelta(days=60),
        **changed,
    }
    assert world.party(RIEC_BUREAU).post("/v1/authorisations", Autorisatie(**values), COLLEGA).status_code == 200


def test_the_authorisation_that_fits_is_found_among_others(world: World) -> None:
    """Newer ones for another casus, for another purpose, or not yet in force do not hide it."""
    open_casus(world, "RR-2026-099")
    open_casus(world)
    authorise(world, "A-other-casus", casus_id="RR-2026-099")
    authorise(world, "A-other-purpose", doel=Doel.HANDHAVINGSKNELPUNTEN)
    authorise(world, "A-later", van=world.clock() + timedelta(days=9), tot=world.clock() + timedelta(days=10))
    assert answer_of(put_question(world, tokens(bsn="a"))) == "onbekend"
