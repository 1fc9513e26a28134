"""The join index: who shares which token, in memory, only for parties that are present (cryptography page, point 8).

One DuckDB in memory per (domain, epoch); it reads and writes no file and never spills. Rows come from leased shares and
go when the lease ends, the record is withdrawn or the epoch closes. It joins on keyed hashes, never on tokens.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from connectors.contract.codes import Sterkte, TokenType

TOKEN_TYPES: Final = tuple(TokenType)
_TOKEN_NUMBER: Final = {kind: number for number, kind in enumerate(TOKEN_TYPES)}
_STRONG: Final = [n for n, kind in enumerate(TOKEN_TYPES) if kind.sterkte is Sterkte.STERK]
MAX_BLOCK: Final = 200
"""A block, or a middle identifier between records, that more than 200 records share tells nothing and is not joined
(cryptography page, composite tokens)."""

_SCHEMA: Final = """
CREATE TABLE rows (id UINTEGER, party VARCHAR, hi UBIGINT, lo UBIGINT, codes VARCHAR);
CREATE TABLE tokens (hi UBIGINT, lo UBIGINT, id UINTEGER, kind UTINYINT);
CREATE TABLE blocks (hi UBIGINT, lo UBIGINT, id UINTEGER, sketch BLOB);
"""


@dataclass(frozen=True, slots=True)
class BlockKey:
    """A block's join key (16 bytes) and the record's sketch in it (128 bytes)."""

    key: bytes
    sketch: bytes


@dataclass(frozen=True, slots=True)
class Sketch:
    """What one record or subject joins on: token join keys (16 bytes each) with their type, and blocks."""

    tokens: tuple[tuple[TokenType, bytes], ...]
    blocks: tuple[BlockKey, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A record as the index holds it; `codes` is the JSON of the row without its tokens."""

    record_id: str
    codes: str
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Known:
    """A record in the index, as an answer tells it."""

    party: str
    record_id: str
    codes: str


@dataclass(frozen=True, slots=True)
class SharedBlock:
    """Two sketches of one block, 128 bytes each, and how many records stand in it, the asker's subject too."""

    records: int
    asked: bytes
    found: bytes


@dataclass(frozen=True, slots=True)
class Match:
    """A subject of a question and a record that shares at least one token or block with it.

    `held_tokens`: what the record has in all, shared or not; scoring needs what disagrees too.
    """

    subject: int
    known: Known
    tokens: frozenset[TokenType]
    blocks: tuple[SharedBlock, ...]
    held_tokens: frozenset[TokenType] = frozenset()


class JoinIndex:
    """All indexes of the process. A held resource; one lock, since DuckDB connections are not shared by threads."""

    def __init__(self) -> None:
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        self._lock = threading.RLock()

    def put(self, domain: str, epoch: str, party: str, rows: Sequence[IndexRow]) -> None:
        """Add records; one that is there already is replaced."""
        with self._lock:
            self._shelf(domain, epoch).put(party, rows)

    def drop_party(self, domain: str, epoch: str, party: str) -> None:
        """Forget all records of a party: its lease ended or it left."""
        with self._lock:
            self._shelf(domain, epoch).drop_where("party = ?", [party])

    def drop_records(self, domain: str, epoch: str, party: str, record_ids: Sequence[str]) -> None:
        """Forget records of a party: withdrawn or erased."""
        with self._lock:
            self._shelf(domain, epoch).drop_records(party, record_ids)

    def drop_epoch(self, domain: str, epoch: str) -> None:
        """Forget a whole epoch."""
        with self._lock:
            shelf = self._shelves.pop((domain, epoch), None)
            if shelf is not None:
                shelf.close()

    def find(self, domain: str, epoch: str, subjects: Sequence[Sketch], parties: Sequence[str]) -> tuple[Match, ...]:
        """Every record of `parties` that shares a token or a block with a subject, in a fixed order."""
        with self._lock:
            return self._shelf(domain, epoch).find(subjects, parties)

    def entities(self, domain: str, epoch: str, parties: Sequence[str]) -> tuple[tuple[Known, ...], ...]:
        """The records of `parties`, grouped by person: linked by one strong identifier or two different middle ones.

        Groups and their members come in a fixed order.
        """
        with self._lock:
            return self._shelf(domain, epoch).entities(parties)

    def close(self) -> None:
        """Forget everything: the process ends."""
        with self._lock:
            for shelf in self._shelves.values():
                shelf.close()
            self._shelves.clear()

    def size(self, domain: str, epoch: str) -> int:
        """Number of records."""
        with self._lock:
            return self._shelf(domain, epoch).size()

    def _shelf(self, domain: str, epoch: str) -> "_Shelf":
        shelf = self._shelves.get((domain, epoch))
        if shelf is None:
            shelf = self._shelves[(domain, epoch)] = _Shelf()
        return shelf


