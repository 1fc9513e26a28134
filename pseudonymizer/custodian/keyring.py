"""The keys that a running custodian holds: those of its seeds that the federation file pins and that are not over."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Never

from connectors.contract.canonical import b64u
from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.federation import CustodianSleutel, Federatie
from pseudonymizer.custodian.refusals import StartRefused
from pseudonymizer.custodian.seeds import keys_of, read_seed
from pseudonymizer.oprf.errors import InvalidInput
from pseudonymizer.oprf.keys import SecretKey

Place = tuple[TokenDomein, str, TokenKlasse]


class KeyRing:
    """Secret keys by (domain, epoch, class). Hides itself from repr and pickle."""

    def __init__(self, keys: dict[Place, SecretKey]) -> None:
        self._keys = keys

    def key(self, domain: TokenDomein, epoch: str, key_class: TokenKlasse) -> SecretKey | None:
        """The key of a place, or None when this custodian does not hold it (any more)."""
        return self._keys.get((domain, epoch, key_class))

    def forget(self, domain: TokenDomein, epoch: str) -> None:
        """Drop all keys of an epoch from memory, once its destruction is in the log or its window is over."""
        # Requests are answered in threads: the list is made at once, and another may have dropped a key first.
        for place in list(self._keys):
            if place[:2] == (domain, epoch):
                self._keys.pop(place, None)

    def places(self) -> tuple[Place, ...]:
        """What is held, sorted."""
        return tuple(sorted(self._keys))

    def __repr__(self) -> str:
        return f"KeyRing({len(self._keys)} keys)"

    def __reduce__(self) -> Never:
        raise TypeError("a key ring is not serialised")


def load_key_ring(
    folder: Path, custodian: int, federation: Federatie, now: datetime, destroyed: Callable[[str, str], bool]
) -> KeyRing:
    """Read the seed of every epoch that the federation file pins for this custodian and that is not over.

    `destroyed(domain, epoch)` tells which epochs are gone on purpose: they are left out.
    Raises StartRefused when a seed is missing, weak or not the one whose public keys are pinned, or nothing is pinned.
    """
    pinned = [item for item in federation.sleutels if item.custodian == custodian and now < item.overlap_tot]
    if not pinned:
        raise StartRefused(f"the federation file pins no key of custodian {custodian} whose window is still open")
    epochs = sorted({(item.domein, item.epoch) for item in pinned})
    keys: dict[Place, SecretKey] = {}
    for domain, epoch in epochs:
        if destroyed(domain, epoch):
            continue
        try:
            own = keys_of(read_seed(folder, custodian, domain, epoch), custodian, domain, epoch)
        except InvalidInput as error:
            raise StartRefused(str(error)) from error
        for item in pinned:
            if (item.domein, item.epoch) == (domain, epoch):
                keys[domain, epoch, item.klasse] = _matching(own[item.klasse], item)
    return KeyRing(keys)


def _matching(key: SecretKey, pinned: CustodianSleutel) -> SecretKey:
    if b64u(key.public) != pinned.k:
        place = f"{pinned.domein} {pinned.epoch} {pinned.klasse}"
        raise StartRefused(f"the seed for {place} does not make the public key that the federation file pins")
    return key
