"""The run: source rows become sealed batches in the outbox, a few thousand at a time, in bounded memory.

First all rows are read for the composites that two people have, which leave for nobody. Then per chunk: read, minimise,
leave out what already stands in a batch, have the identities evaluated, make rows with their spot proofs, look at each
once more with the tripwire, shuffle, seal, store. Only then is the chunk's identity data let go; nothing of it is
written anywhere.
"""

import hashlib
import random as shuffling
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from connectors.contested import Contested, Marker, uncontested
from connectors.contract.batch import MAX_BATCH_BYTES, MAX_ROWS, BatchHeader, encode_line
from connectors.contract.canonical import b64u, canonical_json, sha256
from connectors.contract.codes import Convenant
from connectors.contract.record import Profiel
from connectors.counts import Cell
from connectors.delivery import new_id
from connectors.errors import Tripped
from connectors.mapping import BoundMapping
from connectors.marks import RowMarks, block_mark, case_mark
from connectors.minimise import Draft
from connectors.namesakes import weighed
from connectors.outbox import Outbox
from connectors.outbox_rows import SealedBatch
from connectors.plan import MAX_PROFILES, Plan
from connectors.progress import Tick
from connectors.sources.source import Source
from connectors.spot import spot_proof
from connectors.survey import ReadRow, read_rows
from connectors.tokenise import Claim, Encoding, Evaluate, Prepared, block_messages, prepare, tokenise
from pseudonymizer.narrative.known import KnownValues
from pseudonymizer.narrative.tripwire import Tripwire, TripwireHit, fields_of
from pseudonymizer.normalise import normalise

CHUNK_ROWS: Final = MAX_ROWS
_NOTED: Final = 100_000
"""Composites that are noted at a time."""
_HEADER_ROOM: Final = 512 * 1024
_NO_PROOF: Final = "A" * 43
EvaluateFor = Callable[[tuple[Profiel, ...]], Evaluate]
"""Makes the evaluator of one chunk: its ticket is asked for exactly these profiles."""


@dataclass(frozen=True, repr=False)
class Means:
    """What a run works with; holds secrets, so it has no repr. `row_key`: HMAC key of row fingerprints; `spot`: the
    secret of spot proofs; `random`: n random bytes."""

    outbox: Outbox
    evaluate_for: EvaluateFor
    tripwire: Tripwire
    row_key: bytes
    spot: bytes
    random: Callable[[int], bytes]


@dataclass
class RunCounts:
    """What a run did."""

    rows_read: int = 0
    rows_new: int = 0
    rows_already: int = 0
    rows_held: int = 0
    batches: int = 0
    tokens: int = 0
    blocks: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class _Candidate:
    fingerprint: bytes
    draft: Draft
    person: Prepared
    own_values: tuple[str, ...]

    @property
    def profile(self) -> Profiel:
        return self.draft.profile(self.person.bsn_aanwezig)


@dataclass(frozen=True, slots=True, repr=False)
class _Line:
    fingerprint: bytes
    record_id: str
    case_mark: bytes
    content: bytes
    profile: Profiel


def make_batches(source: Source, bound: BoundMapping, plan: Plan, means: Means, tick: Tick) -> RunCounts:
    """Put every row of the source that may leave, and is not in a batch yet, in a sealed batch in the outbox.

    Raises InputRefused at a broken row, Tripped when something that leaves looks like an identifier, and whatever the
    evaluation raises. Batches already stored stay; a repeat continues behind them without making a row twice.
    """
    counts = RunCounts()
    contested = _contested(source, bound, plan, means)
    for chunk in _chunks(source, bound, plan, means, counts):
        tally = partial(means.outbox.count_names, plan.epoch)
        people = weighed([item.person for item in chunk], means.row_key, tally, own=True)
        people = uncontested(people, contested)
        evaluate = means.evaluate_for(tuple({item.profile: None for item in chunk}))
        keyed = tokenise(people, evaluate, means.random, _claim(chunk, plan, means))
        lines = [_line(item, found, means) for item, found in zip(chunk, keyed, strict=True)]
        counts.tokens += sum(len(found.tokens) for found in keyed)
        counts.blocks += sum(found.held for found in keyed)
        _shuffle(lines, means.random)
        for group in _packed(lines):
            means.outbox.put([_sealed(group, plan, means)])
            counts.batches += 1
        counts.rows_new += len(lines)
        tick(len(lines))
    return counts


