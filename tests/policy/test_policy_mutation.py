"""Mutation of the decision table and of the checks: a change that no question notices would be a change nobody sees."""

import itertools
import json
import re
from dataclasses import replace
from typing import NamedTuple

import pytest

from gateway.policy.bundle import load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import PolicyError
from gateway.policy.sources import compile_rows, read_matrix, read_vocabulary
from tests.policy.questions import ALLOWED, GOLDEN, POLICY, Mutator, changed, leaves

RES = ("resource", "properties")
SUB = ("subject", "properties")
MUNICIPALITIES = "schakel/tables/municipalities/data.json"


def _with_more_edges(bundle):
    """The rules for a federation that has what ours lacks: a party that came back with other rights, a municipality
    that ceased to be."""
    parties = json.loads((POLICY / "bron" / "parties.json").read_text())
    police = next(entry for entry in parties["partijen"]["RIEC"] if entry["partnertype"] == "politie")
    left = {"tot": police["van"], "van": "2020-01-01T00:00:00Z", "bsn_recht": not police.get("bsn_recht", False)}
    parties["partijen"]["RIEC"].append({**police, **left})
    gone = {
        "naam": "Brielle",
        "veiligheidshuis": "ZVH-RR",
        "van": "1900-01-01T00:00:00Z",
        "tot": "2026-03-01T00:00:00Z",
    }
    with_parties = bundle.with_parties(json.dumps(parties))
    table = json.loads(with_parties.files[MUNICIPALITIES])
    table["gemeenten"]["GM0501"] = gone
    return replace(with_parties, files={**with_parties.files, MUNICIPALITIES: json.dumps(table)})


BUNDLE = _with_more_edges(load_bundle(POLICY))
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
# What only shows together: a municipality at the instant that it begins or ends, columns, grounds and their evidence.
TOGETHER = [
    [((*RES, "gemeente"), code), (("context", "time"), time)]
    for code, times in {
        "GM1992": ("2022-12-31T23:59:59Z", "2023-01-01T00:00:00Z"),
        "GM0501": ("2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z"),
    }.items()
    for time in times
]
TOGETHER += [
    [((*RES, "uitsplitsing"), list(columns))]
    for size in (1, 2, 3, 4)
    for columns in itertools.combinations(("gemeente", "uitbuitingsvorm", "leeftijdsband", "minderjarig"), size)
]
TOGETHER += [
    [((*RES, "beroepsgeheim"), True), ((*RES, "doorbrekingsgrond"), ground), ((*RES, evidence), value)]
    for ground in VOCABULARY["enums"]["doorbrekingsgrond"]
    for evidence, value in (("bewijs_ref", "b-1"), ("toestemming_geldig", True), ("consult_ref", ...))
]

# Attributes that a check also reads where no question need give them.
OPTIONAL = {
    "gemeente", "verzameldoel", "subjecten_casus_30d", "subjecten_analist_30d", "beroepsgeheim", "bsn_aanwezig",
    "wpg_artikel", "embargo", "regio_raakvlak", "goedkeurder_rol", "doorbrekingsgrond", "bewijs_ref",
    "veiligheid_slachtoffer", "strafrechtelijk", "dubbelrol",
}  # fmt: skip
# The columns of the table: a row that admits anything there is asked with everything.
CELLS = {"convenant", "doel", "partnertype", "categorie", "route", "status"}


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
            if name not in _at(question, path) and name not in OPTIONAL | CELLS:
                continue
            values = list(VOCABULARY["enums"].get(kind, ())) or {
                "boolean": [True, False],
                "number": [-1, 0, 1, 9, 10, 11, 25, 26, 30, 31, 100, 101, 800, 801],
            }.get(kind, [])
            asked += [changed(question, (*path, name), value) for value in (*values, ..., "\n")]
    for question in asked[: len(GOLDEN)]:
        asked += [changed(question, path, value) for path, value in EDGES]
        asked += [_all_changed(question, changes) for changes in TOGETHER]
    for question in ALLOWED.values():
        silent = changed(question, ("action", "name"), ...)
        asked += [changed(silent, path, ...) for path in leaves(silent) if len(path) > 1]
    mutator = Mutator(11, VOCABULARY)
    asked += [mutator.draw() for _ in range(1500)]
    return asked


