"""The two engines of matching: DuckDB in this process, Spark on a cluster. Same views, same SQL, same answers."""

import importlib
from collections.abc import Sequence
from typing import Any, Final

import duckdb
import numpy as np

from connectors.contract import linkfile
from gateway.matching.blocks import SLOTS, TOKEN_TYPES, Columns, Engine


class LinkInputError(ValueError):
    """A link file that cannot be used; the message names the file and what to do, never a value."""


class EngineMissingError(ValueError):
    """The engine that was asked for is not installed here."""


def _kind(types: Sequence[str]) -> str:
    """SQL for a type's position; plain CASE, which both engines have."""
    cases = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(types))
    return f"CASE type {cases} ELSE -1 END"


_FIELDS: Final = {
    "blocks": f"{linkfile.BLOCK} AS key, {linkfile.SKETCH} AS sketch",
    "tokens": f"{linkfile.VALUE} AS key, {_kind(TOKEN_TYPES)} AS kind",
}


def _records(place: int, source: str) -> str:
    return f"SELECT {place:d} AS file, row FROM {source}"  # noqa: S608 - our own names


def _entries(place: int, name: str, unnested: str, source: str) -> str:
    """One row per token or block of a file; `unnested` gives its position `nth` and its fields as `entry`."""
    columns = f"{place:d} AS file, row * {SLOTS} + nth AS item, {_FIELDS[name]}"
    flat = f"SELECT row, nth, entry.* FROM (SELECT row, {unnested} FROM {source}) e"  # noqa: S608 - our own names
    return f"SELECT {columns} FROM ({flat}) f"  # noqa: S608 - our own names


class DuckDb:
    """In-memory DuckDB; nothing is written to disk."""

    def __init__(self, threads: int) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": threads})

    def read(self, files: Sequence[str]) -> None:
        """Load the files. Raises LinkInputError when one has no such columns."""
        for place, file in enumerate(files):
            verb = "CREATE TABLE {} AS" if place == 0 else "INSERT INTO {}"
            try:
                self._load(place, file, verb)
            except duckdb.Error as problem:
                raise LinkInputError(
                    f"{file}: not a link file ({type(problem).__name__}); pseudonymize again"
                ) from None

    def _load(self, place: int, file: str, verb: str) -> None:
        source = "read_parquet(?)"
        self._connection.execute(f"{verb.format('records')} {_records(place, source)}", [file])
        for name in _FIELDS:
            unnested = f"unnest({name}) AS entry, generate_subscripts({name}, 1) - 1 AS nth"
            self._connection.execute(f"{verb.format(name)} {_entries(place, name, unnested, source)}", [file])

    def columns(self, sql: str) -> Columns:
        """Run one query; columns as numpy arrays, bytes as objects."""
        return {name: np.asarray(values) for name, values in self._connection.execute(sql).fetchnumpy().items()}


class Spark:
    """A Spark session (pyspark is not among our dependencies; a federation that needs it installs it)."""

    def __init__(self) -> None:
        try:
            spark: Any = importlib.import_module("pyspark.sql")
            self._errors: Any = importlib.import_module("pyspark.errors")
        except ImportError:
            raise EngineMissingError("--engine spark needs pyspark, which is not installed; use duckdb") from None
        self._session: Any = spark.SparkSession.builder.appName("schakel-link").getOrCreate()

    def read(self, files: Sequence[str]) -> None:
        """Make the views over all files. Raises LinkInputError when one has no such columns."""
        views: dict[str, list[str]] = {"records": [], "blocks": [], "tokens": []}
        try:
            for place, file in enumerate(files):
                source = f"source_{place}"
                self._session.read.parquet(file).createOrReplaceTempView(source)
                views["records"].append(_records(place, source))
                for name in _FIELDS:
                    views[name].append(_entries(place, name, f"posexplode({name}) AS (nth, entry)", source))
            for name, selects in views.items():
                self._session.sql(" UNION ALL ".join(selects)).createOrReplaceTempView(name)
        except self._errors.PySparkException as problem:
            raise LinkInputError(f"not link files ({type(problem).__name__}); pseudonymize again") from None

    def columns(self, sql: str) -> Columns:
        """Run one query and collect its columns at the driver."""
        frame = self._session.sql(sql).toPandas()
        return {str(name): frame[name].to_numpy() for name in frame.columns}


def open_engine(name: str, threads: int) -> Engine:
    """`duckdb` or `spark`. Raises EngineMissingError."""
    return Spark() if name == "spark" else DuckDb(threads)


def read_header(file: str) -> linkfile.LinkFileHeader:
    """The header of a link file. Raises LinkInputError when it cannot be read."""
    try:
        pairs = duckdb.connect(":memory:").execute("SELECT key, value FROM parquet_kv_metadata(?)", [file]).fetchall()
        return linkfile.LinkFileHeader.read({bytes(key).decode(): bytes(value).decode() for key, value in pairs})
    except (duckdb.Error, UnicodeDecodeError) as problem:
        raise LinkInputError(f"{file}: cannot be read as Parquet ({type(problem).__name__})") from None
    except linkfile.LinkFileError as problem:
        raise LinkInputError(f"{file}: {problem}") from None
