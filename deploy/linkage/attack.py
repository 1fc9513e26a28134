"""Attackers on the encoder: link what a gateway sees to people on a list, by structure or by frequency alone.

Follows Vidanage, Christen, Ranbaduge and Schnell, "A Graph Matching Attack on Privacy-Preserving Record Linkage" (CIKM
2020): similarity graph of encoded records, similarity graph of the list, node features, one-to-one assignment. Two
things make it stronger: features are propagated over the edges (Heimann et al., REGAL, CIKM 2018), and the assignment
is refined by the neighbours that it makes agree (the fixed point of Vogelstein et al., FAQ, PLoS ONE 2015). Against
an exact copy of the records it also refines colours (Weisfeiler and Leman), which finds everybody whose place in the
blocks is unlike any other's. The attacker knows the encoder, its dummies and its rules of who sends a block, and
encodes the list himself under keys of his own. What the attacks reach: deploy/linkage/DECISIONS.md.
"""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from connectors.contract.codes import TokenKlasse
from connectors.tokenise import Encoding, tokenise
from deploy.linkage.standin import prepare_file
from gateway.matching.blocks import TOKEN_TYPES
from pseudonymizer.identity import RawIdentity
from pseudonymizer.normalise import normalise

Matrix = NDArray[np.float64]
_BLOOM_BITS = 1024
_PER_GRAM = 12
_BLOCK = "cx"
_ONES = 1
_KINDS = (_BLOCK, *TOKEN_TYPES)


@dataclass(frozen=True)
class View:
    """What is seen of n records: `own` (n, any) facts of each, `edges` (n, n) of any two in one block or alike, and
    `blocks`: type of token, or `cx`, and positions of the records of every block that holds more than one.
    """

    own: Matrix
    edges: csr_array
    blocks: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class Rules:
    """The rules of the encoder, to see what they are worth: `once`, a block leaves for one record only, and for none
    where two people have it; `filled`, dummies make all records alike. `tokens`: the attacker also sees the tokens of
    classes bsn and id.
    """

    once: bool = True
    filled: bool = True
    tokens: bool = False


def _evaluated(key: bytes, _: TokenKlasse, messages: Sequence[bytes]) -> list[bytes | None]:
    """HMAC in place of the OPRF: same equality."""
    return [hmac.digest(key, message, "sha256") for message in messages]


def _first_come(blocks: Sequence[Sequence[bytes]]) -> list[set[bytes]]:
    given: set[bytes] = set()
    held = []
    for each in blocks:
        held.append(set(each) - given)
        given |= held[-1]
    return held


def encoded(people: Sequence[RawIdentity], key: bytes, random: Callable[[int], bytes], rules: Rules) -> list[Encoding]:
    """What the real connector sends of these people under the keys of `key`."""
    prepared = prepare_file(people, shared=not rules.once)
    return tokenise(prepared, partial(_evaluated, key), random, _first_come if rules.once else None)


def gateway_view(people: Sequence[RawIdentity], key: bytes, seed: int, rules: Rules) -> View:
    """All that the gateway sees of one partner.

    `own` is the number of entries, the mean number of ones, and with `rules.tokens` which tokens there
    are; an edge weighs the sum over shared blocks of how alike the two sketches are, and 1 for a shared token. Without
    `rules.filled` the dummies are taken away, as an attacker could who told them apart.
    """
    rng = np.random.default_rng(seed)
    found = encoded(people, key, rng.bytes, rules)
    real = _real_blocks(people, key)
    members: defaultdict[tuple[str, bytes], list[tuple[int, bytes]]] = defaultdict(list)
    own = np.zeros((len(people), _ONES + 1 + len(TOKEN_TYPES)))
    for at, encoding in enumerate(found):
        seen = [entry for entry in encoding.blocks if rules.filled or entry[1] in real[at]]
        for _, block, sketch in seen:
            members[_BLOCK, block].append((at, sketch))
        own[at, 0] = len(seen)
        own[at, _ONES] = np.mean([int.from_bytes(sketch).bit_count() for _, _, sketch in seen] or [0])
        for name, token in encoding.tokens if rules.tokens else ():
            members[name.value, token].append((at, b"\xff"))
            own[at, _ONES + 1 + TOKEN_TYPES.index(name)] = 1
    shared = [(kind, who) for (kind, _), who in members.items() if len(who) > 1]
    blocks = tuple((kind, tuple(at for at, _ in who)) for kind, who in shared)
    return View(own, _within_blocks(shared, len(people)), blocks)


