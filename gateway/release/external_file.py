"""The file of `release external`: the format that `schakel-aggregator attack --external` reads, held against our codes.

CSV with a column for every dimension (one that is missing is at its total) and `count`; a cell that the source withheld
(empty, `.`, or status `withheld`) tells nothing and is left out.
"""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from aggregator.files import read_external, read_frame
from aggregator.tables import BadInput, Dimension, ReleaseSpec, TableSpec
from aggregator.tabulate import at_row
from connectors.contract.codes import TabelId
from connectors.contract.releases import ExterneCel
from gateway.errors import Malformed
from gateway.release.catalogue import CATALOGUE
from gateway.release.codes import TOTAL
from gateway.release.external import dimensions_of, listed
from gateway.release.hierarchies import Parents

_ANY_K: Final = 2
"""The reader wants a spec with a threshold; facts have none."""


def read_cells(
    path: Path, tabel: TabelId, jaar: int, parents: Parents
) -> tuple[tuple[str, ...], tuple[ExterneCel, ...]]:
    """Dimensions and cells of a file. Raises Malformed naming file, row and column, never a value."""
    if tabel not in CATALOGUE:
        raise Malformed("--table: name a table of counts of the catalogue", code="unknown_table")
    known = dimensions_of(tabel)
    spec = ReleaseSpec(
        k=_ANY_K,
        dimensions={name: Dimension(total=TOTAL, parents=dict(parents.get(name, {}))) for name in sorted(known)},
        tables=(TableSpec(id=tabel.value, dims=CATALOGUE[tabel].dimensies),),
    )
    try:
        (table,) = read_external(path, spec, ()).tables
        frame = read_frame(path)
    except BadInput as error:
        raise Malformed(str(error)) from error
    codes = {name: listed(name, jaar, parents) | (set() if name == "jaar" else {TOTAL}) for name in table.dims}
    found = []
    for row, (cell, count) in enumerate(zip(table.codes, table.counts, strict=True)):
        for name, code in zip(table.dims, cell, strict=True):
            if code not in codes[name]:
                where = f"{at_row(path.name, frame, row)}, column {name!r}"
                raise Malformed(f"{where}: unknown code; use those of our tables, and leave other regions out")
        if count is not None:
            found.append(_cell(cell, count, at_row(path.name, frame, row)))
    if not found:
        raise Malformed(f"{path.name}: no row has a count")
    return table.dims, tuple(found)


def _cell(codes: tuple[str, ...], count: int, where: str) -> ExterneCel:
    try:
        return ExterneCel(codes=codes, aantal=count)
    except ValidationError as error:
        raise Malformed(f"{where}: too many dimensions, or a count too large") from error
