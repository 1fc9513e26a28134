"""An uploaded batch on disk: written while it is hashed, read line by line, never whole in memory.

The file has no name: its tokens are not sealed yet, and however the process ends they end with it.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from connectors.contract.batch import MAX_LINE_BYTES
from connectors.contract.canonical import b64u
from gateway.errors import StoreUnavailable, TooLarge


@dataclass(frozen=True, slots=True)
class Spooled:
    """A nameless file, to be read from its start, and the b64u SHA-256 of its bytes."""

    file: BinaryIO = field(repr=False)
    digest: str

    def discard(self) -> None:
        """Let go of the file."""
        self.file.close()


def spool(chunks: Iterable[bytes], folder: Path, limit: int) -> Spooled:
    """Write `chunks` to a file on the disk of `folder`. Raises TooLarge beyond `limit` bytes, StoreUnavailable when the
    disk does not take it; then nothing is left behind."""
    file: BinaryIO | None = None
    try:
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - who reads the batch closes it
        digest, size = hashlib.sha256(), 0
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"the body is larger than {limit} bytes: make smaller batches")
            digest.update(chunk)
            file.write(chunk)
        file.seek(0)
    except OSError as error:
        _close(file)
        raise StoreUnavailable("the spool does not take the batch (disk full?): try again later") from error
    except BaseException:
        _close(file)
        raise
    return Spooled(file, b64u(digest.digest()))


def _close(file: BinaryIO | None) -> None:
    try:
        if file is not None:
            file.close()
    except OSError:
        return  # what could not be written is not missed


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
