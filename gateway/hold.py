"""The hold on a database: one process serves it. Index, leases and canaries are in that process's memory, so a second
one would match what the first had forgotten, and migrations or erasures beside it would not be known to it.

On SQLite a locked file beside the database, on PostgreSQL a session's advisory lock; either goes with its process,
however that ends.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from gateway.errors import AlreadyServed, StoreUnavailable

_TAKE: Final = text("SELECT pg_try_advisory_lock(hashtextextended('schakel1 serving', 0))")
_SUFFIX: Final = ".serving"


class Hold(Protocol):
    """That this process is the only one."""

    def demand(self) -> None:
        """Raises StoreUnavailable when it may no longer be."""


@contextmanager
def hold_alone(engine: Engine) -> Iterator[Hold]:
    """The hold on a database, until the block ends. Raises AlreadyServed, StoreUnavailable."""
    if engine.dialect.name == "sqlite":
        with _locked_file(f"{engine.url.database}{_SUFFIX}"):
            yield _Always()
        return
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.execute(_TAKE).scalar_one() is not True:
                raise AlreadyServed
            yield _Session(connection)
            connection.invalidate()  # ends the session and with it the lock, which a pooled connection would keep
    except DBAPIError as error:
        raise StoreUnavailable("the database does not answer; try again") from error


@contextmanager
def _locked_file(path: str) -> Iterator[None]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"the database's folder cannot be written ({error.strerror})") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise AlreadyServed from error
    finally:
        os.close(handle)


class _Always:
    """A file stays locked as long as the process lives."""

    def demand(self) -> None:
        return


class _Session:
    """A session that the server ended took its lock along: then someone else may serve by now, and only a new start is
    safe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = threading.Lock()
        self._lost = False

    def demand(self) -> None:
        with self._turn:
            try:
                if not self._lost:
                    self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self._lost = True
        if self._lost:
            raise StoreUnavailable("the hold on the database was lost: restart the gateway")
