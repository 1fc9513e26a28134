"""The door of the sources: open what the mapping's `[source]` describes."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.sources.csv_file import CsvFile
from connectors.sources.database import Database
from connectors.sources.source import Source
from connectors.sources.workbook import Workbook


class SourceSpec(BaseModel):
    """`[source]` of a mapping file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    format: Literal["csv", "xlsx", "sql"] = "csv"
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | None = None
    table: str | None = None
    query: str | None = None


def open_source(spec: SourceSpec, location: str) -> Source:
    """`location`: a path, or a database address for format sql. Raises InputRefused or PeerUnavailable."""
    if spec.format == "csv":
        return CsvFile(Path(location), spec.encoding, spec.delimiter)
    if spec.format == "xlsx":
        return Workbook(Path(location), spec.sheet)
    return Database(location, spec.table, spec.query)
