"""Reading and writing of the aggregator's files. A release folder appears whole or not at all."""

import csv
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pandas as pd

from aggregator.history import PublishedRelease, Transcript, Truth, unbounded
from aggregator.magnitude import MagnitudeResult
from aggregator.protect import SafeRelease
from aggregator.tables import BadInput, Dimension, Hierarchy, ReleaseSpec, SafeTable, hierarchy_of

SHOWN, HIDDEN = "shown", "withheld"
# What a release folder holds beside its tables.
RELEASE, TRANSCRIPT = "release.json", "attack.json"
# The true counts of release folder NAME, when kept, are in NAME.sealed: beside it, never in it.
SEALED = ".sealed"
# A folder that does not say its threshold is attacked with the lower of the two that the design page allows.
DEFAULT_K = 5


def read_toml(path: Path) -> Mapping[str, object]:
    """A TOML file; raises BadInput when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise BadInput(f"{path.name}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path.name}: not TOML: {error}") from None
    except OSError:
        raise BadInput(f"{path.name}: cannot be read; check the path and your rights") from None


def read_frame(path: Path) -> pd.DataFrame:
    """A CSV file, every column as text, empty cells as missing; raises BadInput when it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except UnicodeDecodeError:
        raise BadInput(f"{path.name}: not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise BadInput(f"{path.name}: not CSV: {error}") from None
    except OSError:
        raise BadInput(f"{path.name}: cannot be read; check the path and your rights") from None
    if not rows:
        raise BadInput(f"{path.name}: empty; the first line names the columns")
    head, body = rows[0], [row for row in rows[1:] if row]
    for number, row in enumerate(body, start=1):
        if len(row) != len(head):
            raise BadInput(
                f"{path.name}: row {number} (line {number + 1}): {len(row)} fields, the header has {len(head)}"
            )
    frame = pd.DataFrame(body, columns=pd.Index(head), dtype=object)
    return frame.where(frame != "", None)


def read_releases(ledger: Path | None, leave_out: Path | None = None) -> list[PublishedRelease]:
    """All releases in a ledger folder, in order of their names; raises BadInput when the folder is not there."""
    if ledger is None:
        return []
    if not ledger.is_dir():
        raise BadInput(f"{ledger.name}: no such folder; make an empty one before the first release")
    folders = [ledger] if any(ledger.glob("*.csv")) else sorted(path for path in ledger.iterdir() if path.is_dir())
    kept = [f for f in folders if not f.name.endswith(SEALED) and not f.name.startswith(".")]
    return [read_release(f) for f in kept if leave_out is None or f.resolve() != leave_out.resolve()]


def read_release(folder: Path, k: int | None = None, spec: ReleaseSpec | None = None) -> PublishedRelease:
    """A folder of published tables as an outsider reads it; `release.json`, when there, gives hierarchies and k.

    Raises BadInput (file, row, column) on a folder without tables, a cell twice, a count that is none.
    """
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise BadInput(f"{folder.name}: no release folder: it holds no CSV tables")
    described = _described(folder / RELEASE)
    tables = tuple(_read_table(path) for path in files)
    dimensions = dict(spec.dimensions) if spec else described.dimensions if described else {}
    hierarchies: dict[str, Hierarchy] = {}
    for dim in sorted({dim for table in tables for dim in table.dims}):
        seen = {codes[t.dims.index(dim)] for t in tables if dim in t.dims for codes in t.codes}
        dimension = dimensions.get(dim) or Dimension(total=_guess_total(dim, tables))
        hierarchies[dim] = hierarchy_of(dim, dimension, seen, folder.name)
    threshold = k or (spec.k if spec else described.k if described else DEFAULT_K)
    population = spec.population if spec else described.population if described else ""
    mergers = {dim: dimension.mergers for dim, dimension in dimensions.items()}
    return PublishedRelease(folder.name, threshold, population, hierarchies, tables, mergers)


def _described(path: Path) -> ReleaseSpec | None:
    """The specification that a release of ours carries; None for a folder that is not ours."""
    if not path.is_file():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return ReleaseSpec.model_validate(raw["spec"])
    except (ValueError, KeyError, TypeError):
        return None


def _read_table(path: Path) -> SafeTable:
    frame = read_frame(path)
    if "count" not in frame.columns:
        raise BadInput(f"{path.name}: column 'count' is missing")
    dims = tuple(str(c) for c in frame.columns if c not in ("count", "status"))
    codes: list[tuple[str, ...]] = []
    counts: list[int | None] = []
    within: set[tuple[str, ...]] = set()
    for row in range(len(frame)):
        where = f"{path.name}: row {row + 1} (line {row + 2})"
        key = tuple(str(frame[dim].iloc[row]) for dim in dims)
        if any(frame[dim].iloc[row] is None for dim in dims):
            raise BadInput(f"{where}: empty code")
        if key in within:
            raise BadInput(f"{where}: this combination of codes occurs twice")
        within.add(key)
        codes.append(key)
        counts.append(_count(frame, row, where))
    return SafeTable(path.stem, dims, tuple(codes), tuple(counts))


def _count(frame: pd.DataFrame, row: int, where: str) -> int | None:
    text = frame["count"].iloc[row]
    status = frame["status"].iloc[row] if "status" in frame.columns else None
    if text is None or text == "." or status == HIDDEN:
        if status == SHOWN:
            raise BadInput(f"{where}, column 'count': empty although the status is shown")
        return None
    value = str(text).strip()
    if value.endswith(".0"):
        value = value[:-2]
    if not (value.isascii() and value.isdigit()):
        raise BadInput(f"{where}, column 'count': not a whole number of 0 or more")
    return int(value)


def _guess_total(dim: str, tables: Sequence[SafeTable]) -> str:
    """The code that is nowhere smaller than another on the same other codes; all that a bare folder tells."""
    votes: dict[str, int] = {}
    for table in tables:
        if dim not in table.dims:
            continue
        axis = table.dims.index(dim)
        lines: dict[tuple[str, ...], list[tuple[int, str]]] = {}
        for codes, count in zip(table.codes, table.counts, strict=True):
            if count is not None:
                lines.setdefault((*codes[:axis], *codes[axis + 1 :]), []).append((count, codes[axis]))
        for line in lines.values():
            top = max(count for count, _ in line)
            winners = [code for count, code in line if count == top and top > 0]
            for code in winners:
                votes[code] = votes.get(code, 0) + (2 if len(winners) == 1 else 1)
    if not votes:
        raise BadInput(f"dimension {dim!r}: cannot tell the total; name it with --spec")
    return max(sorted(votes), key=lambda code: votes[code])


def read_external(path: Path, spec: ReleaseSpec | None, like: Sequence[PublishedRelease]) -> PublishedRelease:
    """A publication by others: columns of dimensions (a missing one means its total) and `count`."""
    table = _read_table(path)
    hierarchies: dict[str, Hierarchy] = {}
    for axis, dim in enumerate(table.dims):
        seen = {codes[axis] for codes in table.codes}
        known = next((r.hierarchies[dim] for r in like if dim in r.hierarchies), None)
        if spec and dim in spec.dimensions:
            dimension = spec.dimensions[dim]
            known_codes = set(known.order) if known else set()
            hierarchies[dim] = hierarchy_of(dim, dimension, seen | known_codes, path.name)
        elif known is not None and seen <= set(known.order):
            hierarchies[dim] = known
        else:
            raise BadInput(f"{path.name}: column {dim!r}: not a dimension, or codes, of the releases attacked")
    population = spec.population if spec else like[-1].population if like else ""
    return PublishedRelease(path.name, spec.k if spec else like[-1].k, population, hierarchies, (table,))


def read_truth(folder: Path) -> Truth | None:
    """The sealed counts beside a release folder, when there are any."""
    sealed = folder.with_name(folder.name + SEALED)
    if not sealed.is_dir():
        return None
    tables = [_read_table(path) for path in sorted(sealed.glob("*.csv"))]
    return Truth({(t.id, c): n for t in tables for c, n in zip(t.codes, t.counts, strict=True) if n is not None})


def transcript_json(transcript: Transcript) -> dict[str, object]:
    """An attack as JSON; infinite bounds are null."""
    return {
        "views": transcript.views,
        "views_with_nothing_to_find": transcript.skipped,
        "checked_twice": transcript.checked_twice,
        "broken": [
            {"view": f.view, "cell": f.cell, "low": unbounded(f.low), "high": unbounded(f.high), "how": f.how}
            for f in transcript.broken
        ],
        "withheld": [{"cell": c.cell, "low": unbounded(c.low), "high": unbounded(c.high)} for c in transcript.cells],
    }


def release_files(release: SafeRelease, spec: ReleaseSpec, seconds: Mapping[str, float]) -> dict[str, str]:
    """Every file of a release folder by name. Nothing in it comes from a withheld count or a hash of input."""
    files = {f"{table.id}.csv": table_csv(table) for table in release.tables}
    dimensions = {
        name: d.model_copy(update={"codes": tuple(c for c in release.hierarchies[name].order if c != d.total)})
        for name, d in spec.dimensions.items()
    }
    described = spec.model_copy(update={"dimensions": dimensions, "partner": None})
    cells = sum(len(table.counts) for table in release.tables)
    held = sum(count is None for table in release.tables for count in table.counts)
    about = {
        "pattern": release.pattern,
        "tables": {name: sha256(text.encode()).hexdigest() for name, text in files.items()},
        "cells": cells,
        "withheld": held,
        "gap": round(release.gap, 6),
        "rounds": release.rounds,
        "spec": described.model_dump(mode="json"),
        "timings": {name: round(value, 3) for name, value in seconds.items()},
    }
    files[RELEASE] = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    files[TRANSCRIPT] = json.dumps(transcript_json(release.transcript), ensure_ascii=False, indent=1) + "\n"
    return files


def magnitude_summary(found: MagnitudeResult) -> dict[str, object]:
    """What `protect-magnitude` reports: counts, suppressed value, gap."""
    return {
        "primary": found.primary,
        "secondary": found.secondary,
        "suppressed_value": round(found.suppressed_value, 4),
        "gap": round(found.suppression.gap, 6),
        "rounds": found.suppression.rounds,
    }


def magnitude_files(frames: Mapping[str, pd.DataFrame], found: MagnitudeResult, seconds: float) -> dict[str, str]:
    """The input tables, same rows and order, with a last column `status`, and `release.json`."""
    files: dict[str, str] = {}
    tables: dict[str, dict[str, int]] = {}
    for file, frame in frames.items():
        status = found.statuses[file]
        body = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
        rows = [[*(str(field) for field in row), text] for row, text in zip(body, status, strict=True)]
        files[Path(file).name] = csv_text([*(str(c) for c in frame.columns), "status"], rows)
        tables[Path(file).name] = {name: status.count(name) for name in ("shown", "primary", "secondary")}
    hashes = {name: sha256(text.encode()).hexdigest() for name, text in files.items()}
    about = {**magnitude_summary(found), "tables": tables, "hashes": hashes, "seconds": round(seconds, 3)}
    files[RELEASE] = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return files


def table_csv(table: SafeTable) -> str:
    """A table as CSV text: dimensions, count (empty when withheld), status."""
    rows = [
        [*codes, "" if count is None else str(count), HIDDEN if count is None else SHOWN]
        for codes, count in zip(table.codes, table.counts, strict=True)
    ]
    return csv_text([*table.dims, "count", "status"], rows)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV, quoted only where needed, with line feeds."""
    lines: list[str] = []
    for row in (head, *rows):
        lines.append(",".join(_quoted(field) for field in row))
    return "\n".join(lines) + "\n"


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if any(c in field for c in ',"\r\n') else field


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write all files or nothing: a temporary sibling is filled, flushed to disk and renamed into place.

    An earlier release folder of ours at the same place is replaced; anything else there raises BadInput.
    """
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        draft.chmod(0o755)
        for name, text in files.items():
            with (draft / name).open("w", encoding="utf-8", newline="") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        _sync(draft)
        if folder.is_dir() and any(folder.iterdir()):
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
            folder.rename(old / "old")
            draft.rename(folder)
            shutil.rmtree(old)
        else:
            draft.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_target(folder: Path) -> None:
    """Raises BadInput when the output folder exists and is not empty nor an earlier release."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder.name}: exists and is not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RELEASE).is_file():
        raise BadInput(f"{folder.name}: holds other files; choose a new folder")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
