"""Obligations are executed or the act is refused; reikwijdte bounds what an answer may show."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from sqlalchemy import select

from connectors.contract.answers import RECEIPT_TYP, Ontvangst, Validatie
from connectors.contract.batch import Motivering
from connectors.contract.canonical import canonical_json
from connectors.contract.codes import Actie, Convenant, Doel, Reikwijdte, Rol, Status, Thema
from connectors.contract.signing import verify_jws
from gateway.clock import EPOCH
from gateway.hits.expiry import expire_hits
from gateway.hits.tables import QUESTIONS
from gateway.intake.retention import retain
from gateway.ledger.decisions import find_decision, stored_decisions
from gateway.ledger.verify import verify
from gateway.permit.ask import Ask
from gateway.permit.duties import EXECUTIONS, SHOWS, unmet
from gateway.policy.answer import Answer, Obligation, read_answer
from gateway.policy.bundle import load_bundle, make_bundle
from gateway.policy.codes import Duty
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import PolicySourceError
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.terms import Terms, read_terms
from gateway.policy.verdict import Decision
from gateway.registry.records import Approval
from gateway.store import reading, writing
from gateway.vault.rows import count_rows
from gateway.vault.tables import SEALED
from tests.gateway.gateway_world import (
    ANALIST,
    POLITIE,
    RIEC_BUREAU,
    ROOT,
    START,
    World,
    approve_casus,
    codes_of,
    deliver,
    lend,
    make_batch,
    make_question,
    open_casus,
    put_question,
    riec_row,
    tokens,
)

Change = Callable[[dict[str, Any]], object]
TERMS = read_terms(load_bundle(ROOT / "policies" / "opa"))


class Altered:
    """The real engine, of which every allow is changed in one way."""

    name = "embedded"

    def __init__(self, engine: PolicyEngine, change: Change) -> None:
        self._engine, self._change = engine, change

    def decide(self, question: JsonValue) -> Answer:
        answer = self._engine.decide(question)
        body = answer.model_dump()
        if answer.decision:
            self._change(body["context"])
        return Answer.model_validate(body)


def alter(world: World, change: Change) -> None:
    """From now on policy's allows are changed."""
    room = world.house.policy
    altered = PolicyRoom(room.bundle, Altered(room._rules.engine, change), room._lease, world.house.ids)
    object.__setattr__(world.house, "policy", altered)


def asks(code: Duty, *params: str) -> Change:
    """An allow asks one obligation more."""

    def change(context: dict[str, Any]) -> None:
        context["verplichtingen"] = (*context["verplichtingen"], {"code": code, "params": params})

    return change


@pytest.mark.parametrize(
    "change",
    [
        asks(Duty.QUA),
        asks(Duty.SUP),
        asks(Duty.VIER_OGEN),
        asks(Duty.EXP, "7d"),
        asks(Duty.R),
        asks(Duty.R, "eeuwig"),
        asks(Duty.NOT),
        asks(Duty.CMH),
        asks(Duty.MEN),
    ],
)
def test_a_delivery_with_an_obligation_that_nobody_executes_is_refused(world: World, change: Change) -> None:
    """Quarantine, suppression of records, an approval that is not there, an unknown term or class, what belongs to
    another act: nothing is stored."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    alter(world, change)
    refused = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    assert (refused.status_code, refused.json()["code"]) == (503, "obligation_unmet")
    with reading(world.house.store) as transaction:
        assert count_rows(transaction) == 0


def test_an_obligation_that_is_executed_is_no_obstacle(world: World) -> None:
    """The same delivery with one more obligation that the gateway executes is accepted."""
    alter(world, asks(Duty.EXP, "30d"))
    assert deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]).status_code == 201


@pytest.mark.parametrize(
    ("reikwijdte", "status"),
    [
        (Reikwijdte.GEEN, 503),
        (Reikwijdte.AGGREGAAT, 503),
        (Reikwijdte.ALLEEN_HIT_OF_GEEN_HIT, 200),
        (Reikwijdte.BEKEND_ONBEKEND, 200),
    ],
)
def test_an_answer_shows_no_more_than_the_reikwijdte(world: World, reikwijdte: Reikwijdte, status: int) -> None:
    """Known or unknown leaves only under a reikwijdte that covers it."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    open_casus(world)
    alter(world, lambda context: context.update(reikwijdte=reikwijdte))
    asked = world.party(RIEC_BUREAU).post("/v1/match-requests", make_question(world, tokens(bsn="1")), ANALIST)
    assert asked.status_code == status


