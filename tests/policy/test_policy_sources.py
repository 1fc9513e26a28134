"""Sources that officers keep: what is broken is named by file, row and column."""

import json
import shutil
from datetime import UTC, datetime

import pytest

from gateway.policy.bundle import load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import PolicySourceError
from gateway.policy.opening import consulted_rules, passes_self_test
from gateway.policy.tables import compile_parties, compile_rows, duties_of, read_matrix, read_vocabulary
from gateway.policy.verdict import Refused
from tests.policy.questions import ALLOWED, POLICY

MATRIX = (POLICY / "bron" / "matrix.csv").read_text()
PARTIES = (POLICY / "bron" / "parties.json").read_text()
SUPPLEMENT = (POLICY / "bron" / "rijen_aanvulling.json").read_text()
VOCABULARY = read_vocabulary((POLICY / "schakel" / "tables" / "vocabulary" / "data.json").read_text())
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
MATCH = ALLOWED["RIEC-analist matcht in weging"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("rij,rol,", "row,rol,", "row 1"),
        ("signaal,,ALLOW,OK_SIGNAAL", "sinjaal,,ALLOW,OK_SIGNAAL", "rij 2, column status"),
        ('>=vermoeden,"party', '>=afgesloten,"party', "rij 1, column status"),
        ("13,riec_analist", "dertien,riec_analist", "column rij"),
        ("13,riec_analist", "12,riec_analist", "column rij"),
        ("20,riec_analist,match_aanvragen,RIEC,", "20,riec_analist,match_aanvragen,RIEC,,", "row 21"),
    ],
)
def test_a_broken_matrix_names_the_place(old, new, place):
    """A wrong header, value, stage or number is refused with the row and the column, never the value."""
    assert old in MATRIX
    with pytest.raises(PolicySourceError, match=place) as caught:
        compile_rows(read_matrix(MATRIX.replace(old, new, 1)), VOCABULARY, SUPPLEMENT)
    assert "sinjaal" not in str(caught.value)


def test_a_condition_on_a_row_that_grants_nothing_is_refused():
    """A supplement may only speak about granting rows."""
    with pytest.raises(PolicySourceError, match="grants nothing"):
        compile_rows(read_matrix(MATRIX), VOCABULARY, SUPPLEMENT.replace('"62"', '"60"'))


def test_only_vocabulary_codes_are_obligations():
    """Words in verplichtingen are comment; text in brackets is a parameter, commas in it and all."""
    rows = {row.number: row for row in read_matrix(MATRIX)}
    assert [d["code"] for d in duties_of(rows[33], VOCABULARY.duties)] == ["LOG", "MIN", "INF"]
    assert {"code": "EXP", "params": ["14d"]} in duties_of(rows[31], VOCABULARY.duties)
    assert duties_of(rows[13], VOCABULARY.duties) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda s: s["partijen"]["RIEC"][0].pop("van"), "RIEC, entry 1"),
        (lambda s: s["partijen"]["ZVH"][1].update(domein="x"), "ZVH, entry 2"),
        (lambda s: s["partijen"].update(X=[]), "unknown convenant"),
        (lambda s: s.pop("beleid_eigenaren"), "beleid_eigenaren"),
    ],
)
def test_broken_parties_name_the_entry(change, place):
    """A party that is not whole is refused with its convenant and place."""
    source = json.loads(PARTIES)
    change(source)
    with pytest.raises(PolicySourceError, match=place):
        compile_parties(json.dumps(source), VOCABULARY)


def test_rules_that_lost_a_check_do_not_load(tmp_path):
    """A table of checks without one of the closed list would no longer require it: refused."""
    folder = shutil.copytree(POLICY, tmp_path / "opa")
    table = folder / "schakel" / "tables" / "checks" / "data.json"
    checks = json.loads(table.read_text())
    del checks["codes"]["SLEEPNET"]
    table.write_text(json.dumps(checks))
    with pytest.raises(PolicySourceError, match="checks"):
        load_bundle(folder)


def test_an_empty_folder_holds_no_rules(tmp_path):
    """A folder without rules is refused with what to do."""
    with pytest.raises(PolicySourceError, match="schakel/"):
        load_bundle(tmp_path)


def opened(folder):
    """The rules in a folder, to be consulted."""
    rules = load_bundle(folder)
    return consulted_rules(rules, EmbeddedEngine(rules), lambda: START, lambda: "b-1")


def test_rules_that_are_only_consulted_answer_and_decide_nothing():
    """A folder of rules has no owners behind it: it answers what would be allowed, and refuses to do it."""
    room = opened(POLICY)
    assert room.answer(MATCH).decision is True
    verdict = room.decide(MATCH, START)
    assert isinstance(verdict, Refused)
    assert verdict.codes == ("BELEID_ONGELDIG",)


def test_other_parties_make_other_rules(bundle):
    """Parties of a federation change the digest, so that the owners sign them too."""
    assert bundle.with_parties(PARTIES.replace('"bsn_recht": true', '"bsn_recht": false')).digest != bundle.digest


def test_a_golden_case_that_fails_fails_the_self_test(tmp_path):
    """Rules that answer a golden case otherwise may not serve."""
    folder = shutil.copytree(POLICY, tmp_path / "opa")
    assert passes_self_test(opened(folder))
    bounds = folder / "schakel" / "tables" / "thresholds" / "data.json"
    bounds.write_text(json.dumps(json.loads(bounds.read_text()) | {"subjecten_per_vraag": 10_000}))
    assert not passes_self_test(opened(folder))


def test_golden_cases_that_are_not_whole_fail_the_self_test(tmp_path):
    """A self-test that cannot be read is not passed."""
    folder = shutil.copytree(POLICY, tmp_path / "opa")
    (folder / "golden.json").write_text('{"cases": [{}]}')
    assert not passes_self_test(opened(folder))
