"""The parts of the gateway's house that its use cases share, put together once in `app.py` and handed down."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.federation import CustodianSleutel, Federatie
from connectors.contract.signing import SigningKey
from gateway.canaries.index import CanaryIndex
from gateway.canaries.standing import suspended
from gateway.clock import Clock
from gateway.era import Era
from gateway.errors import Malformed, NotReady
from gateway.hold import Hold
from gateway.ids import Ids, Random
from gateway.journal import Journal
from gateway.matching.index import JoinIndex
from gateway.policy.room import PolicyRoom
from gateway.store import reading
from gateway.turns import Turns
from gateway.vault.leases import Leases
from gateway.vault.sealing import EpochKeys


@dataclass(frozen=True, slots=True)
class House:
    """Everything a use case may need. `turn` orders what changes rows and index together: commit, then index. `turns`
    order the questions of each party. `era`: in which tokens are good. `journal`: what a restored database must not
    forget. `hold`: that this process alone serves the database; None in a command, which serves nobody."""

    federatie: Federatie
    signing: SigningKey = field(repr=False)
    epoch_keys: Mapping[tuple[str, str], EpochKeys] = field(repr=False)
    store: Engine
    policy: PolicyRoom
    leases: Leases
    index: JoinIndex
    clock: Clock
    ids: Ids
    random: Random
    spool: Path
    era: Era
    journal: Journal
    canaries: CanaryIndex = field(default_factory=CanaryIndex, repr=False)
    hold: Hold | None = field(default=None, repr=False)
    turn: threading.RLock = field(default_factory=threading.RLock)
    turns: Turns = field(default_factory=Turns)

    def keys(self, domein: TokenDomein, epoch: str) -> EpochKeys:
        """The secrets of an epoch; raises NotReady when this gateway holds none."""
        found = self.epoch_keys.get((domein.value, epoch))
        if found is None:
            raise NotReady("this gateway holds no keys for that domain and epoch")
        return found

    def window(
        self, domein: TokenDomein, epoch: str, now: datetime, klasse: TokenKlasse | None = None
    ) -> CustodianSleutel:
        """The pinned key window of an epoch that is open now (van ≤ now < overlap_tot); raises Malformed otherwise."""
        for key in self.federatie.sleutels:
            here = (key.domein, key.epoch) == (domein, epoch) and (klasse is None or key.klasse == klasse)
            if here and key.van <= now < key.overlap_tot:
                return key
        raise Malformed("that epoch is not open for this domain", code="epoch_not_open")

    def present(self, domein: TokenDomein, epoch: str, now: datetime) -> tuple[str, ...]:
        """Ids of the parties that have leased their share, are members of the convenant now and are not suspended. A
        keeper of canaries delivers no records and is not among them."""
        members = {p.id: p.deelname(domein.convenant) for p in self.federatie.partijen if not p.kanariehouder}
        leased = self.leases.present(domein.value, epoch, now)
        with reading(self.store) as transaction:
            away = suspended(transaction)
        return tuple(p for p in leased if p not in away and (lid := members.get(p)) is not None and lid.actief(now))
