"""Candidates: which records of two link files share a block or a token, and what the shared blocks say.

One SQL text (`candidates`) runs on every engine; an engine is anything that answers SQL with columns. Filters are
compared with numpy bit operations outside the engine. Blocks that hold more than `MAX_BLOCK` records of two files are
dropped (design/cryptography.md, "Composite tokens"); counting per pair of files keeps a score independent of who else
takes part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Columns = Mapping[str, NDArray[np.generic]]

BLOCK_TYPES: Final = ("cx.D", "cx.P", "cx.SF", "cx.PC", "cx.P2", "cx.SX", "cx.S4", "cx.SM", "cx.SY", "cx.SN")
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
CLK_BITS: Final = 1024
SLOTS: Final = 64
"""At most 64 tokens a record, so `row * 64 + position` numbers a block entry within its file."""
_CHUNK: Final = 400_000


def candidates(table: str) -> str:
    """The candidate join over `blocks` or `tokens`: pairs of entries of different files under one key.

    Plain SQL without any engine's own functions, so DuckDB and Spark run the same text.
    """
    return f"""
    WITH sizes AS (SELECT file, key, count(*) AS records FROM {table} GROUP BY file, key)
    SELECT l.file AS left_file, r.file AS right_file, l.item AS left_item, r.item AS right_item,
           ls.records + rs.records AS records
    FROM {table} l
    JOIN sizes ls ON ls.file = l.file AND ls.key = l.key
    JOIN sizes rs ON rs.key = l.key AND rs.file > l.file
    JOIN {table} r ON r.file = rs.file AND r.key = rs.key
    WHERE ls.records + rs.records <= {MAX_BLOCK}
    """  # noqa: S608 - a table name of ours


class Engine(Protocol):
    """What answers SQL: DuckDB in one process, Spark on a cluster."""

    def read(self, files: Sequence[str]) -> None:
        """Make views `records(file, row)`, `blocks(file, item, kind, key, clk)` and `tokens(file, item, kind, key)`.

        `file` is the position in `files`, `item` is `row * SLOTS + position`, `kind` the position in BLOCK_TYPES or
        TOKEN_TYPES (-1 when unknown), `key` the block id or token.
        """

    def columns(self, sql: str) -> Columns:
        """Run one query and return its columns, all of one length."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of each record of one file; arrays share their first axis and are ordered by `row`."""

    row: Ints
    block_counts: Floats  # (n, 10): blocks of each type
    tokens: Ints  # (n, 10): code of the token of each type, -1 where there is none

    def place(self, item: NDArray[np.generic]) -> Ints:
        """Positions of the records that entries belong to."""
        return _place(self.row, item)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What blocks and tokens of two files say of each candidate pair; arrays share their first axis, pairs sorted."""

    left: Ints  # position in the left FileFacts
    right: Ints
    shared: Floats  # (n, 10): shared blocks of each type
    company: Floats  # (n, 10): log(records - 1) of the smallest shared block of the type, else 0
    dice: Floats  # mean over shared blocks
    left_bits: Floats  # bits set before collisions, estimated, mean over shared blocks
    right_bits: Floats
    union_bits: Floats
    left_has: Floats  # (n, 10): blocks of each type that the left record has
    right_has: Floats
    agree: Floats  # (n, 10): +1 same token, -1 both have one and they differ, 0 one is missing


def facts(engine: Engine, file: int) -> FileFacts:
    """Counts and token codes of one file. Token codes are comparable over files: they come from one ranking."""
    row = np.sort(engine.columns(f"SELECT row FROM records WHERE file = {file:d}")["row"].astype(np.int64))  # noqa: S608
    found = engine.columns(f"SELECT item, kind FROM blocks WHERE file = {file:d}")  # noqa: S608
    counts = np.zeros((len(row), len(BLOCK_TYPES)))
    np.add.at(counts, (_place(row, found["item"]), found["kind"].astype(np.int64)), 1.0)
    ranking = "SELECT file, item, kind, dense_rank() OVER (ORDER BY key) AS code FROM tokens"
    ranked = engine.columns(f"SELECT item, kind, code FROM ({ranking}) t WHERE file = {file:d}")  # noqa: S608
    tokens = np.full((len(row), len(TOKEN_TYPES)), -1, dtype=np.int64)
    tokens[_place(row, ranked["item"]), ranked["kind"].astype(np.int64)] = ranked["code"].astype(np.int64)
    return FileFacts(row, counts, tokens)


def filters(engine: Engine, file: int) -> "Filters":
    """Filters of one file, of blocks that another file has too; the others can meet nobody."""
    shared = "SELECT key FROM blocks GROUP BY key HAVING min(file) < max(file)"
    found = engine.columns(
        f"SELECT item, kind, clk FROM blocks WHERE file = {file:d} AND key IN ({shared}) ORDER BY item"  # noqa: S608
    )
    words = np.frombuffer(b"".join(found["clk"].tolist()), dtype="<u8").reshape(-1, CLK_BITS // 64)
    return Filters(found["item"].astype(np.int64), found["kind"].astype(np.int64), words.astype(np.uint64))


def _place(row: Ints, item: NDArray[np.generic]) -> Ints:
    return np.searchsorted(row, item.astype(np.int64) // SLOTS).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Filters:
    """Bloom filters of one file's block entries: `item` ascending, `clk` (n, 16) words of 64 bits."""

    item: Ints
    kind: Ints
    clk: NDArray[np.uint64]

    def take(self, items: Ints) -> Ints:
        """Positions of entries."""
        return np.searchsorted(self.item, items).astype(np.int64)


