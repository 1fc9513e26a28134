"""Candidates: which records of two link files share a block or a token, and what the shared blocks say.

One SQL text (`candidates`) runs on every engine; an engine is anything that answers SQL with columns. Sketches are
compared with numpy outside the engine. A block has one record a file, for a connector uses it once; what more than
`MAX_BLOCK` records of two files share (design/cryptography.md, "Composite tokens") is dropped, counted per pair of
files so that a score does not depend on who else takes part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.matching.sketches import Bytes, Floats, Ints, Likeness, likeness, rows_of

Columns = Mapping[str, NDArray[np.generic]]

TOKEN_TYPES: Final = (
    "id.bsn",
    "id.vnr",
    "id.doc",
    "id.kvk",
    "id.phone",
    "id.iban",
    "id.plate",
    "id.addr",
    "id.email",
    "id.handle",
)
STRONG: Final = 4
"""The first four token types are `sterk`, the others `middel` (record.md)."""

MAX_BLOCK: Final = 200
SLOTS: Final = 64
"""At most 64 tokens a record, so `row * 64 + position` numbers a block entry within its file."""


def candidates(table: str) -> str:
    """The candidate join over `blocks` or `tokens`: pairs of entries of different files under one key.

    Plain SQL without any engine's own functions, so DuckDB and Spark run the same text.
    """
    return f"""
    WITH sizes AS (SELECT file, key, count(*) AS records FROM {table} GROUP BY file, key)
    SELECT l.file AS left_file, r.file AS right_file, l.item AS left_item, r.item AS right_item
    FROM {table} l
    JOIN sizes ls ON ls.file = l.file AND ls.key = l.key
    JOIN sizes rs ON rs.key = l.key AND rs.file > l.file
    JOIN {table} r ON r.file = rs.file AND r.key = rs.key
    WHERE ls.records + rs.records <= {MAX_BLOCK}
    """  # noqa: S608 - a table name of ours


class Engine(Protocol):
    """What answers SQL: DuckDB in one process, Spark on a cluster."""

    def read(self, files: Sequence[str]) -> None:
        """Make views `records(file, row)`, `blocks(file, item, key, sketch)` and `tokens(file, item, key, kind)`.

        `file` is the position in `files`, `item` is `row * SLOTS + position`, `kind` the position in TOKEN_TYPES
        (-1 when unknown), `key` the block id or token.
        """

    def columns(self, sql: str) -> Columns:
        """Run one query and return its columns, all of one length."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of each record of one file; arrays share their first axis and are ordered by `row`."""

    row: Ints
    encoded: NDArray[np.bool_]  # whether the record has entries: a name, a date, a phone or a document
    tokens: Ints  # (n, 10): code of the token of each type, -1 where there is none

    def place(self, item: NDArray[np.generic]) -> Ints:
        """Positions of the records that entries belong to."""
        return _place(self.row, item)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What blocks and tokens of two files say of each candidate pair; arrays share their first axis, pairs sorted."""

    left: Ints  # position in the left FileFacts
    right: Ints
    shared: Floats  # (n,): how many blocks they share
    like: Likeness
    agree: Floats  # (n, 10): +1 same token, -1 both have one and they differ, 0 one is missing


def facts(engine: Engine, file: int) -> FileFacts:
    """Rows and token codes of one file. Token codes are comparable over files: they come from one ranking."""
    row = np.sort(engine.columns(f"SELECT row FROM records WHERE file = {file:d}")["row"].astype(np.int64))  # noqa: S608
    found = engine.columns(f"SELECT DISTINCT (item - item % {SLOTS}) AS item FROM blocks WHERE file = {file:d}")  # noqa: S608
    encoded = np.zeros(len(row), dtype=bool)
    encoded[_place(row, found["item"])] = True
    ranking = "SELECT file, item, kind, dense_rank() OVER (ORDER BY key) AS code FROM tokens"
    ranked = engine.columns(f"SELECT item, kind, code FROM ({ranking}) t WHERE file = {file:d}")  # noqa: S608
    tokens = np.full((len(row), len(TOKEN_TYPES)), -1, dtype=np.int64)
    tokens[_place(row, ranked["item"]), ranked["kind"].astype(np.int64)] = ranked["code"].astype(np.int64)
    return FileFacts(row, encoded, tokens)


def entries(engine: Engine, file: int) -> "Entries":
    """Entries of one file under blocks that another file has too; the others can meet nobody."""
    shared = "SELECT key FROM blocks GROUP BY key HAVING min(file) < max(file)"
    found = engine.columns(
        f"SELECT item, sketch FROM blocks WHERE file = {file:d} AND key IN ({shared}) ORDER BY item"  # noqa: S608
    )
    return Entries(found["item"].astype(np.int64), rows_of(found["sketch"].tolist()))


def _place(row: Ints, item: NDArray[np.generic]) -> Ints:
    return np.searchsorted(row, item.astype(np.int64) // SLOTS).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Entries:
    """Block entries of one file: `item` ascending, `sketch` (n, 128) bytes."""

    item: Ints
    sketch: Bytes

    def take(self, items: Ints) -> Ints:
        """Positions of entries."""
        return np.searchsorted(self.item, items).astype(np.int64)


@dataclass(frozen=True, slots=True)
class EntryPairs:
    """Pairs of entries of two files that share a key."""

    left_item: Ints
    right_item: Ints


def evidence(left: FileFacts, right: FileFacts, pairs: EntryPairs, entries: tuple[Entries, Entries]) -> Evidence:
    """Gather entry pairs into record pairs."""
    at_left, at_right = entries[0].take(pairs.left_item), entries[1].take(pairs.right_item)
    width = max(len(right.row), 1)
    key = left.place(pairs.left_item) * width + right.place(pairs.right_item)
    unique, inverse = np.unique(key, return_inverse=True)
    one, other = unique // width, unique % width
    return Evidence(
        left=one,
        right=other,
        shared=np.bincount(inverse, minlength=len(unique)).astype(np.float64),
        like=likeness(entries[0].sketch[at_left], entries[1].sketch[at_right], inverse, len(unique)),
        agree=agreement(left.tokens[one], right.tokens[other]),
    )


def agreement(left: Ints, right: Ints) -> Floats:
    """+1 where both have the same token of a type, -1 where both have one and they differ, else 0."""
    both = (left >= 0) & (right >= 0)
    return np.where(both, np.where(left == right, 1.0, -1.0), 0.0)