class _Shelf:
    """One (domain, epoch)."""

    def __init__(self) -> None:
        self._db = duckdb.connect(":memory:", config={"threads": 2, "temp_directory": ""})
        self._db.execute("SET enable_external_access = false")
        self._db.execute(_SCHEMA)
        self._next = 0

    def close(self) -> None:
        self._db.close()

    def size(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM rows").fetchall()[0][0])

    def put(self, party: str, rows: Sequence[IndexRow]) -> None:
        if not rows:
            return
        self.drop_records(party, [row.record_id for row in rows])
        numbers = range(self._next, self._next + len(rows))
        self._next += len(rows)
        records = _halves([_record_bytes(row.record_id) for row in rows])
        frame = pd.DataFrame({"id": np.fromiter(numbers, np.uint32), **records, "codes": [row.codes for row in rows]})
        self._insert("rows", frame.assign(party=party)[["id", "party", "hi", "lo", "codes"]])
        tokens = [(n, kind, key) for n, row in zip(numbers, rows, strict=True) for kind, key in row.sketch.tokens]
        kinds = np.array([_TOKEN_NUMBER[kind] for _, kind, _ in tokens], dtype=np.uint8)
        self._insert("tokens", _keyed([t[2] for t in tokens], [t[0] for t in tokens]).assign(kind=kinds))
        blocks = [(n, block) for n, row in zip(numbers, rows, strict=True) for block in row.sketch.blocks]
        keyed = _keyed([b.key for _, b in blocks], [n for n, _ in blocks])
        self._insert("blocks", keyed.assign(sketch=pd.Series([b.sketch for _, b in blocks], dtype=object)))

    def drop_records(self, party: str, record_ids: Sequence[str]) -> None:
        gone = pd.DataFrame(_halves([_record_bytes(record_id) for record_id in record_ids]))
        if not len(gone) or not self.size():
            return
        self._db.register("gone", gone)
        self.drop_where("party = ? AND (hi, lo) IN (SELECT (hi, lo) FROM gone)", [party])
        self._db.unregister("gone")

    def drop_where(self, condition: str, values: list[str]) -> None:
        """`condition` is one of the two texts of this module, never a caller's."""
        going = f"SELECT id FROM rows WHERE {condition}"  # noqa: S608 - see the docstring
        for table in ("tokens", "blocks"):
            self._db.execute(f"DELETE FROM {table} WHERE id IN ({going})", values)  # noqa: S608
        self._db.execute(f"DELETE FROM rows WHERE {condition}", values)  # noqa: S608

    def find(self, subjects: Sequence[Sketch], parties: Sequence[str]) -> tuple[Match, ...]:
        tokens = [(n, kind, key) for n, subject in enumerate(subjects) for kind, key in subject.tokens]
        blocks = [(n, block) for n, subject in enumerate(subjects) for block in subject.blocks]
        self._register_question(tokens, blocks, parties)
        shared: dict[tuple[int, int], set[TokenType]] = {}
        for subject, row, kind in self._db.execute(_FIND_TOKENS).fetchall():
            shared.setdefault((subject, row), set()).add(TOKEN_TYPES[kind])
        compared: dict[tuple[int, int], list[SharedBlock]] = {}
        for subject, row, number, sketch, size in self._db.execute(_FIND_BLOCKS, [MAX_BLOCK]).fetchall():
            block = SharedBlock(size + 1, blocks[number][1].sketch, bytes(sketch))
            compared.setdefault((subject, row), []).append(block)
        pairs = sorted(shared.keys() | compared.keys())
        known = self._known(sorted({row for _, row in pairs}))
        held_tokens = self._held()
        return tuple(
            Match(
                subject,
                known[row],
                frozenset(shared.get((subject, row), ())),
                tuple(compared.get((subject, row), ())),
                frozenset(held_tokens.get(row, ())),
            )
            for subject, row in pairs
        )

    def _held(self) -> dict[int, set[TokenType]]:
        """What the rows that `_known` looked up last have in all."""
        tokens: dict[int, set[TokenType]] = {}
        for row, kind in self._db.execute(_HELD_TOKENS).fetchall():
            tokens.setdefault(row, set()).add(TOKEN_TYPES[kind])
        return tokens

    def _register_question(
        self, tokens: list[tuple[int, TokenType, bytes]], blocks: list[tuple[int, BlockKey]], parties: Sequence[str]
    ) -> None:
        kinds = np.array([_TOKEN_NUMBER[kind] for _, kind, _ in tokens], dtype=np.uint8)
        self._db.register("asked", _keyed([t[2] for t in tokens], [t[0] for t in tokens]).assign(kind=kinds))
        keyed = _keyed([b.key for _, b in blocks], [n for n, _ in blocks])
        self._db.register("asked_blocks", keyed.assign(number=np.arange(len(blocks), dtype=np.uint32)))
        self._db.register("present", pd.DataFrame({"party": pd.Series(list(parties), dtype=object)}))

    def entities(self, parties: Sequence[str]) -> tuple[tuple[Known, ...], ...]:
        self._db.register("present", pd.DataFrame({"party": pd.Series(list(parties), dtype=object)}))
        rows = [row[0] for row in self._db.execute(_PRESENT_ROWS).fetchall()]
        parent = {row: row for row in rows}
        for left, right in self._db.execute(_LINKS, [_STRONG, _STRONG, MAX_BLOCK]).fetchall():
            _union(parent, left, right)
        groups: dict[int, list[int]] = {}
        for row in rows:
            groups.setdefault(_root(parent, row), []).append(row)
        known = self._known(rows)
        return tuple(tuple(known[row] for row in members) for members in groups.values())

    def _known(self, rows: list[int]) -> dict[int, Known]:
        self._db.register("wanted", pd.DataFrame({"id": np.array(rows, dtype=np.uint32)}))
        found = self._db.execute(
            "SELECT id, party, hi, lo, codes FROM rows WHERE id IN (SELECT id FROM wanted)"
        ).fetchall()
        return {row: Known(party, _record_id(hi, lo), codes) for row, party, hi, lo, codes in found}

    def _insert(self, table: str, frame: pd.DataFrame) -> None:
        if len(frame):
            self._db.register("incoming", frame)
            self._db.execute(f"INSERT INTO {table} SELECT * FROM incoming")  # noqa: S608 - a name of this module
            self._db.unregister("incoming")


_FIND_TOKENS: Final = """
SELECT DISTINCT asked.id, t.id, t.kind
FROM asked JOIN tokens t ON t.hi = asked.hi AND t.lo = asked.lo AND t.kind = asked.kind
JOIN rows r ON r.id = t.id JOIN present p ON p.party = r.party
ORDER BY ALL
"""
_FIND_BLOCKS: Final = """
WITH small AS (
  SELECT b.hi, b.lo, count(*) AS size FROM blocks b WHERE (b.hi, b.lo) IN (SELECT (hi, lo) FROM asked_blocks)
  GROUP BY b.hi, b.lo HAVING count(*) <= ?
)
SELECT a.id, b.id, a.number, b.sketch, s.size
FROM asked_blocks a JOIN small s ON s.hi = a.hi AND s.lo = a.lo
JOIN blocks b ON b.hi = a.hi AND b.lo = a.lo
JOIN rows r ON r.id = b.id JOIN present p ON p.party = r.party
ORDER BY a.id, b.id, a.number
"""
_HELD_TOKENS: Final = "SELECT DISTINCT id, kind FROM tokens WHERE id IN (SELECT id FROM wanted)"
_PRESENT_ROWS: Final = """
SELECT r.id FROM rows r JOIN present p ON p.party = r.party ORDER BY r.party, r.hi, r.lo
"""
_LINKS: Final = """
WITH held AS (
  SELECT t.* FROM tokens t JOIN rows r ON r.id = t.id JOIN present p ON p.party = r.party
), strong AS (
  SELECT min(id) OVER (PARTITION BY hi, lo, kind) AS first, id FROM held WHERE list_contains(?, kind)
), middle AS (
  SELECT *, count(*) OVER (PARTITION BY hi, lo, kind) AS size FROM held WHERE NOT list_contains(?, kind)
), useful AS (SELECT * FROM middle WHERE size BETWEEN 2 AND ?)
SELECT first, id FROM strong WHERE first <> id
UNION ALL
SELECT a.id, b.id FROM useful a JOIN useful b ON a.hi = b.hi AND a.lo = b.lo AND a.kind = b.kind AND a.id < b.id
GROUP BY a.id, b.id HAVING count(DISTINCT a.kind) >= 2
"""


def _keyed(keys: list[bytes], ids: list[int]) -> pd.DataFrame:
    return pd.DataFrame({**_halves(keys), "id": np.array(ids, dtype=np.uint32)})


def _halves(keys: list[bytes]) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.uint64]]"]:
    both = np.frombuffer(b"".join(keys), dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return {"hi": both[:, 0], "lo": both[:, 1]}


def _record_bytes(record_id: str) -> bytes:
    return bytes.fromhex(record_id.replace("-", ""))


def _record_id(hi: int, lo: int) -> str:
    digits = f"{hi:016x}{lo:016x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _root(parent: dict[int, int], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


def _union(parent: dict[int, int], left: int, right: int) -> None:
    left, right = _root(parent, left), _root(parent, right)
    if left != right:
        parent[max(left, right)] = min(left, right)
