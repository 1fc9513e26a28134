"""Policy takes its time: nobody else waits for it, and what it was told still holds when its answer is acted on."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import func, select

from connectors.contract.answers import Casus, Validatie
from connectors.contract.codes import Actie, Convenant, Doel, Route, Status, Thema, TokenDomein, TokenKlasse
from connectors.contract.ticket import TicketAanvraag
from gateway.errors import Unsettled
from gateway.hits.tables import QUESTIONS
from gateway.store import reading
from gateway.turns import ATTEMPTS, Turns
from tests.gateway.gateway_world import (
    ANALIST,
    COLLEGA,
    NLA,
    POLITIE,
    RIEC_BUREAU,
    World,
    answer_of,
    codes_of,
    deliver,
    make_question,
    open_casus,
    put_question,
    riec_row,
    tokens,
    withdraw,
)
from tests.gateway.thinking import no_owner_stands, once, while_asked

PATIENCE = 30.0
"""Seconds after which a test gives up on a thread; nothing is measured by it."""


def set_casus(world: World, status: Status, party: str = RIEC_BUREAU) -> Response:
    """Register the casus anew."""
    casus = Casus(
        casus_id="RR-2026-014",
        convenant=Convenant.RIEC,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        status=status,
        route=Route.ONDERMIJNING,
    )
    return world.party(party).post("/v1/cases", casus, COLLEGA)


def kept_questions(world: World) -> int:
    with reading(world.house.store) as transaction:
        return int(transaction.execute(select(func.count()).select_from(QUESTIONS)).scalar_one())


def validated(world: World) -> str:
    """The id of a question with hits that the analyst validated."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    vraag_id = str(put_question(world, tokens(bsn="a")).json()["vraag_id"])
    assert look(world, vraag_id, confirm=True).json()["hits"]
    return vraag_id


def look(world: World, vraag_id: str, *, confirm: bool = False) -> Response:
    """The analyst validates or looks."""
    bureau = world.party(RIEC_BUREAU)
    if confirm:
        return bureau.post(f"/v1/hits/{vraag_id}/validation", Validatie(oordeel="bevestigd"), ANALIST)
    return bureau.get(f"/v1/hits/{vraag_id}", ANALIST)


def during(world: World, actie: Actie, slow: Callable[[], Response], other: Callable[[], Response]) -> list[int]:
    """Statuses of `other`, done while policy thinks about `slow`, and then of `slow`."""
    thinking, think_on = threading.Event(), threading.Event()
    statuses: list[int] = []

    def hold() -> None:
        thinking.set()
        assert think_on.wait(PATIENCE)

    while_asked(world, actie, hold)
    asking = threading.Thread(target=lambda: statuses.append(slow().status_code))
    asking.start()
    assert thinking.wait(PATIENCE)
    done = other().status_code
    think_on.set()
    asking.join(PATIENCE)
    return [done, *statuses]


def test_others_write_while_policy_thinks_about_a_question(any_world: World) -> None:
    """Another party registers while the engine is busy: no write lock is held."""
    open_casus(any_world)

    def slow() -> Response:
        return put_question(any_world, tokens(bsn="a"))

    def other() -> Response:
        return set_casus(any_world, Status.WEGING, NLA)

    assert during(any_world, Actie.MATCH_AANVRAGEN, slow, other) == [200, 200]


def test_others_write_while_policy_thinks_about_hits(any_world: World) -> None:
    """It is asked once for the question and once for each hit."""
    vraag_id = validated(any_world)

    def slow() -> Response:
        return look(any_world, vraag_id)

    def other() -> Response:
        return set_casus(any_world, Status.WEGING, NLA)

    assert during(any_world, Actie.HITS_INZIEN, slow, other) == [200, 200]


def test_a_casus_closed_meanwhile_asks_nothing(world: World) -> None:
    """The question is judged again, on what is registered when it is answered."""
    open_casus(world)
    while_asked(world, Actie.MATCH_AANVRAGEN, once(lambda: set_casus(world, Status.AFGESLOTEN)))
    assert "CASUS_GESLOTEN" in codes_of(put_question(world, tokens(bsn="a")))
    assert kept_questions(world) == 0


def test_a_casus_closed_meanwhile_shows_no_hits(world: World) -> None:
    """The same for who looks."""
    vraag_id = validated(world)
    while_asked(world, Actie.HITS_INZIEN, once(lambda: set_casus(world, Status.AFGESLOTEN)))
    assert "CASUS_GESLOTEN" in codes_of(look(world, vraag_id))


