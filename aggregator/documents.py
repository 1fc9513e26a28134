"""What stands in the files that the aggregator writes, as text by file name. Pure: `files` puts them on the disk."""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pandas as pd

from aggregator.history import Transcript, unbounded
from aggregator.magnitude import MagnitudeResult
from aggregator.protect import SafeRelease
from aggregator.series import SeriesPlan
from aggregator.tables import CountTable, ReleaseSpec, SafeTable

SHOWN, HIDDEN = "shown", "withheld"
# What a release folder holds beside its tables.
RELEASE, TRANSCRIPT = "release.json", "attack.json"
# What a folder of true counts holds beside its tables.
SEAL = "sealed.json"


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


def release_files(
    release: SafeRelease, spec: ReleaseSpec, seconds: Mapping[str, float], commitment: str = ""
) -> dict[str, str]:
    """Every file of a release folder by name. Nothing in it comes from a withheld count or a plain hash of input.

    `commitment` is the keyed digest of the input, whose key is in the sealed truth; empty when no truth is kept.
    """
    files = {f"{table.id}.csv": table_csv(table) for table in release.tables}
    dimensions = {
        name: d.model_copy(update={"codes": tuple(c for c in release.hierarchies[name].order if c != d.total)})
        for name, d in spec.dimensions.items()
    }
    described = spec.model_copy(update={"dimensions": dimensions, "partner": None, "partner_separator": None})
    cells = sum(len(table.counts) for table in release.tables)
    held = sum(count is None for table in release.tables for count in table.counts)
    about = {
        "pattern": release.pattern,
        "tables": {name: sha256(text.encode()).hexdigest() for name, text in files.items()},
        "cells": cells,
        "withheld": held,
        "gap": round(release.gap, 6),
        "rounds": release.rounds,
        "spec": described.model_dump(mode="json", exclude_none=True),
        "timings": {name: round(value, 3) for name, value in seconds.items()},
        **({"rounded": release.rounded} if release.rounded else {}),
        **({"input_commitment": commitment} if commitment else {}),
    }
    files[RELEASE] = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    files[TRANSCRIPT] = json.dumps(transcript_json(release.transcript), ensure_ascii=False, indent=1) + "\n"
    return files


def series_files(plan: SeriesPlan, tables: Sequence[SafeTable], commitment: str = "") -> dict[str, str]:
    """Every file of a folder of series by name: the tables, and what was charged for them and how exact they are."""
    files = {f"{table.id}.csv": table_csv(table) for table in tables}
    about = {
        "tables": {name: sha256(text.encode()).hexdigest() for name, text in files.items()},
        "unit": "one case added or left out, zCDP",
        "rho": str(plan.spec.rho),
        "accuracy_95": series_accuracy(plan),
        "scale": {t.id: round(m.scale, 6) for t, m in zip(plan.spec.tables, plan.mechanisms, strict=True)},
        "spec": plan.spec.model_dump(mode="json", exclude_none=True),
        **({"input_commitment": commitment} if commitment else {}),
    }
    files[RELEASE] = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return files


def series_accuracy(plan: SeriesPlan) -> dict[str, int]:
    """Table -> distance within which at least 95 % of its numbers lie from their counts."""
    return {table.id: mechanism.accuracy for table, mechanism in zip(plan.spec.tables, plan.mechanisms, strict=True)}


def sealed_files(tables: Sequence[CountTable], spec: bytes, micro: bytes, key: bytes) -> dict[str, str]:
    """Every file of a folder of true counts: the tables, and digests by which an auditor ties release and input.

    `key` is the fresh random key of the release's `input_commitment`: HMAC-SHA256(key, input). A plain digest of the
    input stays here, because given the margins few inputs are possible and each could be tried.
    """
    files = {f"{t.id}.csv": table_csv(SafeTable(t.id, t.dims, t.codes, t.counts)) for t in tables}
    about = {
        "commitment_key": key.hex(),
        "input_commitment": commitment_of(key, micro),
        "input_sha256": sha256(micro).hexdigest(),
        "spec_sha256": sha256(spec).hexdigest(),
    }
    files[SEAL] = json.dumps(about, indent=1, sort_keys=True) + "\n"
    return files


def commitment_of(key: bytes, micro: bytes) -> str:
    """HMAC-SHA256 of the input's bytes, in hex: binds a release to its input, and tells nothing without the key."""
    return hmac.digest(key, micro, "sha256").hex()


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
