"""Reading and writing of the aggregator's files. A folder that we write appears whole or not at all."""

import csv
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from aggregator.documents import HIDDEN, RELEASE, SEAL, SHOWN
from aggregator.history import Counts, PublishedRelease, Truth
from aggregator.tables import (
    BadInput,
    Dimension,
    Hierarchy,
    Protection,
    ReleaseSpec,
    SafeTable,
    hierarchy_of,
)
from aggregator.tabulate import LARGEST_COUNT, LINE, at_row

# The true counts of release folder NAME, when kept, are in NAME.sealed or where --truth says: beside it, never in it.
SEALED = ".sealed"
# Bytes of a secret key: those of the hash that it keys.
SHORTEST_KEY = 32
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


def read_key(path: Path) -> bytes:
    """A secret key; raises BadInput when it cannot be read or is too short to be one."""
    try:
        key = path.read_bytes()
    except OSError:
        raise BadInput(f"{path.name}: cannot be read; check the path and your rights") from None
    if len(key) < SHORTEST_KEY:
        raise BadInput(f"{path.name}: a key has {SHORTEST_KEY} random bytes or more")
    return key


def read_frame(path: Path) -> pd.DataFrame:
    """A CSV file, every column as text, empty cells as missing; raises BadInput when it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            rows = [(reader.line_num, row) for row in reader if row or reader.line_num == 1]
    except UnicodeDecodeError:
        raise BadInput(f"{path.name}: not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise BadInput(f"{path.name}: not CSV: {error}") from None
    except OSError:
        raise BadInput(f"{path.name}: cannot be read; check the path and your rights") from None
    if not rows or not rows[0][1]:
        raise BadInput(f"{path.name}: empty; the first line names the columns")
    head = rows[0][1]
    for number, (line, row) in enumerate(rows[1:], start=1):
        if len(row) != len(head):
            raise BadInput(f"{path.name}: row {number} (line {line}): {len(row)} fields, the header has {len(head)}")
    index = pd.Index([line for line, _ in rows[1:]], name=LINE)
    frame = pd.DataFrame([row for _, row in rows[1:]], columns=pd.Index(head), index=index, dtype=object)
    return frame.where(frame != "", None)


def read_releases(ledger: Path | None) -> list[PublishedRelease]:
    """All releases in a ledger folder, in order of their names; raises BadInput when the folder is not there."""
    if ledger is None:
        return []
    if not ledger.is_dir():
        raise BadInput(f"{ledger.name}: no such folder; make an empty one before the first release")
    folders = [ledger] if any(ledger.glob("*.csv")) else sorted(path for path in ledger.iterdir() if path.is_dir())
    kept = [f for f in folders if not (f.name.endswith(SEALED) or f.name.startswith(".") or (f / SEAL).is_file())]
    return [read_release(f) for f in kept if not is_series(f)]


def check_place(folder: Path, ledger: Path | None, files: Mapping[str, str]) -> None:
    """Raises BadInput when a folder of the ledger already holds other tables than those about to be written."""
    if ledger is None or not folder.is_dir() or ledger.resolve() not in folder.resolve().parents:
        return
    before = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    if before and before != {name: text.encode() for name, text in files.items() if name.endswith(".csv")}:
        raise BadInput(f"{folder.name}: the ledger holds another release by this name; give a revision its own folder")


def is_series(folder: Path) -> bool:
    """Whether a release folder holds noised series: numbers that are charged for, and say nothing exact to attack."""
    described = _described(folder / RELEASE)
    return described is not None and described.method == Protection.SERIES


def named(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders by the name that tells them apart: their own, or their path when two have the same."""
    whole = [Path(os.path.abspath(folder)) for folder in folders]  # "." has no name of its own
    own = [folder.name for folder in whole]
    return {folder.name if own.count(folder.name) == 1 else str(folder): folder for folder in whole}


def read_release(
    folder: Path, k: int | None = None, spec: ReleaseSpec | None = None, name: str | None = None
) -> PublishedRelease:
    """A folder of published tables as an outsider reads it; `release.json`, when there, gives hierarchies, k, rounding.

    Raises BadInput (file, row, column) on a folder without tables, a cell twice, a count that is none, a `release.json`
    that cannot be read.
    """
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise BadInput(f"{folder.name}: no release folder: it holds no CSV tables")
    described = _described(folder / RELEASE)
    tables = tuple(table for path in files for table in _read_tables(path))
    dimensions = dict(spec.dimensions) if spec else described.dimensions if described else {}
    hierarchies: dict[str, Hierarchy] = {}
    for dim in sorted({dim for table in tables for dim in table.dims}):
        seen = {codes[t.dims.index(dim)] for t in tables if dim in t.dims for codes in t.codes}
        dimension = dimensions.get(dim) or Dimension(total=_guess_total(dim, tables))
        hierarchies[dim] = hierarchy_of(dim, dimension, seen, folder.name)
    threshold = k or (spec.k if spec else described.k if described else DEFAULT_K)
    population = spec.population if spec else described.population if described else ""
    mergers = {dim: dimension.mergers for dim, dimension in dimensions.items()}
    rounded = _reach(described, folder / RELEASE) if described else _reach(spec)
    return PublishedRelease(name or folder.name, threshold, population, hierarchies, tables, mergers, rounded)


