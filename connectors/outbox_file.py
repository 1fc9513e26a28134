"""The SQLite file under the outbox: durable at every commit, nothing left of what is deleted, one writer at a time."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.contract.exits import Exit
from connectors.errors import ConnectorError
from connectors.outbox_schema import SCHEMA


class OutboxBroken(ConnectorError):
    """The outbox cannot be read or written (disk full, damaged, in use); nothing was sent that is not in it."""

    exit_code = Exit.UNAVAILABLE


class OutboxFile:
    """Opens, writes and reads the file."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file. Raises OutboxBroken."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            with self._transaction():
                for statement in filter(str.strip, SCHEMA.split(";")):
                    self._db.execute(statement)
        except (OSError, sqlite3.Error) as error:
            raise OutboxBroken(f"{path.name}: the outbox cannot be opened ({type(error).__name__})") from error

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise OutboxBroken(
                f"{self._path.name}: the outbox cannot be written ({type(error).__name__}); nothing was sent"
            ) from error

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise OutboxBroken(f"{self._path.name}: the outbox cannot be read ({type(error).__name__})") from error

    def _maybe(self, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        rows = self._all(statement, values)
        return rows[0] if rows else None

    def _one(self, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...]:
        return self._all(statement, values)[0]