def _real_blocks(people: Sequence[RawIdentity], key: bytes) -> list[set[bytes]]:
    found = encoded(people, key, lambda n: bytes(n), Rules(once=False))
    return [{name for _, name, _ in encoding.blocks if any(name)} for encoding in found]


def _within_blocks(shared: Sequence[tuple[str, list[tuple[int, bytes]]]], size: int) -> csr_array:
    total: defaultdict[tuple[int, int], float] = defaultdict(float)
    for _, who in shared:
        records = [at for at, _ in who]
        alike = dice(_bits([each for _, each in who]))
        for left, one in enumerate(records):
            for right, other in enumerate(records):
                if left != right:
                    total[one, other] += float(alike[left, right])
    rows, columns = zip(*total, strict=True) if total else ((), ())
    return csr_array((list(total.values()), (rows, columns)), shape=(size, size))


def shared_key_view(people: Sequence[RawIdentity], key: bytes, alike: float = 0.5) -> View:
    """The usual encoding: one Bloom filter a record under one key for all, so any two can be compared."""
    bits = _bits([_bloom(key, person) for person in people])
    found = dice(bits)
    np.fill_diagonal(found, 0.0)
    ranked = np.sort(found, axis=1)[:, ::-1][:, :20]
    return View(np.column_stack([bits.sum(axis=1), ranked]), csr_array(np.where(found >= alike, found, 0.0)))


def _bloom(key: bytes, person: RawIdentity) -> bytes:
    """Padded bigrams of the name, and the other traits, at twelve to thirty-two bits each (about 400 ones)."""
    norm = normalise(person)
    features = {f"_{word}_"[at : at + 2]: _PER_GRAM for word in norm.words for at in range(len(word) + 1)}
    if norm.birth is not None:
        features |= {f"y{norm.birth.year}": 32, f"m{norm.birth.month}": 18, f"d{norm.birth.day}": 18}
        features |= {f"y{at}{digit}": 12 for at, digit in enumerate(str(norm.birth.year))}
    features |= {f"{value}": 24 for value in (norm.sex, norm.nationality, norm.phone, norm.document) if value}
    bits = np.zeros(_BLOOM_BITS, dtype=np.uint8)
    for feature, most in features.items():
        digest = hashlib.blake2b(feature.encode(), key=key, digest_size=64).digest()
        bits[np.frombuffer(digest, dtype="<u2")[:most] % _BLOOM_BITS] = 1
    return np.packbits(bits).tobytes()


def _bits(rows: Sequence[bytes]) -> NDArray[np.float32]:
    """(n, bits) from filters of one length."""
    flat = np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), -1)
    return np.unpackbits(flat, axis=1).astype(np.float32)


def dice(bits: NDArray[np.float32]) -> Matrix:
    """Dice coefficients of all pairs of rows of bits."""
    ones = bits.sum(axis=1)
    return np.asarray(2 * (bits @ bits.T) / np.maximum(ones[:, None] + ones, 1.0), dtype=np.float64)


def by_colour(view: View, known: View, rounds: int = 4) -> NDArray[np.int64]:
    """For an exact copy: per record the person with its colour where both are the only one of it, else -1."""
    seen, listed = _colours(view, rounds), _colours(known, rounds)
    times, here = Counter(listed), Counter(seen)
    place = {colour: at for at, colour in enumerate(listed) if times[colour] == 1}
    return np.array([place.get(colour, -1) if here[colour] == 1 else -1 for colour in seen])


def _colours(view: View, rounds: int) -> list[int]:
    counts = np.delete(view.own, _ONES, axis=1)  # the number of ones is not a colour: it is never the same
    colours = [hash(tuple(row)) for row in counts.tolist()]
    for _ in range(rounds):
        met: list[list[int]] = [[] for _ in colours]
        for kind, who in view.blocks:
            company = hash((_KINDS.index(kind), tuple(sorted(colours[at] for at in who))))
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
