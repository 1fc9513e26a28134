"""Budgets: what a party may have evaluated in an epoch, on a day and under one ticket."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.codes import PartijDomein, TokenDomein, TokenKlasse
from connectors.contract.ticket import verify_ticket
from pseudonymizer.custodian.budget import Limits, Spent, fits, limits_for
from pseudonymizer.custodian.log import verify_chain
from pseudonymizer.custodian.refusals import Refusal
from pseudonymizer.custodian.store import check_books, open_store, read_log, reading
from tests.custodian.doors import ask, open_door, points
from tests.custodian.small_federation import CITY, GATEWAY_KEY, NOW, POLICE, SmallFederation, small_federation


@pytest.fixture
def federation(tmp_path: Path) -> SmallFederation:
    return small_federation(tmp_path)


def _spend(federation: SmallFederation, count: int, label: str, *, days: int = 0, key_class: str = "id"):
    moment = NOW + timedelta(days=days)
    second, body = int(moment.timestamp()), points(count, label)
    ticket = federation.ticket(iat=second, exp=second + 600, cls=TokenKlasse(key_class))
    headers = federation.headers(body, ticket, key_class=TokenKlasse(key_class), changed={"iat": second})
    return ask(open_door(federation, now=moment), federation, body, headers=headers, path_class=key_class)


def _codes(*answers) -> list[object]:
    return [200 if answer.status_code == 200 else answer.json()["code"] for answer in answers]


def test_a_day_takes_a_tenth_of_the_epoch(federation: SmallFederation) -> None:
    """Caseload 128: id 1280 an epoch, 128 a day."""
    federation = federation.with_caseload(POLICE, 128)
    answers = [_spend(federation, 64, "a"), _spend(federation, 64, "b"), _spend(federation, 16, "c")]
    assert _codes(*answers) == [200, 200, Refusal.BUDGET]


def test_a_day_takes_at_least_64(federation: SmallFederation) -> None:
    """Caseload 10: id 100 an epoch, a tenth would be 10."""
    federation = federation.with_caseload(POLICE, 10)
    assert _codes(_spend(federation, 64, "a"), _spend(federation, 16, "b")) == [200, Refusal.BUDGET]


def test_the_next_day_starts_anew(federation: SmallFederation) -> None:
    """The day is the UTC day of the custodian's clock."""
    federation = federation.with_caseload(POLICE, 10)
    assert _codes(_spend(federation, 64, "a"), _spend(federation, 32, "b", days=1)) == [200, 200]


def test_the_epoch_is_never_exceeded(federation: SmallFederation) -> None:
    """Caseload 10: 100 an epoch; the floor of a day does not raise it."""
    federation = federation.with_caseload(POLICE, 10)
    answers = [_spend(federation, 64, "a"), _spend(federation, 64, "b", days=1), _spend(federation, 32, "c", days=2)]
    assert _codes(*answers) == [200, Refusal.BUDGET, 200]


def test_the_last_element_of_a_budget_is_given(federation: SmallFederation) -> None:
    """Caseload 8: 80 an epoch are 64 on one day and 16 on the next, and not one more."""
    federation = federation.with_caseload(POLICE, 8)
    answers = [_spend(federation, 64, "a"), _spend(federation, 16, "b", days=1), _spend(federation, 16, "c", days=2)]
    assert _codes(*answers) == [200, 200, Refusal.BUDGET]


def test_an_allowance_raises_one_day(federation: SmallFederation) -> None:
    """A signed one-off allowance makes room for a first load."""
    federation = federation.with_caseload(POLICE, 100)  # id: 1000 an epoch, 100 a day
    federation = federation.with_allowance(POLICE, TokenKlasse.ID, NOW.date(), 412)
    answers = [_spend(federation, 512, "a"), _spend(federation, 16, "b"), _spend(federation, 128, "c", days=1)]
    assert _codes(*answers) == [200, Refusal.BUDGET, Refusal.BUDGET]


@pytest.mark.parametrize(
    "other",
    [
        {"oin": f"{2:020d}"},
        {"domein": PartijDomein.ZORG},
        {"token_domein": TokenDomein.ZVH_RR},
        {"epoch": "2027"},
        {"klasse": TokenKlasse.CX},
        {"dag": NOW.date() + timedelta(days=1)},
    ],
)
def test_an_allowance_is_for_one_place_and_day_only(federation: SmallFederation, other: dict[str, object]) -> None:
    """Another party, domain, epoch, class or day has nothing of it."""
    federation = federation.with_caseload(POLICE, 100).with_allowance(POLICE, TokenKlasse.ID, NOW.date(), 412)
    ticket = verify_ticket(federation.ticket(), GATEWAY_KEY.public, NOW)
    party, content = federation.party(POLICE), federation.federation
    assert limits_for(content, party, ticket, NOW.date()).day == 512
    moved = content.model_copy(update={"toeslagen": (content.toeslagen[0].model_copy(update=other),)})
    assert limits_for(moved, party, ticket, NOW.date()).day == 100


