"""What held when an act was judged is looked at again when its turn comes; what the database no longer has is in no
answer, whatever the index still holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import delete, text, update

from connectors.contract.answers import Autorisatie, Casus, GevraagdBlok, Goedkeuring, Subject
from connectors.contract.canonical import b64u
from connectors.contract.codes import Actie, BlokType, Convenant, Doel, Route, Status, Thema
from gateway.canaries.tables import TOUCHES
from gateway.hits.sealed import fingerprint
from gateway.hits.tables import QUESTIONS
from gateway.permit.judge import require
from gateway.policy.bundle import make_bundle
from gateway.policy.verdict import VALID_FOR
from gateway.store import reading, writing
from gateway.vault.rows import QUARANTINED, count_rows
from gateway.vault.tables import SEALED
from tests.gateway.gateway_world import (
    ANALIST,
    COLLEGA,
    NLA,
    POLITIE,
    RIEC_BUREAU,
    World,
    answer_of,
    approve_casus,
    codes_of,
    deliver,
    element,
    lend,
    make_batch,
    make_question,
    new_id,
    open_casus,
    put_question,
    riec_row,
    tokens,
    withdraw,
)


def meanwhile(monkeypatch: pytest.MonkeyPatch, event: Callable[[], Any]) -> None:
    """Let something happen after a batch was judged and before its turn has come."""

    def then(*args: Any) -> Any:
        found = require(*args)
        event()
        return found

    monkeypatch.setattr("gateway.intake.batches.require", then)


def send(world: World) -> Response:
    """One row of the police."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="a"))])
    return world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)


def stored(world: World) -> int:
    with reading(world.house.store) as transaction:
        return count_rows(transaction)


def test_a_party_that_left_meanwhile_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves while its batch is judged: the batch is not stored."""
    meanwhile(monkeypatch, lambda: withdraw(world, POLITIE, alles=True, vertrek=True))
    assert send(world).json()["code"] == "lease_needed"
    assert stored(world) == 0


def test_a_lease_that_ended_meanwhile_is_needed_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows could not join the index."""
    meanwhile(monkeypatch, lambda: world.clock.advance(hours=24))
    answer = send(world)
    assert (answer.status_code, answer.json()["code"]) == (409, "lease_needed")


def test_a_lease_that_is_renewed_meanwhile_does_not_matter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connectors renew all day."""
    meanwhile(monkeypatch, lambda: lend(world, POLITIE))
    assert send(world).status_code == 201


def test_an_old_decision_is_not_acted_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that waited five minutes for its turn is judged anew."""
    meanwhile(monkeypatch, lambda: world.clock.advance(seconds=VALID_FOR.total_seconds()))
    answer = send(world)
    assert (answer.status_code, answer.json()["code"]) == (503, "policy_unavailable")
    assert stored(world) == 0


def test_a_decision_of_earlier_rules_is_not_acted_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rules came in force while the batch was judged."""
    room = world.house.policy
    other = make_bundle({**room.bundle.files, "schakel/other/other.rego": "package schakel.other"}, room.bundle.golden)
    meanwhile(monkeypatch, lambda: room.take_up(other, room._rules.engine))
    assert send(world).json()["code"] == "policy_unavailable"
    assert stored(world) == 0


def test_rules_withdrawn_meanwhile_stop_the_act(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner no longer stands behind the rules that decided."""

    def forget() -> None:
        with writing(world.house.store) as transaction:
            transaction.execute(text("UPDATE policy_changes SET handtekeningen = '[]'"))

    meanwhile(monkeypatch, forget)
    assert send(world).json()["code"] == "policy_unavailable"
    assert stored(world) == 0


def test_a_party_suspended_meanwhile_stores_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two touches while its batch is judged."""
    meanwhile(monkeypatch, lambda: suspend(world, POLITIE))
    assert send(world).json()["code"] == "suspended"
    assert stored(world) == 0


def suspend(world: World, party: str) -> None:
    """As two touched canaries do."""
    with writing(world.house.store) as transaction:
        rows = [{"party": party, "fingerprint": bytes([n]) * 16, "melding_id": bytes([n]) * 16} for n in (1, 2)]
        transaction.execute(TOUCHES.insert(), rows)


def test_a_suspended_party_hears_no_earlier_answer_again(world: World) -> None:
    """The same question again is a question."""
    open_casus(world)
    question = make_question(world, tokens(bsn="a"))
    bureau = world.party(RIEC_BUREAU)
    assert bureau.post("/v1/match-requests", question, ANALIST).status_code == 200
    suspend(world, RIEC_BUREAU)
    assert bureau.post("/v1/match-requests", question, ANALIST).json()["code"] == "suspended"


def test_a_row_erased_by_another_process_is_in_no_answer(world: World) -> None:
    """Retention runs beside the serving process, whose index knows nothing of it."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    assert answer_of(put_question(world, tokens(bsn="a"))) == "bekend"
    with writing(world.house.store) as transaction:
        transaction.execute(delete(SEALED))
    assert answer_of(put_question(world, tokens(bsn="a"))) == "onbekend"


