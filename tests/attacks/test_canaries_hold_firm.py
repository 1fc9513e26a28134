"""What a keeper sends is looked at like what others send; what was touched is not ended twice, nor by older rules."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract.canaries import KanarieBesluit
from connectors.contract.codes import Actie, TokenDomein
from gateway.canaries.screening import keepers_wanted
from gateway.canaries.standing import remember_set
from gateway.canaries.tables import TOUCHES
from gateway.matching.index import Sketch
from gateway.matching.joinkeys import join_key, token_bytes
from gateway.store import reading, writing
from tests.attacks.keeper import CLERK, KEEPER, OFFICER, SECOND_OFFICER, canary_set, put
from tests.attacks.test_canaries import decide, guarded, guess, laid_out, notices, settle
from tests.gateway.gateway_world import GEMEENTE, POLITIE, World, deliver, new_id, riec_row, tokens, withdraw
from tests.gateway.thinking import no_owner_stands, once, while_asked

__all__ = ["guarded", "laid_out"]


def end(world: World, melding_id: str, besluit_id: str, **act: Any) -> Any:
    """Propose or confirm that one notice ends."""
    body = KanarieBesluit(besluit_id=besluit_id, meldingen=(melding_id,), oordeel="vrijgeven")
    return world.party(KEEPER).post("/v1/kanaries/decisions", body, **act)


def test_a_notice_is_ended_once(guarded: World) -> None:
    """Another decision on it says the opposite: refused, and it stays as it was ended."""
    guess(guarded)
    (notice,) = notices(guarded).meldingen
    assert settle(guarded, "verwijderen").status_code == 200
    besluit_id = new_id()
    end(guarded, notice.melding_id, besluit_id, act=CLERK)
    answer = end(guarded, notice.melding_id, besluit_id, act=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (409, "ended")
    assert notices(guarded).meldingen[0].stand == "verwijderd"


def test_a_notice_that_is_none_is_not_ended(guarded: World) -> None:
    """404, also beside one that is there: nothing of the decision is done."""
    guess(guarded)
    (notice,) = notices(guarded).meldingen
    body = KanarieBesluit(besluit_id=new_id(), meldingen=(notice.melding_id, new_id()), oordeel="vrijgeven")
    guarded.party(KEEPER).post("/v1/kanaries/decisions", body, CLERK)
    assert guarded.party(KEEPER).post("/v1/kanaries/decisions", body, OFFICER).status_code == 404
    assert notices(guarded).meldingen[0].stand == "open"


def test_rules_withdrawn_meanwhile_end_no_notice(guarded: World) -> None:
    """The officer's allow is of rules that nobody stands behind any more."""
    guess(guarded)
    besluit_id = new_id()
    decide(guarded, "vrijgeven", CLERK, besluit_id)
    (notice,) = notices(guarded).meldingen
    while_asked(guarded, Actie.AUDIT_INZIEN, lambda: no_owner_stands(guarded))
    assert end(guarded, notice.melding_id, besluit_id, act=SECOND_OFFICER).json()["code"] == "policy_unavailable"
    with reading(guarded.house.store) as transaction:
        assert len(transaction.execute(select(TOUCHES)).all()) == 1


def took_its_share_back(world: World) -> None:
    """The keeper leaves while its set is judged."""
    assert withdraw(world, KEEPER, alles=True, vertrek=True).status_code == 200


@pytest.mark.parametrize(
    ("event", "code"), [(no_owner_stands, "policy_unavailable"), (took_its_share_back, "lease_needed")]
)
def test_what_changed_meanwhile_puts_no_canaries(guarded: World, event: Callable[[World], None], code: str) -> None:
    """The rules, or the share under which they would be sealed."""
    while_asked(guarded, Actie.AUDIT_INZIEN, once(lambda: event(guarded)))
    assert put(guarded, canary_set(guarded, ["x"])).json()["code"] == code


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"epoch": "2020"}, 422, "epoch_not_open"),
        ({"federatie": "A" * 43}, 409, "other_federation"),
    ],
)
def test_a_set_of_another_epoch_or_federation_is_refused(
    guarded: World, changed: dict[str, Any], status: int, code: str
) -> None:
    """It would be screened against nothing."""
    answer = put(guarded, canary_set(guarded, ["x"]).model_copy(update=changed))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_one_canary_leaves_other_marks_at_other_parties(guarded: World) -> None:
    """The database does not tell that two parties touched the same."""
    guess(guarded, POLITIE, 7)
    guess(guarded, GEMEENTE, 7)
    with reading(guarded.house.store) as transaction:
        marks = transaction.execute(select(TOUCHES.c.fingerprint)).scalars().all()
    assert len({bytes(mark) for mark in marks}) == 2


def test_a_keeper_that_leaves_one_domain_guards_the_others(guarded: World) -> None:
    """Its sets of another domain are still screened for."""
    with writing(guarded.house.store) as transaction:
        remember_set(transaction, KEEPER, "ZVH-RR", "2026", new_id(), "id.bsn", 1)
    assert withdraw(guarded, KEEPER, alles=True).status_code == 200
    with reading(guarded.house.store) as transaction:
        wanted = [keepers_wanted(transaction, guarded.federatie, d, "2026") for d in (TokenDomein.RIEC, "ZVH-RR")]
    assert wanted == [frozenset(), frozenset({KEEPER})]


def test_a_batch_caught_later_leaves_the_index_too(guarded: World) -> None:
    """Not only the database: nothing that reads the index sees its rows."""
    deliver(guarded, POLITIE, [riec_row(tokens(bsn="guessed early"))])
    k_join = guarded.house.keys(TokenDomein.RIEC, "2026").k_join
    (token,) = tokens(bsn="guessed early")
    asked = [Sketch(((token.type, join_key(k_join, token.type, token_bytes(token.waarde))),))]
    assert len(guarded.house.index.find("RIEC", "2026", asked, [POLITIE])) == 1
    assert put(guarded, canary_set(guarded, ["guessed early"])).status_code == 201
    assert guarded.house.index.find("RIEC", "2026", asked, [POLITIE]) == ()
