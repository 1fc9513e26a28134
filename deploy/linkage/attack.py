"""Attackers on the encoder: link what a gateway sees to people on a list, by structure or by frequency alone.

Follows Vidanage, Christen, Ranbaduge and Schnell, "A Graph Matching Attack on Privacy-Preserving Record Linkage" (CIKM
2020): similarity graph of encoded records, similarity graph of the list, node features, one-to-one assignment. Two
things make it stronger: features are propagated over the edges (Heimann et al., REGAL, CIKM 2018), and the assignment
is refined by the neighbours that it makes agree (the fixed point of Vogelstein et al., FAQ, PLoS ONE 2015). Against
an exact copy of the records it also refines colours (Weisfeiler and Leman), which finds everybody whose place in the
blocks is unlike any other's. The attacker encodes the list himself: the encoder is public, the keys are his own.
Pure; what the attacks reach: deploy/linkage/DECISIONS.md.
"""

import hmac
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from gateway.matching.blocks import BLOCK_TYPES, MAX_BLOCK
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import CLK_BITS, clk, clks, composites
from pseudonymizer.normalise import normalise

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """What is seen of n records: `own` (n, any) facts of each, `edges` (n, n) of any two in one block or alike, and
    `blocks`: type and positions of the records of every block that holds more than one.
    """

    own: Matrix
    edges: csr_array
    blocks: tuple[tuple[str, tuple[int, ...]], ...] = ()


def gateway_view(people: Sequence[RawIdentity], key: bytes, most: int = MAX_BLOCK, popcounts: bool = True) -> View:
    """Blocks of the real encoder (HMAC in place of the OPRF: same equality); those of over `most` records are not sent.

    Without `popcounts` the view is that of filters whose number of ones says nothing.
    `own` is the number of blocks of each type and the mean popcount; an edge weighs the sum over shared blocks of the
    Dice coefficient of the two filters in that block.
    """
    members: defaultdict[tuple[str, bytes], list[tuple[int, bytes]]] = defaultdict(list)
    own = np.zeros((len(people), len(BLOCK_TYPES) + 1))
    norms = [normalise(person) for person in people]
    sizes = Counter(item for norm in norms for item in composites(norm))
    for at, norm in enumerate(norms):
        chosen = [item for item in composites(norm) if sizes[item] <= most]
        found = [hmac.digest(key, f"{item.type}\x1f{item.value}".encode(), "sha256") for item in chosen]
        filters = clks([sha256(b"key" + item).digest() for item in found], norm)
        for item, block, each in zip(chosen, found, filters, strict=True):
            members[item.type, block].append((at, each))
            own[at, BLOCK_TYPES.index(item.type)] += 1
        if popcounts:
            own[at, -1] = np.mean([int.from_bytes(each).bit_count() for each in filters] or [0])
    shared = [(kind, who) for (kind, _), who in members.items() if len(who) > 1]
    blocks = tuple((kind, tuple(at for at, _ in who)) for kind, who in shared)
    return View(own, _within_blocks(shared, len(people)), blocks)


def _within_blocks(shared: Sequence[tuple[str, list[tuple[int, bytes]]]], size: int) -> csr_array:
    total: defaultdict[tuple[int, int], float] = defaultdict(float)
    for _, who in shared:
        records = [at for at, _ in who]
        alike = dice(_words([each for _, each in who]))
        for left, one in enumerate(records):
            for right, other in enumerate(records):
                if left != right:
                    total[one, other] += float(alike[left, right])
    rows, columns = zip(*total, strict=True) if total else ((), ())
    return csr_array((list(total.values()), (rows, columns)), shape=(size, size))


def shared_key_view(people: Sequence[RawIdentity], key: bytes, alike: float = 0.5) -> View:
    """The usual encoding: one filter a record under one key for all, so any two can be compared."""
    words = _words([clk(key, normalise(person)) for person in people])
    found = dice(words)
    np.fill_diagonal(found, 0.0)
    ones = np.bitwise_count(words).sum(axis=1, dtype=np.int64).astype(float)
    ranked = np.sort(found, axis=1)[:, ::-1][:, :20]
    return View(np.column_stack([ones, ranked]), csr_array(np.where(found >= alike, found, 0.0)))


