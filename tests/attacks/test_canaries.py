"""A partner that guesses: its batch or question touches a canary, and from then on it gets nothing."""

import json
import shutil
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import select

from connectors.contract.canaries import NOTE_INFO, KanarieBesluit, Meldingen
from connectors.contract.canonical import b64u_decode
from connectors.contract.codes import Actie, Doel, Rol, TokenDomein, TokenKlasse
from connectors.contract.spot import Steekproef, SteekproefVraag
from connectors.contract.ticket import Handelende, TicketAanvraag
from connectors.keyring import Keyring
from deploy.demo.federation import Layout
from gateway.caller import CONNECTOR, Caller
from gateway.canaries.screening import SUITE
from gateway.canaries.tables import NOTICES, TOUCHES
from gateway.ids import id_text
from gateway.intake.batches import accept_batch
from gateway.intake.spool import spool
from gateway.intake.spot import draw_quarter
from gateway.ledger.entries import Event
from gateway.ledger.verify import stored_leaves
from gateway.store import reading
from gateway.vault.sealing import Place, RowKey, SealBroken
from gateway.vault.tables import SEALED
from tests.attacks.keeper import CLERK, KEEPER, OFFICER, SECOND_OFFICER, appoint, canary_set, put, put_canaries
from tests.gateway.conftest import cluster
from tests.gateway.gateway_world import (
    ANALIST,
    GEMEENTE,
    NLA,
    POLITIE,
    RIEC_BUREAU,
    START,
    MovableClock,
    World,
    answer_of,
    approve_casus,
    build_world,
    deliver,
    element,
    lend,
    make_batch,
    make_layout,
    new_id,
    open_casus,
    person,
    put_question,
    riec_row,
    tokens,
    withdraw,
)
from tests.gateway.postgres_cluster import Cluster

__all__ = ["cluster"]
CANARIES = [f"canary {number}" for number in range(50)]


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The files of a federation with a keeper; each test works on a copy."""
    return appoint(make_layout(tmp_path_factory.mktemp("keeper") / "federation"))


@pytest.fixture
def guarded(laid_out: Layout, tmp_path: Path) -> Iterator[World]:
    """A gateway with a keeper and fifty canaries under RIEC."""
    layout = replace(laid_out, root=tmp_path / "federation")
    shutil.copytree(laid_out.root, layout.root)
    world = build_world(layout, MovableClock(START))
    put_canaries(world, CANARIES)
    yield world
    world.close()


def ticket(world: World, party: str, act: Handelende | None = None) -> Response:
    """Ask for a ticket to have a record's identifiers evaluated."""
    wanted = TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch="2026",
        klasse=TokenKlasse.ID,
        aantal=16,
        actie=Actie.RECORDS_INDIENEN,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        profielen=(riec_row(tokens(phone="1")).profiel,),
    )
    return world.party(party).post("/v1/tickets", wanted, act)


def notices(world: World, act: Handelende = OFFICER) -> Meldingen:
    """What the keeper's officer sees."""
    answer = world.party(KEEPER).get("/v1/kanaries/notices", act)
    assert answer.status_code == 200, answer.text
    return Meldingen.model_validate_json(answer.content)


def decide(world: World, oordeel: str, act: Handelende, besluit_id: str) -> Response:
    """Send a decision on all open notices."""
    open_ones = tuple(n.melding_id for n in notices(world).meldingen if n.stand == "open")
    body = KanarieBesluit.model_validate({"besluit_id": besluit_id, "meldingen": open_ones, "oordeel": oordeel})
    return world.party(KEEPER).post("/v1/kanaries/decisions", body, act)


def settle(world: World, oordeel: str) -> Response:
    """A clerk of the keeper proposes, its privacy officer confirms."""
    besluit_id = new_id()
    assert decide(world, oordeel, CLERK, besluit_id).json()["stap"] == "voorgesteld"
    return decide(world, oordeel, OFFICER, besluit_id)


def found(world: World, name: str) -> str:
    """Whether the RIEC bureau hears that this person is known."""
    return answer_of(put_question(world, tokens(bsn=name)))


def guess(world: World, party: str = POLITIE, canary: int = 0, beside: str = "honest") -> Response:
    """Deliver a batch of one honest row and one guess that is a canary."""
    return deliver(world, party, [riec_row(tokens(bsn=beside)), riec_row(tokens(bsn=CANARIES[canary]))])


