"""The join keys of canaries, in memory only and only while their keeper lends its share.

Kept as two sorted columns of 64 bits: a million canaries take 16 MB, and a batch is looked up in one pass.
"""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Halves = NDArray[np.uint64]
_NONE: Final = np.zeros((0, 2), dtype=np.uint64)


class CanaryIndex:
    """All canaries of the process by (domain, epoch) and keeper. A held resource, shared by all threads."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], dict[str, Halves]] = {}
        self._lock = threading.RLock()

    def add(self, domain: str, epoch: str, keeper: str, keys: Sequence[bytes]) -> None:
        """Add join keys (16 bytes each); a keeper that adds none is present all the same."""
        fresh = _halves(keys)
        with self._lock:
            shelf = self._held.setdefault((domain, epoch), {})
            both = np.concatenate((shelf.get(keeper, _NONE), fresh))
            shelf[keeper] = both[np.lexsort((both[:, 1], both[:, 0]))]

    def drop(self, domain: str, epoch: str, keeper: str) -> None:
        """Forget a keeper's canaries: its lease ended, or it took them back."""
        with self._lock:
            self._held.get((domain, epoch), {}).pop(keeper, None)

    def present(self, domain: str, epoch: str) -> frozenset[str]:
        """Keepers whose canaries are here now."""
        with self._lock:
            return frozenset(self._held.get((domain, epoch), {}))

    def touched(self, domain: str, epoch: str, keys: Sequence[bytes]) -> frozenset[bytes]:
        """Those of `keys` (join keys, 16 bytes each) that are canaries, whoever keeps them."""
        with self._lock:
            shelves = tuple(self._held.get((domain, epoch), {}).values())
        if not shelves:
            return frozenset()
        asked = _halves(keys)
        found: set[bytes] = set()
        for held in shelves:
            first = np.searchsorted(held[:, 0], asked[:, 0], side="left")
            last = np.searchsorted(held[:, 0], asked[:, 0], side="right")
            for place in np.flatnonzero(first < last):
                if (held[first[place] : last[place], 1] == asked[place, 1]).any():
                    found.add(keys[int(place)])
        return frozenset(found)


def _halves(keys: Sequence[bytes]) -> Halves:
    return np.frombuffer(b"".join(keys), dtype=">u8").astype(np.uint64).reshape(-1, 2)
