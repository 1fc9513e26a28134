"""What a restored database must not forget: subjects that were asked about, canaries that were touched.

Rules this module upholds (SECURITY.md, threats "curious partner" and "guessing partner")
1. A fact stands here durably before the transaction that rests on it commits; when it cannot, nothing is committed.
2. The folder is not part of the database's backup, so that a restore leaves it as it is; the gateway reads it at its
   start and puts back what the database misses.
3. A fact is kept as long as a limit looks back (31 days), in one file a day. It says no more than the database does:
   fingerprints are keyed, and never a token or a number.
"""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from pydantic import JsonValue

from gateway.errors import StoreUnavailable

KEPT_DAYS: Final = 31
"""A day more than the 30 of the question limits, since a file holds a whole day."""
_SUFFIX: Final = ".jsonl"
_LOG: Final = structlog.get_logger("gateway")


class Journal:
    """One folder of day files. A held resource, shared by all threads of the process that serves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    @property
    def folder(self) -> str:
        """Its name, for messages."""
        return self._folder.name

    def exists(self) -> bool:
        """Whether there is a folder, empty or not."""
        return self._folder.is_dir()

    def begin(self) -> None:
        """Make the folder; raises StoreUnavailable."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unavailable(error) from error

    def write(self, now: datetime, fact: Mapping[str, JsonValue]) -> None:
        """Keep a fact: it is on disk when this returns. Raises StoreUnavailable."""
        line = json.dumps(fact, separators=(",", ":")).encode("ascii") + b"\n"
        place = self._folder / f"{now.date().isoformat()}{_SUFFIX}"
        with self._lock:
            self.begin()
            try:
                _append(place, line)
            except OSError as error:
                raise self._unavailable(error) from error

    def read(self) -> Iterator[dict[str, Any]]:
        """Every fact, oldest first. A line that is not whole (the process died while it wrote, so nothing rests on it)
        is passed over and logged. Raises StoreUnavailable."""
        try:
            for place in self._files():
                for number, line in enumerate(place.read_bytes().split(b"\n"), 1):
                    fact = _fact(line)
                    if fact is not None:
                        yield fact
                    elif line:
                        _LOG.warning("limits_line_not_whole", file=place.name, line=number)
        except OSError as error:
            raise self._unavailable(error) from error

    def forget(self, now: datetime) -> None:
        """Remove the files of days on which no limit looks back any more; raises StoreUnavailable."""
        last = (now - timedelta(days=KEPT_DAYS)).date().isoformat()
        try:
            for place in self._files():
                if place.stem < last:
                    place.unlink()
        except OSError as error:
            raise self._unavailable(error) from error

    def _files(self) -> list[Path]:
        return sorted(place for place in self._folder.glob(f"*{_SUFFIX}") if _is_day(place.stem))

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self.folder}: cannot be read or written ({error.strerror}); nothing was changed")


def _append(place: Path, line: bytes) -> None:
    """One durable line; after a line that broke off, on a line of its own."""
    new = not place.exists()
    handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        whole = size == 0 or os.pread(handle, 1, size - 1) == b"\n"
        data = line if whole else b"\n" + line
        if os.write(handle, data) != len(data):
            raise OSError(0, "the disk is full")
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _fact(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False
