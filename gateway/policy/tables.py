"""Compiles the normative sources of `policies/opa/bron/` into the data files that Rego reads.

Officers change `matrix.csv`, `parties.json`, `gemeenten.csv` and `rijen_aanvulling.json`; `compile_tables` turns them
into objects of admitted values, so that Rego needs one look-up per cell and no parsing. Pure: text in, objects out.
Source of the reading rules: design page policy, "Reading matrix.csv".
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.policy.errors import PolicySourceError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Cell: TypeAlias = dict[str, bool]

COLUMNS: Final = (
    "rij",
    "rol",
    "actie",
    "convenant",
    "doel",
    "partnertype",
    "categorie",
    "route",
    "status",
    "voorwaarde",
    "besluit",
    "reden",
    "verplichtingen",
)
# signaal < vermoeden < ... < interventie; `>=x` never reaches afgesloten.
STAGES: Final = ("signaal", "vermoeden", "weging", "casus", "interventie")
ANYTHING: Final = "-"
# Outside the years that a question may name (2000-2199), so that an open end is never reached.
OPEN_START: Final = "1900-01-01T00:00:00Z"
OPEN_END: Final = "2200-01-01T00:00:00Z"
_DUTY: Final = re.compile(r"\s*([A-Z0-9]+)\s*(?:\(([^)]*)\))?\s*")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of matrix.csv, every cell as written."""

    number: int
    cells: Mapping[str, str]

    @property
    def grants(self) -> bool:
        """Only ALLOW rows grant; DENY rows are test cases and WIJZIGT rows modify."""
        return self.cells["besluit"] == "ALLOW"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The closed lists a cell may name; read from `tables/vocabulary`."""

    enums: Mapping[str, frozenset[str]]
    groups: Mapping[str, frozenset[str]]
    duties: frozenset[str]


def read_vocabulary(text: str) -> Vocabulary:
    """The vocabulary table; raises `PolicySourceError` when it is not the shape that Rego expects."""
    try:
        table = json.loads(text)
        return Vocabulary(
            enums={name: frozenset(values) for name, values in table["enums"].items()},
            groups={name: frozenset(values) for name, values in table["groups"].items()},
            duties=frozenset(table["verplichtingen"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PolicySourceError("vocabulary/data.json", "enums, groups and verplichtingen are needed") from error


def read_matrix(text: str) -> tuple[Row, ...]:
    """Every row of matrix.csv; raises `PolicySourceError` naming row and column of the first broken cell."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise PolicySourceError("matrix.csv, row 1", f"the columns must be {', '.join(COLUMNS)}")
    rows: list[Row] = []
    for line, cells in enumerate(reader, start=2):
        if None in cells or None in cells.values():
            raise PolicySourceError(f"matrix.csv, row {line}", f"needs exactly {len(COLUMNS)} cells")
        if not cells["rij"].isdecimal():
            raise PolicySourceError(f"matrix.csv, row {line}, column rij", "must be a number")
        rows.append(Row(int(cells["rij"]), cells))
    if len({row.number for row in rows}) != len(rows):
        raise PolicySourceError("matrix.csv, column rij", "every number may occur once")
    return tuple(rows)


def _admitted(row: Row, column: str, known: frozenset[str]) -> Cell:
    """The values a cell admits; a cell that admits anything also admits "" (the question does not say)."""
    cell = row.cells[column].strip()
    if cell == ANYTHING:
        return dict.fromkeys(("", *sorted(known)), True)
    if cell.startswith(">="):
        names = _stages_from(row, column, cell.removeprefix(">="))
    else:
        names = tuple(name.strip() for name in re.split("[,/]", cell))
    for name in names:
        if name not in known:
            raise PolicySourceError(f"matrix.csv, rij {row.number}, column {column}", "names an unknown value")
    return dict.fromkeys(names, True)


def _stages_from(row: Row, column: str, first: str) -> tuple[str, ...]:
    if column != "status" or first not in STAGES:
        raise PolicySourceError(f"matrix.csv, rij {row.number}, column {column}", ">= needs a stage below afgesloten")
    return STAGES[STAGES.index(first) :]


def duties_of(row: Row, known: frozenset[str]) -> list[dict[str, str | list[str]]]:
    """The obligations of a row: vocabulary codes only, text in brackets becomes the parameter."""
    found: list[dict[str, str | list[str]]] = []
    for part in re.split(r",(?![^(]*\))", row.cells["verplichtingen"]):
        match = _DUTY.fullmatch(part)
        if match is not None and match[1] in known:
            found.append({"code": match[1], "params": [match[2]] if match[2] else []})
    return found


