"""What a custodian remembers, in SQLite: debits, request ids, destroyed epochs and the log.

Every write is one `BEGIN IMMEDIATE` transaction with `synchronous=FULL`: what was committed survives kill -9 and power
loss. A debit is committed before anything is evaluated; a crash after it costs the party nothing, because the same
(ticket, body) is then free.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from pseudonymizer.custodian.budget import Limits, Spent, fits
from pseudonymizer.custodian.log import GENESIS, Entry, Event, Facts, Head, Tampered, next_entry
from pseudonymizer.custodian.refusals import Refusal, Refused

_METADATA = sa.MetaData()
_READING = "schakel_reading"
_PLACE = ("sub", "dom", "epo", "cls")

DEBITS = sa.Table(
    "debits",
    _METADATA,
    *(sa.Column(name, sa.Text, primary_key=True) for name in (*_PLACE, "jti", "bd")),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer),  # the log entry that answered it first
    sqlite_strict=True,
)
REQUESTS = sa.Table(
    "requests",
    _METADATA,
    sa.Column("sub", sa.Text, primary_key=True),
    sa.Column("proof_jti", sa.Text, primary_key=True),
    sa.Column("tkt", sa.Text, nullable=False),
    sa.Column("bd", sa.Text, nullable=False),
    sqlite_strict=True,
)
DESTROYED = sa.Table(
    "destroyed",
    _METADATA,
    sa.Column("dom", sa.Text, primary_key=True),
    sa.Column("epo", sa.Text, primary_key=True),
    sqlite_strict=True,
)
LOG = sa.Table(
    "log",
    _METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("prev", sa.Text, nullable=False),
    *(
        sa.Column(name, sa.Integer if name in ("n", "charged") else sa.Text, nullable=False)
        for name in ("event", "at", "jti", "sub", "dom", "epo", "cls", "n", "charged", "bd")
    ),
    sa.Column("hash", sa.Text, nullable=False),
    sqlite_strict=True,
)


@dataclass(frozen=True)
class Place:
    """Whose budget: one party in one (domain, epoch, class)."""

    sub: str
    dom: str
    epo: str
    cls: str


@dataclass(frozen=True)
class Debit:
    """One signed request to be paid for. `jti` is the ticket's, `proof_jti` the request's, `tkt` and `bd` digests."""

    place: Place
    jti: str
    proof_jti: str
    tkt: str
    bd: str
    day: str
    n: int


def open_store(path: Path) -> Engine:
    """Open the store, and make it when absent (mode 0600). Raises sqlalchemy.exc.SQLAlchemyError when it cannot."""
    if not path.exists():
        path.touch(mode=0o600)
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: object, _record: object) -> None:
        # Transactions are ours to begin: the driver's own would start without the write lock.
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READING) else "BEGIN IMMEDIATE")

    with engine.begin() as connection:
        _METADATA.create_all(connection)
        for action in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS log_no_{action.lower()} BEFORE {action} ON log "
                "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
            )
    return engine


def debit(engine: Engine, request: Debit, limits: Limits) -> None:
    """Commit the debit of a request; nothing when the same (ticket, body) was debited before.

    Raises Refused: EPOCH when its keys are destroyed, HERHALING when the request id was used for another ticket or
    body, BUDGET when one of the limits would be passed. Nothing is written then.
    """
    with engine.begin() as connection:
        if is_destroyed(connection, request.place.dom, request.place.epo):
            raise Refused(Refusal.EPOCH)
        _remember_request(connection, request)
        key = asdict(request.place) | {"jti": request.jti, "bd": request.bd}
        if connection.scalar(sa.select(DEBITS.c.n).where(*_equal(DEBITS, key))) is not None:
            return
        if not fits(request.n, _spent(connection, request), limits):
            raise Refused(Refusal.BUDGET)
        connection.execute(sa.insert(DEBITS).values(**key, day=request.day, n=request.n))


def append_evaluated(engine: Engine, request: Debit, at: str) -> Entry:
    """Log an evaluation that is about to be answered; the first one for a debit carries its charge."""
    key = asdict(request.place) | {"jti": request.jti, "bd": request.bd}
    with engine.begin() as connection:
        first = connection.scalar(sa.select(DEBITS.c.seq).where(*_equal(DEBITS, key))) is None
        charged = request.n if first else 0
        facts = Facts(event=Event.EVALUATED, at=at, n=request.n, charged=charged, **key)
        entry = _append(connection, facts)
        if first:
            connection.execute(sa.update(DEBITS).where(*_equal(DEBITS, key)).values(seq=entry.seq))
        return entry


def append_destruction(engine: Engine, event: Event, domain: str, epoch: str, at: str) -> Entry:
    """Log a step of an epoch's destruction; from the first step on, no running process evaluates in it."""
    facts = Facts(event=event, at=at, jti="", sub="", dom=domain, epo=epoch, cls="", n=0, charged=0, bd="")
    with engine.begin() as connection:
        if not is_destroyed(connection, domain, epoch):
            connection.execute(sa.insert(DESTROYED).values(dom=domain, epo=epoch))
        return _append(connection, facts)


