"""The clock jumps: forward all ends early, back nothing lasts longer, and a quarter is what the calendar says."""

from datetime import timedelta

import pytest

from connectors.contract.codes import TokenDomein
from connectors.contract.spot import SteekproefVraag
from gateway.caller import spend, verify_caller
from gateway.era import BACK
from gateway.errors import UnverifiedCaller
from gateway.store import writing
from gateway.vault.leases import LEASE_HOURS, SLACK
from gateway.web.own import RETENTION, own_headers
from tests.gateway.gateway_world import (
    NLA,
    POLITIE,
    World,
    answer_of,
    codes_of,
    deliver,
    lend,
    new_id,
    open_casus,
    put_question,
    riec_row,
    tokens,
    withdraw,
)


def known(world: World) -> str:
    """The answer about a delivered record."""
    return answer_of(put_question(world, tokens(bsn="a")))


def test_a_lease_does_not_outlive_a_clock_that_goes_back(world: World) -> None:
    """Twenty hours in, the clock goes back ten: nobody knows any more when 24 hours are over, so the lease ends."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    world.clock.advance(hours=20)
    world.http.get("/")
    world.clock.advance(hours=-10)
    open_casus(world)
    assert known(world) == "onbekend"
    lend(world, POLITIE)
    assert known(world) == "bekend"


def test_a_lease_ends_with_its_epoch(world: World) -> None:
    """Lent an hour before the overlap is over, a share and its rows are gone an hour later, not a day."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    over = world.house.window(TokenDomein.RIEC, "2026", world.clock()).overlap_tot
    world.clock.now = over - timedelta(hours=1)
    assert lend(world, POLITIE).status_code == 200
    assert world.house.index.size("RIEC", "2026") == 1
    world.clock.now = over
    assert world.house.leases.present("RIEC", "2026", world.clock()) == ()
    assert world.house.index.size("RIEC", "2026") == 0
    assert lend(world, POLITIE).status_code == 422