def decided(world: World, reikwijdte: Reikwijdte, *duties: Obligation) -> Decision:
    """An allow of the room with these obligations and this reikwijdte, made from one that policy gives."""
    room = world.house.policy
    found: list[Decision] = []

    class Keep(PolicyRoom):
        def decide(self, question: dict[str, JsonValue], now: Any) -> Any:
            verdict = super().decide(question, now)
            if isinstance(verdict, Decision):
                found.append(verdict)
            return verdict

    lease = Lease(START, signed=True)
    object.__setattr__(world.house, "policy", Keep(room.bundle, room._rules.engine, lambda: lease, world.house.ids))
    assert deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]).status_code == 201
    return replace(found[0], reikwijdte=reikwijdte, obligations=duties)


def ask_of(actie: Actie, **changed: Any) -> Ask:
    """An ask with all that an obligation may need."""
    approval = Approval("psn:7c1f", "psn:02ab", Rol.RIEC_ANALIST, START - timedelta(hours=1))
    properties: dict[str, JsonValue] = {"bewaren_tot": "2027-05-31T00:00:00Z", "mens_gevalideerd": True}
    values = {
        "actie": actie,
        "convenant": Convenant.RIEC,
        "thema": Thema.MENSENHANDEL_EN_SMOKKEL,
        "doel": Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        "soort": "hit",
        "id": "x",
        "eigenschappen": {**properties, "beschermd": True},
        "vierogen": approval,
    }
    return Ask(**{**values, **changed})


def test_every_obligation_has_its_execution() -> None:
    """The closed list of the policy is covered, each with words for who does it."""
    assert set(EXECUTIONS) == set(Duty)
    assert all(execution.how for execution in EXECUTIONS.values())


def test_hits_are_seen_under_partner_and_contact_point_only(world: World) -> None:
    """No narrower reikwijdte lets partner types out, and counts are something else."""
    for reikwijdte in Reikwijdte:
        missing = unmet(ask_of(Actie.HITS_INZIEN), decided(world, reikwijdte), TERMS)
        assert (missing == ()) is (reikwijdte is Reikwijdte.PARTNER_EN_CONTACTPUNT)


@pytest.mark.parametrize(
    ("code", "without"),
    [
        (Duty.VIER_OGEN, {"vierogen": None}),
        (Duty.VIER_OGEN, {"vierogen": Approval("psn:7c1f", "psn:7c1f", Rol.RIEC_ANALIST, START)}),
        (Duty.MOT, {"motivering": None}),
        (Duty.MEN, {"eigenschappen": {"mens_gevalideerd": False}}),
    ],
)
def test_an_obligation_without_what_it_needs_is_unmet(world: World, code: Duty, without: dict[str, Any]) -> None:
    """Four eyes need another pair, a motivation must be there, a hit is validated by a person."""
    decision = decided(world, Reikwijdte.PARTNER_EN_CONTACTPUNT, Obligation(code=code, params=()))
    assert unmet(ask_of(Actie.HITS_INZIEN, **without), decision, TERMS) == (code.value,)


def test_an_action_that_the_gateway_does_not_perform_is_not_done(world: World) -> None:
    """Passing on, breaking a seal and the like are allowed by no obligation table here."""
    decision = decided(world, Reikwijdte.GEEN)
    for actie in set(Actie) - set(SHOWS):
        assert unmet(ask_of(actie), decision, TERMS) == ("reikwijdte",)


# One by one: what this gateway does for each obligation


