"""The link file: what `schakel-connector pseudonymize` writes and `schakel-gateway link` reads (Parquet).

One row per source row. It holds tokens, block ids and block-keyed sketches: no identifier, no code, no record id.
Offline use only: such a file was made without a ticket and is refused as a submission.

    row      int64                                zero-based row of the source, header not counted; each once, ascending
    tokens   list<struct<type, value>>            `id.*`, OPRF output P, 32 bytes
    blocks   list<struct<block, sketch>>          block id 16 bytes, sketch 128 bytes (encoder 4); each block id once in
                                                  a file, and the same number in every row that has any

The key-value metadata says under which keys and rules the file was made; two files whose values of `COMPARABLE` differ
cannot be matched, and a reader refuses them rather than find nothing. Columns are plain data, so that DuckDB and Spark
read them without this project; this module needs pyarrow only where it builds the schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    import pyarrow as pa

VERSION: Final = "3"

ROW: Final = "row"
TOKENS: Final = "tokens"
BLOCKS: Final = "blocks"
TYPE: Final = "type"
VALUE: Final = "value"
BLOCK: Final = "block"
SKETCH: Final = "sketch"
COLUMNS: Final = (ROW, TOKENS, BLOCKS)

TOKEN_BYTES: Final = 32
BLOCK_BYTES: Final = 16
SKETCH_BYTES: Final = 128

_PREFIX: Final = "schakel."
COMPARABLE: Final = ("version", "domain", "epoch", "norm", "encoder", "keys")
"""Metadata (under `schakel.`) that must be equal in files that are matched with each other."""


class LinkFileError(ValueError):
    """Not a link file of this version, or one that lacks its metadata. The message names what is missing."""


@dataclass(frozen=True, slots=True)
class LinkFileHeader:
    """Metadata of a link file.

    `keys` is the lower-case hex SHA-256 over the 32-byte public keys that made the tokens, by class (bsn, id, cx),
    then custodian (1, 2); `norm` and `encoder` are `NORM_VERSION` and `ENCODER_VERSION` of the pseudonymizer.
    """

    domain: str
    epoch: str
    norm: str
    encoder: str
    keys: str
    version: str = VERSION

    def metadata(self) -> dict[str, str]:
        """Key-value metadata for the Parquet schema."""
        return {f"{_PREFIX}{name}": getattr(self, name) for name in COMPARABLE}

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> Self:
        """Header from a file's key-value metadata. Raises LinkFileError: a value is missing, the version differs."""
        missing = [name for name in COMPARABLE if not metadata.get(_PREFIX + name)]
        if missing:
            raise LinkFileError(f"not a link file: metadata {', '.join(_PREFIX + name for name in missing)} is missing")
        values = {name: metadata[_PREFIX + name] for name in COMPARABLE}
        if values["version"] != VERSION:
            raise LinkFileError(f"link file version {values['version'][:8]!r} is not {VERSION!r}: pseudonymize again")
        return cls(**values)

    def difference(self, other: Self) -> tuple[str, ...]:
        """Names of the values in which two headers differ; empty when the files may be matched."""
        return tuple(name for name in COMPARABLE if getattr(self, name) != getattr(other, name))


def arrow_schema(header: LinkFileHeader) -> "pa.Schema":
    """The Arrow schema with the header as metadata, for the writer."""
    import pyarrow as pa  # the gateway's house reads with DuckDB and has no pyarrow

    token = pa.struct([pa.field(TYPE, pa.string(), False), pa.field(VALUE, pa.binary(TOKEN_BYTES), False)])
    block = pa.struct(
        [pa.field(BLOCK, pa.binary(BLOCK_BYTES), False), pa.field(SKETCH, pa.binary(SKETCH_BYTES), False)]
    )
    return pa.schema(
        [
            pa.field(ROW, pa.int64(), False),
            pa.field(TOKENS, pa.list_(token), False),
            pa.field(BLOCKS, pa.list_(block), False),
        ],
        metadata=header.metadata(),
    )
