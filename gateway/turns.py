"""Turns: what one party does at a time. Its questions count against limits, and policy is asked between the count and
the question's own entry; two at once would be told of the same room."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.errors import Unsettled

ATTEMPTS: Final = 3
"""How often an act is judged again because what it rests on (casus, authorisation, approval, records) changed while
policy was asked."""
WAIT_SECONDS: Final = 15.0
"""How long a question waits for those of its own party that came before it; each asks policy for 0.8 s at most."""


class Turns:
    """One lock a party. A held resource: one process serves the database (`gateway.hold`), so no other counts here."""

    def __init__(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @contextmanager
    def of(self, party: str, seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """This party's turn until the block ends; raises Unsettled when it does not come within `seconds`."""
        with self._guard:
            lock = self._locks.setdefault(party, threading.Lock())
        if not lock.acquire(timeout=seconds):
            raise Unsettled("other questions of this party are still being answered; nothing was changed, try again")
        try:
            yield
        finally:
            lock.release()
