"""`pseudonymize`: tokens and link encodings of a whole file, without gateway, as a link file (Parquet).

With two local custodians nothing leaves this machine; such output cannot be sent, for no gateway knows their keys.
Every worker reads the file for itself and does every n-th chunk, so no raw row ever passes between processes; only
encodings come back. The output appears under its name when it is complete, or not at all.

A block that rows of two people have leaves for neither (`connectors.contested`); one that a person has in several rows
leaves for the first (`connectors.link_rows`). The first reading of the file finds which, in bounded memory: 8 MB for
names, 32 MB for composites, and 8 bytes a contested composite.
"""

import hashlib
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Counts
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.contested import FileClaims, FileContested, uncontested
from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.linkfile import (
    BLOCKS,
    TOKENS,
    LinkFileHeader,
    arrow_schema,
)
from connectors.errors import ConnectorError, InputRefused
from connectors.evaluation import finished
from connectors.files import put_in_place
from connectors.link_rows import once, record_batch
from connectors.mapping import BoundMapping, Mapping, UnmappedValue
from connectors.namesakes import FileCounts
from connectors.progress import Tick
from connectors.sources.opening import open_source
from connectors.sources.source import Source
from connectors.tokenise import Evaluate, Prepared, block_messages, prepare, tokenise
from pseudonymizer.custodian.local import LocalCustodians, LocalHop, local_custodians
from pseudonymizer.identity import NORM_VERSION
from pseudonymizer.linkage import ENCODER_VERSION
from pseudonymizer.normalise import normalise
from pseudonymizer.oprf.client import PinnedKeys
from pseudonymizer.oprf.errors import OprfError
from pseudonymizer.oprf.group import ELEMENT_BYTES, IDENTITY, multiples, scalar_product
from pseudonymizer.oprf.hash import hash_to_group

CHUNK_ROWS: Final = 1_000
_REMEMBERED: Final = 400_000
"""Evaluated messages that one worker keeps, so that a value on many rows is evaluated once; about 100 MB."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is pseudonymised and how."""

    location: str
    mapping: Mapping
    domein: TokenDomein
    epoch: str
    custodians: Path
    today: date


@dataclass(frozen=True, slots=True)
class Pseudonymised:
    """What came out."""

    rows: int
    tokens: int
    blocks: int
    rows_without: int
    unusable: Counts[str, Counts[str, int]]
    """How often a mapped trait gave no token, by reason; nothing in it says anything about a value."""


@dataclass(frozen=True, slots=True, repr=False)
class FirstReading:
    """What the whole file says of each of its rows, how rare its name is and which of its composites leave, and per
    trait why cells are unusable."""

    names: FileCounts
    contested: FileContested
    unusable: Counts[str, Counts[str, int]]

    def people(self, people: Sequence[Prepared]) -> list[Prepared]:
        """The same people with both."""
        kept = uncontested(people, self.contested)
        return [replace(person, rare=self.names.rarity(person.norm)) for person in kept]


class WorkerLost(ConnectorError):
    """A worker process ended without an answer (killed, out of memory); nothing was written."""


def open_job(job: Job) -> tuple[Source, BoundMapping]:
    """The source with its mapping; raises InputRefused when they do not fit."""
    source = open_source(job.mapping.source, job.location)
    return source, job.mapping.bind(source.name, source.columns, job.today)


def pseudonymise_locally(job: Job, out: Path, workers: int, tick: Tick) -> Pseudonymised:
    """Encode the file with two local custodians, made in `job.custodians` on first use, over `workers` processes.

    Raises InputRefused (source, mapping or seeds) before anything is written under `out`.
    """
    source, bound = open_job(job)
    known = check_rows(source, bound, composite=True)
    header = LinkFileHeader(
        job.domein.value, job.epoch, str(NORM_VERSION), str(ENCODER_VERSION), _key_digest(_pinned(_custodians(job)))
    )
    if workers == 1:
        return _write(out, header, known, once(_encoded(job, known, 0, 1)), tick)
    return _in_processes(job, known, out, header, workers, tick)


