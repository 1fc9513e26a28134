"""Both engines and the plain-Python oracle are one policy."""

import pytest

from tests.policy.questions import ALLOWED, GOLDEN, Mutator, changed, leaves


def seen(answer):
    """What is compared between the engines and the oracle."""
    context = answer.context
    return (
        answer.decision,
        list(answer.codes),
        [(duty.code.value, list(duty.params)) for duty in context.verplichtingen],
        list(context.beleid.matrix_rijen),
        context.reikwijdte.value,
    )


def expected(verdict):
    """The oracle's verdict in the same form."""
    return verdict.decision, verdict.codes, verdict.obligations, verdict.rows, verdict.scope


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["name"])
def test_golden_case_embedded(case, room):
    """A golden case comes out as written on the embedded engine."""
    answer = room.answer(case["input"])
    assert answer.decision is case["expect"]["decision"]
    assert set(case["expect"]["codes"]) <= set(answer.codes)


@pytest.mark.opa
def test_golden_cases_on_opa(opa_room, room):
    """Every golden case gives the very same answer on a real OPA server."""
    for case in GOLDEN:
        assert opa_room.answer(case["input"]) == room.answer(case["input"]), case["name"]


@pytest.mark.opa
def test_a_question_beyond_the_machine_gets_the_same_answer(room, opa_room):
    """A list that takes more than the 25,000 instructions of the embedded machine is answered like any other."""
    path = ("resource", "properties", "handtekeningen")
    activation = ALLOWED["rij 64: beleid activeren met oude bundel"]
    signatures = activation["resource"]["properties"]["handtekeningen"]
    for many in (signatures * 400, signatures[:1] * 800, signatures * 400 + [{}, {"geldig": 1}]):
        question = changed(activation, path, many)
        assert opa_room.answer(question) == room.answer(question)
    assert room.answer(changed(activation, path, signatures * 400)).decision is True


def _embedded_equals_oracle(room, oracle, count, seed, bundle):
    mutator = Mutator(seed, bundle.table("vocabulary"))
    allowed = 0
    for _ in range(count):
        question = mutator.draw()
        answer = room.answer(question)
        assert seen(answer) == expected(oracle.judge(question)), question
        allowed += answer.decision
    return allowed


def test_embedded_equals_oracle_on_mutated_questions(room, oracle, bundle):
    """600 seeded mutations come out the same on the embedded engine and in the oracle; some are allowed."""
    assert _embedded_equals_oracle(room, oracle, 600, 20261124, bundle) > 30


@pytest.mark.opa
def test_opa_equals_embedded_on_mutated_questions(room, opa_room, bundle):
    """300 seeded mutations come out the same on a real OPA server."""
    mutator = Mutator(7, bundle.table("vocabulary"))
    for _ in range(300):
        question = mutator.draw()
        assert opa_room.answer(question) == room.answer(question), question


@pytest.mark.full
def test_embedded_equals_oracle_on_twenty_thousand(room, oracle, bundle):
    """20,000 seeded mutations: zero differences with the oracle."""
    assert _embedded_equals_oracle(room, oracle, 20_000, 1, bundle) > 1_000


@pytest.mark.full
@pytest.mark.opa
def test_opa_equals_embedded_on_twenty_thousand(room, opa_room, bundle):
    """20,000 seeded mutations: zero differences between the engines."""
    mutator = Mutator(1, bundle.table("vocabulary"))
    for _ in range(20_000):
        question = mutator.draw()
        assert opa_room.answer(question) == room.answer(question), question


@pytest.mark.parametrize("name", ALLOWED)
def test_deleting_any_field_agrees_with_the_oracle(name, room, oracle):
    """Every single deletion from an allowed question comes out as the oracle reads it."""
    for path in leaves(ALLOWED[name]):
        if len(path) > 1:
            question = changed(ALLOWED[name], path, ...)
            assert seen(room.answer(question)) == expected(oracle.judge(question)), path
