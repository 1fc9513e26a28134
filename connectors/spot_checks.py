"""Spot checks: the rows that a quarter drew are opened here, beside their sources, for this party's own officer.

The gateway shows the row that it stores; its `bewijs` binds it to the case in this party's own system, under a secret
that never left. The officer compares the two and says right or wrong; nothing of the source leaves.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from connectors.contract.answers import RECEIPT_TYP, Bladen, Ontvangst
from connectors.contract.canonical import b64u, b64u_decode, canonical_json
from connectors.contract.codes import TokenDomein
from connectors.contract.record import MonitorRij, RiecRij, ZvhRij
from connectors.contract.signing import Unverified, verify_jws
from connectors.contract.spot import (
    RijOordeel,
    Steekproef,
    SteekproefOordeel,
    SteekproefStand,
    SteekproefStanden,
    SteekproefVraag,
    drawn,
    first_day,
)
from connectors.contract.ticket import Handelende
from connectors.delivery import lend_share
from connectors.errors import InputRefused, NotVerified
from connectors.house import House
from connectors.marks import RowMarks
from connectors.minimise import Draft
from connectors.plan import Delivery
from connectors.spot import spot_proof
from connectors.survey import read_rows
from connectors.witness import verify_ledger

Bevinding = Literal["klopt", "wijkt_af", "geen_bronrij", "ingetrokken"]
"""The proof fits the source; it does not; no source row made this record; the record was withdrawn after the draw."""
_ROW: TypeAdapter[RiecRij | ZvhRij | MonitorRij] = TypeAdapter(
    Annotated[RiecRij | ZvhRij | MonitorRij, Field(discriminator="soort")]
)
_DAY = slice(2, 6)
"""Where the day since 1970 stands in leaf data, big-endian (the agreed chain)."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenedRow:
    """A drawn row beside its source. `source_row`: data rows counted from 1; both sides stay in this house."""

    record_id: str
    bevinding: Bevinding
    source_row: int | None
    cells: tuple[str, ...]
    sent: dict[str, Any]

    def __repr__(self) -> str:
        return f"OpenedRow({self.bevinding})"


@dataclass(frozen=True, slots=True)
class VerifiedDraw:
    """A draw of which head and rows were checked. `missed`: own older rows that rank before the last drawn one and were
    not drawn: erased by retention at the gateway, or left out."""

    draw: Steekproef
    missed: int


def draw_of(house: House, domein: TokenDomein, kwartaal: str) -> VerifiedDraw:
    """Ask for the quarter's draw and check it: the head is the first of the quarter in the ledger that this party
    verified, and the rows are this party's own, with those counted that rank before a drawn one and were left out.

    Raises NotVerified when head or rows are others, InputRefused for what is no quarter or has not begun yet,
    PeerUnavailable.
    """
    try:
        asked = SteekproefVraag(domein=domein, epoch=house.settings.epoch, kwartaal=kwartaal)
    except ValidationError as error:
        raise InputRefused("a quarter is written YYYY-Qn, for example 2026-Q3") from error
    lend_share(house, domein)
    draw = house.calls.post("/v1/spot-draws", asked, Steekproef)
    verify_ledger(house)
    _check_head(house, draw)
    return VerifiedDraw(draw, _check_rows(house, draw))


def _check_head(house: House, draw: Steekproef) -> None:
    start = max(draw.index - 1, 0)
    leaves = house.calls.get("/v1/ledger/entries", Bladen, query={"start": str(start)}).bladen
    found = {leaf.index: leaf for leaf in leaves}
    first_day_number = (first_day(draw.kwartaal) - first_day("1970-Q1")).days
    here, before = found.get(draw.index), found.get(draw.index - 1)
    if here is None or here.hoofd != draw.hoofd or _day(here.data) < first_day_number:
        raise NotVerified("the draw's head is not one of that quarter in the ledger")
    if before is not None and _day(before.data) >= first_day_number:
        raise NotVerified("the draw's head is not the first of that quarter in the ledger")


def _day(leaf_data: str) -> int:
    return int.from_bytes(b64u_decode(leaf_data)[_DAY], "big")


def _check_rows(house: House, draw: Steekproef) -> int:
    """How many own rows were missed; raises NotVerified when a drawn row is not ours."""
    mine = dict(house.outbox.records(draw.domein, draw.epoch))
    chosen = [row.record_id for row in draw.getrokken]
    if not set(chosen) <= mine.keys():
        raise NotVerified("the draw holds a row that this party never delivered")
    head, candidates = b64u_decode(draw.hoofd), {*chosen, *_before(house, mine, draw)}
    ranked = drawn(head, house.party.id, draw.domein, draw.epoch, draw.kwartaal, candidates)
    return len(set(ranked) - set(chosen))