def _all_changed(question, changes):
    for path, value in changes:
        question = changed(question, path, value)
    return question


def _at(question, path):
    for key in path:
        question = question.get(key, {}) if isinstance(question, dict) else {}
    return question


def answers(engine, question):
    """What an engine says, or that it stumbles."""
    try:
        return engine.decide(question)
    except PolicyError:
        return None


class Mutant(NamedTuple):
    """Changed files; `about` is the role and the action that alone can notice, for a row of the table."""

    name: str
    files: dict[str, str]
    about: tuple[str, str] | None = None


def survivors(mutants):
    """The mutants that answer every probe like the original."""
    original = EmbeddedEngine(BUNDLE)
    distinct = {json.dumps(question, sort_keys=True): question for question in probes()}
    everything = [(question, original.decide(question)) for question in distinct.values()]
    by_row = {}
    for question, answer in everything:
        about = json.dumps((_at(question, (*SUB, "rol")), _at(question, ("action", "name"))))
        by_row.setdefault(about, []).append((question, answer))
    left = []
    for mutant in mutants:
        asked = by_row.get(json.dumps(mutant.about), []) if mutant.about else everything
        engine = EmbeddedEngine(replace(BUNDLE, files={**BUNDLE.files, **mutant.files}))
        killer = next((i for i, (q, answer) in enumerate(asked) if answers(engine, q) != answer), None)
        if killer is None:
            left.append(mutant.name)
        else:
            asked.insert(0, asked.pop(killer))  # what killed one often kills the next
    return left


def table_mutants():
    """Every cell of every granting row: each value dropped, each unlisted value added, anything narrowed."""
    text = (POLICY / "bron" / "matrix.csv").read_text()
    vocabulary = read_vocabulary(BUNDLE.files["schakel/tables/vocabulary/data.json"])
    supplement = (POLICY / "bron" / "rijen_aanvulling.json").read_text()
    compiled = compile_rows(read_matrix(text), vocabulary, supplement)
    for rol, actions in compiled["rows"].items():
        for actie, rows in actions.items():
            for place, row in enumerate(rows):
                for column, change, cell in _cells(row, vocabulary):
                    copied = json.loads(json.dumps(compiled))
                    copied["rows"][rol][actie][place][column] = cell
                    files = {"schakel/tables/rows/data.json": json.dumps(copied)}
                    yield Mutant(f"rij {row['rij']} {rol} {column} {change}", files, (rol, actie))


def _cells(row, vocabulary):
    """(column, what changes, the other cell) for a compiled row."""
    for column in ("convenant", "doel", "partnertype", "categorie", "route", "status"):
        cell = row[column]
        known = ("", *sorted(vocabulary.enums[column]))
        for value in known:
            if value in cell:
                yield column, f"-{value}", {v: True for v in cell if v != value}
            else:
                yield column, f"+{value}", {**cell, value: True}
        if any(value not in cell for value in known):
            yield column, "anything", dict.fromkeys(known, True)
    for name in row["voorwaarden"]:
        yield "voorwaarden", f"-{name}", {k: v for k, v in row["voorwaarden"].items() if k != name}
    for duty in row["verplichtingen"]:
        if duty["code"] != "LOG" or duty["params"]:
            yield "verplichtingen", f"-{duty['code']}", [d for d in row["verplichtingen"] if d != duty]
    for scope in VOCABULARY["reikwijdte_rang"]:
        if scope != row["reikwijdte"]:
            yield "reikwijdte", scope, scope


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
                    yield Mutant(f"{path}:{number + 1} {old.strip()} -> {new.strip()}", {path: "\n".join(turned)})
            if condition and ":=" not in line and not line.strip().endswith("{"):
                dropped = [*lines[:number], "\ttrue", *lines[number + 1 :]]
                yield Mutant(f"{path}:{number + 1} dropped", {path: "\n".join(dropped)})
    bounds = BUNDLE.table("thresholds")
    for name, bound in bounds.items():
        if isinstance(bound, int):
            for step in (-1, 1):
                moved = json.dumps({**bounds, name: bound + step})
                yield Mutant(f"{name} {step:+}", {"schakel/tables/thresholds/data.json": moved})


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