def _contested(source: Source, bound: BoundMapping, plan: Plan, means: Means) -> Contested:
    """Notes who has which composite, and says which leave for nobody: those that rows of two people of this partner
    have, of this source or of any that it noted earlier in the epoch; rows that stay count too.

    A block that left before a namesake came stays where it is: it cannot be recalled. What a withdrawn or corrected row
    had stays noted until the epoch ends. A row that is read again is who it was, so a repeat changes nothing.
    """
    marker = Marker(means.row_key, f"bearer|{plan.domein}|{plan.epoch}|".encode())
    if plan.domein.convenant is not Convenant.MONITOR:
        _note_bearers(source, bound, plan, means, marker)

    def contested(messages: Sequence[bytes]) -> set[bytes]:
        marks = {marker.composite(message): message for message in messages}
        return {marks[mark] for mark in means.outbox.contested(list(marks))}

    return contested


def _note_bearers(source: Source, bound: BoundMapping, plan: Plan, means: Means, marker: Marker) -> None:
    rows = RowMarks(means.row_key, plan.domein, plan.epoch)
    found: list[tuple[int, int]] = []
    for row in source.rows():
        norm = normalise(bound.read_traits(row))
        # Marks number equal rows; who needs no mark needs none in equal rows either, so the numbers are the same.
        person = marker.person(norm, partial(rows.of, row.cells))
        found.extend((marker.composite(message), person) for _, message in block_messages(norm))
        if len(found) >= _NOTED:
            means.outbox.note_bearers(plan.epoch, found)
            found = []
    means.outbox.note_bearers(plan.epoch, found)


def _claim(chunk: Sequence[_Candidate], plan: Plan, means: Means) -> Claim:
    """First come, first served among rows of one person that this partner sent in the epoch and did not withdraw."""

    def claim(blocks: Sequence[Sequence[bytes]]) -> list[set[bytes]]:
        wanted = [{block_mark(means.row_key, block): block for block in each} for each in blocks]
        pairs = [(mark, item.fingerprint) for item, marks in zip(chunk, wanted, strict=True) for mark in marks]
        held = means.outbox.claim(plan.epoch, pairs)
        return [
            {block for mark, block in marks.items() if (mark, item.fingerprint) in held}
            for item, marks in zip(chunk, wanted, strict=True)
        ]

    return claim


def make_count_batches(cells: Sequence[Cell], plan: Plan, means: Means) -> RunCounts:
    """Put the counts of one delivery in batches; nothing when they were made before."""
    counts = RunCounts(rows_read=len(cells))
    if means.outbox.has_batches(plan.levering_id):
        counts.rows_already = len(cells)
        return counts
    batches = []
    for part in (cells[at : at + MAX_ROWS] for at in range(0, len(cells), MAX_ROWS)):
        for cell in part:
            _look(cell.model_dump(mode="json", exclude_none=True), (), means.tripwire)
        batches.append(_batch(plan, means, b"".join(encode_line(cell) for cell in part), len(part), (), ()))
    means.outbox.put(batches)
    counts.batches, counts.rows_new = len(batches), len(cells)
    return counts


def _chunks(
    source: Source, bound: BoundMapping, plan: Plan, means: Means, counts: RunCounts
) -> Iterator[list[_Candidate]]:
    """Rows that may leave and are new, at most CHUNK_ROWS and MAX_PROFILES at a time."""
    rows = read_rows(source, bound, plan.domein, plan.bron[1], plan.today)
    window: list[tuple[ReadRow, bytes]] = []
    chunk: list[_Candidate] = []
    profiles: set[Profiel] = set()
    marks = RowMarks(means.row_key, plan.domein, plan.epoch)
    for row in rows:
        window.append((row, marks.of(row.source.cells)))
        if len(window) < CHUNK_ROWS:
            continue
        yield from _admit(window, chunk, profiles, plan, means, counts)
        window = []
    yield from _admit(window, chunk, profiles, plan, means, counts)
    if chunk:
        yield chunk


def _admit(
    window: Sequence[tuple[ReadRow, bytes]],
    chunk: list[_Candidate],
    profiles: set[Profiel],
    plan: Plan,
    means: Means,
    counts: RunCounts,
) -> Iterator[list[_Candidate]]:
    """Add the window's new rows to the chunk, and yield the chunk whenever it is full."""
    already = means.outbox.known([mark for _, mark in window])
    for row, mark in window:
        counts.rows_read += 1
        if mark in already:
            counts.rows_already += 1
            continue
        candidate = _candidate(row, mark, plan)
        if candidate is None:
            counts.rows_held += 1
            continue
        if len(chunk) == CHUNK_ROWS or (len(profiles) == MAX_PROFILES and candidate.profile not in profiles):
            yield list(chunk)
            chunk.clear()
            profiles.clear()
        chunk.append(candidate)
        profiles.add(candidate.profile)


