"""The route helper, and replay, explain and whatif over stored decisions."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract.codes import Categorie, Convenant, Doorbrekingsgrond, Partnertype, Route, Status
from gateway.policy.archive import bundle_archive
from gateway.policy.bundle import load_bundle, make_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import PolicySourceError
from gateway.policy.kept import KeptRules
from gateway.policy.pages import OrphanRule, articles_page
from gateway.policy.replay import explain, flips_per_article, replay, stored_decision, whatif
from gateway.policy.route import Signal, advise
from gateway.policy.shelf import kept
from gateway.policy.sources import read_golden
from tests.policy.questions import ALLOWED, GOLDEN, POLICY, Mutator
from tests.policy.rooms import room_on

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
VICTIM = Signal(
    Partnertype.ZORG_NGO, Categorie.SLACHTOFFER, "GM0505", Status.VERMOEDEN, strafbaar_feit=False, georganiseerd=False
)


def shares(signal, room):
    """Per convenant whether the signal may be shared."""
    return {share.convenant: share.mag for share in advise(signal, room, NOW).delen}


def test_a_victim_without_a_criminal_side_stays_local(room):
    """The care route shares nothing but counts with the monitor, professional secrecy or not."""
    advice = advise(replace(VICTIM, beroepsgeheim=True), room, NOW)
    assert advice.route is Route.ZORG
    assert "lokaal" in advice.tafel
    assert {s.convenant: (s.mag, s.vorm) for s in advice.delen} == {
        Convenant.RIEC: (False, "tokens en codes"),
        Convenant.ZVH: (False, "tokens en codes"),
        Convenant.MONITOR: (True, "tellingen zonder tokens"),
    }
    assert all(share.redenen for share in advice.delen if not share.mag)


def test_a_victim_with_a_criminal_side_goes_to_the_house_of_its_municipality(room):
    """zorg_straf goes to the Zorg- en Veiligheidshuis of the municipality; consent opens it, secrecy alone does not."""
    signal = replace(VICTIM, strafbaar_feit=True, beroepsgeheim=True)
    assert advise(signal, room, NOW).tafel.endswith("ZVH-ZHZ")
    assert shares(signal, room)[Convenant.ZVH] is False
    assert shares(replace(signal, grond=Doorbrekingsgrond.TOESTEMMING), room)[Convenant.ZVH] is True


def test_an_organised_suspect_goes_to_the_riec(room):
    """ondermijning goes to the RIEC; the ZVH is another convenant's."""
    signal = Signal(Partnertype.POLITIE, Categorie.VERDACHTE_DADER, "GM0599", Status.VERMOEDEN, True, True)
    advice = advise(signal, room, NOW)
    assert (advice.route, advice.tafel) == (Route.ONDERMIJNING, "RIEC")
    assert shares(signal, room)[Convenant.RIEC] is True
    assert shares(signal, room)[Convenant.ZVH] is False


def test_a_municipality_outside_the_region_is_referred(room):
    """Outside the region there is no advice but to go to one's own region."""
    with pytest.raises(PolicySourceError, match="region"):
        advise(replace(VICTIM, gemeente="GM0363"), room, NOW)


def stored(room, name):
    """The stored decision on a golden case."""
    question = next(case["input"] for case in GOLDEN if case["name"] == name)
    record = room.decide(question, NOW).record
    return stored_decision(name, json.loads(json.dumps(record)))


@pytest.fixture(scope="module")
def kept_rules(bundle):
    """The rules as they are opened from the shelf."""
    return KeptRules(bundle)


def test_kept_rules_answer_as_the_room_did(room, kept_rules, bundle):
    """On 300 mutated questions, and on what is no question at all, the two ways of answering give the same body."""
    mutator = Mutator(11, bundle.table("vocabulary"))
    for question in (
        None,
        {},
        {"subject": 1, "action": 2, "resource": 3, "context": 4},
        *(mutator.draw() for _ in range(300)),
    ):
        assert kept_rules.response(question) == room.answer(question).as_authzen(bundle.digest)


def older(bundle):
    """These rules as they were when they had one check less and one obligation that is gone now; opened, and closed."""
    files = dict(bundle.files)
    for name in ("checks", "reasons"):
        table = bundle.table(name)
        del table["codes"]["DOMINANTIE"]
        files[f"schakel/tables/{name}/data.json"] = json.dumps(table)
    scope = bundle.table("scope")
    scope["all"].remove("DOMINANTIE")
    for codes in scope["in_scope"].values():
        if "DOMINANTIE" in codes:
            codes.remove("DOMINANTIE")
    files["schakel/tables/scope/data.json"] = json.dumps(scope)
    vocabulary = bundle.table("vocabulary")
    vocabulary["verplichtingen"]["BEL"] = True
    files["schakel/tables/vocabulary/data.json"] = json.dumps(vocabulary)
    rows = json.dumps(bundle.table("rows")).replace('"code": "MEN"', '"code": "BEL"')
    files["schakel/tables/rows/data.json"] = rows
    files["schakel/decision/decision.rego"] = files["schakel/decision/decision.rego"].replace(
        "disclosure.proven\n", 'disclosure.proven - {"DOMINANTIE"}\n'
    )
    return make_bundle(files, closed=False)