def _reach(spec: ReleaseSpec | None, about: Path | None = None) -> int:
    """How far a published number may be from its count, plus one; 0 when numbers are exact.

    A release of ours says it; a spec alone tells what was asked, which the rounding may have exceeded by one base.
    """
    if spec is None or spec.method != Protection.ROUNDING or spec.base is None:
        return 0
    said = json.loads(about.read_text(encoding="utf-8")).get("rounded") if about else None
    return said if isinstance(said, int) and said > 0 else spec.base * (spec.steps + 1)


def _described(path: Path) -> ReleaseSpec | None:
    """The specification that a release of ours carries; None for a folder without. Raises BadInput when it is damaged:
    k, hierarchies and rounding would be guessed, and too little be found."""
    if not path.is_file():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return ReleaseSpec.model_validate(raw["spec"]) if isinstance(raw, dict) and "spec" in raw else None
    except ValueError:
        raise BadInput(
            f"{path.parent.name}: {path.name}: cannot be read; restore it, or remove it and name --spec"
        ) from None


def _read_tables(path: Path) -> list[SafeTable]:
    """A table, and the rows that it calls withheld although their count stands there: published and withheld."""
    frame = read_frame(path)
    table = _table(path, frame)
    if "status" not in frame.columns:
        return [table]
    called = [*(frame["status"] == HIDDEN)]
    told = [c for c, n, held in zip(table.codes, table.counts, called, strict=True) if held and n is not None]
    return [table, SafeTable(table.id, table.dims, tuple(told), (None,) * len(told))] if told else [table]


def _table(path: Path, frame: pd.DataFrame) -> SafeTable:
    if "count" not in frame.columns:
        raise BadInput(f"{path.name}: column 'count' is missing")
    dims = tuple(str(c) for c in frame.columns if c not in ("count", "status"))
    codes: list[tuple[str, ...]] = []
    counts: list[int | None] = []
    within: set[tuple[str, ...]] = set()
    for row in range(len(frame)):
        where = at_row(path.name, frame, row)
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
    if text is None or text == ".":
        if status == SHOWN:
            raise BadInput(f"{where}, column 'count': empty although the status is shown")
        return None
    value = str(text).strip()
    if value.endswith(".0"):
        value = value[:-2]
    if not (value.isascii() and value.isdigit()):
        raise BadInput(f"{where}, column 'count': not a whole number of 0 or more")
    if len(value) > len(str(LARGEST_COUNT)) or int(value) > LARGEST_COUNT:
        raise BadInput(f"{where}, column 'count': too large; a cell has at most {LARGEST_COUNT} cases")
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
    table = _table(path, read_frame(path))
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


def read_truth(folders: Mapping[str, Path], sealed: Path | None = None) -> Truth:
    """The sealed counts of release folders by name, each in NAME.sealed beside it if there; of the last one in `sealed`
    when given (BadInput when that is not there)."""
    if sealed is not None and not sealed.is_dir():
        raise BadInput(f"{sealed.name}: no such folder of true counts")
    places = {name: folder.with_name(folder.name + SEALED) for name, folder in folders.items()}
    if sealed is not None and folders:
        places[list(folders)[-1]] = sealed
    return Truth({}, {name: _true_counts(place) for name, place in places.items() if place.is_dir()})


def _true_counts(sealed: Path) -> Counts:
    tables = [_table(path, read_frame(path)) for path in sorted(sealed.glob("*.csv"))]
    return {(t.id, c): n for t in tables for c, n in zip(t.codes, t.counts, strict=True) if n is not None}


def write_folder(folder: Path, files: Mapping[str, str], secret: bool = False) -> None:
    """Write all files or nothing: a temporary sibling is filled, flushed to disk and renamed into place.

    An earlier release folder of ours at the same place is replaced; anything else there, and a place that cannot be
    written, raises BadInput. `secret` makes the folder and its files readable to their owner alone, from the first byte
    on.
    """
    check_target(folder, SEAL if secret else RELEASE)
    try:
        _write(folder.resolve(), files, secret)
    except OSError:
        raise BadInput(f"{folder.name}: cannot be written; check the path, your rights and the disk") from None


def _write(folder: Path, files: Mapping[str, str], secret: bool) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, text in files.items():
            with (draft / name).open("w", encoding="utf-8", newline="") as stream:
                if secret:
                    os.fchmod(stream.fileno(), 0o600)
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        draft.chmod(0o700 if secret else 0o755)
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


def check_target(folder: Path, marker: str = RELEASE, reads: Iterable[Path] = ()) -> None:
    """Raises BadInput when the output folder exists and is not empty nor of the same kind (it holds `marker`), when
    there is no folder to make it in, or when one of `reads` stands in it: an earlier release is replaced as a whole."""
    whole, name = folder.resolve(), folder.name or str(folder)
    above = next(parent for parent in whole.parents if parent.exists())
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise BadInput(f"{name}: cannot be made there; check the path and your rights")
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{name}: exists and is not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / marker).is_file():
        raise BadInput(f"{name}: holds other files; choose a new folder")
    for path in reads:
        if whole in (path.resolve(), *path.resolve().parents):
            raise BadInput(f"{name}: holds {path.name or path}, which this command reads; choose a new folder")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
