"""Eras: a token is good in the one in which it was issued. A new era begins when the gateway starts, and when its clock
goes back.

The table of spent ids forgets what is too old to come into force again, by the clock. A clock that jumps forward and
back, or a database that is restored, would bring forgotten ids into force once more. Every proof is bound to a token,
so a token that ended takes all proofs with it; who called signs in again and goes on.
"""

import threading
from datetime import datetime
from typing import Final

from connectors.contract.canonical import b64u
from connectors.contract.ticket import PROOF_SKEW
from gateway.ids import Random

BACK: Final = PROOF_SKEW
"""How far the clock may go back before a new era begins: a spent id is remembered ten minutes longer than it could be
sent again (`gateway.caller`), so nothing comes back within this."""
_BYTES: Final = 16


class Era:
    """The era of one process. A held resource, shared by all threads."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = threading.Lock()
        self._latest: datetime | None = None
        self._name = b64u(random(_BYTES))

    def at(self, now: datetime) -> str:
        """The name of the era at this moment of the gateway's clock: 16 random bytes, base64url."""
        with self._lock:
            if self._latest is not None and now < self._latest - BACK:
                self._name, self._latest = b64u(self._random(_BYTES)), now
            self._latest = now if self._latest is None else max(now, self._latest)
            return self._name
