"""Mutation of the decision table and of the checks: a change that no question notices would be a change nobody sees."""

import json
import re
from dataclasses import replace

import pytest

from gateway.policy.bundle import load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import PolicyError
from gateway.policy.sources import compile_rows, read_matrix, read_vocabulary
from tests.policy.questions import ALLOWED, GOLDEN, POLICY, Mutator, changed

RES = ("resource", "properties")
SUB = ("subject", "properties")
BUNDLE = load_bundle(POLICY)
VOCABULARY = BUNDLE.table("vocabulary")
# Instants on the edge of something: 24 h, an authorisation, a retention term, a party, a municipality.
EDGES = [
    (("context", "time"), "2025-03-01T00:00:00Z"), (("context", "time"), "2025-02-28T23:59:59Z"),
    (("context", "time"), "2026-03-01T00:00:00Z"), (("context", "time"), "2026-02-28T23:59:59Z"),
    (("context", "autorisatie", "van"), "2026-11-23T10:00:00Z"),
    (("context", "autorisatie", "tot"), "2026-11-23T10:00:00Z"),
    ((*RES, "bewaren_tot"), "2026-11-23T10:00:00Z"), (("context", "vierogen", "tijd"), "2026-11-22T10:00:00Z"),
    (("context", "vierogen", "tijd"), "2026-11-22T09:59:59Z"),
    (("context", "vierogen", "tijd"), "2026-11-23T10:00:00Z"),
    (("context", "vierogen", "tijd"), "2026-11-23T10:00:01Z"), (("context", "vierogen", "goedkeurder"), "psn:7c1f"),
    (("context", "vierogen", "aanvrager"), "psn:02ab"), (("context", "beleid", "ouderdom_uren"), 0),
    (("context", "beleid", "ouderdom_uren"), 24), (("context", "beleid", "ouderdom_uren"), -1),
    ((*RES, "gemeente"), "GM0599"), ((*RES, "gemeente"), "GM0363"), ((*RES, "gemeente"), "GM1992"),
    ((*SUB, "oin"), "00000099000000060000"), ((*SUB, "oin"), "00000099000000012000"),
    ((*SUB, "oin"), "00000099000000095000"),
]  # fmt: skip


def _signed(*parts):
    """Signatures of (owner, digest, valid)."""
    return [{"eigenaar_oin": oin, "digest": digest, "geldig": valid} for oin, digest, valid in parts]


FIRST, SECOND, STRANGER = "00000099000000050000", "00000099000000060000", "00000099000000070000"
SIGNATURES = [
    _signed((FIRST, "sha256:ab", True), (SECOND, "sha256:ab", False)),
    _signed((FIRST, "sha256:ab", True), (SECOND, "sha256:cd", True)),
    _signed((FIRST, "sha256:ab", True), (STRANGER, "sha256:ab", True)),
    _signed((FIRST, "sha256:ab", True), (FIRST, "sha256:ab", True)),
    _signed((FIRST, "sha256:ab", True)),
]
EDGES += [((*RES, "handtekeningen"), value) for value in SIGNATURES]
EDGES += [(path, value) for path in (RES, SUB, ("action", "name"), ("subject", "id")) for value in (..., [])]

# Attributes that a check also reads where no question need give them.
OPTIONAL = {
    "gemeente", "verzameldoel", "subjecten_casus_30d", "subjecten_analist_30d", "beroepsgeheim", "bsn_aanwezig",
    "wpg_artikel", "embargo", "regio_raakvlak", "goedkeurder_rol", "doorbrekingsgrond", "bewijs_ref",
    "veiligheid_slachtoffer", "strafrechtelijk", "dubbelrol",
}  # fmt: skip


def probes():
    """Questions on every side of every rule: each allowed one with every known value, every edge, every deletion."""
    asked = [case["input"] for case in GOLDEN]
    attributes = [
        (section, path, name, kind)
        for section, path in (
            ("subject_properties", SUB),
            ("resource_properties", RES),
            ("context", ("context",)),
            ("autorisatie", ("context", "autorisatie")),
            ("motivering", ("context", "motivering")),
            ("logging", ("context", "logging")),
            ("beleid", ("context", "beleid")),
            ("vierogen", ("context", "vierogen")),
            ("action", ("action",)),
        )
        for name, kind in VOCABULARY["sections"][section].items()
    ]
    for question in ALLOWED.values():
        for _, path, name, kind in attributes:
            if name not in _at(question, path) and name not in OPTIONAL:
                continue
            values = list(VOCABULARY["enums"].get(kind, ())) or {
                "boolean": [True, False],
                "number": [-1, 0, 1, 9, 10, 11, 25, 26, 30, 31, 100, 101, 800, 801],
            }.get(kind, [])
            asked += [changed(question, (*path, name), value) for value in (*values, ..., "\n")]
        asked += [changed(question, path, value) for path, value in EDGES]
    mutator = Mutator(11, VOCABULARY)
    asked += [mutator.draw() for _ in range(1500)]
    return asked


