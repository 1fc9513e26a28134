"""The rules about the rules: positive evidence only, no way out, every file tested and covered, Regal clean."""

import json
import re
import subprocess

import pytest

from gateway.policy.codes import Duty, ReasonCode
from tests.policy.questions import GOLDEN, POLICY
from tests.policy.rooms import ROOT

MODULES = sorted(p for p in POLICY.rglob("*.rego") if not p.name.endswith("_test.rego"))
PACKAGES = {".".join(("data", *p.parent.relative_to(POLICY).parts)) for p in MODULES}
DEPLOY = ROOT / "deploy" / "opa"


def run(*command):
    """Run a tool in the checkout."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.opa
def test_the_rules_compile_with_the_few_builtins_they_may_use(opa_binary):
    """Strict mode, and a capabilities file without clock, network, random or environment."""
    done = run(
        opa_binary, "check", "--strict", "-b", POLICY, "--ignore", "*_test.rego",
        "--capabilities", DEPLOY / "capabilities.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_capabilities_name_no_way_out():
    """No built-in that reads a clock, a network, an environment or chance."""
    names = {b["name"] for b in json.loads((DEPLOY / "capabilities.json").read_text())["builtins"]}
    forbidden = re.compile(r"^(http|net|opa|rand|uuid|crypto|io|graphql|providers|rego)\.|^time\.now|^trace$|^print$")
    assert not {name for name in names if forbidden.match(name)}


@pytest.mark.opa
def test_unit_tests_pass_and_cover_every_line(opa_binary):
    """`opa test` passes with 100 % coverage of the rules."""
    done = run(opa_binary, "test", "-b", POLICY, "--coverage", "--threshold", "100")
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert run(opa_binary, "test", "-b", POLICY).returncode == 0
    assert run(opa_binary, "test", DEPLOY / "system").returncode == 0


@pytest.mark.opa
def test_regal_finds_nothing(regal_binary):
    """Regal is clean with the configuration in deploy/regal."""
    done = run(
        regal_binary, "lint", "--config-file", ROOT / "deploy" / "regal" / "config.yaml", POLICY, DEPLOY / "system"
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_keeps_the_house_rules(path):
    """Directory equals package, a test file beside it, `not` over local helpers, literal codes, no package imports."""
    text = path.read_text()
    package = ".".join(path.parent.relative_to(POLICY).parts)
    assert re.search(rf"^package {re.escape(package)}$", text, re.MULTILINE)
    assert path.with_name(f"{path.stem}_test.rego").is_file()
    assert text.startswith("# METADATA\n# title: ")
    code = re.sub(r"#.*", "", text)
    # A package that is imported whole is built anew at every reference by the embedded engine.
    assert not set(re.findall(r"^import (data\.\S+)", code, re.MULTILINE)) & PACKAGES
    for negated in re.findall(r"\bnot (\S+)", code):
        assert re.fullmatch(r"[a-z_]+", negated), negated
        assert re.search(rf"^{negated} if", code, re.MULTILINE)
    assert not re.search(r"sprintf|default \w+ := true|\bevery\b|\bimport input", code)
    assert len(re.findall(r"proven contains ", code)) == len(re.findall(r'proven contains "[A-Z_]+" if', code))


def test_every_code_is_proven_somewhere():
    """Each check of the closed list has a rule that proves it, and nothing else is proven."""
    proven = {code for path in MODULES for code in re.findall(r'proven contains "(\w+)"', path.read_text())}
    assert proven == set(ReasonCode)


def test_the_entry_point_says_where_it_comes_from():
    """The one entry point carries its legal sources as metadata."""
    entry_points = [path for path in MODULES if "# entrypoint: true" in path.read_text()]
    assert [path.stem for path in entry_points] == ["decision"]
    assert "RIEC-convenant" in entry_points[0].read_text()


def test_every_reason_has_two_languages_an_article_and_a_way_on(bundle):
    """No reason without text in Dutch and English, legal basis, and what would help."""
    for code in ReasonCode:
        reason = bundle.reason(code)
        assert all((reason.nl, reason.en, reason.grondslag, reason.handelingsperspectief))
        assert reason.nl != reason.en


def test_every_obligation_is_explained(bundle):
    """Every obligation of the closed list has its Dutch words."""
    assert set(bundle.table("vocabulary")["verplichtingen"]) == set(Duty)


def test_golden_cases_cover_every_row_and_every_check(room):
    """Each granting row allows some golden case, and each check refuses one."""
    rows, codes = set(), set()
    for case in GOLDEN:
        answer = room.answer(case["input"])
        if answer.decision:
            rows |= set(answer.context.beleid.matrix_rijen)
        codes |= set(case["expect"]["codes"])
    by_action = bundle_rows(room)
    assert rows == by_action
    assert codes == set(ReasonCode)


def bundle_rows(room):
    """The numbers of all granting rows in the compiled table."""
    index = room.bundle.table("rows")["rows"]
    return {row["rij"] for actions in index.values() for rows in actions.values() for row in rows}


def test_the_normative_sources_are_the_published_ones():
    """matrix.csv, parties and municipalities are byte for byte those of the design (where it lies beside us)."""
    shared = ROOT.parent / "shared"
    assert (POLICY / "bron" / "matrix.csv").read_bytes() == (shared / "policy" / "matrix.csv").read_bytes()
    assert (POLICY / "bron" / "gemeenten.csv").read_bytes() == (shared / "data" / "gemeenten.csv").read_bytes()
    ours = json.loads((POLICY / "bron" / "parties.json").read_text())
    assert ours == json.loads((shared / "policy" / "parties.json").read_text())


def test_the_example_cases_of_the_design_are_golden():
    """Every example of the design is among our golden cases, unchanged."""
    shared = json.loads((ROOT.parent / "shared" / "policy" / "cases.json").read_text())["cases"]
    assert GOLDEN[: len(shared)] == shared
