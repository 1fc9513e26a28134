"""Opens the policy room from files, and keeps its lease. A gateway that cannot prove its rules does not open one.

The self-test puts the golden cases to the engine. They are about the parties that the rules folder itself names, so
with the parties of a federation file the same rules are tested before those parties are put in.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.policy.bundle import PolicyBundle, load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import PolicySourceError
from gateway.policy.opa_server import OpaAddress, OpaServerEngine
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.sources import read_golden

RENEW_AFTER: Final = timedelta(hours=1)
"""How old a verification may be before the files are read again; policy itself refuses after 24 h."""


def open_room(
    folder: Path,
    clock: Callable[[], datetime],
    ids: Callable[[], str],
    signed_digest: str | None,
    parties: str | None = None,
    opa: OpaAddress | None = None,
) -> PolicyRoom:
    """The room for the rules in `folder`, on the embedded engine or on the OPA server at `opa`.

    `signed_digest`: the digest that two convenant owners signed; any other rules count as unsigned, hence every
    answer is a refusal. `parties`: the federation's parties, in the form of `bron/parties.json`.
    Raises PolicySourceError for rules that are not whole or fail a golden case, EngineUnavailable when OPA is silent.
    """
    rules = load_bundle(folder)
    bundle = rules if parties is None else rules.with_parties(parties)
    lease = FolderLease(folder, rules, bundle.digest == signed_digest, clock)
    tested = PolicyRoom(rules, EmbeddedEngine(rules), lease, ids)
    tested.self_test(read_golden(folder))
    if opa is None:
        return PolicyRoom(bundle, EmbeddedEngine(bundle), lease, ids)
    room = PolicyRoom(bundle, OpaServerEngine(opa, bundle.revision), lease, ids)
    if parties is None:
        room.self_test(read_golden(folder))
    return room


class FolderLease:
    """The lease of rules in a folder: renewed while the folder still holds exactly the rules that were opened."""

    def __init__(self, folder: Path, rules: PolicyBundle, signed: bool, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._digest = rules.digest
        self._clock = clock
        self._lease = Lease(clock(), signed)

    def __call__(self) -> Lease:
        """The lease now; a folder that changed or cannot be read keeps the old one, which then runs out."""
        now = self._clock()
        if now - self._lease.verified_at >= RENEW_AFTER and self._unchanged():
            self._lease = Lease(now, self._lease.signed)
        return self._lease

    def _unchanged(self) -> bool:
        try:
            return load_bundle(self._folder).digest == self._digest
        except (OSError, PolicySourceError):
            return False