def kept_until(world: World) -> list[date]:
    """The day on which each stored row goes."""
    with reading(world.house.store) as transaction:
        days = transaction.execute(select(SEALED.c.bewaren_tot).order_by(SEALED.c.bewaren_tot)).scalars().all()
    return [EPOCH.date() + timedelta(days=day) for day in days]


def receipt_of(world: World, answer: Response) -> Ontvangst:
    assert answer.status_code == 201, answer.text
    return verify_jws(answer.json()["ontvangst"], (world.federatie.gateway.sleutel,), RECEIPT_TYP, Ontvangst)


def asked_of(world: World, answer: Response) -> list[str]:
    """The obligations that the decision of an answer to a question has in the ledger."""
    with reading(world.house.store) as transaction:
        entry: Any = find_decision(transaction, answer.json()["besluit"])
    return [duty["code"] for duty in entry["response"]["context"]["verplichtingen"]]


def test_log_the_decision_is_in_the_ledger_with_the_act_or_neither_is(world: World) -> None:
    """LOG: when the entry cannot be appended, the rows are not stored either."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    with writing(world.house.store) as transaction:
        transaction.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON ledger_bodies BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    assert world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw).status_code == 503
    with writing(world.house.store) as transaction:
        transaction.exec_driver_sql("DROP TRIGGER full")
    with reading(world.house.store) as transaction:
        assert (count_rows(transaction), list(stored_decisions(transaction))) == (0, [])


def test_min_a_field_that_policy_does_not_need_is_refused(world: World) -> None:
    """MIN: a name has no place in a row."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    header, row = raw.splitlines()
    swollen = canonical_json({**json.loads(row), "naam": "x"})
    assert world.party(POLITIE).put(f"/v1/batches/{batch_id}", header + b"\n" + swollen + b"\n").status_code == 422


def test_r_a_record_is_kept_no_longer_than_its_class(world: World) -> None:
    """R(signaal): six months from the day of storing, or until the day its party said when that is earlier."""
    rows = [
        riec_row(tokens(bsn="1"), bewaren_tot=date(2030, 1, 31)),
        riec_row(tokens(bsn="2"), bewaren_tot=date(2026, 12, 31)),
    ]
    assert deliver(world, POLITIE, rows).status_code == 201
    assert kept_until(world) == [date(2026, 12, 31), date(2027, 5, 23)]


def test_r_a_record_whose_class_is_over_is_erased(world: World) -> None:
    """The day after six months `retain` erases what its party would have kept for years."""
    assert deliver(world, POLITIE, [riec_row(tokens(bsn="1"), bewaren_tot=date(2030, 1, 31))]).status_code == 201
    world.clock.advance(days=180)
    assert retain(world.house) == 0
    world.clock.advance(days=2)
    assert retain(world.house) == 1


def test_exp_a_record_goes_when_its_term_is_over(world: World) -> None:
    """EXP(30d): thirty days, whatever its party and its class say; each row by its own decision."""
    row = riec_row(tokens(bsn="1"), status=Status.SIGNAAL)

    def short(context: dict[str, Any]) -> None:
        if context["beleid"]["matrix_rijen"] == (2,):
            asks(Duty.EXP, "30d")(context)

    alter(world, short)
    assert deliver(world, POLITIE, [riec_row(tokens(bsn="2")), row]).status_code == 201
    assert kept_until(world) == [date(2026, 12, 23), date(2027, 5, 23)]