def test_a_touched_batch_gets_an_ordinary_receipt(guarded: World) -> None:
    """Status, keys and length are those of a batch that touched nothing."""
    good = deliver(guarded, GEMEENTE, [riec_row(tokens(bsn="a")), riec_row(tokens(bsn="b"))])
    touched = guess(guarded)
    assert (good.status_code, touched.status_code) == (201, 201)
    assert good.json().keys() == touched.json().keys()
    assert abs(len(good.content) - len(touched.content)) <= 4
    assert good.headers.keys() == touched.headers.keys()


def test_nothing_of_a_touched_batch_is_matched_or_counted(guarded: World) -> None:
    """The honest row beside the guess is held too."""
    assert guess(guarded).status_code == 201
    open_casus(guarded)
    assert found(guarded, "honest") == "onbekend"
    assert guarded.house.index.entities("RIEC", "2026", (POLITIE,)) == ()


def test_a_touched_batch_does_not_come_back_with_a_lease_or_a_restart(guarded: World) -> None:
    """Quarantine is in the database, not in a process that can be killed."""
    assert guess(guarded).status_code == 201
    guarded.close()
    again = guarded.restart()
    try:
        for party in (KEEPER, POLITIE):
            assert lend(again, party).status_code == 200
        open_casus(again)
        assert found(again, "honest") == "onbekend"
        assert ticket(again, POLITIE).json()["code"] == "stopped"
    finally:
        again.close()


def test_one_touch_stops_tickets_of_that_party_only(guarded: World) -> None:
    """Without a new ticket both custodians stop too; other parties notice nothing."""
    assert ticket(guarded, POLITIE).status_code == 200
    guess(guarded)
    refused = ticket(guarded, POLITIE)
    assert (refused.status_code, refused.json()["code"]) == (403, "stopped")
    assert ticket(guarded, GEMEENTE).status_code == 200


def test_one_touch_does_not_suspend(guarded: World) -> None:
    """A double typing error is no crime: what is tokenised already still travels."""
    guess(guarded)
    assert deliver(guarded, POLITIE, [riec_row(tokens(bsn="later"))]).status_code == 201
    open_casus(guarded)
    assert found(guarded, "later") == "bekend"


def test_the_same_canary_twice_is_one_touch(guarded: World) -> None:
    """A record that is sent again with its error does not suspend its party."""
    guess(guarded)
    guess(guarded)
    assert notices(guarded).geschorst == ()
    assert len(notices(guarded).meldingen) == 2


def test_two_touches_suspend(guarded: World) -> None:
    """It delivers and asks no more, and what it delivered before is neither matched nor counted."""
    assert deliver(guarded, POLITIE, [riec_row(tokens(bsn="before"))]).status_code == 201
    open_casus(guarded)
    assert found(guarded, "before") == "bekend"
    guess(guarded, canary=0)
    guess(guarded, canary=1)
    assert notices(guarded).geschorst == (POLITIE,)
    assert found(guarded, "before") == "onbekend"
    refused = deliver(guarded, POLITIE, [riec_row(tokens(bsn="after"))])
    assert (refused.status_code, refused.json()["code"]) == (403, "suspended")


def test_a_suspended_party_can_still_withdraw(guarded: World) -> None:
    """The right of a data subject does not wait for anybody's suspension."""
    row = riec_row(tokens(bsn="before"))
    deliver(guarded, POLITIE, [row])
    guess(guarded, canary=0)
    guess(guarded, canary=1)
    assert withdraw(guarded, POLITIE, record_ids=(row.record_id,)).status_code == 200


def test_withdrawing_the_guess_does_not_undo_it(guarded: World) -> None:
    """The records go, as for everybody; the notice and what follows from it stay."""
    guess(guarded)
    assert withdraw(guarded, POLITIE, alles=True).status_code == 200
    assert [n.stand for n in notices(guarded).meldingen] == ["open"]
    assert ticket(guarded, POLITIE).json()["code"] == "stopped"


def test_one_batch_with_two_canaries_suspends(guarded: World) -> None:
    """Touches are counted by canary, not by batch."""
    deliver(guarded, POLITIE, [riec_row(tokens(bsn=CANARIES[n])) for n in (3, 4)])
    assert notices(guarded).geschorst == (POLITIE,)


