"""Counts instead of records: what a partner on the care route sends (policy matrix, row 40). Never a token.

Only tables that count registrations can be added up from counts; unique victims cannot, so those tables are not among
them. Cells of 1 to k-1 are suppressed here, before they leave.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract.batch import encode_line
from connectors.contract.canonical import b64u
from connectors.contract.case_codes import Uitbuitingsvorm
from connectors.contract.codes import Route, TabelId
from connectors.contract.record import Inspanning, Telling
from connectors.errors import InputRefused, complaint
from connectors.fields import LocalRecord, Veld

Cell = Telling | Inspanning
DEFAULT_K: Final = 5
"""Smallest count that leaves unless the mapping sets a higher one (narrative page masks counts below five too)."""
DIMENSIONS: Final = MappingProxyType(
    {
        TabelId.MELDINGEN_PER_JAAR: (Veld.ROUTE,),
        TabelId.AANMELDER_PER_VORM: (Veld.BRON_SIGNAAL, Veld.UITBUITINGSVORM),
    }
)
"""The catalogue's tables per registration (disclosure page), with their dimensions beside the year."""
EFFORTS: Final = (Veld.TYPE, Veld.KWARTAAL, Veld.AANTAL)


class CountSpec(BaseModel):
    """`[tellingen]` of a mapping: this source is counted, not sent row by row. `tabellen` empty: it lists efforts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tabellen: tuple[TabelId, ...] = ()
    k: Annotated[int, Field(ge=DEFAULT_K, le=1000)] = DEFAULT_K


@dataclass(frozen=True, slots=True)
class Counted:
    """The cells that leave, and how many cells and registrations stay because they are too small."""

    cells: tuple[Cell, ...]
    suppressed_cells: int
    suppressed_registrations: int

    @property
    def digest(self) -> str:
        """SHA-256 of the cells as lines, 43 characters."""
        return b64u(hashlib.sha256(b"".join(encode_line(cell) for cell in self.cells)).digest())


def missing_for_counts(spec: CountSpec, filled: frozenset[Veld]) -> tuple[str, ...]:
    """Fields that the counts need and the mapping does not fill."""
    if not spec.tabellen:
        return tuple(veld.value for veld in EFFORTS if veld not in filled)
    needed = {Veld.ROUTE, *(veld for table in spec.tabellen for veld in DIMENSIONS.get(table, ()))}
    lacking = [veld.value for veld in Veld if veld in needed - filled]
    return (*lacking, *(() if filled & {Veld.JAAR, Veld.KWARTAAL} else ("jaar or kwartaal",)))


class Tally:
    """Counts records one by one, in bounded memory: one number a cell."""

    def __init__(self, spec: CountSpec) -> None:
        """Raises InputRefused when a table is not one that counts registrations."""
        for table in spec.tabellen:
            if table not in DIMENSIONS:
                raise InputRefused(f"table {table} counts unique victims, which cannot be added up from counts")
        self._spec = spec
        self._cells: Counter[tuple[str, tuple[tuple[str, Any], ...]]] = Counter()

    def add(self, record: LocalRecord) -> bool:
        """Count one record; False when it stays out because its route sends records, not counts.

        Raises InputRefused (without row: the caller knows it) when a needed field is empty.
        """
        if not self._spec.tabellen:
            where = {"type": record.type, "kwartaal": record.kwartaal, "gemeente": record.gemeente_uitbuiting}
            if record.type is None or record.kwartaal is None or record.aantal is None:
                raise InputRefused("an effort needs type, kwartaal and aantal")
            self._cells["", _key(where)] += record.aantal
            return True
        if record.route is not Route.ZORG:
            return False
        year = record.jaar if record.jaar is not None else record.kwartaal and int(record.kwartaal[:4])
        if not year:
            raise InputRefused("field 'jaar' is empty in this row; map the empty value in its codes")
        for table in self._spec.tabellen:
            values = {veld.value: _value(record, veld) for veld in DIMENSIONS[table]}
            self._cells[table.value, _key({"jaar": year, **values})] += 1
        return True

    def result(self) -> Counted:
        """The cells, sorted; those of 1 to k-1 registrations are left out."""
        shown = {cell: count for cell, count in self._cells.items() if count >= self._spec.k or not cell[0]}
        cells = [_cell(table, dict(key), count) for (table, key), count in shown.items()]
        small = [count for cell, count in self._cells.items() if cell not in shown]
        return Counted(tuple(sorted(cells, key=encode_line)), len(small), sum(small))


def _key(values: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((name, value) for name, value in values.items() if value is not None))


def _cell(table: str, values: dict[str, Any], count: int) -> Cell:
    try:
        return Telling(tabel=TabelId(table), aantal=count, **values) if table else Inspanning(aantal=count, **values)
    except ValidationError as error:
        raise InputRefused(f"a cell of {table or 'the efforts'} cannot be sent: {complaint(error)}") from error


def _value(record: LocalRecord, veld: Veld) -> object:
    """The code of one dimension; several forms of exploitation in one registration count under none of them."""
    value = getattr(record, veld.value)
    if value is None:
        raise InputRefused(f"field {veld.value!r} is empty in this row; map the empty value in its codes")
    if veld is Veld.UITBUITINGSVORM:
        known = set(value) - {Uitbuitingsvorm.ONBEKEND}
        return next(iter(known)) if len(known) == 1 else None
    return value
