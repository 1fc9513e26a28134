"""The door of the policy room: verdicts that nobody else can make, and refusal whenever something is odd."""

import dataclasses
import math
import threading
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator
from structlog.testing import capture_logs

from connectors.contract.codes import Reikwijdte
from gateway.policy.answer import refusal
from gateway.policy.codes import ReasonCode
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import EngineFault, EngineUnavailable, PolicySourceError
from gateway.policy.question import question_text
from gateway.policy.room import GoldenCase
from gateway.policy.schema import QuestionSchema, question_schema
from gateway.policy.verdict import VALID_FOR, Decision, DecisionExpired, Refused, require_fresh
from tests.policy.questions import ALLOWED, GOLDEN, Mutator, changed
from tests.policy.rooms import VERIFIED, room_on

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MATCH = ALLOWED["RIEC-analist matcht in weging"]


def test_an_allow_is_a_decision_with_everything_in_it(room, bundle):
    """A Decision carries id, question digest, obligations, scope, rows, revision, digest and expiry."""
    verdict = room.decide(MATCH, NOW)
    assert isinstance(verdict, Decision)
    assert verdict.id == "besluit-1"
    assert len(verdict.question_digest) == 64
    assert verdict.verplichtingen == ("4E", "LOG", "MEN", "MIN", "NOT")
    assert verdict.reikwijdte is Reikwijdte.BEKEND_ONBEKEND
    assert verdict.rows == (12,)
    assert (verdict.revision, verdict.digest) == (bundle.release, bundle.digest)
    assert verdict.expires_at == NOW + VALID_FOR


def test_nobody_else_makes_a_decision(room):
    """A Decision cannot be constructed or altered outside the room."""
    decision = room.decide(MATCH, NOW)
    fields = {f.name: getattr(decision, f.name) for f in dataclasses.fields(decision) if f.name != "_seal"}
    with pytest.raises(TypeError):
        Decision(**fields)
    with pytest.raises(dataclasses.FrozenInstanceError):
        decision.reikwijdte = Reikwijdte.AGGREGAAT


def test_a_decision_expires(room):
    """A decision may be acted on before its expiry and not from then on."""
    decision = room.decide(MATCH, NOW)
    assert require_fresh(decision, NOW + VALID_FOR - timedelta(seconds=1)) is decision
    with pytest.raises(DecisionExpired):
        require_fresh(decision, NOW + VALID_FOR)


def test_a_refusal_is_its_own_type_with_reasons_in_dutch(room):
    """A Refused says which check, why, by which article, and what would help."""
    verdict = room.decide(changed(MATCH, ("resource", "properties", "vrije_tekst"), True), NOW)
    assert isinstance(verdict, Refused)
    assert verdict.codes == ("VRIJE_TEKST_NIET_TOEGESTAAN",)
    reason = verdict.redenen[0]
    assert reason.nl.startswith("Vrije tekst")
    assert reason.grondslag
    assert reason.handelingsperspectief


def test_opsporingsbelang_must_look_like_no_hit(room):
    """A refusal for opsporingsbelang says of itself that outside the audit log it is no hit."""
    hit = ALLOWED["RIEC-analist ziet hit"]
    hidden = room.decide(changed(hit, ("resource", "properties", "opsporingsbelang"), True), NOW)
    plain = room.decide(changed(hit, ("resource", "properties", "sterkte"), "zwak"), NOW)
    assert isinstance(hidden, Refused)
    assert isinstance(plain, Refused)
    assert hidden.looks_like_no_hit
    assert not plain.looks_like_no_hit


def test_the_room_writes_the_beleid_section_itself(bundle):
    """What a caller claims about the rules is overwritten from the lease: unsigned rules refuse."""
    unsigned = room_on(bundle, EmbeddedEngine(bundle), signed=False)
    verdict = unsigned.decide(MATCH, NOW)
    assert isinstance(verdict, Refused)
    assert verdict.codes == ("BELEID_ONGELDIG",)


def test_a_stale_lease_refuses_all_but_activation(room):
    """A day and a bit after the last verification only beleid_activeren is answered."""
    later = VERIFIED + timedelta(hours=24, seconds=1)
    refused = room.decide(MATCH, later)
    assert "BELEID_ONGELDIG" in refused.codes
    assert isinstance(room.decide(ALLOWED["rij 64: beleid activeren met oude bundel"], later), Decision)


@pytest.mark.parametrize("section", ["subject", "action", "resource", "context"])
def test_a_missing_section_is_not_judged(room, section):
    """Without one of its sections a question is refused with ONBEKENDE_WAARDE alone."""
    question = {key: value for key, value in MATCH.items() if key != section}
    assert room.answer(question).codes == ("ONBEKENDE_WAARDE",)


@pytest.mark.parametrize("question", [None, 1, "x", [], [MATCH], {}])
def test_what_is_no_question_is_refused(room, question):
    """Anything that is no object with four sections is refused with ONBEKENDE_WAARDE alone."""
    answer = room.answer(question)
    assert (answer.decision, answer.codes) == (False, ("ONBEKENDE_WAARDE",))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 10**400, -(10**400)])
def test_a_number_outside_json_is_refused(room, number):
    """NaN, infinity and numbers beyond a double are refused before any engine is asked."""
    question = changed(MATCH, ("resource", "properties", "aantal_subjecten"), number)
    assert room.answer(question).codes == ("ONBEKENDE_WAARDE",)


def test_a_lone_surrogate_is_an_unknown_value(room):
    """Text that UTF-8 cannot hold becomes an unknown value, never a crash."""
    answer = room.answer(changed(MATCH, ("context", "casus_id"), "\ud800"))
    assert set(answer.codes) == {"AUTORISATIE_ANDERE_CASUS", "ONBEKENDE_WAARDE"}
    assert "?" in question_text("\ud800")


