"""An uploaded batch on disk: written while it is hashed, read line by line, never whole in memory."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.contract.batch import MAX_LINE_BYTES
from connectors.contract.canonical import b64u
from gateway.errors import StoreUnavailable, TooLarge


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file of the spool and the b64u SHA-256 of its bytes."""

    path: Path
    digest: str

    def discard(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


def spool(chunks: Iterable[bytes], folder: Path, limit: int) -> Spooled:
    """Write `chunks` to a private file of `folder`. Raises TooLarge beyond `limit` bytes, StoreUnavailable when the
    disk does not take it; then nothing is left behind."""
    path = None
    try:
        handle, name = tempfile.mkstemp(dir=folder, suffix=".ndjson")
        path, digest, size = Path(name), hashlib.sha256(), 0
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"the body is larger than {limit} bytes: make smaller batches")
                digest.update(chunk)
                file.write(chunk)
    except OSError as error:
        _forget(path)
        raise StoreUnavailable("the spool does not take the batch (disk full?): try again later") from error
    except BaseException:
        _forget(path)
        raise
    return Spooled(path, b64u(digest.digest()))


def empty(folder: Path) -> None:
    """Forget batches that a crash cut short: their senders still have them. For the serving process alone, since
    another command would take away what that process is reading."""
    for left in folder.glob("*.ndjson"):
        left.unlink(missing_ok=True)


def _forget(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)


class Lines(Iterator[bytes]):
    """The lines of an open file with their numbers; a line longer than the contract allows is cut, not read whole."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0
        self.current = b""

    def __next__(self) -> bytes:
        line = self._file.readline(MAX_LINE_BYTES + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.current = line
        return line
