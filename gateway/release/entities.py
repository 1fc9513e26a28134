"""From MONITOR rows to persons, and how many persons each combination of parties knows. Pure.

Rows that share one strong identifier, or two different middle ones, are one person (record page). Counting rules
(record page, last section): a registration is not a victim; a person counts once, in the year of the first one.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.contract.codes import Route
from gateway.matching.index import Known
from gateway.release.codes import SEVERAL, UNKNOWN, possible

_TRAITS: Final = ("gemeente", "sector", "geslacht", "leeftijdsband", "herkomstregio", "bron_signaal")
_ROUTES: Final = (Route.ONDERMIJNING, Route.ZORG_STRAF, Route.ZORG)


@dataclass(frozen=True, slots=True)
class Case:
    """One registration, or one person, in the terms of the catalogue's dimensions."""

    jaar: int
    parties: tuple[str, ...]
    codes: Mapping[str, str]


def registrations(records: Iterable[Known]) -> tuple[Case, ...]:
    """Every row as a case of its own: the counting rule "per melding"."""
    return tuple(_case((known,)) for known in records)


def persons(groups: Iterable[Sequence[Known]]) -> tuple[Case, ...]:
    """Every group of rows as one case: the counting rule "per uniek slachtoffer", in the year of the first row."""
    return tuple(_case(group) for group in groups)


def overlap_table(groups: Iterable[Sequence[Known]]) -> dict[frozenset[str], int]:
    """For every combination of parties that occurs, how many persons exactly those parties know."""
    return dict(Counter(frozenset(known.party for known in group) for group in groups))


def _case(group: Sequence[Known]) -> Case:
    rows: list[dict[str, Any]] = [json.loads(known.codes) for known in group]
    codes = {trait: _agreed(row[trait] for row in rows) for trait in _TRAITS}
    codes["uitbuitingsvorm"] = _form({form for row in rows for form in row["uitbuitingsvorm"]})
    if not possible(codes["uitbuitingsvorm"], codes["sector"]):
        codes["sector"] = UNKNOWN  # a sector that the form cannot have tells nothing, and would fill a blank cell
    present = {row["route"] for row in rows}
    codes["route"] = next(route.value for route in _ROUTES if route.value in present)
    parties = tuple(sorted({known.party for known in group}))
    return Case(min(row["jaar"] for row in rows), parties, codes)


def _agreed(values: Iterable[str]) -> str:
    """The value that most rows give, unknown ones left out; the first in code order where they tie."""
    counts = Counter(value for value in values if value != UNKNOWN)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else UNKNOWN


def _form(forms: set[str]) -> str:
    known = forms - {UNKNOWN}
    if not known:
        return UNKNOWN
    return next(iter(known)) if len(known) == 1 else SEVERAL
