"""Relations that must hold between answers, whatever the rules are: missing, more or later never opens a door."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.bundle import load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.schema import QuestionSchema
from tests.policy.questions import ALLOWED, GOLDEN, POLICY, Mutator, changed, leaves
from tests.policy.rooms import room_on

BUNDLE = load_bundle(POLICY)
ROOM = room_on(BUNDLE, EmbeddedEngine(BUNDLE))
SCHEMA = QuestionSchema(BUNDLE.table("vocabulary"))
QUESTIONS = {case["name"]: case["input"] for case in GOLDEN}
# Attributes that may be absent outside their scope: deleting one that is given wrongly may allow (design page).
OPTIONAL = {
    "gemeente", "verzameldoel", "subjecten_casus_30d", "subjecten_analist_30d", "beroepsgeheim", "bsn_aanwezig",
    "wpg_artikel", "embargo",
}  # fmt: skip
PROPERTIES = ("resource", "properties")
seeds = st.integers(min_value=0, max_value=2**32)


def allows(question):
    """Whether the question is allowed."""
    return ROOM.answer(question).decision


def fits(question):
    """Whether it is schema-valid."""
    return SCHEMA.fits(question)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds, pick=st.randoms(use_true_random=False))
def test_deleting_a_field_never_allows(seed, pick):
    """From a schema-valid question no deletion turns a refusal into an allow, but for the optional attributes."""
    question = Mutator(seed, BUNDLE.table("vocabulary")).draw()
    path = pick.choice([p for p in leaves(question) if p and p[-1] not in OPTIONAL])
    if fits(question) and not allows(question):
        assert not allows(changed(question, path, ...)), path


@pytest.mark.parametrize("attribute", ["dubbelrol", "bijzonder", "minderjarig"])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=seeds)
def test_more_sensitive_never_allows(attribute, seed):
    """dubbelrol, bijzonder or minderjarig becoming true never allows what was refused without it."""
    question = Mutator(seed, BUNDLE.table("vocabulary")).draw()
    without = changed(question, (*PROPERTIES, attribute), False)
    if not allows(without):
        assert not allows(changed(question, (*PROPERTIES, attribute), True))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(few=st.integers(1, 60), more=st.integers(0, 200))
def test_more_subjects_never_allow(few, more):
    """A match that is refused for its number of subjects is refused for more."""
    match, path = ALLOWED["RIEC-analist matcht in weging"], (*PROPERTIES, "aantal_subjecten")
    if not allows(changed(match, path, few)):
        assert not allows(changed(match, path, few + more))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_more_columns_never_allow(data):
    """A release that is refused for its columns is refused with more of them."""
    columns = sorted(BUNDLE.table("vocabulary")["lists"]["uitsplitsing"])
    some = data.draw(st.lists(st.sampled_from(columns), max_size=8))
    more = data.draw(st.lists(st.sampled_from(columns), max_size=4))
    release, path = ALLOWED["regisseur geeft aggregaat vrij"], (*PROPERTIES, "uitsplitsing")
    if not allows(changed(release, path, some)):
        assert not allows(changed(release, path, some + more))


@pytest.mark.parametrize("name", QUESTIONS)
def test_later_never_allows(name):
    """Once every start date has passed, asking later never allows what was refused."""
    times = ("2026-11-23T10:00:00Z", "2026-11-24T09:41:00Z", "2026-11-24T09:41:01Z", "2027-06-01T00:00:00Z")
    answers = [allows(changed(QUESTIONS[name], ("context", "time"), time)) for time in times]
    assert answers == sorted(answers, reverse=True)


@pytest.mark.parametrize("name", ALLOWED)
def test_an_unlisted_attribute_anywhere_refuses(name):
    """An attribute that is not listed refuses, in whatever section it hangs."""
    for path in leaves(ALLOWED[name]):
        inner = ALLOWED[name]
        for key in path:
            inner = inner[key]
        if isinstance(inner, dict):
            answer = ROOM.answer(changed(ALLOWED[name], (*path, "onbekend"), 1))
            assert "ONBEKENDE_WAARDE" in answer.codes, path


@pytest.mark.parametrize("odd", [None, "veel", {}, [], {"a": 1}], ids=repr)
def test_a_number_that_is_none_never_passes(odd):
    """What Rego orders above every number is not one: each number replaced by it refuses with its own code too."""
    bound = {
        ("RIEC-analist matcht in weging", "aantal_subjecten"): "SLEEPNET",
        ("RIEC-analist ziet hit", "hit_ouderdom_dagen"): "HIT_VERLOPEN",
        ("regisseur geeft aggregaat vrij", "min_cel"): "CEL_TE_KLEIN",
        ("regisseur geeft aggregaat vrij", "min_verschil"): "CEL_TE_KLEIN",
        ("regisseur geeft aggregaat vrij", "dominantie_promille"): "DOMINANTIE",
    }
    for (name, attribute), code in bound.items():
        codes = ROOM.answer(changed(ALLOWED[name], (*PROPERTIES, attribute), odd)).codes
        assert {code, "ONBEKENDE_WAARDE"} <= set(codes), attribute