def test_a_row_erased_hides_no_other(world: World) -> None:
    """Another party's record of the same person is found all the same."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    deliver(world, NLA, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    with writing(world.house.store) as transaction:
        transaction.execute(delete(SEALED).where(SEALED.c.party == POLITIE))
    assert answer_of(put_question(world, tokens(bsn="a"))) == "bekend"


def test_other_blocks_under_the_same_token_are_another_subject() -> None:
    """Else one made-up token would carry any number of people past the limits, each by his blocks."""

    def of(name: str) -> bytes:
        block = GevraagdBlok(type=BlokType.BD, blok=element(name)[:21] + "A", schets=b64u(bytes(128)))
        return fingerprint(bytes(range(32)), POLITIE, Subject(tokens=tokens(handle="nobody"), blokken=(block,)))

    assert of("one") != of("two")
    assert of("one") == of("one")


@pytest.mark.parametrize("column", ["answer", "found"])
def test_a_changed_question_is_our_fault(world: World, column: str) -> None:
    """Bytes that do not open are named as what they are: 503, nothing shown."""
    open_casus(world)
    question = make_question(world, tokens(bsn="a"))
    bureau = world.party(RIEC_BUREAU)
    bureau.post("/v1/match-requests", question, ANALIST)
    with writing(world.house.store) as transaction:
        transaction.execute(update(QUESTIONS).values({column: bytes(4096)}))
    answer = bureau.get(f"/v1/hits/{question.vraag_id}", ANALIST)
    assert (answer.status_code, answer.json()["code"]) == (503, "broken_vault")


def test_a_changed_row_keeps_its_party_away(world: World) -> None:
    """Its lease is refused: nothing half-joined serves."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a")), riec_row(tokens(bsn="b"))])
    world.clock.advance(hours=25)
    with writing(world.house.store) as transaction:
        transaction.execute(update(SEALED).values(sealed=bytes(64)))
    answer = lend(world, POLITIE)
    assert (answer.status_code, answer.json()["code"]) == (503, "broken_vault")
    assert world.house.leases.present("RIEC", "2026", world.clock()) == ()


def test_a_row_in_quarantine_is_in_no_answer(world: World) -> None:
    """Its batch touched a canary that came later: it is stored, and not there."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    assert answer_of(put_question(world, tokens(bsn="a"))) == "bekend"
    with writing(world.house.store) as transaction:
        transaction.execute(update(SEALED).values(kind=QUARANTINED + SEALED.c.kind))
    assert answer_of(put_question(world, tokens(bsn="a"))) == "onbekend"


def test_another_partys_approval_is_none(world: World) -> None:
    """The same act, casus and asker, approved at another party: the bureau's own four eyes are missing."""
    open_casus(world, approve=False)
    approval = Goedkeuring(
        goedkeuring_id=new_id(), actie=Actie.MATCH_AANVRAGEN, onderwerp="RR-2026-014", aanvrager=ANALIST.sub
    )
    assert world.party(POLITIE).post("/v1/approvals", approval, COLLEGA).status_code == 200
    assert codes_of(put_question(world, tokens(bsn="a"))) == {"VIER_OGEN_ZELFDE_PERSOON"}
    assert approve_casus(world).status_code == 200
    assert answer_of(put_question(world, tokens(bsn="a"))) == "onbekend"


def test_another_partys_authorisation_is_none(world: World) -> None:
    """A casus of the same name is another casus, and who may ask there may not ask here."""
    open_casus(world)
    now = world.clock()
    police = world.party(POLITIE)
    theirs = Casus(
        casus_id="RR-2026-014",
        convenant=Convenant.RIEC,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        status=Status.WEGING,
        route=Route.ONDERMIJNING,
    )
    assert police.post("/v1/cases", theirs, COLLEGA).status_code == 200
    authorisation = Autorisatie(
        autorisatie_id="A-theirs",
        casus_id="RR-2026-014",
        subject=COLLEGA.sub,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        van=now,
        tot=now + timedelta(days=60),
    )
    assert police.post("/v1/authorisations", authorisation, ANALIST).status_code == 200
    assert "AUTORISATIE_VERLOPEN" in codes_of(put_question(world, tokens(bsn="a"), act=COLLEGA))
