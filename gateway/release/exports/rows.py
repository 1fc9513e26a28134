"""Every cell of a sealed release as one row; what all exports are made of. Pure.

Conventions (disclosure page, output): `.` for withheld, primary and secondary alike; blank for a combination that
cannot exist or that the counting rule leaves out; 0 for a true zero. SDMX (CL_OBS_STATUS 2.2, CL_CONF_STATUS): a
withheld cell has OBS_STATUS Q (missing value; suppressed), an impossible one M (missing value; data cannot exist), one
that is left out L (missing value; data exist but were not collected); CONF_STATUS is F (free) for every row, because
what is in the file, a dot included, is free for publication and nothing tells sensitive cells from the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from connectors.contract.releases import Publicatie, PubliekeCel, PubliekeTabel

WITHHELD: Final = "."
FREE: Final = "F"


class ObsStatus(StrEnum):
    """SDMX observation status of a cell."""

    NORMAL = "A"
    SUPPRESSED = "Q"
    CANNOT_EXIST = "M"
    NOT_COLLECTED = "L"


@dataclass(frozen=True, slots=True)
class Row:
    """One cell: its table, the codes it crosses, its count (None: withheld or blank) and its status."""

    tabel: PubliekeTabel
    codes: tuple[str, ...]
    aantal: int | None
    status: ObsStatus

    @property
    def shown(self) -> str:
        """The cell as a reader sees it."""
        if self.status in (ObsStatus.CANNOT_EXIST, ObsStatus.NOT_COLLECTED):
            return ""
        return WITHHELD if self.aantal is None else str(self.aantal)

    def code(self, dimensie: str, otherwise: str) -> str:
        """The cell's code of a dimension; `otherwise` when its table has no such dimension."""
        named = dict(zip(self.tabel.dimensies, self.codes, strict=True))
        return named.get(dimensie, otherwise)


def rows(publicatie: Publicatie) -> Iterator[Row]:
    """All cells of all tables, in the order of the document."""
    for tabel in publicatie.tabellen:
        for cel in tabel.cellen:
            yield Row(tabel, cel.codes, cel.aantal, _status(cel))


def _status(cel: PubliekeCel) -> ObsStatus:
    if cel.onmogelijk:
        return ObsStatus.CANNOT_EXIST
    if cel.niet_geteld:
        return ObsStatus.NOT_COLLECTED
    return ObsStatus.SUPPRESSED if cel.aantal is None else ObsStatus.NORMAL