def test_a_correction_of_the_clock_ends_no_lease(world: World) -> None:
    """A time server sets it back by seconds."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    world.clock.advance(seconds=-SLACK.total_seconds())
    assert world.house.leases.present("RIEC", "2026", world.clock()) == (POLITIE,)


def test_a_day_forward_and_back_brings_nothing_back(world: World) -> None:
    """What was withdrawn stays withdrawn; leases ended; a new one serves what is there."""
    kept, gone = riec_row(tokens(bsn="a")), riec_row(tokens(bsn="b"))
    deliver(world, POLITIE, [kept, gone])
    assert withdraw(world, POLITIE, record_ids=(gone.record_id,)).status_code == 200
    for hours in (24, -24):
        world.clock.advance(hours=hours)
        assert world.house.leases.present("RIEC", "2026", world.clock()) == ()
    lend(world, POLITIE)
    open_casus(world)
    assert known(world) == "bekend"
    assert answer_of(put_question(world, tokens(bsn="b"))) == "onbekend"


CHECKPOINT = "/v1/ledger/checkpoint"


def test_a_clock_that_jumps_forward_and_back_lets_nothing_be_sent_again(world: World) -> None:
    """The day ahead makes the table of spent ids forget; the proof is bound to a token that ended."""
    police = world.party(POLITIE)
    headers = police.headers("GET", CHECKPOINT, b"")
    assert world.http.get(CHECKPOINT, headers=headers).status_code == 200
    world.clock.advance(days=1)
    assert world.party(NLA).get(CHECKPOINT).status_code == 200
    world.clock.advance(days=-1)
    again = world.http.get(CHECKPOINT, headers=headers)
    assert (again.status_code, again.json()["code"]) == (401, "unverified_caller")
    assert police.get(CHECKPOINT).status_code == 200


def test_a_proof_begun_before_the_clock_went_back_is_not_spent(world: World) -> None:
    """Its body came in while the clock jumped forward and back."""
    house, signed = world.house, world.party(POLITIE).headers("GET", CHECKPOINT, b"")
    token = signed["Authorization"].removeprefix("Bearer ")
    era, now = house.era.at(world.clock()), world.clock()
    begun = verify_caller(
        token, signed["Schakel-Proof"], house.federatie, method="GET", path=CHECKPOINT, era=era, now=now
    )
    house.era.at(now + timedelta(days=1))
    with writing(house.store) as transaction, pytest.raises(UnverifiedCaller, match="went back"):
        spend(transaction, begun, house.era.at(now), now)


def test_a_restart_ends_every_token(world: World) -> None:
    """A database restored meanwhile does not know what was spent: who called signs in again, and his proofs are new."""
    headers = world.party(POLITIE).headers("GET", CHECKPOINT, b"")
    again = world.restart()
    assert again.http.get(CHECKPOINT, headers=headers).status_code == 401
    assert again.party(POLITIE).get(CHECKPOINT).status_code == 200
    again.close()


def test_a_correction_of_the_clock_ends_no_token(world: World) -> None:
    """A time server sets it back by a minute; one second more, and who called signs in again."""
    police = world.party(POLITIE)
    token = police.token()
    for seconds, status in ((BACK.total_seconds(), 200), (1, 401)):
        world.clock.advance(seconds=-seconds)
        headers = police.headers("GET", CHECKPOINT, b"", token=token)
        assert world.http.get(CHECKPOINT, headers=headers).status_code == status


def test_a_command_of_the_gateways_own_is_not_sent_again_by_a_clock(world: World) -> None:
    """It is bound to no token, so it stays remembered."""
    headers = own_headers(world.house.signing, "POST", RETENTION, new_id(), world.clock())
    assert world.http.post(RETENTION, headers=headers).status_code == 200
    world.clock.advance(days=400)
    assert world.party(POLITIE).get(CHECKPOINT).status_code == 200
    world.clock.advance(days=-400)
    assert world.http.post(RETENTION, headers=headers).status_code == 401


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_party_whose_clock_is_off_is_told(world: World, minutes: int) -> None:
    """Ten minutes either way: neither an assertion nor a proof of its is in force."""
    police, now = world.party(POLITIE), world.clock.now
    headers = police.headers("GET", "/v1/ledger/checkpoint", b"")
    world.clock.now = now + timedelta(minutes=minutes)
    answer = world.http.get("/v1/ledger/checkpoint", headers=headers)
    assert answer.status_code == 401
    assertion = police.assertion()
    world.clock.now = now
    assert police.sign_in(assertion).status_code == 401


def test_rules_verified_in_the_future_decide_nothing(world: World) -> None:
    """The clock went back a day: how long ago the rules were verified is no age, so policy refuses."""
    lend(world, POLITIE)
    world.clock.advance(days=-1)
    world.clock.advance(hours=2)
    assert "BELEID_ONGELDIG" in codes_of(deliver(world, POLITIE, [riec_row(tokens(bsn="a"))]))


@pytest.mark.parametrize("quarter", ["0000-Q1", "0001-Q1", "1999-Q4", "2027-Q1", "9999-Q4"])
def test_a_quarter_that_cannot_be_draws_nothing(world: World, quarter: str) -> None:
    """Before any ledger can have entries, and after now: 404, whatever the calendar makes of it."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    asked = SteekproefVraag(domein=TokenDomein.RIEC, epoch="2026", kwartaal=quarter)
    answer = world.party(POLITIE).post("/v1/spot-draws", asked)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_head")


def test_a_lease_is_a_day(world: World) -> None:
    """To the second."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    world.clock.advance(seconds=LEASE_HOURS * 3600 - 1)
    assert world.house.leases.present("RIEC", "2026", world.clock()) == (POLITIE,)
    world.clock.advance(seconds=1)
    assert world.house.leases.present("RIEC", "2026", world.clock()) == ()