def test_a_question_that_touches_is_answered_like_any_other(guarded: World) -> None:
    """Unknown, of the same shape; the asking party's tickets stop, and its second guess suspends it."""
    open_casus(guarded)
    touched, unknown = put_question(guarded, tokens(bsn=CANARIES[0])), put_question(guarded, tokens(bsn="nobody"))
    assert answer_of(touched) == answer_of(unknown) == "onbekend"
    assert len(touched.content) == len(unknown.content)
    assert ticket(guarded, RIEC_BUREAU, ANALIST).json()["code"] == "stopped"
    put_question(guarded, tokens(bsn=CANARIES[1]))
    refused = put_question(guarded, tokens(bsn="nobody"))
    assert (refused.status_code, refused.json()["code"]) == (403, "suspended")


def test_a_question_that_touches_hides_what_it_found_beside(guarded: World) -> None:
    """A known subject in the same question is not told."""
    deliver(guarded, POLITIE, [riec_row(tokens(bsn="known"))])
    open_casus(guarded)
    assert answer_of(put_question(guarded, tokens(bsn="known"), tokens(bsn=CANARIES[0]))) == "onbekend"


def test_a_refused_question_still_leaves_its_touch(guarded: World) -> None:
    """Canaries are looked at first: whoever guesses without approval is seen all the same."""
    open_casus(guarded, approve=False)
    assert put_question(guarded, tokens(bsn=CANARIES[0])).status_code == 403
    assert [n.soort for n in notices(guarded).meldingen] == ["vraag"]


def test_another_type_of_the_same_value_touches_nothing(guarded: World) -> None:
    """Canaries join within their type, as tokens do."""
    row = riec_row(tokens(bsn=CANARIES[0]))
    other = row.model_copy(update={"tokens": (row.tokens[0].model_copy(update={"type": tokens(vnr="x")[0].type}),)})
    deliver(guarded, POLITIE, [other])
    assert notices(guarded).meldingen == ()


def test_the_notice_tells_whose_and_how_many_and_never_which(guarded: World) -> None:
    """The keeper hears party, batch and number."""
    batch_id, raw = make_batch(guarded, POLITIE, [riec_row(tokens(bsn=CANARIES[n])) for n in (5, 6)])
    assert lend(guarded, POLITIE).status_code == 200
    guarded.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    (notice,) = notices(guarded).meldingen
    assert (notice.partij, notice.onderwerp, notice.geraakt, notice.stand) == (POLITIE, batch_id, 2, "open")


def test_only_the_keeper_hears_of_it(guarded: World) -> None:
    """Neither the party that touched nor any other; nor the keeper's own connector without its officer."""
    guess(guarded)
    address = "/v1/kanaries/notices"
    for party in (POLITIE, GEMEENTE, RIEC_BUREAU):
        refused = guarded.party(party).get(address, OFFICER)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_a_keeper")
    assert guarded.party(KEEPER).get(address).status_code == 403
    assert guarded.party(KEEPER).get(address, person("psn:x1", Rol.RIEC_ANALIST)).status_code == 403


def test_nobody_but_a_keeper_puts_canaries(guarded: World) -> None:
    """A partner that could would have its rivals quarantined."""
    assert lend(guarded, POLITIE).status_code == 200
    refused = put(guarded, canary_set(guarded, ["x"]), party=POLITIE)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_keeper")
    wanted = TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch="2026",
        klasse=TokenKlasse.BSN,
        aantal=16,
        actie=Actie.AUDIT_INZIEN,
        doel=Doel.AUDIT,
    )
    assert guarded.party(POLITIE).post("/v1/tickets", wanted, OFFICER).json()["code"] == "not_a_keeper"
    assert guarded.party(KEEPER).post("/v1/tickets", wanted, OFFICER).status_code == 200
    assert guarded.party(KEEPER).post("/v1/tickets", wanted, CLERK).status_code == 403


def test_a_set_catches_what_came_before_it(guarded: World) -> None:
    """A guess that was delivered before its number became a canary is quarantined with its whole batch, and nothing
    else is."""
    deliver(guarded, GEMEENTE, [riec_row(tokens(bsn="elsewhere"))])
    deliver(guarded, POLITIE, [riec_row(tokens(bsn=name)) for name in ("honest", "guessed early")])
    open_casus(guarded)
    assert found(guarded, "honest") == "bekend"
    put_canaries(guarded, ["guessed early", "nobody's"])
    assert [(n.partij, n.geraakt) for n in notices(guarded).meldingen] == [(POLITIE, 1)]
    assert (found(guarded, "honest"), found(guarded, "elsewhere")) == ("onbekend", "bekend")
    assert ticket(guarded, POLITIE).json()["code"] == "stopped"