def _at(question, path):
    for key in path:
        question = question.get(key, {})
    return question


def answers(engine, question):
    """What an engine says, or that it stumbles."""
    try:
        return engine.decide(question)
    except PolicyError:
        return None


def survivors(mutants):
    """The mutants that answer every probe like the original."""
    original = EmbeddedEngine(BUNDLE)
    seen, asked = set(), []
    for question in probes():
        text = json.dumps(question, sort_keys=True)
        if text not in seen:
            seen.add(text)
            asked.append((question, original.decide(question)))
    left = []
    for name, files in mutants:
        engine = EmbeddedEngine(_with(files))
        killer = next((i for i, (q, answer) in enumerate(asked) if answers(engine, q) != answer), None)
        if killer is None:
            left.append(name)
        else:
            asked.insert(0, asked.pop(killer))  # what killed one often kills the next
    return left


def _with(files):
    return replace(BUNDLE, files={**BUNDLE.files, **files})


def table_mutants():
    """Every cell of every granting row: each value dropped, each unlisted value added, anything narrowed."""
    text = (POLICY / "bron" / "matrix.csv").read_text()
    vocabulary = read_vocabulary(BUNDLE.files["schakel/tables/vocabulary/data.json"])
    supplement = (POLICY / "bron" / "rijen_aanvulling.json").read_text()
    compiled = compile_rows(read_matrix(text), vocabulary, supplement)
    for rol, actions in compiled["rows"].items():
        for actie, rows in actions.items():
            for place, row in enumerate(rows):
                yield from _cell_mutants(compiled, vocabulary, rol, actie, place, row)


def _cell_mutants(compiled, vocabulary, rol, actie, place, row):
    def mutated(column, cell):
        copied = json.loads(json.dumps(compiled))
        copied["rows"][rol][actie][place][column] = cell
        return f"rij {row['rij']} {column}", {"schakel/tables/rows/data.json": json.dumps(copied)}

    for column in ("convenant", "doel", "partnertype", "categorie", "route", "status"):
        cell = row[column]
        known = sorted(vocabulary.enums[column])
        yield mutated(column, {v: True for v in cell if v != next(iter(sorted(cell)))})
        missing = [value for value in known if value not in cell]
        if missing:
            yield mutated(column, {**cell, missing[0]: True})
            yield mutated(column, dict.fromkeys(("", *known), True))
    for name in row["voorwaarden"]:
        yield mutated("voorwaarden", {k: v for k, v in row["voorwaarden"].items() if k != name})
    for duty in row["verplichtingen"]:
        if duty["code"] != "LOG" or duty["params"]:
            yield mutated("verplichtingen", [d for d in row["verplichtingen"] if d != duty])
    other = "geen" if row["reikwijdte"] != "geen" else "bekend_onbekend"
    yield mutated("reikwijdte", other)


SWAPS = [
    (" == ", " != "), (" != ", " == "), (" <= ", " < "), (" >= ", " > "), (" < ", " <= "), ("true", "false"),
    ("false", "true"),
]  # fmt: skip


def check_mutants():
    """Each condition of each check dropped, each comparison and literal turned, each bound moved by one."""
    for path, text in BUNDLE.modules:
        if not path.startswith("schakel/checks/"):
            continue
        lines = text.split("\n")
        for number, line in enumerate(lines):
            condition = line.startswith("\t") and not line.strip().startswith(("some ", "#", "}", "]"))
            if not (condition or re.match(r"proven contains .* if [^{]+$", line)):
                continue
            for old, new in SWAPS:
                if old in line and "contains" not in line.split(old)[0][-10:]:
                    turned = [*lines[:number], line.replace(old, new, 1), *lines[number + 1 :]]
                    yield f"{path}:{number + 1} {old.strip()} -> {new.strip()}", {path: "\n".join(turned)}
            if condition and ":=" not in line and not line.strip().endswith("{"):
                dropped = [*lines[:number], "\ttrue", *lines[number + 1 :]]
                yield f"{path}:{number + 1} dropped", {path: "\n".join(dropped)}
    bounds = BUNDLE.table("thresholds")
    for name, bound in bounds.items():
        if isinstance(bound, int):
            for step in (-1, 1):
                moved = json.dumps({**bounds, name: bound + step})
                yield f"{name} {step:+}", {"schakel/tables/thresholds/data.json": moved}


def _killed(mutants):
    mutants = list(mutants)
    left = survivors(mutants)
    share = 1 - len(left) / len(mutants)
    print(f"{len(mutants) - len(left)} of {len(mutants)} mutants killed ({share:.1%}); left: {left}")
    return share


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_table_mutants_are_killed():
    """At least 95 % of the mutants of the decision table give another answer to some probe."""
    assert _killed(table_mutants()) >= 0.95


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_check_mutants_are_killed():
    """At least 95 % of the mutants of the checks and bounds give another answer to some probe."""
    assert _killed(check_mutants()) >= 0.95
