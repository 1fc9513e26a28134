"""Files of the partner's house: small ones read whole, all written whole or not at all, one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from connectors.contract.exits import Exit
from connectors.errors import ConnectorError, InputRefused

MAX_BYTES: Final = 16 * 1024 * 1024
"""Larger is no settings, mapping, receipt or federation file, and is not read into memory."""


def called(path: Path) -> str:
    """What messages call a file: its own name, not the folders above it; `.` has none and is called as it is."""
    return path.name or str(path)


class InUse(ConnectorError):
    """Another process is at the same work; nothing was done, and the command may be repeated when it has ended."""

    exit_code = Exit.UNAVAILABLE


def read_whole(path: Path, advice: str = "") -> bytes:
    """The content of a small file. Raises InputRefused that names the file and why, followed by `advice`."""
    try:
        with path.open("rb") as handle:
            content = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputRefused(f"cannot be read ({error.strerror}){advice}", file=called(path)) from error
    if len(content) > MAX_BYTES:
        raise InputRefused(f"larger than {MAX_BYTES // 1024**2} MB", file=called(path))
    return content


def check_target(out: Path, *inputs: Path) -> None:
    """Return when a file may be written at `out`: said before the work, so that none is done for nothing.

    Raises InputRefused for a folder, a device, a place without a folder to hold it, and for one of `inputs` by whatever
    path (`..`, symbolic or hard link): what a command reads it never writes over.
    """
    file = called(out)
    try:
        if out.is_dir():
            raise InputRefused("is a folder; name the file to write in it", file=file)
        if not _whole(out).parent.is_dir():
            raise InputRefused("cannot be written: the folder it would stand in does not exist", file=file)
        if not os.access(_whole(out).parent, os.W_OK | os.X_OK):
            raise InputRefused("cannot be written: its folder is read-only, or not yours to write in", file=file)
        if not out.exists():
            return
        if not out.is_file():
            raise InputRefused("exists and is no file; name another place to write to", file=file)
        if any(source.exists() and out.samefile(source) for source in inputs):
            raise InputRefused("is read by this command; name another file to write to", file=file)
    except OSError as error:
        raise InputRefused(f"cannot be written ({error.strerror})", file=file) from error


def write_whole(path: Path, text: str) -> None:
    """Write `text` as UTF-8. Raises InputRefused; what stood there before still does then."""
    with put_in_place(path) as part, part.open("w", encoding="utf-8") as handle:
        handle.write(text)


@contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to: put in its place when the block ends well, removed when it does not. What a
    symbolic link points to is replaced, not the link.

    Raises InputRefused, which names `path`, when the system refuses to write (no such folder, read-only, disk full).
    """
    whole = _whole(path)
    part = whole.parent / f".{whole.name}.{os.getpid()}.part"
    try:
        yield part
        os.replace(part, whole)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__  # Arrow's own words hold the path
        raise InputRefused(f"cannot be written ({reason})", file=called(path)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _whole(path: Path) -> Path:
    return Path(os.path.realpath(path))


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Let no other process into such a block for `path`: the lock is on a file beside it and ends with the process,
    however that ends. Raises InUse when another has it."""
    try:
        handle = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise InputRefused(f"cannot be locked ({error.strerror})", file=path.name) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise InUse(f"{path.name}: another command is sending from it; wait until that has ended") from error
    finally:
        os.close(handle)
