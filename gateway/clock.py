"""Time is an argument: the composition root hands a clock down, and tests move it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment, timezone-aware, UTC."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def system_clock() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00Z; how every time stands in the store."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The moment, UTC."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def to_day(moment: datetime) -> int:
    """Whole days since 1970-01-01 UTC; how a ledger leaf tells its date."""
    return (moment - EPOCH) // timedelta(days=1)
