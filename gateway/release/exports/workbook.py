"""The release as an Excel workbook: an explanation first, then a sheet a table. The same bytes each time.

openpyxl stamps the time of writing into a workbook and its archive; both are set to the moment of publication, so that
an export can be compared with another's.
"""

import io
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from connectors.contract.releases import Publicatie
from gateway.release.exports.rows import FREE, Row, rows
from gateway.release.exports.tables import explanation, harmless


def workbook(publicatie: Publicatie) -> bytes:
    """An XLSX file (ECMA-376): counts are numbers, withheld cells the text `.`, blank ones empty."""
    book = Workbook()
    first = book.active
    if not isinstance(first, Worksheet):
        raise TypeError("a new workbook starts with a sheet")
    first.title = "Toelichting"
    for label, text in explanation(publicatie):
        first.append([label, harmless(text)])
    by_table: dict[str, list[Row]] = {}
    for row in rows(publicatie):
        by_table.setdefault(row.tabel.tabel.value, []).append(row)
    for name, cells in by_table.items():
        _fill(book.create_sheet(name[:31]), cells)
    if publicatie.schatting is not None:
        sheet = book.create_sheet("geschatte_omvang")
        sheet.append(["waargenomen", "onder", "boven", "methode", "lijsten", "redenen"])
        found = publicatie.schatting
        ends = ["." if end is None else end for end in (found.onder, found.boven)]
        lists = " ".join(kind.value for kind in found.lijsten)
        sheet.append([found.waargenomen, *ends, found.methode, lists, " ".join(found.redenen)])
    return _stamped(book, publicatie.gepubliceerd)


def _fill(sheet: Worksheet, cells: list[Row]) -> None:
    sheet.append([*cells[0].tabel.dimensies, "aantal", "OBS_STATUS", "CONF_STATUS"])
    for row in cells:
        shown = row.aantal if row.aantal is not None else row.shown or None
        sheet.append([*(harmless(code) for code in row.codes), shown, row.status.value, FREE])
    sheet.freeze_panes = "A2"


def _stamped(book: Workbook, moment: datetime) -> bytes:
    naive = moment.replace(tzinfo=None)
    book.properties.creator = "Schakel"
    book.properties.created = naive
    written = io.BytesIO()
    book.save(written)
    out = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _without_modified(content)
            target.writestr(zipfile.ZipInfo(name, moment.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _without_modified(core: bytes) -> bytes:
    """The core properties without the moment of saving, which openpyxl always writes."""
    start, end = core.find(b"<dcterms:modified"), core.find(b"</dcterms:modified>")
    return core if start < 0 else core[:start] + core[end + len(b"</dcterms:modified>") :]
