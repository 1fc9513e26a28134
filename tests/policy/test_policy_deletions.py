"""Deletion of any field never allows: what is not said proves nothing, on either engine."""

import copy
import json

import pytest

from gateway.policy.bundle import load_bundle
from gateway.policy.schema import QuestionSchema
from tests.policy.questions import ALLOWED, GOLDEN, POLICY, changed
from tests.policy.rooms import ROOT

VOCABULARY = load_bundle(POLICY).table("vocabulary")
SCHEMA = QuestionSchema(VOCABULARY)
GROUPS = VOCABULARY["groups"]
EXAMPLES = json.loads((ROOT.parent / "shared" / "policy" / "cases.json").read_text())["cases"]
QUESTIONS = {case["name"]: case["input"] for case in (*EXAMPLES, *GOLDEN)}
# "Also where given": the actions in whose scope the attribute must be there. Outside it a wrong value refuses and its
# absence does not, so that deleting it may allow (design page policy, "How a question is judged"). regio_raakvlak is
# of this kind: MOTIVERING_ONTBREEKT asks whether it is true.
SCOPES = {
    "gemeente": (),
    "regio_raakvlak": (),
    "subjecten_casus_30d": (),
    "subjecten_analist_30d": (),
    "verzameldoel": GROUPS["analistacties"],
    "bsn_aanwezig": ("records_indienen",),
    "beroepsgeheim": ("records_indienen", "doorgeleiden", "bronverstrekking_beslissen"),
    "wpg_artikel": ("bronverstrekking_beslissen", "records_indienen"),
    "embargo": ("bronverstrekking_beslissen", "records_indienen"),
}


def may_be_left_out(question, path):
    """Whether the attribute at the path is one that counts only where it is given, in this question."""
    name, action, subject = path[-1], question["action"].get("name"), question["subject"].get("properties", {})
    if name == "beroepsgeheim" and action == "bronverstrekking_beslissen":
        return subject.get("partnertype") not in GROUPS["geheimhouders"]
    if name in ("wpg_artikel", "embargo") and action == "records_indienen":
        return subject.get("domein") != "opsporing"
    return name in SCOPES and action not in SCOPES[name]


def fields(value, path=()):
    """The path of every field, those of entries in lists too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        if isinstance(value, dict):
            yield (*path, key)
        yield from fields(part, (*path, key))


def without(question, path):
    """The question without one field."""
    copied = copy.deepcopy(question)
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return copied


def healed(room, question):
    """The fields whose deletion turns this refusal into an allow."""
    return [
        path
        for path in fields(question)
        if not may_be_left_out(question, path) and room.answer(without(question, path)).decision
    ]


def refused(room):
    """The examples and golden cases that are schema-valid and refused."""
    return {
        name: question
        for name, question in QUESTIONS.items()
        if SCHEMA.fits(question) and not room.answer(question).decision
    }


def test_no_deletion_allows_what_is_refused(room):
    """From no refused example or golden case can a field be left out to be allowed (embedded engine)."""
    questions = refused(room)
    assert len(questions) > 40
    assert {name: paths for name, question in questions.items() if (paths := healed(room, question))} == {}


@pytest.mark.opa
def test_no_deletion_allows_what_is_refused_on_opa(opa_room):
    """The same on a real OPA server."""
    questions = refused(opa_room)
    assert {name: paths for name, question in questions.items() if (paths := healed(opa_room, question))} == {}


@pytest.mark.parametrize("section", ["subject", "action", "resource", "context"])
def test_a_question_without_a_section_is_refused(section, room):
    """No question that lacks a section is allowed, whoever is asked."""
    for question in QUESTIONS.values():
        if section in question:
            assert not room.answer(without(question, (section,))).decision


def broken():
    """Every allowed question with one attribute at another known value (two of each), or beyond a bound."""
    for name, question in ALLOWED.items():
        for path in fields(question):
            value = question
            for key in path:
                value = value[key]
            kinds = [kinds.get(path[-1]) for kinds in VOCABULARY["sections"].values() if path[-1] in kinds]
            others = [v for kind in kinds if isinstance(kind, str) for v in VOCABULARY["enums"].get(kind, ())]
            if isinstance(value, bool):
                others = [not value]
            elif isinstance(value, int | float):
                others = [-1, 1_000]
            elif path[-1] in ("time", "tijd", "van", "tot", "bewaren_tot"):
                others = ["2025-01-01T00:00:00Z", "2027-06-01T00:00:00Z"]
            for other in [other for other in others if other != value][:2]:
                if all(isinstance(key, str) for key in path):
                    yield name, path, changed(question, path, other)


@pytest.mark.full
def test_no_deletion_heals_what_one_value_broke(room):
    """An allowed question that one other value made refused is not allowed again by leaving out any field but that
    attribute, where it may be absent."""
    count, healing = 0, []
    for name, broke, question in broken():
        if SCHEMA.fits(question) and not room.answer(question).decision:
            count += 1
            healing += [(name, broke, path) for path in healed(room, question)]
    assert count > 1_000
    assert healing == []
