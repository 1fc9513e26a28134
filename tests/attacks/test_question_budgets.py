"""An analyst who asks too much: 25 subjects a casus and 100 an analyst in 30 days, counted by the gateway alone."""

import threading
from datetime import timedelta

import pytest
from httpx import Response
from pydantic import ValidationError

from connectors.contract.answers import Autorisatie, GevraagdBlok, Goedkeuring, Subject
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import Actie, BlokType, Doel, TokenType
from connectors.contract.record import Token
from tests.gateway.conftest import any_world, cluster, world
from tests.gateway.gateway_world import (
    ANALIST,
    COLLEGA,
    RIEC_BUREAU,
    World,
    approve_casus,
    codes_of,
    element,
    make_question,
    new_id,
    open_casus,
    put_question,
    tokens,
)

__all__ = ["any_world", "cluster", "world"]


def people(prefix: str, count: int) -> list[tuple[Token, ...]]:
    """So many different subjects."""
    return [tokens(bsn=f"{prefix} {number}") for number in range(count)]


def ask_in(world: World, casus: str, *subjects: tuple[Token, ...]) -> Response:
    """Ask in another casus than the usual one."""
    return put_question(world, *subjects, casus_id=casus)


def test_guesses_until_stop(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A dictionary asked one by one in a single casus ends at 25."""
    open_casus(world)
    answered = 0
    while (answer := put_question(world, tokens(bsn=f"guess {answered}"))).status_code == 200:
        answered += 1
    with capsys.disabled():
        print(f"\nquestions answered in a casus before the gateway stops: {answered}")
    assert answered == 25
    assert codes_of(answer) == {"SLEEPNET"}


def test_more_cases_do_not_help_beyond_a_hundred(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Five cases of 25 are 125; the analyst ends at 100, whichever casus he opens."""
    answered = 0
    for casus in range(5):
        name = f"RR-2026-{casus:03d}"
        open_casus(world, name)
        for start in range(0, 25, 5):
            done = ask_in(world, name, *people(f"{casus} {start}", 5))
            answered += 5 if done.status_code == 200 else 0
    with capsys.disabled():
        print(f"\nsubjects an analyst gets answered over five cases in 30 days: {answered}")
    assert answered == 100


def test_the_limit_counts_the_question_that_would_pass_it(world: World) -> None:
    """23 asked, three more at once: all three refused, two still fit."""
    open_casus(world)
    assert put_question(world, *people("a", 23)).status_code == 200
    assert codes_of(put_question(world, *people("b", 3))) == {"SLEEPNET"}
    assert put_question(world, *people("b", 2)).status_code == 200


def test_a_colleague_in_the_same_casus_shares_its_limit(world: World) -> None:
    """The casus is full for everybody."""
    open_casus(world)
    assert put_question(world, *people("a", 25)).status_code == 200
    now, bureau = world.clock(), world.party(RIEC_BUREAU)
    authorisation = Autorisatie(
        autorisatie_id="A-2",
        casus_id="RR-2026-014",
        subject=COLLEGA.sub,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        van=now,
        tot=now + timedelta(days=9),
    )
    assert bureau.post("/v1/authorisations", authorisation, ANALIST).status_code == 200
    approval = Goedkeuring(
        goedkeuring_id=new_id(), actie=Actie.MATCH_AANVRAGEN, onderwerp="RR-2026-014", aanvrager=COLLEGA.sub
    )
    assert bureau.post("/v1/approvals", approval, ANALIST).status_code == 200
    assert codes_of(put_question(world, *people("b", 1), act=COLLEGA)) == {"SLEEPNET"}
    assert put_question(world, *people("a", 1), act=COLLEGA).status_code == 200


def test_waiting_gives_the_room_back_after_thirty_days_and_not_before(world: World) -> None:
    """Day 30 still counts."""
    open_casus(world)
    assert put_question(world, *people("a", 25)).status_code == 200
    world.clock.advance(days=30)
    approve_casus(world)
    assert codes_of(put_question(world, *people("b", 1))) == {"SLEEPNET"}
    world.clock.advance(seconds=1)
    assert put_question(world, *people("b", 1)).status_code == 200


def test_an_approval_does_not_lift_the_limit(world: World) -> None:
    """Four eyes are a condition of their own."""
    open_casus(world)
    assert put_question(world, *people("a", 25)).status_code == 200
    approve_casus(world)
    assert codes_of(put_question(world, *people("b", 1))) == {"SLEEPNET"}


def test_several_people_do_not_fit_in_one_subject() -> None:
    """Two numbers of one type, two documents or two phones are two people; the wire has no such subject."""
    two = tuple(Token(type=TokenType.BSN, waarde=element(name)) for name in "ab")
    with pytest.raises(ValidationError, match="one value of each type"):
        Subject(tokens=two)
    for kind in (BlokType.D, BlokType.P):
        blocks = tuple(GevraagdBlok(type=kind, blok=name * 21 + "A", schets=name * 170 + "A") for name in "ab")
        with pytest.raises(ValidationError, match="one value of each type"):
            Subject(tokens=(), blokken=blocks)
    assert Subject(tokens=tokens(bsn="a", phone="b", doc="c"))


def test_questions_at_once_do_not_pass_the_limit_together(any_world: World) -> None:
    """Twelve questions of five subjects at the same moment: five are answered, on both databases."""
    open_casus(any_world)
    bureau = any_world.party(RIEC_BUREAU)
    token = bureau.token()
    asked = [make_question(any_world, *people(f"{number}", 5)) for number in range(12)]
    statuses: list[int] = []

    def put(number: int) -> None:
        raw = canonical_bytes(asked[number])
        headers = bureau.headers("POST", "/v1/match-requests", raw, ANALIST, token=token)
        done = any_world.http.post(
            "/v1/match-requests", content=raw, headers=headers | {"Content-Type": "application/json"}
        )
        statuses.append(done.status_code)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 5 + [403] * 7