class Saying:
    """An engine that always gives one answer, or raises."""

    name = "saying"

    def __init__(self, answer):
        self.answer = answer

    def decide(self, question):
        """What it was told to."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_schema_overrules_an_engine_that_allows(room, bundle):
    """An engine that allows a question which does not fit the schema is overruled."""
    allowing = room_on(bundle, Saying(room.answer(MATCH)))
    answer = allowing.answer(changed(MATCH, ("resource", "properties", "naam"), "x"))
    assert (answer.decision, answer.codes) == (False, ("ONBEKENDE_WAARDE",))


def test_an_engine_fault_is_a_refusal(bundle):
    """A fault becomes a refusal with the fault's code."""
    faulty = room_on(bundle, Saying(EngineFault("odd", ReasonCode.BELEID_ONGELDIG)))
    assert faulty.answer(MATCH).codes == ("BELEID_ONGELDIG",)


def test_no_answer_is_not_an_answer(bundle):
    """An engine that is unavailable raises; there is no verdict at all."""
    with pytest.raises(EngineUnavailable):
        room_on(bundle, Saying(EngineUnavailable("down"))).decide(MATCH, NOW)


def test_rules_of_another_release_are_refused(room, bundle):
    """An answer by another release of the rules is BELEID_ONGELDIG."""
    answer = room.answer(MATCH)
    beleid = answer.context.beleid.model_copy(update={"revisie": "2020.1"})
    other = answer.model_copy(update={"context": answer.context.model_copy(update={"beleid": beleid})})
    assert room_on(bundle, Saying(other)).answer(MATCH).codes == ("BELEID_ONGELDIG",)


def test_the_self_test_passes_on_the_golden_cases(room):
    """All golden cases come out as written; that is what start-up asks."""
    room.self_test(
        [GoldenCase(c["name"], c["input"], c["expect"]["decision"], tuple(c["expect"]["codes"])) for c in GOLDEN]
    )


def test_the_self_test_catches_an_engine_that_refuses_everything(bundle):
    """An engine that answers otherwise than the golden cases does not start, nor does one without cases."""
    denying = room_on(bundle, Saying(refusal((bundle.reason(ReasonCode.SLEEPNET),), bundle.release)))
    with pytest.raises(PolicySourceError):
        denying.self_test([GoldenCase("x", MATCH, True, ())])
    with pytest.raises(PolicySourceError):
        denying.self_test([])


def test_threads_do_not_mix_their_questions(room):
    """Eight threads on one room each get the answer to their own question."""
    wrong = []

    def ask(case):
        for _ in range(5):
            if room.answer(case["input"]).decision is not case["expect"]["decision"]:
                wrong.append(case["name"])

    threads = [threading.Thread(target=ask, args=(case,)) for case in GOLDEN[8:16]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_schema_and_rules_agree_on_unknown_values(bundle):
    """On 300 mutated questions the schema refuses exactly those that the rules call ONBEKENDE_WAARDE."""
    schema, engine = QuestionSchema(bundle.table("vocabulary")), EmbeddedEngine(bundle)
    mutator = Mutator(3, bundle.table("vocabulary"))
    for _ in range(300):
        question = mutator.draw()
        assert schema.fits(question) is ("ONBEKENDE_WAARDE" not in engine.decide(question).codes)


def test_another_validator_reads_the_schema_alike(bundle):
    """jsonschema, which shares no code with the gateway's validator, says the same of 300 mutated questions."""
    schema = QuestionSchema(bundle.table("vocabulary"))
    second = Draft202012Validator(question_schema(bundle.table("vocabulary")))
    mutator = Mutator(4, bundle.table("vocabulary"))
    questions = [mutator.draw() for _ in range(300)]
    assert [schema.fits(question) for question in questions] == [second.is_valid(question) for question in questions]


@pytest.mark.parametrize("path", [("resource", "properties", "status"), ("context", "thema"), ("resource",)])
def test_what_is_not_json_never_fits(path, bundle):
    """A value that no JSON text can be, or that is nested out of reach, does not fit; nothing is raised."""
    schema = QuestionSchema(bundle.table("vocabulary"))
    deep = []
    for _ in range(5_000):
        deep = [deep]
    for value in (deep, b"x", object(), {1: 2}, "\ud800", float("nan")):
        assert schema.fits(changed(MATCH, path, value)) is False


def test_the_schema_is_a_schema(bundle):
    """The schema of the question keeps to JSON Schema 2020-12."""
    Draft202012Validator.check_schema(question_schema(bundle.table("vocabulary")))


class Breaks:
    """An engine that raises, or returns, what nobody foresaw."""

    name = "embedded"

    def __init__(self, what):
        self.what = what

    def decide(self, question):
        if isinstance(self.what, Exception):
            raise self.what
        return self.what


@pytest.mark.parametrize(
    "error", [RuntimeError("psn:7c1f"), KeyError("psn:7c1f"), MemoryError(), RecursionError(), OSError("psn:7c1f")]
)
def test_an_engine_that_breaks_gave_no_answer(bundle, error):
    """Whatever an engine raises is EngineUnavailable, logged by its kind and without its words."""
    with capture_logs() as logged, pytest.raises(EngineUnavailable) as caught:
        room_on(bundle, Breaks(error)).answer(MATCH)
    assert [(line["event"], line["kind"]) for line in logged] == [("policy_engine_broke", type(error).__name__)]
    assert "psn:7c1f" not in str(logged) + str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("answer", [None, True, {"decision": True}])
def test_an_engine_that_returns_no_answer_is_refused(bundle, answer):
    """Only an `Answer` can allow."""
    assert room_on(bundle, Breaks(answer)).answer(MATCH).decision is False