def pseudonymise_with(
    source: Source, bound: BoundMapping, header: LinkFileHeader, evaluate: Evaluate, bsn: bool, out: Path, tick: Tick
) -> Pseudonymised:
    """Encode with an evaluator that is handed in (the real custodians), in this process."""
    composite = header.domain != TokenDomein.MONITOR.value
    known = check_rows(source, bound, composite=composite)
    batches = (
        record_batch(first, tokenise(people, evaluate, os.urandom))
        for first, people in _people(source, bound, known, 0, 1, bsn=bsn, composite=composite)
    )
    return _write(out, header, known, once(batches), tick)


def link_header(domein: TokenDomein, epoch: str, keys: dict[TokenKlasse, PinnedKeys]) -> LinkFileHeader:
    """The header of a file made under these public keys."""
    return LinkFileHeader(domein.value, epoch, str(NORM_VERSION), str(ENCODER_VERSION), _key_digest(keys))


def check_rows(source: Source, bound: BoundMapping, *, composite: bool) -> FirstReading:
    """Read every row once through the mapping, so that what is wrong is said before anything is written; answers what
    its other rows mean for a row. `composite`: whether blocks are wanted.

    Raises InputRefused.
    """
    unmapped: dict[str, list[int]] = {}
    names, claims, unusable = FileCounts(), FileClaims(os.urandom(32)), dict[str, Counter[str]]()
    for row in source.rows():
        try:
            norm = normalise(bound.read(row).raw)
        except UnmappedValue as error:
            unmapped.setdefault(error.column or "", []).append(row.number)
            continue
        for item in norm.unusable:
            if item.trait in bound.mapping.content.traits:  # the others have no column here
                unusable.setdefault(item.trait.value, Counter())[item.reason.value] += 1
        names.add(norm)
        claims.add(norm, [message for _, message in block_messages(norm)] if composite else ())
    if unmapped:
        column, rows = sorted(unmapped.items())[0]
        raise InputRefused(
            f"{len(rows)} rows hold a value that {bound.mapping.file} does not map (first: row {rows[0]})",
            file=source.name,
            column=column,
        )
    return FirstReading(names, claims.contested(), unusable)