def test_exp_hits_go_with_their_question(world: World) -> None:
    """After thirty days nobody may look at them; the next day the retention run erases question and answer."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    open_casus(world)
    assert put_question(world, tokens(bsn="1")).status_code == 200
    world.clock.advance(days=30)
    assert expire_hits(world.house) == 0
    world.clock.advance(days=1, seconds=1)
    assert expire_hits(world.house) == 1
    with reading(world.house.store) as transaction:
        assert transaction.execute(select(QUESTIONS)).all() == []
        verify(transaction)


def test_4e_another_person_approved(world: World) -> None:
    """4E: without an approval of a colleague the question is refused, with it answered."""
    open_casus(world, approve=False)
    assert "VIER_OGEN_ZELFDE_PERSOON" in codes_of(put_question(world, tokens(bsn="1")))
    approve_casus(world)
    answer = put_question(world, tokens(bsn="1"))
    assert "4E" in asked_of(world, answer)


def test_mot_the_motivation_is_in_the_ledger_or_nothing_is_done(world: World) -> None:
    """MOT: asked of a question without one, it is refused; with one, its codes are in the stored request."""
    open_casus(world)
    alter(world, asks(Duty.MOT))
    refused = put_question(world, tokens(bsn="1"))
    assert (refused.status_code, refused.json()["code"]) == (503, "obligation_unmet")
    motive = Motivering(noodzaak="N1", proportionaliteit="P1", subsidiariteit="S1")
    answer = put_question(world, tokens(bsn="1"), motivering=motive)
    with reading(world.house.store) as transaction:
        entry: Any = find_decision(transaction, answer.json()["besluit"])
    assert entry["request"]["context"]["motivering"] == motive.model_dump()


def test_men_nobody_sees_hits_before_a_person_validated_them(world: World) -> None:
    """MEN: the same view is refused, and after the judgement of a person given."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    open_casus(world)
    question = put_question(world, tokens(bsn="1")).json()["vraag_id"]
    bureau = world.party(RIEC_BUREAU)
    assert "MENSELIJKE_TOETS_ONTBREEKT" in codes_of(bureau.get(f"/v1/hits/{question}", ANALIST))
    validated = bureau.post(f"/v1/hits/{question}/validation", Validatie(oordeel="bevestigd"), ANALIST)
    assert len(validated.json()["hits"]) == 1
    assert bureau.get(f"/v1/hits/{question}", ANALIST).status_code == 200


def test_not_and_inf_and_vt_are_handed_to_the_asker_and_recorded(world: World) -> None:
    """NOT, INF, VT: what is the asker's to do stands in the answer, and in the decision in the ledger."""
    open_casus(world)
    alter(world, lambda context: (asks(Duty.INF)(context), asks(Duty.VT)(context)))
    answer = put_question(world, tokens(bsn="1"))
    assert {"NOT", "INF", "VT"} <= set(answer.json()["verplichtingen"])
    assert {"NOT", "INF", "VT"} <= set(asked_of(world, answer))


