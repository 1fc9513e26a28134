"""`schakel-gateway decide` and `bundle`, as scripts use them."""

import json
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from gateway.cli import app
from gateway.policy import commands
from tests.policy.questions import ALLOWED, GOLDEN, POLICY

MATCH = ALLOWED["RIEC-analist matcht in weging"]


def run(*arguments):
    """Run a command; returns exit code, parsed output lines, and what went to stderr."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def cases_file(tmp_path, *cases):
    """A cases file."""
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": list(cases)}))
    return path


def test_decide_prints_a_line_a_case_and_exits_zero(tmp_path):
    """Every golden case has its line, in order, with exactly the four keys."""
    code, lines, _ = run("decide", cases_file(tmp_path, *GOLDEN))
    assert code == 0
    assert [line["name"] for line in lines] == [case["name"] for case in GOLDEN]
    for line, case in zip(lines, GOLDEN, strict=True):
        assert set(line) == {"name", "decision", "codes", "obligations"}
        assert line["decision"] is case["expect"]["decision"]
        assert set(case["expect"]["codes"]) <= set(line["codes"])
        assert bool(line["codes"]) is not line["decision"]
        assert "LOG" in line["obligations"]


@pytest.mark.opa
def test_decide_starts_the_opa_it_finds(tmp_path, opa_binary):
    """--engine opa without a URL gives the same lines as the embedded engine."""
    path = cases_file(tmp_path, *GOLDEN)
    assert run("decide", "--engine", "opa", path) == run("decide", path)


def test_decide_without_an_opa_is_unavailable(tmp_path, monkeypatch):
    """No opa anywhere: exit 5 and no allow."""
    monkeypatch.setattr(commands, "TOOLS_DIR", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, lines, message = run("decide", "--engine", "opa", cases_file(tmp_path, GOLDEN[0]))
    assert (code, lines) == (5, [])
    assert "make opa" in message


def test_decide_with_a_dead_server_is_unavailable(tmp_path):
    """A server that does not answer: exit 5 and no allow."""
    code, lines, _ = run(
        "decide", "--engine", "opa", "--opa-url", "http://127.0.0.1:1", cases_file(tmp_path, GOLDEN[0])
    )
    assert (code, lines) == (5, [])


@pytest.mark.parametrize("value", ["geen vraag", None, 1, [], {"subject": {}}])
def test_decide_refuses_what_is_no_question(tmp_path, value):
    """A case without the four sections is false with ONBEKENDE_WAARDE; exit 0."""
    code, lines, _ = run("decide", cases_file(tmp_path, {"name": "x", "input": value}))
    assert code == 0
    assert lines == [{"name": "x", "decision": False, "codes": ["ONBEKENDE_WAARDE"], "obligations": ["LOG"]}]


@pytest.mark.parametrize("text", ["geen json", '{"cases": [', '{"cases": 1}', "[]", '{"cases": [1]}'])
def test_decide_refuses_a_file_that_is_no_cases_file(tmp_path, text):
    """A file of another shape is exit 2, names the file, never quotes it, and allows nothing."""
    path = tmp_path / "cases.json"
    path.write_text(text)
    code, lines, message = run("decide", path)
    assert code == 2
    assert not any(line["decision"] for line in lines)
    assert "cases.json" in message
    assert "geen json" not in message


@pytest.mark.parametrize(("case", "missing"), [({"name": "tweede"}, "input"), ({"input": MATCH}, "name")])
def test_decide_takes_a_case_without_name_or_input_for_bad_input(tmp_path, case, missing):
    """Exit 2 names the case by its place and what it lacks; it is answered with a refusal, the others not at all."""
    code, lines, message = run("decide", cases_file(tmp_path, GOLDEN[0], case, GOLDEN[0]))
    refusal = {"name": case.get("name"), "decision": False, "codes": ["ONBEKENDE_WAARDE"], "obligations": ["LOG"]}
    assert (code, lines) == (2, [refusal])
    assert f"cases.json, case 2: has no {missing}" in " ".join(message.split())


def test_bundle_build_never_writes_over_what_it_reads(tmp_path):
    """Not over the key that signs, the parties, or a rule: exit 2, and they are as they were."""
    rules, key, parties = tmp_path / "opa", tmp_path / "key.pem", tmp_path / "parties.json"
    shutil.copytree(POLICY, rules)
    shutil.copy(POLICY / "bron" / "parties.json", parties)
    key.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "link").hardlink_to(key)
    for out in (key, tmp_path / "link", parties, rules / ".manifest", rules / "bron" / ".." / "golden.json"):
        before = out.read_bytes()
        code, lines, message = run("bundle", "build", out, "--key", key, "--parties", parties, "--policy-dir", rules)
        assert (code, lines) == (2, [])
        assert "is read by this command" in message
        assert out.read_bytes() == before


def test_sign_never_writes_over_the_key(tmp_path):
    """The signature goes elsewhere: a key that is written over is lost."""
    assert run("bundle", "owner-key", tmp_path / "owner.key")[0] == 0
    before = (tmp_path / "owner.key").read_bytes()
    code, _, message = run("bundle", "sign", POLICY, "--key", tmp_path / "owner.key", "--out", tmp_path / "owner.key")
    assert code == 2
    assert "is read by this command" in message
    assert (tmp_path / "owner.key").read_bytes() == before


@pytest.mark.parametrize(("out", "said"), [(".", "is no file"), ("none/a.tar.gz", "cannot be written")])
def test_bundle_build_says_where_it_cannot_write(tmp_path, monkeypatch, out, said):
    """A folder, or a folder that does not exist: exit 2 and no half file."""
    monkeypatch.chdir(tmp_path)
    code, _, message = run("bundle", "build", out, "--policy-dir", POLICY)
    assert code == 2
    assert said in message
    assert not list(tmp_path.iterdir())


def test_bundle_build_is_deterministic_and_signed(tmp_path):
    """The same rules and key give the same bytes; the output says revision, digest and that it is signed."""
    key = tmp_path / "key.pem"
    key.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    code, lines, _ = run("bundle", "build", tmp_path / "a.tar.gz", "--key", key)
    run("bundle", "build", tmp_path / "b.tar.gz", "--key", key)
    assert code == 0
    assert lines[0]["signed"] is True
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_bundle_build_refuses_another_key(tmp_path):
    """A file that is no Ed25519 key is exit 2 and nothing is written."""
    (tmp_path / "key.pem").write_text("nope")
    code, _, message = run("bundle", "build", tmp_path / "a.tar.gz", "--key", tmp_path / "key.pem")
    assert code == 2
    assert "key.pem" in message
    assert not (tmp_path / "a.tar.gz").exists()


def test_the_compiled_tables_are_current():
    """The data tables are what their sources compile to (`bundle compile` brings them up to date)."""
    assert run("bundle", "compile", "--check", "--policy-dir", POLICY)[:2] == (0, [{"changed": []}])
