"""Everything that a release is computed from, opened with the shares that are leased, and its keyed digest."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.contract.canonical import b64u, canonical_bytes
from connectors.contract.codes import TokenDomein
from connectors.contract.record import Inspanning, Telling
from gateway.errors import NotReady
from gateway.house import House
from gateway.matching.index import Known
from gateway.release.entities import Case, persons, registrations
from gateway.release.micro import Counted
from gateway.store import reading
from gateway.vault.rows import stored_rows
from gateway.vault.sealing import Place

MONITOR = TokenDomein.MONITOR


@dataclass(frozen=True, slots=True)
class Invoer:
    """The rows of some parties in an epoch: grouped by person, and what parties only counted.

    `digest`: HMAC-SHA-256 by this gateway's own secret of the epoch, over rows, grouping and what others published; the
    same rows give the same digest whatever the order in which they came.
    """

    parties: tuple[str, ...]
    groups: tuple[tuple[Known, ...], ...]
    counted: tuple[Counted, ...]
    digest: str

    @property
    def people(self) -> tuple[Case, ...]:
        """Every person once."""
        return persons(self.groups)

    @property
    def reports(self) -> tuple[Case, ...]:
        """Every registration."""
        return registrations(known for group in self.groups for known in group)


def gather(house: House, epoch: str, parties: Sequence[str], now: datetime, extern: Sequence[str] = ()) -> Invoer:
    """What `parties` handed in for the monitor, those without any left out; raises NotReady when the share of one of
    them is not leased now. `extern`: digests of what others published, which are input too."""
    present = house.present(MONITOR, epoch, now)
    if not set(parties) <= set(present):
        away = len(set(parties) - set(present))
        raise NotReady(f"{away} of the parties whose rows are counted lend no share now: ask them, try again")
    groups = house.index.entities(MONITOR.value, epoch, tuple(parties))
    counted = tuple(_counts(house, epoch, parties, now))
    key = house.keys(MONITOR, epoch).k_store
    gave = {known.party for group in groups for known in group} | {each.party for each in counted}
    return Invoer(tuple(sorted(gave)), groups, counted, _digest(key, groups, counted, extern))


def _digest(key: bytes, groups: Sequence[Sequence[Known]], counted: Sequence[Counted], extern: Sequence[str]) -> str:
    rows = sorted(sorted([known.party, known.record_id, known.codes] for known in group) for group in groups)
    counts = sorted([each.party, canonical_bytes(each.row).decode("ascii")] for each in counted)
    others = [sorted(extern)] if extern else []
    text = json.dumps([rows, counts, *others], separators=(",", ":"))
    return b64u(hmac.digest(key, b"schakel1 release input|" + text.encode(), hashlib.sha256))


def _counts(house: House, epoch: str, parties: Sequence[str], now: datetime) -> Iterator[Counted]:
    """Counts handed in, opened row by row with the leased shares."""
    for party in parties:
        place = Place(party, MONITOR.value, epoch)
        key = house.leases.key(place, now)
        if key is None:
            raise NotReady("a party's share ended meanwhile: ask it to lend again, then try again")
        with reading(house.store) as transaction:
            for row in stored_rows(transaction, place, ("telling", "inspanning")):
                plain = key.open(row.sealed, row.record_id, row.batch_id)
                model: type[Telling] | type[Inspanning] = Telling if row.kind == "telling" else Inspanning
                yield Counted(party, model.model_validate_json(plain))
