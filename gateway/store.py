"""The database below every room: one metadata, two engines (SQLite, PostgreSQL), short transactions.

Each room describes its own tables on `METADATA`; Alembic (`gateway/migrations`) is what creates them. On SQLite every
writing transaction starts with BEGIN IMMEDIATE, because a plain BEGIN that upgrades itself later fails under load, and
`synchronous=FULL` so that what was acknowledged survives a power cut (store page).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Connection, Engine, Integer, LargeBinary, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError

from gateway.errors import BadSettings, NotReady, OurFault, StoreUnavailable

METADATA: Final = MetaData()
Int: Final = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both engines; STRICT tables of SQLite know no BIGINT."""
Blob: Final = LargeBinary()
STRICT: Final[dict[str, Any]] = {"sqlite_strict": True, "sqlite_with_rowid": False}
"""Keyed tables: typed columns, clustered on their key."""

_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = "postgresql+psycopg://"
_OTHER_SCHEMA: Final = frozenset({"SQLITE_ERROR", "42P01", "42703"})
"""SQLite's for a statement that does not fit; PostgreSQL's for a table and for a column that is not there."""
_READ_ONLY: Final = "schakel_read_only"
_POOL: Final[dict[str, Any]] = {"pool_size": 16, "max_overflow": 64, "hide_parameters": True}
"""No error quotes the values of a statement. Two connections for each of the 40 worker threads: who writes may look up,
on another one, which rules are in force."""


def open_store(url: str) -> Engine:
    """An engine on `url` (`sqlite:///file` or `postgresql+psycopg://…`) with the hooks this house relies on. Raises
    BadSettings for another address; a database that is away shows at the first transaction only."""
    if url.startswith(_SQLITE):
        engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, **_POOL)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        if url.startswith(_POSTGRES):
            return create_engine(url, pool_pre_ping=True, **_POOL)
    except (ArgumentError, ValueError):
        pass  # its words quote the address, and with it perhaps a password
    raise BadSettings(f"database: write {_SQLITE}FILE or {_POSTGRES}USER@HOST/NAME")


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to the hook below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # a withdrawn row is overwritten, not only unlinked
        "trusted_schema=OFF",
        "busy_timeout=30000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: commits at the end, rolls back on any exception. Raises StoreUnavailable when it cannot."""
    try:
        with engine.begin() as transaction:
            yield transaction
    except DBAPIError as error:
        raise _fault(error, "the database did not accept the change; nothing was changed, try again") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view that takes no write lock. Raises StoreUnavailable when the database is away."""
    try:
        with engine.connect().execution_options(**{_READ_ONLY: True}) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        raise _fault(error, "the database does not answer; try again") from error


def _fault(error: DBAPIError, otherwise: str) -> OurFault:
    """What a failed statement means: a schema that is not this version's, or a database that is away."""
    if getattr(error.orig, "sqlite_errorname", getattr(error.orig, "sqlstate", None)) in _OTHER_SCHEMA:
        return NotReady("the database's schema is not this version's: run `schakel-gateway migrate`")
    return StoreUnavailable(otherwise)


def insert_into(transaction: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of this engine's own dialect, which knows ON CONFLICT; core SQL does not."""
    return sqlite.insert(table) if transaction.dialect.name == "sqlite" else postgresql.insert(table)


def insert_once(transaction: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its key is there already; whether it was inserted. RETURNING, because PostgreSQL's driver
    gives no row count for ON CONFLICT DO NOTHING."""
    statement = insert_into(transaction, table).values(row).on_conflict_do_nothing()
    return transaction.execute(statement.returning(*table.primary_key.columns)).first() is not None


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision`, up or (for the tests and a rollback) down. Raises StoreUnavailable, NotReady."""
    config = _alembic()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision()
        if revision == "base" or (revision != "head" and current is not None and revision < current):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def schema_is_current(engine: Engine) -> bool:
    """True when the schema is the one this code was written for; a database that is away is not."""
    try:
        with reading(engine) as connection:
            return MigrationContext.configure(connection).get_current_revision() == _newest_revision()
    except OurFault:
        return False


@cache
def _newest_revision() -> str | None:
    """Of the migrations that this code ships; reading their folder takes longer than asking the database."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