def _write(
    out: Path, header: LinkFileHeader, known: FirstReading, batches: Iterator[pa.RecordBatch], tick: Tick
) -> Pseudonymised:
    """Write beside `out` and put in place when complete."""
    rows = tokens = blocks = without = 0
    with put_in_place(out) as part, pq.ParquetWriter(part, arrow_schema(header), compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            counts = [len(batch.column(name).flatten()) for name in (TOKENS, BLOCKS)]
            rows, tokens, blocks = rows + batch.num_rows, tokens + counts[0], blocks + counts[1]
            without += _rows_without(batch)
            tick(batch.num_rows)
    return Pseudonymised(rows, tokens, blocks, without, known.unusable)


def _rows_without(batch: pa.RecordBatch) -> int:
    lengths = [batch.column(name).value_lengths().to_pylist() for name in (TOKENS, BLOCKS)]
    return sum(1 for tokens, blocks in zip(*lengths, strict=True) if not tokens and not blocks)


def _encoded(job: Job, known: FirstReading, worker: int, workers: int) -> Iterator[pa.RecordBatch]:
    """The chunks of one worker, in order."""
    source, bound = open_job(job)
    evaluate = _remembering(partial(evaluate_locally, _custodians(job)))
    for first, people in _people(source, bound, known, worker, workers, bsn=True, composite=True):
        yield record_batch(first, tokenise(people, evaluate, os.urandom))


def _people(
    source: Source, bound: BoundMapping, known: FirstReading, worker: int, workers: int, *, bsn: bool, composite: bool
) -> Iterator[tuple[int, list[Prepared]]]:
    """(zero-based number of the first row, identities) of every chunk of this worker."""
    rows = source.rows()
    for number, chunk in enumerate(iter(lambda: list(islice(rows, CHUNK_ROWS)), [])):
        if number % workers == worker:
            people = [prepare(bound.read_traits(row), bsn=bsn, composite=composite) for row in chunk]
            yield number * CHUNK_ROWS, known.people(people)


def _custodians(job: Job) -> dict[str, LocalCustodians]:
    try:
        return local_custodians(job.custodians, job.domein.value, job.epoch, random=os.urandom)
    except OprfError as error:
        raise InputRefused(f"the local custodians' seeds are not usable: {error}", file=job.custodians.name) from error
    except OSError as error:
        raise InputRefused(f"cannot be written ({error.strerror})", file=job.custodians.name) from error


def evaluate_locally(
    custodians: dict[str, LocalCustodians], klasse: TokenKlasse, messages: Sequence[bytes]
) -> list[bytes | None]:
    """Z (or F for `cx`) with both keys at hand: there is nobody to blind from and nothing to prove, so the product of
    the keys is applied directly. The same bytes as two proven hops, which a test compares, at a fraction of the work.
    """
    hops = custodians[klasse.value].hops
    if not (isinstance(hops[0], LocalHop) and isinstance(hops[1], LocalHop)):
        raise InputRefused("these custodians are not local")
    key = scalar_product(hops[0].key.scalar, hops[1].key.scalar)
    points = [hash_to_group(message) for message in messages]
    usable = [point for point in points if point != IDENTITY]
    packed = multiples(key, b"".join(usable)) if usable else b""
    found = iter(range(0, len(packed), ELEMENT_BYTES))
    elements = [None if point == IDENTITY else packed[(at := next(found)) : at + ELEMENT_BYTES] for point in points]
    return finished(klasse, messages, elements)


def _remembering(evaluate: Callable[[TokenKlasse, Sequence[bytes]], list[bytes | None]]) -> Evaluate:
    known: dict[bytes, bytes | None] = {}

    def remembered(klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]:
        missing = [message for message in messages if message not in known]
        answers = dict(zip(missing, evaluate(klasse, missing), strict=True)) if missing else {}
        if len(known) + len(answers) <= _REMEMBERED:
            known.update(answers)
        return [answers[message] if message in answers else known[message] for message in messages]

    return remembered


def _pinned(custodians: dict[str, LocalCustodians]) -> dict[TokenKlasse, PinnedKeys]:
    return {klasse: custodians[klasse.value].keys for klasse in TokenKlasse}


def _key_digest(keys: dict[TokenKlasse, PinnedKeys]) -> str:
    """Lower-case hex SHA-256 over the public keys, by class, then custodian (link file contract)."""
    total = hashlib.sha256()
    for klasse in (TokenKlasse.BSN, TokenKlasse.ID, TokenKlasse.CX):
        total.update(keys[klasse].first + keys[klasse].second)
    return total.hexdigest()


def _in_processes(
    job: Job, known: FirstReading, out: Path, header: LinkFileHeader, workers: int, tick: Tick
) -> Pseudonymised:
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe(duplex=False) for _ in range(workers)]
    processes = [
        context.Process(target=_work, args=(job, known, number, workers, sender), daemon=True)
        for number, (_, sender) in enumerate(pipes)
    ]
    try:
        for process, (_, sender) in zip(processes, pipes, strict=True):
            process.start()
            sender.close()  # so that a dead worker is an end of file here
        return _write(out, header, known, once(_in_turn([receiver for receiver, _ in pipes])), tick)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _in_turn(receivers: Sequence[Connection]) -> Iterator[pa.RecordBatch]:
    """Chunks in the order of the source: worker k has chunks k, k+n, k+2n, ...; the first end is the end of all."""
    turn = 0
    while True:
        try:
            answer = receivers[turn % len(receivers)].recv()
        except EOFError:
            raise WorkerLost(
                "a worker process was lost; nothing was written, run it again with fewer workers"
            ) from None
        if answer is None:
            return
        if isinstance(answer, ConnectorError):
            raise answer
        yield answer
        turn += 1


def _work(job: Job, known: FirstReading, worker: int, workers: int, out: Connection) -> None:
    """A worker: its chunks, then None; or the error that stopped it, which holds no value."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    try:
        for batch in _encoded(job, known, worker, workers):
            out.send(batch)
        out.send(None)
    except BrokenPipeError:  # the parent was killed: nobody listens
        return
    except ConnectorError as error:
        out.send(error)
    except Exception as error:  # a process edge: a traceback could print a value
        out.send(WorkerLost(f"a worker stopped on an unexpected {type(error).__name__}; nothing was written"))
