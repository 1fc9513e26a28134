"""Link files for measuring, made with HMAC in place of the OPRF.

Tokens, blocks and block keys have the same equality structure as those of two custodians, at a fraction of the time,
so precision, recall and speed of matching are the same. The key is public: never use it on real people.
"""

import csv
import hashlib
import hmac
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.contract.linkfile import LinkFileHeader, arrow_schema
from pseudonymizer.identity import NORM_VERSION, RawIdentity
from pseudonymizer.linkage import ENCODER_VERSION, clks, composites
from pseudonymizer.normalise import normalise
from pseudonymizer.tokens import identifiers

_KEY: Final = b"schakel linkage stand-in, not secret"
_ROWS_PER_TASK: Final = 2000
HEADER: Final = LinkFileHeader(
    domain="MONITOR",
    epoch="2026",
    norm=str(NORM_VERSION),
    encoder=str(ENCODER_VERSION),
    keys=hashlib.sha256(_KEY).hexdigest(),
)

_Row = dict[str, object]


def _z(kind: str, value: str) -> bytes:
    return hmac.digest(_KEY, f"{kind}\x1f{value}".encode(), "sha256")


def encode(row: int, raw: RawIdentity) -> _Row:
    """One row of a link file: what the connector makes of one person, with HMAC as Z."""
    norm = normalise(raw)
    tokens = sorted((_z(item.type, item.value), item.type) for item in identifiers(norm))
    outputs = [(item.type, _z(item.type, item.value)) for item in composites(norm)]
    filters = clks([hashlib.sha256(b"schakel1 key" + z).digest() for _, z in outputs], norm)
    blocks = sorted(
        (hashlib.sha256(b"schakel1 blk" + z).digest()[:16], kind, clk)
        for (kind, z), clk in zip(outputs, filters, strict=True)
    )
    return {
        "row": row,
        "tokens": [{"type": kind, "value": value} for value, kind in tokens],
        "blocks": [{"type": kind, "block": block, "clk": clk} for block, kind, clk in blocks],
    }


def _encode_many(task: tuple[int, Sequence[RawIdentity]]) -> list[_Row]:
    start, people = task
    return [encode(start + place, raw) for place, raw in enumerate(people)]


def write_link_file(people: Sequence[RawIdentity], target: Path, workers: int = 2) -> None:
    """Encode people in order and write them; about 2,500 records a second and core."""
    tasks = [(start, people[start : start + _ROWS_PER_TASK]) for start in range(0, len(people), _ROWS_PER_TASK)]
    schema = arrow_schema(HEADER)
    with ProcessPoolExecutor(workers) as pool, pq.ParquetWriter(target, schema) as writer:
        for rows in pool.map(_encode_many, tasks):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def read_people(source: Path, traits: dict[str, str]) -> tuple[list[RawIdentity], list[str]]:
    """People and their `eid` (the truth) from a CSV; `traits` says which column gives which field of RawIdentity."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    people = [RawIdentity(**{trait: row[column] for trait, column in traits.items()}) for row in rows]
    return people, [row["eid"] for row in rows]


DEV_TRAITS: Final = {
    "voornaam": "given",
    "achternaam": "family",
    "geboortedatum": "dob",
    "geslacht": "sex",
    "nationaliteit": "nat",
    "telefoon": "phone",
    "document": "doc",
}
"""Columns of the shared development file."""