def test_vt_is_handed_to_who_sees_hits_or_none(world: World) -> None:
    """VT: it stands with the hits, and just the same where there are none."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    open_casus(world)
    alter(world, asks(Duty.VT))
    shown = []
    for name in ("1", "unknown"):
        question = put_question(world, tokens(bsn=name)).json()["vraag_id"]
        bureau = world.party(RIEC_BUREAU)
        shown.append(bureau.post(f"/v1/hits/{question}/validation", Validatie(oordeel="bevestigd"), ANALIST).json())
    assert [len(each["hits"]) for each in shown] == [1, 0]
    assert shown[0]["verplichtingen"] == shown[1]["verplichtingen"]
    assert "VT" in shown[0]["verplichtingen"]


@pytest.mark.parametrize("code", [Duty.INF, Duty.VT])
def test_what_is_the_senders_to_do_stands_in_its_receipt(world: World, code: Duty) -> None:
    """INF, VT: the signed receipt of a delivery names it, beside what the gateway does itself."""
    alter(world, asks(code))
    receipt = receipt_of(world, deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]))
    assert receipt.verplichtingen == tuple(sorted({code.value, "LOG", "MIN", "R"}))


@pytest.mark.parametrize(
    ("code", "actie"), [(Duty.SUP, Actie.AGGREGAAT_VRIJGEVEN), (Duty.CMH, Actie.TELLINGEN_INDIENEN)]
)
def test_sup_and_cmh_belong_to_counts(world: World, code: Duty, actie: Actie) -> None:
    """SUP needs the protection of a release, CMH a delivery of counts; elsewhere, or unprotected, they are unmet."""
    duty = Obligation(code=code, params=())
    scope = Reikwijdte.AGGREGAAT if actie is Actie.AGGREGAAT_VRIJGEVEN else Reikwijdte.GEEN
    decision = decided(world, scope, duty)
    assert unmet(ask_of(actie), decision, TERMS) == ()
    assert code.value in unmet(ask_of(Actie.HITS_INZIEN), decision, TERMS)
    if code is Duty.SUP:
        bare = ask_of(actie, eigenschappen={"beschermd": False})
        assert unmet(bare, decision, TERMS) == ("SUP",)


def test_qua_is_the_connectors(world: World) -> None:
    """QUA: a batch that is to be held back never comes here; an allow that asks it of the gateway is not acted on."""
    decision = decided(world, Reikwijdte.GEEN, Obligation(code=Duty.QUA, params=()))
    for actie in SHOWS:
        assert "QUA" in unmet(ask_of(actie), decision, TERMS)


def test_an_unknown_obligation_is_a_refusal(world: World) -> None:
    """What the closed list does not have cannot be executed: the answer is none, and nothing is stored."""

    class Unknown:
        """An engine whose allows ask what nobody knows."""

        name = "embedded"

        def __init__(self, engine: PolicyEngine) -> None:
            self._engine = engine

        def decide(self, question: JsonValue) -> Answer:
            body = self._engine.decide(question).model_dump(mode="json")
            body["context"]["verplichtingen"].append({"code": "BEL", "params": []})
            return read_answer(json.dumps(body))

    room = world.house.policy
    unknowing = PolicyRoom(room.bundle, Unknown(room._rules.engine), room._lease, world.house.ids)
    object.__setattr__(world.house, "policy", unknowing)
    assert codes_of(deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])) == {"ONBEKENDE_WAARDE"}
    with reading(world.house.store) as transaction:
        assert count_rows(transaction) == 0


@pytest.mark.parametrize(
    ("stated", "duties", "expected"),
    [
        (date(2026, 1, 31), [(Duty.R, "halfjaar")], date(2026, 1, 31)),
        (date(2030, 1, 1), [(Duty.R, "halfjaar")], date(2026, 2, 28)),
        (date(2030, 1, 1), [(Duty.R, "jaar")], date(2026, 8, 31)),
        (date(2030, 1, 1), [(Duty.R, "jaar"), (Duty.EXP, "30d")], date(2025, 9, 30)),
        (date(2030, 1, 1), [(Duty.EXP, "toestemming")], date(2030, 1, 1)),
        (date(2030, 1, 1), [(Duty.LOG, "")], date(2030, 1, 1)),
    ],
)
def test_the_first_day_counts(stated: date, duties: list[tuple[Duty, str]], expected: date) -> None:
    """Six months after 31 August is the last of February; a term without days never shortens."""
    terms = Terms({"halfjaar": 6, "jaar": 12}, {"30d": 30, "toestemming": None})
    asked = [Obligation(code=code, params=(name,) if name else ()) for code, name in duties]
    assert terms.last_day(stated, asked, date(2025, 8, 31)) == expected


@given(st.dates(date(2000, 1, 1), date(2190, 1, 1)), st.dates(date(2000, 1, 1), date(2190, 1, 1)), st.integers(1, 120))
def test_no_record_stays_longer_than_either_says(stated: date, stored: date, months: int) -> None:
    """Never later than its party said, and never later than so many months of at most 31 days."""
    terms = Terms({"k": months}, {})
    last = terms.last_day(stated, [Obligation(code=Duty.R, params=("k",))], stored)
    assert last <= stated
    assert last <= stored + timedelta(days=31 * months)


@pytest.mark.parametrize("months", [0, -1, 6.5, "6", True, None, 10_000])
def test_a_term_that_is_none_is_refused(months: object) -> None:
    """A table of terms that is not whole keeps nothing."""
    rules = load_bundle(ROOT / "policies" / "opa")
    table = {"klassen": {"signaal": {"maanden": months}}, "vervaltermijnen": {}}
    broken = make_bundle({**rules.files, "schakel/tables/retention/data.json": json.dumps(table)})
    with pytest.raises(PolicySourceError, match="retention"):
        read_terms(broken)
