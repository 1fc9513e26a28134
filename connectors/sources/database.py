"""A table or query of a database (SQLite, PostgreSQL) through SQLAlchemy Core, streamed with a server-side cursor."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, SQLAlchemyError

from connectors.contract.canonical import b64u
from connectors.errors import InputRefused, PeerUnavailable
from connectors.files import called
from connectors.sources.source import Row, as_text

FETCH_ROWS: Final = 1_000


class Database:
    """A table, ordered by all its columns so that two readings agree, or a query, in the order it gives itself."""

    def __init__(self, address: str, table: str | None, query: str | None) -> None:
        """`address`: a SQLAlchemy URL or the path of a SQLite file; exactly one of `table`, `query`.

        Raises InputRefused on a wrong address, table or query, PeerUnavailable when the database does not answer.
        """
        if (table is None) == (query is None):
            raise InputRefused("[source] of format sql needs either table or query")
        self.name = table or "query"
        self._engine = _engine(address)
        self._statement = self._select(table) if table is not None else sa.text(query or "")
        with self._connect() as connection, self._executed(connection) as result:
            if not result.returns_rows:
                raise InputRefused("[source] query gives no rows; write a SELECT", file=self.name)
            self.columns = tuple(result.keys())
        if len(set(self.columns)) != len(self.columns):
            raise InputRefused("two columns of the query have one name; give each an alias", file=self.name)

    def rows(self) -> Iterator[Row]:
        with self._connect() as connection, self._executed(connection) as result:
            try:
                for number, record in enumerate(result, start=1):
                    yield Row(number, tuple(as_text(value) for value in record))
            except SQLAlchemyError as error:
                raise PeerUnavailable(f"{self.name}: the database stopped answering") from error

    def digest(self) -> str:
        total = hashlib.sha256()
        _feed(total, self.columns)
        for row in self.rows():
            _feed(total, row.cells)
        return b64u(total.digest())

    def _select(self, table: str) -> sa.Select[tuple[object, ...]]:
        schema, _, bare = table.rpartition(".")
        try:
            found = sa.Table(bare, sa.MetaData(), schema=schema or None, autoload_with=self._engine)
        except sa.exc.NoSuchTableError as error:
            raise InputRefused("[source] table does not exist in this database", file=self.name) from error
        except SQLAlchemyError as error:
            raise self._unreachable(error) from error
        return sa.select(found).order_by(*found.columns)

    def _connect(self) -> sa.Connection:
        try:
            return self._engine.connect().execution_options(stream_results=True, yield_per=FETCH_ROWS)
        except SQLAlchemyError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: SQLAlchemyError) -> InputRefused | PeerUnavailable:
        """A server that is away may come back; a file that is no database, or a right that is lacking, does not."""
        if isinstance(error, (OperationalError, InterfaceError)):
            return PeerUnavailable(f"{self.name}: the database cannot be reached")
        return InputRefused("cannot be read as a database; check the file, or your rights there", file=self.name)

    def _executed(self, connection: sa.Connection) -> sa.CursorResult[tuple[object, ...]]:
        try:
            return connection.execute(self._statement)
        except SQLAlchemyError as error:
            raise InputRefused("[source] query does not run on this database", file=self.name) from error


def _engine(address: str) -> sa.Engine:
    try:
        where = sa.make_url(address) if "://" in address else sa.URL.create("sqlite", database=address)
        if where.get_backend_name() == "sqlite":
            where = _read_only(where)
        return sa.create_engine(where, hide_parameters=True)
    except (ArgumentError, ModuleNotFoundError, SQLAlchemyError) as error:
        raise InputRefused("the database address is not one that can be used here") from error


def _read_only(where: sa.URL) -> sa.URL:
    """The same SQLite file, which must be there already and which nothing here can change."""
    named = where.database or ""
    path = Path(unquote(named.removeprefix("file:")) if named.startswith("file:") else named)
    if not path.is_file():
        raise InputRefused("is neither a database file nor a database address", file=called(path))
    return where.set(database=f"file:{quote(str(path.resolve()))}").update_query_dict({"mode": "ro", "uri": "true"})


def _feed(total: "hashlib._Hash", cells: tuple[str, ...]) -> None:
    """Length before value, so that no two contents feed the same bytes."""
    for cell in cells:
        data = cell.encode()
        total.update(len(data).to_bytes(8, "big") + data)
    total.update(b"\xff" * 8)