def _words(filters: Sequence[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(filters), dtype="<u8").reshape(-1, CLK_BITS // 64).astype(np.uint64)


def dice(words: NDArray[np.uint64]) -> Matrix:
    """Dice coefficients of all pairs of filters."""
    bits = np.unpackbits(words.view(np.uint8), axis=1).astype(np.float32)
    ones = bits.sum(axis=1)
    return np.asarray(2 * (bits @ bits.T) / np.maximum(ones[:, None] + ones, 1.0), dtype=np.float64)


def by_colour(view: View, known: View, rounds: int = 4) -> NDArray[np.int64]:
    """For an exact copy: per record the person with its colour where both are the only one of it, else -1."""
    seen, listed = _colours(view, rounds), _colours(known, rounds)
    times, here = Counter(listed), Counter(seen)
    place = {colour: at for at, colour in enumerate(listed) if times[colour] == 1}
    return np.array([place.get(colour, -1) if here[colour] == 1 else -1 for colour in seen])


def _colours(view: View, rounds: int) -> list[int]:
    colours = [hash(tuple(row)) for row in view.own[:, :-1].tolist()]
    for _ in range(rounds):
        met: list[list[int]] = [[] for _ in colours]
        for kind, who in view.blocks:
            company = hash((BLOCK_TYPES.index(kind), tuple(sorted(colours[at] for at in who))))
            for at in who:
                met[at].append(company)
        colours = [hash((own, tuple(sorted(each)))) for own, each in zip(colours, met, strict=True)]
    return colours


def by_structure(view: View, known: View, rounds: int = 15) -> NDArray[np.int64]:
    """Person per record: assignment on propagated features, refined by the edges that it makes agree."""
    likeness = _likeness(_propagated(view), _propagated(known))
    best = linear_sum_assignment(likeness, maximize=True)[1]
    size = len(best)
    ours, theirs = _scaled(view.edges), _scaled(known.edges)
    for _ in range(rounds):
        matched = csr_array((np.ones(size), (np.arange(size), best)), shape=(size, size))
        agreeing = (ours @ matched @ theirs.T).toarray()
        after = linear_sum_assignment(agreeing + 0.2 * likeness, maximize=True)[1]
        if (after == best).all():
            break
        best = after
    return np.asarray(best)


def _scaled(edges: csr_array) -> csr_array:
    """Edges of a record together weigh one in square, so that the many of a common name do not drown the few."""
    norm = np.sqrt(np.asarray(edges.multiply(edges).sum(axis=1)).ravel())
    return csr_array(edges.multiply(1.0 / np.maximum(norm, 1e-9)[:, None]))


def _propagated(view: View, rounds: int = 3) -> Matrix:
    degree = np.asarray((view.edges > 0).sum(axis=1)).ravel()
    weight = np.asarray(view.edges.sum(axis=1)).ravel()
    heaviest = view.edges.max(axis=1).toarray().ravel()
    squares = np.asarray(view.edges.multiply(view.edges).sum(axis=1)).ravel()
    layer = np.column_stack([view.own, np.log1p(degree), np.log1p(weight), heaviest, np.sqrt(squares)])
    layers = [layer]
    mean = csr_array(view.edges.multiply(1.0 / np.maximum(weight, 1e-9)[:, None]))
    for _ in range(rounds):
        layer = np.column_stack([mean @ layer, np.sqrt(np.maximum(mean @ (layer**2) - (mean @ layer) ** 2, 0.0))])
        layers.append(layer)
        layer = layer[:, : layer.shape[1] // 2]
    return np.hstack(layers)


def _likeness(seen: Matrix, listed: Matrix) -> Matrix:
    """Minus the squared distance of standardised features, scaled to at most 0 and about -1 at the median."""
    both = np.vstack([seen, listed])
    mean, spread = both.mean(axis=0), both.std(axis=0) + 1e-9
    one, other = (seen - mean) / spread, (listed - mean) / spread
    far = np.maximum((one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T, 0.0)
    return np.asarray(-far / max(float(np.median(far)), 1e-9))


def by_rank(seen: Counter[bytes], listed: Counter[bytes]) -> dict[bytes, bytes]:
    """Frequency attack: the most frequent token seen is taken for the most frequent value listed, and so on down.

    Ties go by the bytes of the token, which tell nothing. Tokens seen once are left alone.
    """
    ours, theirs = ([token for token, _ in sorted(times.items(), key=_rank)] for times in (seen, listed))
    return {token: guess for token, guess in zip(ours, theirs, strict=False) if seen[token] > 1}


def _rank(item: tuple[bytes, int]) -> tuple[int, bytes]:
    return -item[1], item[0]