def test_a_party_that_was_away_is_caught_when_it_lends(guarded: World) -> None:
    """The set came while its rows could not be opened; with its next lease they are looked at."""
    deliver(guarded, POLITIE, [riec_row(tokens(bsn=name)) for name in ("honest", "guessed early")])
    guarded.clock.advance(hours=24)
    put_canaries(guarded, ["guessed early"])
    assert notices(guarded).meldingen == ()
    assert lend(guarded, POLITIE).status_code == 200
    assert [(n.partij, n.geraakt) for n in notices(guarded).meldingen] == [(POLITIE, 1)]
    open_casus(guarded)
    assert found(guarded, "honest") == "onbekend"


def test_a_keeper_is_no_partner(guarded: World) -> None:
    """It delivers no records, and is not counted among the partners that were present."""
    refused = deliver(guarded, KEEPER, [riec_row(tokens(bsn="a"))])
    assert (refused.status_code, refused.json()["code"]) == (403, "keeper_delivers_nothing")
    open_casus(guarded)
    assert put_question(guarded, tokens(bsn="a")).json()["partners_aanwezig"] == 0


def test_the_same_set_again_is_one_set(guarded: World) -> None:
    """The set's id is the idempotency key; other content under it is a conflict."""
    body = canary_set(guarded, ["one", "two"])
    first, second = put(guarded, body), put(guarded, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    other = canary_set(guarded, ["three"]).model_copy(update={"kanarie_id": body.kanarie_id})
    assert put(guarded, other).status_code == 409


def test_release_takes_two_persons_and_a_privacy_officer(guarded: World) -> None:
    """The same person twice, or a second one who is no privacy officer, ends nothing."""
    guess(guarded)
    besluit_id = new_id()
    assert decide(guarded, "vrijgeven", OFFICER, besluit_id).json()["stap"] == "voorgesteld"
    for wrong in (OFFICER, CLERK):
        assert decide(guarded, "vrijgeven", wrong, besluit_id).json()["code"] == "same_person"
    assert ticket(guarded, POLITIE).status_code == 403
    assert decide(guarded, "vrijgeven", SECOND_OFFICER, besluit_id).json()["stap"] == "uitgevoerd"
    assert ticket(guarded, POLITIE).status_code == 200


def test_a_released_batch_joins(guarded: World) -> None:
    """At once for a party that is present, and again after a restart."""
    guess(guarded)
    open_casus(guarded)
    assert settle(guarded, "vrijgeven").status_code == 200
    assert found(guarded, "honest") == "bekend"
    guarded.close()
    again = guarded.restart()
    try:
        for party in (KEEPER, POLITIE):
            lend(again, party)
        approve_casus(again)
        assert found(again, "honest") == "bekend"
    finally:
        again.close()


def test_an_erased_batch_may_be_delivered_again_without_its_error(guarded: World) -> None:
    """Its rows are gone, and no tombstone bars their records."""
    honest, typo = riec_row(tokens(bsn="honest")), riec_row(tokens(bsn=CANARIES[0]))
    deliver(guarded, POLITIE, [honest, typo])
    assert settle(guarded, "verwijderen").status_code == 200
    with reading(guarded.house.store) as transaction:
        assert transaction.execute(select(SEALED.c.kind).where(SEALED.c.party == POLITIE)).all() == []
    assert deliver(guarded, POLITIE, [honest]).status_code == 201
    open_casus(guarded)
    assert found(guarded, "honest") == "bekend"


def test_ending_a_suspension_gives_everything_back(guarded: World) -> None:
    """Once keeper and privacy officer agree, the party delivers again and its records match."""
    deliver(guarded, POLITIE, [riec_row(tokens(bsn="before"))])
    guess(guarded, canary=0)
    guess(guarded, canary=1)
    assert settle(guarded, "verwijderen").status_code == 200
    assert notices(guarded).geschorst == ()
    open_casus(guarded)
    assert found(guarded, "before") == "bekend"


def test_a_decision_is_executed_once(guarded: World) -> None:
    """Nor can its content change between proposal and confirmation."""
    guess(guarded)
    besluit_id = new_id()
    decide(guarded, "vrijgeven", CLERK, besluit_id)
    assert decide(guarded, "verwijderen", OFFICER, besluit_id).json()["code"] == "other_content"
    listed = tuple(n.melding_id for n in notices(guarded).meldingen)
    body = KanarieBesluit(besluit_id=besluit_id, meldingen=listed, oordeel="vrijgeven")
    assert guarded.party(KEEPER).post("/v1/kanaries/decisions", body, OFFICER).status_code == 200
    again = guarded.party(KEEPER).post("/v1/kanaries/decisions", body, SECOND_OFFICER)
    assert again.json()["code"] == "executed"


def test_without_its_keeper_nothing_is_taken_in_or_answered(guarded: World) -> None:
    """Fail closed: a day after the keeper's last lease the gateway waits, and goes on when it lends again."""
    open_casus(guarded)
    guarded.clock.advance(hours=24)
    approve_casus(guarded)
    batch, question = deliver(guarded, POLITIE, [riec_row(tokens(bsn="a"))]), put_question(guarded, tokens(bsn="a"))
    assert {(r.status_code, r.json()["code"]) for r in (batch, question)} == {(503, "keeper_absent")}
    assert lend(guarded, KEEPER).status_code == 200
    assert deliver(guarded, POLITIE, [riec_row(tokens(bsn="a"))]).status_code == 201
    assert found(guarded, "a") == "bekend"


def test_a_keeper_that_takes_its_canaries_back_blocks_nobody(guarded: World) -> None:
    """No canaries, no screening."""
    assert withdraw(guarded, KEEPER, alles=True).status_code == 200
    guarded.clock.advance(hours=24)
    assert guess(guarded).status_code == 201
    open_casus(guarded)
    assert found(guarded, "honest") == "bekend"


def test_a_stolen_database_does_not_tell_which_tokens_are_canaries(guarded: World) -> None:
    """No token or join key of one is in any byte of it, and with every key of the gateway and another partner's share
    no row of canaries opens."""
    guess(guarded)
    folder = guarded.layout.gateway
    raw = b"".join(path.read_bytes() for path in folder.glob("gateway.sqlite*"))
    for name in CANARIES:
        token = element(f"bsn {name}")
        assert token.encode() not in raw
        assert b64u_decode(token) not in raw
    k_store = guarded.house.keys(TokenDomein.RIEC, "2026").k_store
    key = RowKey(b64u_decode(guarded.share(POLITIE, "RIEC")), k_store, Place(KEEPER, "RIEC", "2026"))
    with reading(guarded.house.store) as transaction:
        rows = transaction.execute(select(SEALED).where(SEALED.c.party == KEEPER)).all()
        touches = transaction.execute(select(TOUCHES)).all()
    assert rows
    for row in rows:
        with pytest.raises(SealBroken):
            key.open(bytes(row.sealed), id_text(row.record_id), id_text(row.batch_id))
    assert len(touches) == 1


def batch_entries(world: World) -> list[dict[str, object]]:
    """The bodies of the ledger's batch entries."""
    with reading(world.house.store) as transaction:
        return [
            json.loads(leaf.record)
            for leaf in stored_leaves(transaction)
            if leaf.leaf_data[1] == Event.BATCH and leaf.record
        ]


def test_only_the_keeper_reads_in_the_ledger_who_touched(guarded: World) -> None:
    """Entries of a touched and a good batch have the same fields, of the same lengths; the keeper's key opens the
    note."""
    deliver(guarded, GEMEENTE, [riec_row(tokens(bsn="a")), riec_row(tokens(bsn="b"))])
    guess(guarded)
    good, touched = batch_entries(guarded)
    assert good.keys() == touched.keys()
    notes = [entry["toetsing"] for entry in (good, touched)]
    assert [len(note[0]) for note in notes] == [len(notes[0][0])] * 2  # type: ignore[index]
    keyring = Keyring(guarded.layout.partner(KEEPER) / "keys")
    opened = [SUITE.decrypt(b64u_decode(note[0]), keyring.hpke_key(), info=NOTE_INFO) for note in notes]  # type: ignore[index]
    assert [json.loads(plain)["geraakt"] for plain in opened] == [0, 1]
    assert {len(plain) for plain in opened} == {128}


def test_public_leaves_do_not_tell_a_touch(guarded: World) -> None:
    """The events that every party can see are the same for a touched and a good batch."""

    def events(party: str, names: tuple[str, str]) -> list[int]:
        with reading(guarded.house.store) as transaction:
            before = sum(1 for _ in stored_leaves(transaction))
        deliver(guarded, party, [riec_row(tokens(bsn=name)) for name in names])
        with reading(guarded.house.store) as transaction:
            return [leaf.leaf_data[1] for leaf in stored_leaves(transaction)][before:]

    assert events(GEMEENTE, ("a", "b")) == events(POLITIE, ("a", CANARIES[0]))


def test_a_crash_before_the_commit_leaves_nothing(guarded: World) -> None:
    """The ledger's append fails in a touching batch's transaction: no row, no notice, no receipt; a retry works."""
    assert lend(guarded, POLITIE).status_code == 200
    batch_id, raw = make_batch(guarded, POLITIE, [riec_row(tokens(bsn=CANARIES[0]))])

    def failing(count: int) -> bytes:
        if count == 32:  # the first salt of the append
            raise OSError("no randomness")
        return guarded.house.random(count)

    broken = replace(guarded.house, random=failing)
    police = guarded.federatie.partij(POLITIE)
    assert police is not None
    caller = Caller(police, CONNECTOR)
    with pytest.raises(OSError, match="randomness"):
        accept_batch(broken, caller, batch_id, spool([raw], guarded.house.spool, 1 << 20))
    with reading(guarded.house.store) as transaction:
        assert transaction.execute(select(NOTICES)).all() == transaction.execute(select(TOUCHES)).all() == []
    assert accept_batch(guarded.house, caller, batch_id, spool([raw], guarded.house.spool, 1 << 20)).first
    assert len(notices(guarded).meldingen) == 1


def test_touches_at_once_are_all_counted(guarded: World) -> None:
    """Two batches that touch at the same moment suspend, however they interleave."""
    assert lend(guarded, POLITIE).status_code == 200
    batches = [make_batch(guarded, POLITIE, [riec_row(tokens(bsn=CANARIES[n]))]) for n in range(6)]
    party = guarded.party(POLITIE)
    token = party.token()

    def send(batch_id: str, raw: bytes) -> None:
        headers = party.headers("PUT", f"/v1/batches/{batch_id}", raw, token=token)
        guarded.http.put(
            f"/v1/batches/{batch_id}", content=raw, headers=headers | {"Content-Type": "application/x-ndjson"}
        )

    threads = [threading.Thread(target=send, args=batch) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert notices(guarded).geschorst == (POLITIE,)


def test_a_touched_batch_takes_as_long_as_a_good_one(guarded: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Same timing class: the medians of alternating deliveries differ by less than a factor two."""
    assert lend(guarded, POLITIE).status_code == 200
    assert lend(guarded, NLA).status_code == 200
    seconds: dict[str, list[float]] = {"good": [], "touched": []}
    for turn in range(12):
        for kind, party, last in (("good", NLA, f"last {turn}"), ("touched", POLITIE, CANARIES[0])):
            rows = [riec_row(tokens(bsn=f"{kind} {turn} {n}", phone=f"{n}")) for n in range(60)]
            batch_id, raw = make_batch(guarded, party, [*rows, riec_row(tokens(bsn=last))])
            headers = guarded.party(party).headers("PUT", f"/v1/batches/{batch_id}", raw)
            start = time.perf_counter()
            done = guarded.http.put(
                f"/v1/batches/{batch_id}", content=raw, headers=headers | {"Content-Type": "application/x-ndjson"}
            )
            seconds[kind].append(time.perf_counter() - start)
            assert done.status_code == 201
    good, touched = (statistics.median(seconds[kind]) for kind in ("good", "touched"))
    with capsys.disabled():
        figures = f"good {good * 1e3:.0f} ms, touched {touched * 1e3:.0f} ms, ratio {touched / good:.2f}"
        print(f"\nreceipt of 61 rows: {figures}")
    assert 0.5 < touched / good < 2


@pytest.mark.postgres
def test_the_whole_story_on_postgresql(tmp_path: Path, cluster: Cluster) -> None:
    """Touch, suspension, decision by two persons and the quarter's draw, on the other database."""
    layout = appoint(make_layout(tmp_path / "federation", cluster.fresh_database()))
    world = build_world(layout, MovableClock(START))
    try:
        put_canaries(world, CANARIES)
        deliver(world, POLITIE, [riec_row(tokens(bsn="before"))])
        guess(world, canary=0)
        guess(world, canary=1)
        assert notices(world).geschorst == (POLITIE,)
        assert settle(world, "vrijgeven").status_code == 200
        open_casus(world)
        assert found(world, "honest") == found(world, "before") == "bekend"
        assert draw_quarter(world.house) == 1
        asked = SteekproefVraag(domein=TokenDomein.RIEC, epoch="2026", kwartaal="2026-Q4")
        draw = Steekproef.model_validate_json(world.party(POLITIE).post("/v1/spot-draws", asked).content)
        assert (draw.index, draw.populatie) == (0, 5)
    finally:
        world.close()
