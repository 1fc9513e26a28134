"""Mutation of the decision table, the rules and the data: a change that no question notices is one that nobody sees."""

import json
import re

import pytest

from gateway.policy.sources import compile_rows, read_matrix, read_vocabulary
from tests.policy.mutants import BUNDLE, VOCABULARY, Mutant, killed
from tests.policy.questions import POLICY


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
    """Each condition of each check dropped, each comparison and literal turned."""
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


def bound_mutants():
    """Each bound moved by one."""
    bounds = BUNDLE.table("thresholds")
    for name, bound in bounds.items():
        if isinstance(bound, int):
            for step in (-1, 1):
                moved = json.dumps({**bounds, name: bound + step})
                yield Mutant(f"{name} {step:+}", {"schakel/tables/thresholds/data.json": moved})


def _with_table(name, table):
    return {f"schakel/tables/{name}/data.json": json.dumps(table)}


def _members(table, path=()):
    """The path of every member of every list and set in a table, outermost first."""
    inner = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from _members(part, (*path, key))


def _less(table, path):
    """The table without one member; a right or an admission is turned instead."""
    copied = json.loads(json.dumps(table))
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    if path[-1] in ("bsn_recht", "ontdubbelen"):
        holder[path[-1]] = not holder[path[-1]]
    else:
        del holder[path[-1]]
    return copied


# The lists of the vocabulary that reasoning reads; `enums` and `sections` it reads through the table of attributes.
LISTS = (
    "groups", "doelen", "routes", "tokenroutes", "convenantthema", "wpg_deelbaar", "geen_strafgegevens",
    "sterkte_toonbaar", "loa_voldoende", "reikwijdte_rang",
)  # fmt: skip


def data_mutants():
    """What officers keep beside the table, each part left out: members of groups and lists, codes in scope of an
    action, parties with their rights and terms, municipalities, tables with their k, owners."""
    for name in LISTS:
        for path in _members(VOCABULARY[name]):
            files = _with_table("vocabulary", {**VOCABULARY, name: _less(VOCABULARY[name], path)})
            yield Mutant(f"{name} {'/'.join(path)}", files, word=path[-1])
    for name, key in (
        ("scope", "in_scope"), ("parties", "partijen"), ("parties", "beleid_eigenaren"),
        ("municipalities", "gemeenten"), ("catalogue", "tabellen"),
    ):  # fmt: skip
        table = BUNDLE.table(name)
        for path in _members(table[key]):
            if path[-1] not in ("naam", "veiligheidshuis"):
                files = _with_table(name, {**table, key: _less(table[key], path)})
                word = str(path[min(len(path) - 1, 1)] if key == "partijen" else path[0])
                yield Mutant(f"{key} {'/'.join(map(str, path))}", files, word=word.split("/")[0])


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_table_mutants_are_killed():
    """At least 95 % of the mutants of the decision table give another answer to some probe."""
    assert killed(table_mutants()) >= 0.95


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_check_mutants_are_killed():
    """At least 95 % of the mutants of the checks and bounds give another answer to some probe."""
    assert killed([*check_mutants(), *bound_mutants()]) >= 0.95


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_data_mutants_are_killed():
    """At least 95 % of the parts of the data, left out, give another answer to some probe."""
    assert killed(data_mutants()) >= 0.95
