"""The ledger of privacy charges: one line a series, in `charges.jsonl` of the ledger folder. Touches the disk.

Rules upheld here
1. A charge is on disk (fsync of file and folder) before any noise is drawn, so a killed run may waste a charge but can
   never spend one twice.
2. The first charge declares the budget; no later spec can raise it. A charge that would overspend is refused.
3. Lines are only added, one process at a time (flock), and each holds the SHA-256 of the line before. A line that a
   crash cut short was never acknowledged and is taken off; any other damage stops everything.
"""

import fcntl
import json
import os
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path

from aggregator.tables import BadInput

CHARGES = "charges.jsonl"
# What stands for the line before the first one.
NOTHING = "0" * 64


class Overspent(RuntimeError):
    """The charge would exceed the declared budget; nothing was charged."""


class Tampered(RuntimeError):
    """The ledger of charges is not the one that was written; nothing may be charged on it."""


@dataclass(frozen=True)
class Charge:
    """What one release spends: rho of zCDP, against the budget that its spec declares. `spec` is a SHA-256 in hex."""

    release: str
    spec: str
    rho: Decimal
    budget: Decimal


def charge(folder: Path, wanted: Charge) -> Decimal:
    """Charge a release and return what is left of the budget.

    Raises BadInput when the folder is not there or the ledger declares another budget, Overspent, Tampered.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder.name}: no such folder; make an empty one before the first release")
    try:
        handle = os.open(folder / CHARGES, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        raise BadInput(f"{CHARGES}: cannot be written; check the ledger folder and your rights") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        lines = _acknowledged(handle)
        before = _read(lines)
        if before and before[0].budget != wanted.budget:
            raise BadInput("budget: the ledger of charges declares another budget; it cannot be changed by a spec")
        spent = sum((entry.rho for entry in before), Decimal(0))
        if spent + wanted.rho > wanted.budget:
            raise Overspent(
                f"budget: {spent} of {wanted.budget} is spent, and this release would charge {wanted.rho}; "
                "release no more series on this ledger"
            )
        line = _line(wanted, sha256(lines[-1]).hexdigest() if lines else NOTHING)
        if os.write(handle, line) != len(line):
            raise BadInput(f"{CHARGES}: the disk is full; nothing was charged")
        os.fsync(handle)
        _sync(folder)
        return wanted.budget - spent - wanted.rho
    finally:
        os.close(handle)  # gives the lock back too


def read_charges(folder: Path) -> tuple[Charge, ...]:
    """All charges of a ledger folder, oldest first; none when nothing was ever charged. Raises Tampered."""
    try:
        content = (folder / CHARGES).read_bytes()
    except FileNotFoundError:
        return ()
    return _read(content[: content.rfind(b"\n") + 1].splitlines(keepends=True))


def _acknowledged(handle: int) -> list[bytes]:
    """The whole lines; what a crash left of a last one is taken off first."""
    content = os.pread(handle, os.fstat(handle).st_size, 0)
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.ftruncate(handle, whole)
    return content[:whole].splitlines(keepends=True)


def _line(wanted: Charge, previous: str) -> bytes:
    fields = {
        "budget": str(wanted.budget),
        "previous": previous,
        "release": wanted.release,
        "rho": str(wanted.rho),
        "spec": wanted.spec,
    }
    return json.dumps(fields, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _read(lines: list[bytes]) -> tuple[Charge, ...]:
    previous = NOTHING
    out: list[Charge] = []
    for number, line in enumerate(lines, start=1):
        try:
            raw = json.loads(line)
            entry = Charge(raw["release"], raw["spec"], Decimal(raw["rho"]), Decimal(raw["budget"]))
            known = raw["previous"]
        except (ValueError, KeyError, TypeError, InvalidOperation):
            raise Tampered(f"{CHARGES}: line {number}: not a charge; restore the file from a copy") from None
        if known != previous or not entry.rho > 0 or entry.budget != (out[0] if out else entry).budget:
            raise Tampered(f"{CHARGES}: line {number}: does not follow from the line before; restore the file")
        out.append(entry)
        previous = sha256(line).hexdigest()
    return tuple(out)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