def test_a_record_withdrawn_meanwhile_is_no_hit(world: World) -> None:
    """It goes while policy is asked about it; the police is not named."""
    vraag_id = validated(world)
    while_asked(world, Actie.HITS_INZIEN, once(lambda: withdraw(world, POLITIE, alles=True)))
    assert look(world, vraag_id).json()["hits"] == []


def test_a_judgement_taken_back_meanwhile_shows_no_hits(world: World) -> None:
    """A colleague's newest word counts (MEN)."""
    vraag_id = validated(world)
    rejected = Validatie(oordeel="verworpen")
    bureau = world.party(RIEC_BUREAU)
    while_asked(
        world, Actie.HITS_INZIEN, once(lambda: bureau.post(f"/v1/hits/{vraag_id}/validation", rejected, COLLEGA))
    )
    assert "MENSELIJKE_TOETS_ONTBREEKT" in codes_of(look(world, vraag_id))


def flicker(world: World) -> Callable[[], Any]:
    """The casus changes each time policy is asked."""
    states = iter([Status.CASUS, Status.INTERVENTIE, Status.WEGING] * ATTEMPTS)
    return lambda: set_casus(world, next(states))


def test_what_keeps_changing_is_not_answered(world: World) -> None:
    """A few times over, then 503: nothing is kept, the same may be asked again."""
    open_casus(world)
    while_asked(world, Actie.MATCH_AANVRAGEN, flicker(world))
    answer = put_question(world, tokens(bsn="a"))
    assert (answer.status_code, answer.json()["code"]) == (503, "unsettled")
    assert kept_questions(world) == 0


def test_hits_that_keep_changing_are_not_shown(world: World) -> None:
    """The same for who looks."""
    vraag_id = validated(world)
    while_asked(world, Actie.HITS_INZIEN, flicker(world))
    answer = look(world, vraag_id)
    assert (answer.status_code, answer.json()["code"]) == (503, "unsettled")


def test_rules_withdrawn_meanwhile_answer_no_question(world: World) -> None:
    """An allow of rules that nobody stands behind any more is none."""
    open_casus(world)
    while_asked(world, Actie.MATCH_AANVRAGEN, lambda: no_owner_stands(world))
    assert put_question(world, tokens(bsn="a")).json()["code"] == "policy_unavailable"
    assert kept_questions(world) == 0


def test_rules_withdrawn_meanwhile_show_no_hits(world: World) -> None:
    """The same for who looks."""
    vraag_id = validated(world)
    while_asked(world, Actie.HITS_INZIEN, lambda: no_owner_stands(world))
    assert look(world, vraag_id).json()["code"] == "policy_unavailable"


def test_rules_withdrawn_meanwhile_give_no_ticket(world: World) -> None:
    """Nor is anything evaluated on them."""
    open_casus(world)
    while_asked(world, Actie.MATCH_AANVRAGEN, lambda: no_owner_stands(world))
    wanted = TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch="2026",
        klasse=TokenKlasse.ID,
        aantal=16,
        actie=Actie.MATCH_AANVRAGEN,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        casus_id="RR-2026-014",
    )
    assert world.party(RIEC_BUREAU).post("/v1/tickets", wanted, ANALIST).json()["code"] == "policy_unavailable"


def test_a_slow_answer_counts_from_when_it_is_given(world: World) -> None:
    """Four minutes of thinking: the answer may be looked at for thirty days from its end."""
    open_casus(world)
    while_asked(world, Actie.MATCH_AANVRAGEN, once(lambda: world.clock.advance(minutes=4)))
    answer = put_question(world, tokens(bsn="a"))
    assert answer_of(answer) == "onbekend"
    assert answer.json()["verloopt"].startswith("2026-12-23T10:04:00")


def test_the_same_question_twice_at_once_is_one_question(any_world: World) -> None:
    """It is put again while policy thinks: one is kept, both get its answer."""
    open_casus(any_world)
    question, bureau = make_question(any_world, tokens(bsn="a")), any_world.party(RIEC_BUREAU)
    answers: list[str] = []

    def put() -> None:
        answers.append(bureau.post("/v1/match-requests", question, ANALIST).json()["besluit"])

    threads = [threading.Thread(target=put) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(answers) == 3
    assert len(set(answers)) == kept_questions(any_world) == 1


def test_a_turn_that_does_not_come_is_our_fault() -> None:
    """Who waits too long for his own party's questions is told so, and the turn stays with who has it."""
    turns = Turns()
    with turns.of(POLITIE):
        with pytest.raises(Unsettled), turns.of(POLITIE, seconds=0.01):
            pytest.fail("the turn was taken")
        with turns.of(NLA, seconds=0.01):
            pass
    with turns.of(POLITIE, seconds=0.01):
        pass