def is_destroyed(connection: Connection, domain: str, epoch: str) -> bool:
    """Whether the destruction of (domain, epoch) was begun."""
    found = sa.select(DESTROYED.c.dom).where(DESTROYED.c.dom == domain, DESTROYED.c.epo == epoch)
    return connection.scalar(found) is not None


def read_log(connection: Connection) -> Iterator[Entry]:
    """All entries in the order of their sequence numbers, streamed."""
    for row in connection.execution_options(yield_per=1000).execute(sa.select(LOG).order_by(LOG.c.seq)):
        values = dict(row._mapping)
        seq, prev, digest = values.pop("seq"), values.pop("prev"), values.pop("hash")
        try:
            values["event"] = Event(values["event"])
        except ValueError:
            raise Tampered(f"entry {seq} records an unknown event") from None
        yield Entry(seq, prev, Facts(**values), digest)


def check_books(connection: Connection) -> int:
    """Compare debits with the log, and return how many elements are debited but not answered (crashes in between).

    Raises Tampered when the log does not carry an answered debit, or charges something that was never debited.
    """
    matches = sa.and_(
        LOG.c.seq == DEBITS.c.seq,
        LOG.c.charged == DEBITS.c.n,
        *(LOG.c[name] == DEBITS.c[name] for name in (*_PLACE, "jti", "bd")),
    )
    lost = sa.select(sa.func.min(DEBITS.c.seq)).where(DEBITS.c.seq.is_not(None), ~sa.exists().where(matches))
    if (seq := connection.scalar(lost)) is not None:
        raise Tampered(f"entry {seq} answered a debit but the log does not carry it")
    unpaid = sa.select(sa.func.min(LOG.c.seq)).where(LOG.c.charged > 0, ~sa.exists().where(matches))
    if (seq := connection.scalar(unpaid)) is not None:
        raise Tampered(f"entry {seq} charges what was never debited")
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(DEBITS.c.n), 0)).where(DEBITS.c.seq.is_(None))) or 0


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view for checks and the log verifier, which holds up no writer however long it takes."""
    with engine.connect().execution_options(**{_READING: True}) as connection, connection.begin():
        yield connection


def _remember_request(connection: Connection, request: Debit) -> None:
    """A request id stands for one (ticket, body) for ever; the same one again is a retry."""
    key = {"sub": request.place.sub, "proof_jti": request.proof_jti}
    known = connection.execute(sa.select(REQUESTS.c.tkt, REQUESTS.c.bd).where(*_equal(REQUESTS, key))).one_or_none()
    if known is None:
        connection.execute(sa.insert(REQUESTS).values(**key, tkt=request.tkt, bd=request.bd))
    elif (known.tkt, known.bd) != (request.tkt, request.bd):
        raise Refused(Refusal.HERHALING)


def _spent(connection: Connection, request: Debit) -> Spent:
    def total(*more: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.coalesce(sa.func.sum(DEBITS.c.n), 0))
        return int(connection.scalar(query.where(*_equal(DEBITS, asdict(request.place)), *more)) or 0)

    return Spent(total(), total(DEBITS.c.day == request.day), total(DEBITS.c.jti == request.jti))


def _append(connection: Connection, facts: Facts) -> Entry:
    last = connection.execute(sa.select(LOG.c.seq, LOG.c.hash).order_by(LOG.c.seq.desc()).limit(1)).one_or_none()
    entry = next_entry(Head(last.seq, last.hash) if last else Head(0, GENESIS), facts)
    connection.execute(
        sa.insert(LOG).values(seq=entry.seq, prev=entry.prev, hash=entry.hash, **asdict(facts) | {"event": facts.event})
    )
    return entry


def _equal(table: sa.Table, key: dict[str, str]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in key.items()]
