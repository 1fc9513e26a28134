"""Who stands behind the rules in force: looked up at every question, verified against the disk every hour.

Rules this module upholds (policy page, check BELEID_ONGELDIG and last paragraph)
1. Rules are signed while two pinned owners signed their digest and did not withdraw, and while the copy on disk has
   that digest. A change of the owners' is seen at the next question.
2. Their age is the time since both were last found true. A disk that does not answer lets them age; a copy that is
   changed or gone makes them unsigned.
3. Other rules that came in force are taken up before the question is answered.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from connectors.contract.federation import Eigenaar
from gateway.clock import Clock
from gateway.ids import Ids
from gateway.policy.bundle import PolicyBundle
from gateway.policy.changes import InForce
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import PolicyError, PolicySourceError
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.signatures import OWNERS_NEEDED, standing_owners

AGAIN: Final = timedelta(hours=1)
"""How often rules that stand are verified again. Policy refuses nearly everything 24 hours after the last time."""
SOON: Final = timedelta(minutes=1)
"""How often it is tried again while they could not be verified."""
_LOG: Final = structlog.get_logger("gateway.policy")

Find = Callable[[], InForce | None]
"""What the owners put in force, read anew at each call."""
Read = Callable[[str], PolicyBundle]
"""The kept rules with a digest, read from disk anew; raises PolicySourceError or OSError (`shelf.kept`)."""
MakeEngine = Callable[[PolicyBundle], PolicyEngine]


class NothingInForce(PolicyError):
    """No two owners ever put rules in force in this installation."""


def open_in_force(
    find: Find, read: Read, owners: tuple[Eigenaar, ...], engine: MakeEngine, clock: Clock, ids: Ids
) -> PolicyRoom:
    """The policy room on the rules in force, which follows the owners' changes.

    Raises NothingInForce, PolicySourceError when the rules in force cannot be read, StoreUnavailable.
    """
    found = find()
    if found is None:
        raise NothingInForce(
            "no rules are in force: two owners sign them (`bundle sign`), then `bundle activate` puts them in force"
        )
    try:
        bundle = read(found.digest)
    except OSError as error:
        raise PolicySourceError("the rules in force", f"cannot be read ({error.strerror})") from error
    standing = _Standing(found, find, read, owners, clock)
    room = PolicyRoom(bundle, engine(bundle), standing.lease, ids)
    standing.attend(room, engine)
    return room


class _Standing:
    """A held resource: it remembers when the rules were last verified."""

    def __init__(self, found: InForce, find: Find, read: Read, owners: tuple[Eigenaar, ...], clock: Clock) -> None:
        self._find, self._read, self._owners, self._clock = find, read, owners, clock
        self._turn = threading.Lock()
        self._found = found
        self._verified_at = clock()
        self._signed = False
        self._look_at = self._verified_at

    def attend(self, room: PolicyRoom, engine: MakeEngine) -> None:
        """Keep this room on the rules in force."""
        self._room, self._engine = room, engine

    def lease(self) -> Lease:
        """How the rules stand; raises StoreUnavailable when nobody can say what is in force."""
        with self._turn:
            found, now = self._find(), self._clock()
            if found is None:
                return Lease(self._verified_at, signed=False)
            if found != self._found or now >= self._look_at:
                self._verify(found, now)
            return Lease(self._verified_at, self._signed)

    def _verify(self, found: InForce, now: datetime) -> None:
        standing = standing_owners(found.agreements, found.withdrawals, f"sha256:{found.digest}", self._owners)
        self._found, self._look_at = found, now + SOON
        self._signed = len(standing) >= OWNERS_NEEDED
        try:
            bundle = self._read(found.digest)
        except OSError as error:
            _LOG.error("policy_rules_not_read", kind=type(error).__name__)
            self._signed = self._signed and self._room.bundle.digest == found.digest
            return
        except PolicyError as error:
            _LOG.error("policy_rules_changed_on_disk", kind=type(error).__name__)
            self._signed = False
            return
        if bundle.digest != self._room.bundle.digest:
            self._room.take_up(bundle, self._engine(bundle))
            _LOG.info("policy_rules_taken_up", revision=bundle.revision)
        if self._signed:
            self._verified_at, self._look_at = now, now + AGAIN