def estimated_bits(popcount: Floats) -> Floats:
    """Bits set before collisions, from the number of ones (Swamidass and Baldi 2007, equation 1)."""
    return -CLK_BITS * np.log1p(-np.minimum(popcount, CLK_BITS - 1) / CLK_BITS)


def compare(left: Filters, right: Filters, at_left: Ints, at_right: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """(dice, left bits, right bits, union bits) of pairs of entries; works in chunks, so memory stays bounded."""
    left_ones = np.bitwise_count(left.clk).sum(axis=1, dtype=np.int64)
    right_ones = np.bitwise_count(right.clk).sum(axis=1, dtype=np.int64)
    both = np.empty(len(at_left))
    for start in range(0, len(at_left), _CHUNK):
        part = slice(start, start + _CHUNK)
        both[part] = np.bitwise_count(left.clk[at_left[part]] & right.clk[at_right[part]]).sum(axis=1, dtype=np.int64)
    ones_left, ones_right = left_ones[at_left].astype(float), right_ones[at_right].astype(float)
    total = np.maximum(ones_left + ones_right, 1.0)
    return (
        2 * both / total,
        estimated_bits(ones_left),
        estimated_bits(ones_right),
        estimated_bits(ones_left + ones_right - both),
    )


@dataclass(frozen=True, slots=True)
class BlockPairs:
    """Pairs of entries of two files that share a key, with the number of records of both files under that key."""

    left_item: Ints
    right_item: Ints
    records: Ints


def evidence(left: FileFacts, right: FileFacts, pairs: BlockPairs, filters: tuple[Filters, Filters]) -> Evidence:
    """Gather entry pairs into record pairs."""
    at_left, at_right = filters[0].take(pairs.left_item), filters[1].take(pairs.right_item)
    kind = filters[0].kind[at_left]
    key = left.place(pairs.left_item) * max(len(right.row), 1) + right.place(pairs.right_item)
    unique, inverse = np.unique(key, return_inverse=True)
    size = len(unique)
    at = unique // max(len(right.row), 1), unique % max(len(right.row), 1)
    shared = np.zeros((size, len(BLOCK_TYPES)))
    np.add.at(shared, (inverse, kind), 1.0)
    company = np.full((size, len(BLOCK_TYPES)), np.inf)
    np.minimum.at(company, (inverse, kind), np.log(np.maximum(pairs.records - 1, 1).astype(float)))
    times = np.maximum(shared.sum(axis=1), 1.0)
    means = [
        np.bincount(inverse, values, size) / times for values in compare(filters[0], filters[1], at_left, at_right)
    ]
    return Evidence(
        left=at[0],
        right=at[1],
        shared=shared,
        company=np.where(shared > 0, company, 0.0),
        dice=means[0],
        left_bits=means[1],
        right_bits=means[2],
        union_bits=means[3],
        left_has=left.block_counts[at[0]],
        right_has=right.block_counts[at[1]],
        agree=agreement(left.tokens[at[0]], right.tokens[at[1]]),
    )


def agreement(left: Ints, right: Ints) -> Floats:
    """+1 where both have the same token of a type, -1 where both have one and they differ, else 0."""
    both = (left >= 0) & (right >= 0)
    return np.where(both, np.where(left == right, 1.0, -1.0), 0.0)
