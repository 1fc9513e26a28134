"""Link files for measuring, made with HMAC in place of the OPRF.

Tokens, blocks and block keys have the same equality structure as those of two custodians, at a fraction of the time,
so precision, recall and speed of matching are the same. The key is public: never use it on real people.
"""

import csv
import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.contested import FileClaims
from connectors.contract.codes import TokenKlasse
from connectors.contract.linkfile import LinkFileHeader, arrow_schema
from connectors.link_rows import record_batch
from connectors.namesakes import FileCounts
from connectors.offline import FirstReading
from connectors.tokenise import Prepared, prepare, tokenise
from pseudonymizer.identity import NORM_VERSION, RawIdentity
from pseudonymizer.linkage import ENCODER_VERSION
from pseudonymizer.oprf.message import block_id

_KEY: Final = b"schakel linkage stand-in, not secret"
_ROWS_PER_TASK: Final = 2000
HEADER: Final = LinkFileHeader(
    domain="MONITOR",
    epoch="2026",
    norm=str(NORM_VERSION),
    encoder=str(ENCODER_VERSION),
    keys=hashlib.sha256(_KEY).hexdigest(),
)

_Task = tuple[int, Sequence[Prepared], Sequence[AbstractSet[bytes]]]
File = tuple[Sequence[RawIdentity], Path]
"""People in order, and where their link file goes."""


def evaluate(_: TokenKlasse, messages: Sequence[bytes]) -> list[bytes | None]:
    """HMAC in place of the OPRF."""
    return [hmac.digest(_KEY, message, "sha256") for message in messages]


def write_link_file(people: Sequence[RawIdentity], target: Path, workers: int = 2) -> None:
    """Encode people in order and write them, each block for whom `pseudonymize` does; 700 records a second and core.

    Raises what the disk raises.
    """
    prepared = prepare_file(people)
    _write((prepared, target), _first_come(prepared), workers)


def write_world(files: Sequence[File], workers: int = 2) -> None:
    """Link files that will be matched with each other only: a block that no other of them has is a dummy.

    Such a block can meet nobody, so matching finds exactly what it finds in the files of `write_link_file`, and takes
    as long; it is made in a quarter of the time.
    """
    prepared = [prepare_file(people) for people, _ in files]
    held = [_first_come(people) for people in prepared]
    times = Counter(block for each in held for block in set().union(*each))
    for people, (_, target), mine in zip(prepared, files, held, strict=True):
        _write((people, target), [{block for block in blocks if times[block] > 1} for blocks in mine], workers)


def prepare_file(people: Sequence[RawIdentity], *, shared: bool = False) -> list[Prepared]:
    """People of one file, in order, as `pseudonymize` prepares them: with how rare their names are in it, and without
    the composites that two of them have; `shared`: with those too, for an attack on an encoder without that rule."""
    prepared, counts, claims = (
        [prepare(raw, bsn=True, composite=True) for raw in people],
        FileCounts(),
        FileClaims(_KEY),
    )
    for person in prepared:
        counts.add(person.norm)
        claims.add(person.norm, () if shared else [message for _, message in person.blocks])
    return FirstReading(counts, claims.contested(), {}).people(prepared)


def _write(file: tuple[Sequence[Prepared], Path], held: Sequence[AbstractSet[bytes]], workers: int) -> None:
    people, target = file
    starts = range(0, len(people), _ROWS_PER_TASK)
    tasks: list[_Task] = [(at, people[at : at + _ROWS_PER_TASK], held[at : at + _ROWS_PER_TASK]) for at in starts]
    with ProcessPoolExecutor(workers) as pool, pq.ParquetWriter(target, arrow_schema(HEADER)) as writer:
        for batch in pool.map(_encode, tasks):
            writer.write_batch(batch)


def _first_come(people: Sequence[Prepared]) -> list[set[bytes]]:
    """Block ids by record, each with the first row of the one person who has it."""
    given: set[bytes] = set()
    held = []
    for person in people:
        messages = [message for _, message in person.blocks]
        held.append({block_id(value) for value in evaluate(TokenKlasse.CX, messages) if value is not None} - given)
        given |= held[-1]
    return held


def _encode(task: _Task) -> pa.RecordBatch:
    start, people, held = task
    return record_batch(start, tokenise(people, evaluate, os.urandom, lambda _: held))


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
