"""The door of the sources: open what the mapping's `[source]` describes."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.sources.csv_file import CsvFile
from connectors.sources.source import Source


class SourceSpec(BaseModel):
    """`[source]` of a mapping file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    format: Literal["csv", "xlsx", "sql"] = "csv"
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | None = None
    table: str | None = None
    query: str | None = None


def file_of(location: str) -> Path | None:
    """The file that a source's location names; None for a database on a server. `sqlite:///path` is a file too."""
    scheme, mark, rest = location.partition("://")
    if not mark:
        return Path(location)
    if scheme.partition("+")[0] != "sqlite":
        return None
    path = rest.partition("?")[0].removeprefix("/").removeprefix("file:")
    return Path(path) if path else None


def open_source(spec: SourceSpec, location: str) -> Source:
    """`location`: a path, or a database address for format sql. Raises InputRefused or PeerUnavailable."""
    if spec.format == "csv":
        return CsvFile(Path(location), spec.encoding, spec.delimiter)
    # Imported here: openpyxl and SQLAlchemy take a third of a second each, and a source is of one kind.
    if spec.format == "xlsx":
        from connectors.sources.workbook import Workbook

        return Workbook(Path(location), spec.sheet)
    from connectors.sources.database import Database

    return Database(location, spec.table, spec.query)