def _candidate(row: ReadRow, mark: bytes, plan: Plan) -> _Candidate | None:
    """None when the row stays: held back, or with nothing to match on where matching is all it would be for."""
    if not isinstance(row.outcome, Draft):
        return None
    monitor = plan.domein.convenant is Convenant.MONITOR
    person = prepare(row.mapped.raw, bsn=plan.bsn, composite=not monitor)
    if person.empty and not monitor:
        return None
    return _Candidate(mark, row.outcome, person, row.mapped.own_values)


def _line(item: _Candidate, keyed: Encoding, means: Means) -> _Line:
    record_id = new_id(means.random)
    row = item.draft.row(record_id, keyed.wire_tokens, keyed.wire_blocks, _NO_PROOF)
    content: dict[str, Any] = row.model_dump(mode="json", exclude_none=True)
    del content["bewijs"]
    _look(content, item.own_values, means.tripwire)
    digest = hashlib.sha256(canonical_json(content)).digest()
    content["bewijs"] = b64u(spot_proof(means.spot, record_id, digest, item.draft.case_ref))
    mark = case_mark(means.row_key, item.draft.case_ref)
    return _Line(item.fingerprint, record_id, mark, canonical_json(content) + b"\n", item.profile)


def _look(content: dict[str, Any], own_values: tuple[str, ...], tripwire: Tripwire) -> None:
    """The tripwire over every field that is not a token, a block or a filter (narrative page, job 2)."""
    plain = {name: value for name, value in content.items() if name not in ("tokens", "blokken")}
    try:
        tripwire.check(fields_of(plain), KnownValues.of(own_values))
    except TripwireHit as hit:
        raise Tripped(
            f"the tripwire stopped the send: field {hit.field!r} holds what looks like {hit.rule}; nothing left"
        ) from hit


def _packed(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """At most MAX_ROWS rows, MAX_BATCH_BYTES bytes and MAX_PROFILES profiles a batch."""
    group: list[_Line] = []
    size, profiles = 0, set[Profiel]()
    for line in lines:
        full = len(group) == MAX_ROWS or size + len(line.content) > MAX_BATCH_BYTES - _HEADER_ROOM
        if group and (full or len(profiles | {line.profile}) > MAX_PROFILES):
            yield group
            group, size, profiles = [], 0, set()
        group.append(line)
        size += len(line.content)
        profiles.add(line.profile)
    if group:
        yield group


def _sealed(lines: Sequence[_Line], plan: Plan, means: Means) -> SealedBatch:
    monitor = plan.domein.convenant is Convenant.MONITOR
    profiles = sorted({line.profile for line in lines}, key=repr) if monitor else ()
    content = b"".join(line.content for line in lines)
    records = tuple((line.fingerprint, line.record_id, line.case_mark) for line in lines)
    return _batch(plan, means, content, len(lines), tuple(profiles), records)


def _batch(
    plan: Plan,
    means: Means,
    lines: bytes,
    count: int,
    profiles: tuple[Profiel, ...],
    records: tuple[tuple[bytes, str, bytes], ...],
) -> SealedBatch:
    """A header before `count` lines; no records means that the lines are counts."""
    header = BatchHeader(
        batch_id=new_id(means.random),
        levering_id=plan.levering_id,
        bron_oin=plan.bron[0],
        bron_domein=plan.bron[1],
        convenant=plan.domein.convenant,
        doel=plan.doel,
        thema=plan.thema,
        domein=plan.domein,
        epoch=plan.epoch,
        federatie=plan.federatie,
        inhoud="records" if records else "tellingen",
        aantal=count,
        profielen=profiles,
        motivering=plan.motivering,
        goedkeuring=plan.goedkeuring,
    )
    content = encode_line(header) + lines
    return SealedBatch(
        batch_id=header.batch_id,
        levering_id=plan.levering_id,
        domein=plan.domein,
        epoch=plan.epoch,
        digest=sha256(content),
        aantal=count,
        content=content,
        records=records,
    )


def _shuffle(lines: list[_Line], random: Callable[[int], bytes]) -> None:
    """Rows leave in an order that says nothing about the source's."""
    shuffling.Random(random(32)).shuffle(lines)  # noqa: S311 - seeded from the system's randomness; hides order only
