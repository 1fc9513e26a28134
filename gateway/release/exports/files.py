"""The door of the exports: a published release as a file to download. Only sealed, verified tables come here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.release.exports.comensha import regional_rows
from gateway.release.exports.htcds import mapped_rows
from gateway.release.exports.tables import long_table
from gateway.release.exports.workbook import workbook
from gateway.release.published import Published


class Formaat(StrEnum):
    """What a release can be downloaded as."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    COMENSHA = "comensha"
    HTCDS = "htcds"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file: its name, media type and bytes; the same release gives the same bytes."""

    name: str
    media_type: str
    content: bytes


_CSV = "text/csv; charset=utf-8; header=present"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(found: Published, formaat: Formaat, names: Mapping[str, str]) -> ExportFile:
    """The release in `formaat`; JSON is the sealed document itself, byte for byte. `names`: what codes are called."""
    publicatie = found.publicatie
    stem = publicatie.release_id
    match formaat:
        case Formaat.CSV:
            return ExportFile(f"{stem}.csv", _CSV, long_table(publicatie))
        case Formaat.JSON:
            return ExportFile(f"{stem}.json", "application/json", found.sealed)
        case Formaat.XLSX:
            return ExportFile(f"{stem}.xlsx", _XLSX, workbook(publicatie))
        case Formaat.COMENSHA:
            return ExportFile(f"{stem}-comensha.csv", _CSV, regional_rows(publicatie, names))
        case Formaat.HTCDS:
            return ExportFile(f"{stem}-htcds.csv", _CSV, mapped_rows(publicatie))