def test_rules_of_other_lists_are_not_put_in_force(bundle):
    """What decides today names exactly the codes of today."""
    with pytest.raises(PolicySourceError, match="exactly the codes"):
        make_bundle(older(bundle).files)


def test_an_old_decision_is_replayed_by_the_lists_of_its_own_rules(bundle, tmp_path):
    """After a code was added and another went, the kept rules still open, and a decision of then comes out the same."""
    then = older(bundle)
    (tmp_path / f"{then.digest}.tar.gz").write_bytes(bundle_archive(then, {}, None))
    rules = KeptRules(kept(then.digest, tmp_path, closed=False))
    question = ALLOWED["RIEC-analist matcht in weging"]
    response = rules.response(question)
    assert response["decision"] is True
    assert {"code": "BEL", "params": []} in response["context"]["verplichtingen"]
    record = {"request": question, "response": response, "policies": {"digest": then.digest}}
    decision = stored_decision("b-0", json.loads(json.dumps(record)))
    assert replay(decision, rules).same
    with pytest.raises(PolicySourceError):
        kept(then.digest, tmp_path)


def test_a_code_that_is_gone_is_explained_in_its_own_words(room, bundle):
    """The words that were given then, with what the check was about by the rules of then; others cannot explain it."""
    then = stored(room, "sleepnet")
    gone = json.loads(json.dumps(then.response).replace("SLEEPNET", "TRAWL"))
    files = {path: text.replace("SLEEPNET", "TRAWL") for path, text in bundle.files.items()}
    [line] = explain(replace(then, response=gone), make_bundle(files, closed=False))
    assert (line.code, line.nl) == ("TRAWL", then.response["context"]["reden"][0]["nl"])
    with pytest.raises(PolicySourceError, match="explain"):
        explain(replace(then, response=gone), bundle)


@pytest.mark.parametrize("name", [case["name"] for case in GOLDEN])
def test_every_decision_replays_to_the_same_answer(name, room, kept_rules):
    """A decision that went through storage as JSON replays to exactly the stored answer."""
    assert replay(stored(room, name), kept_rules).same


def test_a_changed_record_does_not_replay(room, kept_rules):
    """A stored answer that was tampered with is not the same."""
    then = stored(room, "sleepnet")
    assert not replay(replace(then, response={**then.response, "decision": True}), kept_rules).same


def test_replay_needs_the_rules_of_the_record(room, kept_rules):
    """A record of other rules is not replayed with these."""
    with pytest.raises(PolicySourceError, match="digest"):
        replay(replace(stored(room, "sleepnet"), digest="0" * 64), kept_rules)


@pytest.mark.parametrize("record", [{}, {"request": {}, "response": {}, "policies": {}}])
def test_a_broken_record_is_refused(record):
    """A record that is not whole says so."""
    with pytest.raises(PolicySourceError):
        stored_decision("x", record)


def test_explain_names_the_check_the_article_and_the_way_on(room, bundle):
    """A refusal is explained check by check in Dutch; an allow needs no explaining."""
    [line] = explain(stored(room, "sleepnet"), bundle)
    assert line.code == "SLEEPNET"
    assert "AVG" in line.grondslag
    assert line.handelingsperspectief
    assert explain(stored(room, "RIEC-analist matcht in weging"), bundle) == ()


def test_whatif_lists_the_flips_of_a_changed_bound(room, tmp_path):
    """With a higher bound on subjects the trawl case flips to allow, and its article is named."""
    for path in POLICY.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(POLICY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    bounds = tmp_path / "schakel" / "tables" / "thresholds" / "data.json"
    changed = json.loads(bounds.read_text()) | {"subjecten_per_vraag": 10_000}
    bounds.write_text(json.dumps(changed))
    wider = load_bundle(tmp_path)
    flips = whatif([stored(room, case["name"]) for case in GOLDEN], room_on(wider, EmbeddedEngine(wider)))
    assert [(flip.id, flip.allowed_then, flip.allowed_now, flip.lost) for flip in flips] == [
        ("sleepnet", False, True, ("SLEEPNET",))
    ]
    assert flips_per_article(flips, wider) == {"AVG art. 5 lid 1 onder c": 1}


def test_whatif_with_the_same_rules_flips_nothing(room):
    """The same rules decide all past questions as before."""
    assert whatif([stored(room, case["name"]) for case in GOLDEN], room) == ()


def test_an_orphan_rule_is_caught(bundle):
    """A check that no golden case tests stops the article matrix from being made."""
    with pytest.raises(OrphanRule):
        articles_page(bundle, [case for case in read_golden(POLICY) if "SLEEPNET" not in case.codes])


def test_other_parties_make_another_bundle(bundle):
    """Parties of a federation file give other rules with another digest and revision."""
    other = bundle.with_parties('{"partijen": {"RIEC": []}, "beleid_eigenaren": []}')
    assert other.digest != bundle.digest
    assert other.revision != bundle.revision
    answer = room_on(other, EmbeddedEngine(other)).answer(GOLDEN[0]["input"])
    assert "GEEN_PARTIJ_CONVENANT" in answer.codes
