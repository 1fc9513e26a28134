"""Leased shares: in memory only, for 24 hours at most. When a lease ends nothing of that party can be opened."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from gateway.vault.sealing import Place, RowKey

LEASE_HOURS: Final = 24
"""Cryptography page, scheme point 9."""
SLACK: Final = timedelta(minutes=1)
"""How far the clock may go back before nobody knows any more how long a lease has lasted."""


@dataclass(frozen=True, slots=True)
class _Held:
    key: RowKey = field(repr=False)
    until: datetime


class Leases:
    """The keys of the places that are leased now. A held resource: shared by all threads, gone with the process."""

    def __init__(self, on_end: Callable[[Place], None]) -> None:
        """`on_end(place)` is called when a lease ends, before any answer that relies on it: index rows go there."""
        self._held: dict[Place, _Held] = {}
        self._latest: datetime | None = None
        self._lock = threading.RLock()
        self._on_end = on_end

    def hold(self, place: Place, key: RowKey, now: datetime, closes: datetime) -> datetime:
        """Take or renew a lease; the moment it ends, which is never after `closes`, when its epoch is over and the
        index drops it (cryptography page, bytes 15)."""
        until = min(now + timedelta(hours=LEASE_HOURS), closes)
        with self._lock:
            self._held[place] = _Held(key, until)
        return until

    def key(self, place: Place, now: datetime) -> RowKey | None:
        """The key, or None when the place is not leased (any longer)."""
        self.expire(now)
        with self._lock:
            held = self._held.get(place)
        return held.key if held else None

    def until(self, place: Place, now: datetime) -> datetime | None:
        """When the lease ends, or None."""
        self.expire(now)
        with self._lock:
            held = self._held.get(place)
        return held.until if held else None

    def present(self, domain: str, epoch: str, now: datetime) -> tuple[str, ...]:
        """Parties whose share for (domain, epoch) is leased now, sorted."""
        self.expire(now)
        with self._lock:
            return tuple(sorted(p.party for p in self._held if (p.domain, p.epoch) == (domain, epoch)))

    def end(self, place: Place) -> None:
        """Forget a share at once."""
        with self._lock:
            self._held.pop(place, None)
        self._on_end(place)

    def expire(self, now: datetime) -> None:
        """End every lease that is over; all of them when the clock went back, since none may last longer by it."""
        with self._lock:
            back = self._latest is not None and now < self._latest - SLACK
            self._latest = now if back or self._latest is None else max(now, self._latest)
            over = [place for place, held in self._held.items() if back or held.until <= now]
        for place in over:
            self.end(place)
