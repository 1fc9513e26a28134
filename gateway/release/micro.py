"""The cases behind each counting rule, as the micro-data that the aggregator protects. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from connectors.contract.record import Inspanning, Telling
from gateway.release.catalogue import Tabel, Telregel
from gateway.release.codes import UNKNOWN
from gateway.release.entities import Case

PARTNER = "partner"
TOGETHER = "|"
"""Between the parties that know one person; a party id holds digits, a slash and letters."""
UNIT = "eenheid"
"""Column with the part of a partner that an effort is counted for: its municipality, or nothing."""
Coded = Callable[[str, str], str]
"""(dimension, code) → the code that a case is counted under; coarser where the request asks a coarser level."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that a party handed in instead of records."""

    party: str
    row: Telling | Inspanning


def as_given(_dimension: str, code: str) -> str:
    """Count every case under its own finest code."""
    return code


def micro_data(
    tables: Sequence[Tabel],
    jaar: int,
    people: Iterable[Case],
    reports: Iterable[Case],
    counted: Iterable[Counted],
    coded: Coded = as_given,
    beside: Iterable[str] = (),
) -> pd.DataFrame:
    """One row a case (or a `count` of them), a column for every dimension of `tables`, which share a counting rule, and
    for those `beside` them that other publications of the same cases have.

    People count in the year of their first registration; the year table looks back over all years up to `jaar`.
    """
    rule = tables[0].telregel
    dimensions = sorted({*beside, *(dimension for table in tables for dimension in table.dimensies)})
    if rule is Telregel.INSPANNING:
        rows = [_effort(counted_row, jaar) for counted_row in counted]
        found = [row for row in rows if row is not None]
        return pd.DataFrame(found, columns=[*dimensions, PARTNER, UNIT, "count"])
    if rule is Telregel.MELDING:
        years = "jaar" in dimensions
        wanted = {table.id for table in tables}
        found = [
            _row(case, dimensions, coded) for case in reports if case.jaar == jaar or (years and case.jaar <= jaar)
        ]
        found += [
            _counted_row(each, dimensions, coded)
            for each in counted
            if isinstance(each.row, Telling)
            and each.row.tabel in wanted
            and (each.row.jaar == jaar or (years and each.row.jaar <= jaar))
        ]
    else:
        found = [_row(case, dimensions, coded) for case in people if case.jaar == jaar]
    return pd.DataFrame(found, columns=[*dimensions, PARTNER, "count"])


def _row(case: Case, dimensions: Sequence[str], coded: Coded) -> dict[str, object]:
    codes = {**case.codes, "jaar": str(case.jaar)}
    return {**{name: coded(name, codes[name]) for name in dimensions}, PARTNER: TOGETHER.join(case.parties), "count": 1}


def _counted_row(each: Counted, dimensions: Sequence[str], coded: Coded) -> dict[str, object]:
    given = each.row.model_dump(mode="json", exclude_none=True)
    values = {name: coded(name, str(given.get(name, UNKNOWN))) for name in dimensions}
    return {**values, PARTNER: each.party, "count": each.row.aantal}


def _effort(each: Counted, jaar: int) -> dict[str, object] | None:
    if not isinstance(each.row, Inspanning) or not each.row.kwartaal.startswith(f"{jaar}-"):
        return None
    row = each.row
    about = {PARTNER: each.party, UNIT: row.gemeente or "", "count": row.aantal}
    return {"type": row.type.value, "kwartaal": row.kwartaal, **about}
