"""Two custodians in this process, for offline use and rehearsal only.

Whoever holds both seeds can compute every token, so output made with them is never sent: a gateway knows none of these
public keys.
"""

import contextlib
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from pseudonymizer.custodian.seeds import create_seed, keys_of, read_seed
from pseudonymizer.oprf.client import Hop, PinnedKeys
from pseudonymizer.oprf.errors import InvalidInput
from pseudonymizer.oprf.evaluate import evaluate_batch
from pseudonymizer.oprf.group import RandomBytes
from pseudonymizer.oprf.keys import SecretKey


@dataclass(frozen=True)
class LocalHop:
    """A custodian without ticket, budget or log: evaluates and proves."""

    key: SecretKey
    random: RandomBytes
    workers: Executor | None = None

    def evaluate(self, elements: bytes) -> bytes:
        """As `Hop.evaluate`. Raises InvalidInput or InvalidElement on a batch that a custodian refuses."""
        return evaluate_batch(self.key, elements, self.random, self.workers)


@dataclass(frozen=True)
class LocalCustodians:
    """Both hops and both public keys of one (domain, epoch, class): what `evaluate_messages` asks for."""

    hops: tuple[Hop, Hop]
    keys: PinnedKeys


def local_custodians(
    folder: Path, domain: str, epoch: str, *, random: RandomBytes, workers: Executor | None = None
) -> dict[str, LocalCustodians]:
    """Two local custodians per class ("bsn", "id", "cx"); their seeds are made in `folder` on first use and reused.

    Raises InvalidInput on names that the scheme does not allow or a damaged seed file, OSError when `folder` is not
    writable.
    """
    keys = [_keys(folder, number, domain, epoch, random) for number in (1, 2)]
    return {
        name: LocalCustodians(
            (LocalHop(first, random, workers), LocalHop(second, random, workers)),
            PinnedKeys(first.public, second.public),
        )
        for name, first, second in ((name, keys[0][name], keys[1][name]) for name in keys[0])
    }


def _keys(folder: Path, custodian: int, domain: str, epoch: str, random: RandomBytes) -> dict[str, SecretKey]:
    try:
        seed = read_seed(folder, custodian, domain, epoch)
    except InvalidInput:
        with contextlib.suppress(FileExistsError):  # present but damaged: the second read says how
            create_seed(folder, custodian, domain, epoch, random)
        seed = read_seed(folder, custodian, domain, epoch)
    return keys_of(seed, custodian, domain, epoch)