def test_an_allowance_never_raises_the_epoch(federation: SmallFederation) -> None:
    """More allowance than budget still stops at the epoch."""
    federation = federation.with_caseload(POLICE, 10).with_allowance(POLICE, TokenKlasse.ID, NOW.date(), 10_000)
    assert _codes(_spend(federation, 128, "a"), _spend(federation, 64, "b")) == [Refusal.BUDGET, 200]


def test_classes_have_budgets_of_their_own(federation: SmallFederation) -> None:
    """Caseload 30: bsn 90 an epoch, id 300."""
    federation = federation.with_caseload(POLICE, 30)
    answers = [
        _spend(federation, 64, "a", key_class="bsn"),
        _spend(federation, 64, "a"),
        _spend(federation, 64, "a", key_class="cx"),
    ]
    assert _codes(*answers) == [200, 200, 200]


def test_a_ticket_covers_no_more_than_its_maximum(federation: SmallFederation) -> None:
    """Two bodies under one ticket add up."""
    door, ticket = open_door(federation), federation.ticket(max=32)
    answers = [ask(door, federation, points(16, label), ticket=ticket) for label in "abc"]
    assert _codes(*answers) == [200, 200, Refusal.BUDGET]


def test_one_party_does_not_spend_anothers_budget(federation: SmallFederation) -> None:
    """Budgets are per party."""
    federation = federation.with_caseload(POLICE, 10).with_caseload(CITY, 10)
    door = open_door(federation)
    answers = [ask(door, federation, points(64, name), party=name) for name in (POLICE, CITY)]
    assert _codes(*answers) == [200, 200]


def test_a_retry_is_free(federation: SmallFederation) -> None:
    """The same (ticket, body), newly signed, is answered as often as asked and debited once."""
    federation = federation.with_caseload(POLICE, 10)
    door, ticket, body = open_door(federation), federation.ticket(), points(64)
    assert _codes(*(ask(door, federation, body, ticket=ticket) for _ in range(4))) == [200] * 4


def test_a_refused_debit_is_not_debited(federation: SmallFederation) -> None:
    """A request over budget leaves room for a smaller one."""
    federation = federation.with_caseload(POLICE, 10)
    assert _codes(_spend(federation, 128, "a"), _spend(federation, 64, "b")) == [Refusal.BUDGET, 200]


def test_parallel_requests_never_pass_the_budget_together(federation: SmallFederation) -> None:
    """Twelve at once where the day has room for four: four are answered, and the books agree with the log."""
    federation = federation.with_caseload(POLICE, 10)
    door = open_door(federation)
    bodies = [points(16, f"parallel {number}") for number in range(12)]
    day_limit = 64 // 16
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: ask(door, federation, body), bodies))
    assert sorted(map(str, _codes(*answers))) == ["200"] * day_limit + ["budget"] * (12 - day_limit)
    with reading(open_store(federation.settings(1).store)) as connection:
        assert verify_chain(read_log(connection), {}).seq == day_limit
        assert check_books(connection) == 0


def test_a_custodian_that_cannot_keep_its_books_evaluates_nothing(federation: SmallFederation) -> None:
    """A damaged store is a refusal with `storing`, safe to retry."""
    door = open_door(federation)
    damaged = sqlite3.connect(federation.settings(1).store)
    damaged.execute("DROP TABLE debits")
    answer = ask(door, federation, points())
    assert (answer.status_code, answer.json()["code"]) == (503, Refusal.STORING)


def test_an_answer_that_cannot_be_logged_is_not_given(federation: SmallFederation) -> None:
    """The log is committed before the answer leaves."""
    door = open_door(federation)
    damaged = sqlite3.connect(federation.settings(1).store)
    damaged.execute("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'full'); END")
    assert ask(door, federation, points()).json()["code"] == Refusal.STORING


@given(st.integers(16, 4096), *(st.integers(0, 10_000) for _ in range(6)))
def test_a_count_fits_only_within_all_three_limits(
    count: int, epoch: int, day: int, ticket: int, by_epoch: int, by_day: int, by_ticket: int
) -> None:
    """No combination lets a sum pass its limit."""
    spent, limits = Spent(by_epoch, by_day, by_ticket), Limits(epoch, day, ticket)
    assert fits(count, spent, limits) == (
        by_epoch + count <= epoch and by_day + count <= day and by_ticket + count <= ticket
    )