def compile_rows(rows: Sequence[Row], vocabulary: Vocabulary, supplement_text: str) -> dict[str, Json]:
    """Granting rows indexed by role and action, cells as objects of admitted values."""
    supplement = json.loads(supplement_text)
    conditions, scopes = supplement["voorwaarden"], supplement["reikwijdte"]
    granting = [row for row in rows if row.grants]
    strays = (set(conditions) | set(scopes)) - {str(row.number) for row in granting}
    if strays:
        raise PolicySourceError("rijen_aanvulling.json", "names a row that grants nothing")
    index: dict[str, dict[str, list[Json]]] = {}
    for row in granting:
        key = str(row.number)
        compiled: dict[str, Json] = {
            column: _admitted(row, column, vocabulary.enums[column])
            for column in ("convenant", "doel", "partnertype", "categorie", "route", "status")
        }
        compiled |= {
            "rij": row.number,
            "reden": row.cells["reden"],
            "voorwaarden": conditions.get(key, {}),
            "verplichtingen": duties_of(row, vocabulary.duties),
            "reikwijdte": scopes.get(key, "geen"),
        }
        for role in _admitted(row, "rol", vocabulary.enums["rol"]):
            for action in _admitted(row, "actie", vocabulary.enums["actie"]):
                index.setdefault(role, {}).setdefault(action, []).append(compiled)
    return {"rows": index}


def compile_scope(checks_text: str, vocabulary: Vocabulary) -> dict[str, Json]:
    """Per known action the codes that are about it; the others are proven. `all` is every code."""
    checks = json.loads(checks_text)["codes"]
    actions = vocabulary.enums["actie"]
    inside: dict[str, list[str]] = {action: [] for action in sorted(actions)}
    for code, check in sorted(checks.items()):
        scope: set[str] = set(actions) if check["acties"] is None else set()
        for name in check["acties"] or ():
            scope |= vocabulary.groups.get(name, frozenset({name}))
        if not scope or not scope <= actions:
            raise PolicySourceError(f"checks/data.json, {code}", "acties must name known actions or groups")
        for action in scope:
            inside[action].append(code)
    return {"in_scope": inside, "all": sorted(checks)}


def compile_attributes(text: str) -> dict[str, Json]:
    """By kind of test, per section of the question, its attributes: a look-up each, no dispatch in Rego."""
    table = json.loads(text)
    kinds: dict[str, dict[str, dict[str, Json]]] = {
        test: {} for test in ("types", "values", "texts", "patterns", "lists")
    }
    for section in table["paths"]:
        for attribute, kind in table["sections"][section].items():
            test, argument = _test_of(table, kind)
            kinds[test].setdefault(section, {})[attribute] = argument
    return {"paths": table["paths"], **kinds}


def _test_of(table: Mapping[str, Mapping[str, Json]], kind: str) -> tuple[str, Json]:
    if kind in ("boolean", "number", "object"):
        return "types", kind
    for test, source in (("values", "enums"), ("texts", "texts"), ("patterns", "patterns"), ("lists", "lists")):
        if kind in table[source]:
            return test, table[source][kind]
    if kind == "handtekeningen":
        return "lists", kind
    raise PolicySourceError("vocabulary/data.json, sections", "names a kind that is not defined")


def compile_parties(text: str, vocabulary: Vocabulary) -> dict[str, Json]:
    """Parties indexed by convenant and "oin/domein"; an absent `tot` is open, an absent right is no right.

    Raises PolicySourceError naming the convenant and the entry that is not whole.
    """
    try:
        source = json.loads(text)
        listed, owners = source["partijen"].items(), list(source["beleid_eigenaren"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PolicySourceError("parties.json", "must hold partijen and beleid_eigenaren") from None
    index: dict[str, dict[str, list[Json]]] = {}
    for convenant, parties in listed:
        if convenant not in vocabulary.enums["convenant"]:
            raise PolicySourceError("parties.json", "names an unknown convenant")
        by_key = index.setdefault(convenant, {})
        for place, party in enumerate(parties, start=1):
            if not {"oin", "domein", "partnertype", "van"} <= set(party):
                raise PolicySourceError(
                    f"parties.json, {convenant}, entry {place}", "needs oin, domein, partnertype, van"
                )
            if (
                party["domein"] not in vocabulary.enums["domein"]
                or party["partnertype"] not in vocabulary.enums["partnertype"]
            ):
                raise PolicySourceError(f"parties.json, {convenant}, entry {place}", "unknown domein or partnertype")
            by_key.setdefault(f"{party['oin']}/{party['domein']}", []).append(
                {
                    "partnertype": party["partnertype"],
                    "gemeente": party.get("gemeente", ""),
                    "van": party["van"],
                    "tot": party.get("tot", OPEN_END),
                    "bsn_recht": party.get("bsn_recht", False),
                    "ontdubbelen": party.get("ontdubbelen", False),
                }
            )
    return {"partijen": index, "beleid_eigenaren": owners}


def compile_municipalities(text: str) -> dict[str, Json]:
    """Municipalities with the instants between which they exist (midnight UTC of the dates in gemeenten.csv)."""
    table: dict[str, Json] = {}
    for line in csv.DictReader(io.StringIO(text), strict=True):
        start, end = line["geldig_van"], line["geldig_tot"]
        table[line["code"]] = {
            "naam": line["naam"],
            "veiligheidshuis": line["veiligheidshuis"],
            "van": f"{start}T00:00:00Z" if start else OPEN_START,
            "tot": f"{end}T00:00:00Z" if end else OPEN_END,
        }
    return {"gemeenten": table}