def _before(house: House, mine: dict[str, str], draw: Steekproef) -> Iterator[str]:
    """Own records of batches that stood in the ledger before the draw's head."""
    entered: dict[str, int] = {}
    for batch in house.outbox.acknowledged():
        try:
            receipt = verify_jws(batch.receipt, (house.federatie.gateway.sleutel,), RECEIPT_TYP, Ontvangst)
        except Unverified as error:
            raise NotVerified("a stored receipt does not verify: was the federation file replaced?") from error
        entered[batch.batch_id] = receipt.grootboek.index
    gone = set(house.outbox.tombstones(draw.domein))
    for record_id, batch_id in mine.items():
        if entered.get(batch_id, draw.index) < draw.index and record_id not in gone:
            yield record_id


def open_rows(house: House, delivery: Delivery, draw: Steekproef) -> list[OpenedRow]:
    """Find the source row of every drawn record and recompute its proof. Raises InputRefused at a broken source."""
    wanted = {row.record_id: row.rij for row in draw.getrokken}
    marks = dict(house.outbox.fingerprints(tuple(wanted)))
    keys, secret = house.keyring.local_keys(), house.keyring.spot_secret()
    seen = RowMarks(keys.row, draw.domein, draw.epoch)
    opened: dict[str, OpenedRow] = {}
    today = house.clock().date()
    for row in read_rows(delivery.source, delivery.bound, draw.domein, house.party.domein, today):
        record_id = marks.get(seen.of(row.source.cells))
        if record_id is None or wanted[record_id] is None:
            continue
        sent = _row(record_id, wanted[record_id])
        case_ref = row.outcome.case_ref if isinstance(row.outcome, Draft) else row.mapped.record.case_ref or ""
        right = proof_of(secret, sent, case_ref) == sent.get("bewijs")
        finding: Bevinding = "klopt" if right else "wijkt_af"
        opened[record_id] = OpenedRow(record_id, finding, row.source.number, row.source.cells, _shown(sent))
    return [opened.get(record_id) or _closed(record_id, rij) for record_id, rij in wanted.items()]


def proof_of(secret: bytes, sent: dict[str, Any], case_ref: str) -> str:
    """The `bewijs` that this row must carry if it was made of that case."""
    content = {name: value for name, value in sent.items() if name != "bewijs"}
    digest = hashlib.sha256(canonical_json(content)).digest()
    return b64u(spot_proof(secret, sent["record_id"], digest, case_ref))


def _closed(record_id: str, rij: str | None) -> OpenedRow:
    finding: Bevinding = "ingetrokken" if rij is None else "geen_bronrij"
    return OpenedRow(record_id, finding, None, (), {} if rij is None else _shown(_row(record_id, rij)))


def _row(record_id: str, rij: str | None) -> dict[str, Any]:
    """What the gateway shows for a drawn record, as JSON; raises NotVerified when it is no row of that record."""
    try:
        row = _ROW.validate_json(rij or "")
    except ValidationError as error:
        raise NotVerified("the gateway shows a row that is not one of the contract") from error
    if row.record_id != record_id:
        raise NotVerified("the gateway shows another row than the one that was drawn")
    return row.model_dump(mode="json", exclude_none=True)


def _shown(sent: dict[str, Any]) -> dict[str, Any]:
    """The codes of a row, and its tokens by their types."""
    codes = {name: value for name, value in sent.items() if name not in ("tokens", "blokken", "bewijs", "soort")}
    return codes | {"tokens": sorted(token["type"] for token in sent["tokens"])}


def judge(
    house: House, domein: TokenDomein, kwartaal: str, oordelen: tuple[RijOordeel, ...], act: Handelende
) -> SteekproefStand:
    """Send what the officer said, in his name, signed by this party's key. Raises NotPermitted, NotVerified (a row that
    was judged otherwise before), PeerUnavailable."""
    if not oordelen:
        raise InputRefused("no row has a judgement yet: fill in juist or onjuist")
    body = SteekproefOordeel(domein=domein, epoch=house.settings.epoch, kwartaal=kwartaal, oordelen=oordelen)
    return house.calls.post("/v1/spot-judgements", body, SteekproefStand, act)


def standings(house: House, act: Handelende) -> SteekproefStanden:
    """How draws stand: one's own; for a keeper's privacy officer those of every party."""
    return house.calls.get("/v1/spot-draws", SteekproefStanden, act)
