"""A sealed batch: newline-delimited canonical JSON, header first, then one row a line.

The batch id is the idempotency key; the SHA-256 of the bytes is the batch's digest. The file is made once, kept until
its receipt verified, and sent byte for byte the same however often it is tried.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import Convenant, Doel, PartijDomein, Thema, TokenDomein
from connectors.contract.model import Bytes32, Code, Epoch, Oin, Uuid, Wire
from connectors.contract.record import Inspanning, MonitorRij, Profiel, RiecRij, Rij, Telling, ZvhRij

MAX_ROWS: Final = 5_000
MAX_BATCH_BYTES: Final = 32 * 1024 * 1024
MAX_LINE_BYTES: Final = 64 * 1024
MEDIA_TYPE: Final = "application/x-ndjson"

AnyRow = RiecRij | ZvhRij | MonitorRij | Telling | Inspanning
KINDS: Final = {Convenant.RIEC: ("riec",), Convenant.ZVH: ("zvh",), Convenant.MONITOR: ("monitor",)}
_ROW: TypeAdapter[AnyRow] = TypeAdapter(Rij)


class BatchRefused(ValueError):
    """A batch that is not what it says; the message names the line, never a value."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class Motivering(Wire):
    """Codes of the reasons that a jurist wrote down at the partner."""

    noodzaak: Code
    proportionaliteit: Code
    subsidiariteit: Code


class BatchHeader(Wire):
    """Who sends what, under which convenant and purpose, made against which federation file."""

    soort: Literal["kop"] = "kop"
    versie_schema: Literal["schakel-batch-1"] = "schakel-batch-1"
    batch_id: Uuid
    levering_id: Uuid
    bron_oin: Oin
    bron_domein: PartijDomein
    convenant: Convenant
    doel: Doel
    thema: Thema
    domein: TokenDomein
    epoch: Epoch
    federatie: Bytes32
    inhoud: Literal["records", "tellingen"]
    aantal: Annotated[int, Field(ge=1, le=MAX_ROWS)]
    profielen: Annotated[tuple[Profiel, ...], Field(max_length=256)] = ()
    """MONITOR records only: the profiles that occur, since its rows carry less than policy asks. Each row's route, age
    and BSN must fit one of them."""
    motivering: Motivering | None = None
    goedkeuring: Uuid | None = None
    """The approval that the gateway registered for this delivery, where policy asks four eyes."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.domein.convenant != self.convenant:
            raise ValueError("domein belongs to another convenant")
        if self.inhoud == "tellingen" and self.convenant != Convenant.MONITOR:
            raise ValueError("tellingen belong to MONITOR")
        if bool(self.profielen) != (self.convenant == Convenant.MONITOR and self.inhoud == "records"):
            raise ValueError("profielen goes with records of MONITOR, and only with them")
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """The `soort` of rows this batch may hold."""
        return ("telling", "inspanning") if self.inhoud == "tellingen" else KINDS[self.convenant]

    @property
    def bron(self) -> str:
        """`oin/domein` of the sender."""
        return f"{self.bron_oin}/{self.bron_domein}"


def encode_line(value: Wire) -> bytes:
    """One canonical line, newline included."""
    return canonical_bytes(value) + b"\n"


def read_header(line: bytes) -> BatchHeader:
    """The header of a batch; raises BatchRefused."""
    _bounded(1, line)
    try:
        header = BatchHeader.model_validate_json(line)
    except ValidationError as error:
        raise BatchRefused(1, _reason(error)) from error
    if encode_line(header) != line:
        raise BatchRefused(1, "not in canonical form (RFC 8785)")
    return header


def read_rows(header: BatchHeader, lines: Iterator[bytes]) -> Iterator[AnyRow]:
    """The rows of a batch, checked one by one: canonical, of the header's kind, unique, as many as the header says.

    `lines` are the lines after the header. Raises BatchRefused at the first line that is wrong; memory use is one row
    plus the record ids.
    """
    seen: set[str] = set()
    number = 1
    for number, line in enumerate(lines, start=2):
        if number - 1 > header.aantal:
            raise BatchRefused(number, "more rows than the header says")
        _bounded(number, line)
        try:
            row = _ROW.validate_json(line)
        except ValidationError as error:
            raise BatchRefused(number, _reason(error)) from error
        if encode_line(row) != line:
            raise BatchRefused(number, "not in canonical form (RFC 8785)")
        if row.soort not in header.kinds:
            raise BatchRefused(number, "a row of another kind than the header allows")
        if isinstance(row, RiecRij | ZvhRij | MonitorRij):
            if row.record_id in seen:
                raise BatchRefused(number, "record_id occurs twice")
            seen.add(row.record_id)
        yield row
    if number - 1 != header.aantal:
        raise BatchRefused(number, "fewer rows than the header says")


def _bounded(number: int, line: bytes) -> None:
    if len(line) > MAX_LINE_BYTES:
        raise BatchRefused(number, f"longer than {MAX_LINE_BYTES} bytes")
    if not line.endswith(b"\n"):
        raise BatchRefused(number, "cut off before its end")


def _reason(error: ValidationError) -> str:
    """Field and rule of the first complaint, never the value; an unknown field's name is the sender's text."""
    first = error.errors(include_input=False, include_url=False)[0]
    if first["type"] == "extra_forbidden":
        return "a field that the schema does not know"
    if first["type"].startswith("json"):
        return "not JSON"
    return f"{'.'.join(map(str, first['loc']))}: {first['type']}"
