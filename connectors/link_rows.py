"""Rows of a link file: from encodings to Arrow columns, and every block id once in the whole file.

What two people have has gone before (`connectors.contested`). Of rows of one person the first has a block; entries of
later rows under it become dummies (`connectors.tokenise`).
What was given out stands in a temporary SQLite file that only this process can open, so memory stays bounded.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import accumulate, islice
from typing import Final

import pyarrow as pa

from connectors.contract.linkfile import (
    BLOCK,
    BLOCK_BYTES,
    BLOCKS,
    ROW,
    SKETCH,
    SKETCH_BYTES,
    TOKEN_BYTES,
    TOKENS,
    LinkFileHeader,
    arrow_schema,
)
from connectors.tokenise import Encoding

_MARK: Final = 8
"""Bytes of a block id by which it is known again: among a hundred million entries five in 10^12 are mistaken."""


def once(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Every block id once in the file; later entries under it become dummies."""
    with closing(sqlite3.connect("", isolation_level=None)) as given:
        given.execute("CREATE TABLE given (mark BLOB PRIMARY KEY) WITHOUT ROWID")
        for batch in batches:
            entries = batch.column(BLOCKS).flatten()
            ids, masks = entries.field(BLOCK).to_pylist(), entries.field(SKETCH).to_pylist()
            given.execute("BEGIN")
            for at, name in enumerate(ids):
                if not given.execute("INSERT OR IGNORE INTO given VALUES (?)", (name[:_MARK],)).rowcount:
                    ids[at], masks[at] = os.urandom(BLOCK_BYTES), os.urandom(SKETCH_BYTES)
            given.execute("COMMIT")
            yield _replaced(batch, ids, masks)


def _replaced(batch: pa.RecordBatch, ids: Sequence[bytes], masks: Sequence[bytes]) -> pa.RecordBatch:
    """The same rows with other block ids and sketches, each row's entries in the order of their ids."""
    lists = batch.column(BLOCKS)
    rows = zip(ids, masks, strict=True)
    blocks = [sorted(islice(rows, length)) for length in lists.value_lengths().to_pylist()]
    place = batch.schema.get_field_index(BLOCKS)
    return batch.set_column(place, batch.schema.field(BLOCKS), _block_lists(batch.schema, blocks))


def record_batch(first: int, people: Sequence[Encoding]) -> pa.RecordBatch:
    # The header's metadata belongs to the file, not to its parts: any header gives the same columns.
    schema = arrow_schema(LinkFileHeader("-", "-", "-", "-", "-")).remove_metadata()
    tokens = [token for person in people for token in person.tokens]
    token_columns = [_text([t for t, _ in tokens]), _binary([v for _, v in tokens], TOKEN_BYTES)]
    arrays = [
        pa.array(list(range(first, first + len(people))), schema.field(ROW).type),
        _lists(schema.field(TOKENS), token_columns, [len(person.tokens) for person in people]),
        _block_lists(schema, [[entry[1:] for entry in person.blocks] for person in people]),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _block_lists(schema: pa.Schema, people: Sequence[Sequence[tuple[bytes, ...]]]) -> pa.Array:
    blocks = [block for person in people for block in person]
    columns = [
        _binary([name for name, _ in blocks], BLOCK_BYTES),
        _binary([bits for _, bits in blocks], SKETCH_BYTES),
    ]
    return _lists(schema.field(BLOCKS), columns, [len(person) for person in people])


def _text(values: Sequence[str]) -> pa.Array:
    return pa.array([str(value) for value in values], pa.string())


def _binary(values: Sequence[bytes], width: int) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(values), [None, pa.py_buffer(b"".join(values))])


def _lists(field: pa.Field, columns: list[pa.Array], lengths: Sequence[int]) -> pa.Array:
    """A column of lists of structs from flat columns and the length of each row's list."""
    offsets = pa.array([0, *accumulate(lengths)], pa.int32())
    structs = pa.StructArray.from_arrays(columns, fields=list(field.type.value_type))
    return pa.ListArray.from_arrays(offsets, structs, type=field.type)
