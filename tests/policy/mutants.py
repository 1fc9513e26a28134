"""What mutation tests share: a federation with every edge, the questions that probe it, which mutants they leave."""

import itertools
import json
from dataclasses import replace
from typing import NamedTuple

from gateway.policy.bundle import load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import PolicyError
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
    asked += [question for base in ALLOWED.values() for question in _by_everyone(base)]
    mutator = Mutator(11, VOCABULARY)
    asked += [mutator.draw() for _ in range(1500)]
    return asked


def _by_everyone(question):
    """The question from every party of its convenant as the holder of the source, about every municipality, and on
    every table of the catalogue just below and at its k."""
    for key, entries in BUNDLE.table("parties")["partijen"].get(_at(question, ("context", "convenant")), {}).items():
        oin, domein = key.split("/")
        holder = [((*SUB, "oin"), oin), ((*SUB, "domein"), domein), ((*RES, "bron_oin"), oin)]
        holder += [((*SUB, "partnertype"), entries[0]["partnertype"]), ((*RES, "bron_domein"), domein)]
        yield _all_changed(question, holder)
        if question["action"]["name"] == "records_indienen":
            yield _all_changed(question, [*holder, ((*RES, "bsn_aanwezig"), True)])
            yield _all_changed(question, [*holder, (("context", "doel"), "monitor")])
    if question["action"]["name"] == "records_indienen":
        for code in BUNDLE.table("municipalities")["gemeenten"]:
            yield changed(question, (*RES, "gemeente"), code)
    if question["action"]["name"] == "aggregaat_vrijgeven":
        for name, entry in BUNDLE.table("catalogue")["tabellen"].items():
            for least in (entry["k"] - 1, entry["k"]):
                yield _all_changed(question, [((*RES, "tabel_id"), name), ((*RES, "min_cel"), least)])


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
    """Changed files. `about`: the role and the action that alone can notice, for a row of the table; `word`: what a
    question that notices probably holds, so that those are asked first."""

    name: str
    files: dict[str, str]
    about: tuple[str, str] | None = None
    word: str = ""


def survivors(mutants):
    """The mutants that answer every probe like the original."""
    original = EmbeddedEngine(BUNDLE)
    distinct = {json.dumps(question, sort_keys=True): question for question in probes()}
    everything = [(question, original.decide(question)) for question in distinct.values()]
    texts = {id(question): text for text, question in distinct.items()}
    by_row = {}
    for question, answer in everything:
        about = json.dumps((_at(question, (*SUB, "rol")), _at(question, ("action", "name"))))
        by_row.setdefault(about, []).append((question, answer))
    left = []
    for mutant in mutants:
        asked = by_row.get(json.dumps(mutant.about), []) if mutant.about else everything
        if mutant.word:
            asked.sort(key=lambda probe: mutant.word not in texts[id(probe[0])])
        engine = EmbeddedEngine(replace(BUNDLE, files={**BUNDLE.files, **mutant.files}))
        killer = next((i for i, (q, answer) in enumerate(asked) if answers(engine, q) != answer), None)
        if killer is None:
            left.append(mutant.name)
        else:
            asked.insert(0, asked.pop(killer))  # what killed one often kills the next
    return left


def killed(mutants):
    """The share of the mutants that some probe notices; prints it, and who is left."""
    mutants = list(mutants)
    left = survivors(mutants)
    share = 1 - len(left) / len(mutants)
    print(f"{len(mutants) - len(left)} of {len(mutants)} mutants killed ({share:.1%}); left: {left}")
    return share
