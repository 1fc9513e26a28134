"""Attackers on two partners that are present together: who are the people that both of them hold?

Of one partner alone the gateway sees nothing (`deploy.linkage.attack`). Of two it sees what matching needs: which
records meet, in how many blocks, how alike their names are, how rare, and which traits both know and agree on. The
attacker has all of that, and who is who across the two partners for free (the gateway links 97 to 98 % rightly). He
knows the encoder, holds a list, imagines many times over what a gateway would see of each person on it, and weighs
every person against every pair of records by the likelihood of what is seen (Fisher's linear discriminant: differences
weighed by how much one person's facts vary). Records of two people that meet (families, namesakes) are edges of a
similarity graph, as in Vidanage, Christen, Ranbaduge and Schnell, "A Graph Matching Attack on Privacy-Preserving Record
Linkage" (CIKM 2020), matched by max-product messages over both graphs (Bayati, Gleich, Saberi and Wang,
"Message-passing algorithms for sparse network alignment", TKDD 2013), with all that the gateway sees of each edge.
The same likelihoods, summed over people, say what somebody's year, nationality, sex and name length are likely to be.
Invented people only. What the attacks reach: tests/attacks/test_two_present_partners.py, printed with `-s`.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from connectors.tokenise import Encoding
from deploy.linkage.attack import Rules, encoded
from deploy.linkage.generate import LIGHT, Errors, another_record, two_files
from gateway.matching.blocks import (
    SLOTS,
    TOKEN_TYPES,
    Entries,
    EntryPairs,
    Evidence,
    FileFacts,
    agreement,
    evidence,
)
from gateway.matching.sketches import Likeness, rows_of
from pseudonymizer.identity import RawIdentity

Matrix = NDArray[np.float64]
Places = NDArray[np.int64]
Names = tuple[str, ...]

_SCALES: Final = tuple(2.0**power for power in range(-9, 2))
EXACT: Final = Errors(0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0)
CAREFUL: Final = replace(LIGHT, slips=LIGHT.slips / 4, words=LIGHT.words / 4, date=0.02, vague_date=0.02, no_date=0.0)
"""The errors of the first of two sources in `two_files`; LIGHT are those of the second."""


class Knows(StrEnum):
    """The list that the attacker holds, of exactly the common people."""

    BOTH = "exact copies of both files"
    ONE = "an exact copy of one file"
    REGISTER = "a register of its own"


@dataclass(frozen=True)
class Common:
    """n people whom two partners both hold: entry i of each list is the record of person i."""

    left: list[RawIdentity]
    right: list[RawIdentity]
    register: list[RawIdentity]

    def imagined(self, knows: Knows, rng: random.Random) -> tuple[list[RawIdentity], list[RawIdentity]]:
        """Two files as the attacker who `knows` may expect them; errors of which he knows the kinds and rates."""
        if knows is Knows.BOTH:
            return self.left, self.right
        if knows is Knows.ONE:
            return self.left, [another_record(person, LIGHT, rng) for person in self.left]
        return (
            [another_record(person, CAREFUL, rng) for person in self.register],
            [another_record(person, LIGHT, rng) for person in self.register],
        )


def common_people(size: int, seed: int) -> Common:
    """Three sources of the same generated people, each with errors of its own."""
    truth = two_files(size, 1.0, EXACT, seed).left
    rng = random.Random(seed)  # noqa: S311 - invented people, reproducible on purpose
    left, right, register = (
        [another_record(person, errors, rng) for person in truth] for errors in (CAREFUL, LIGHT, CAREFUL)
    )
    return Common(left, right, register)


@dataclass(frozen=True)
class PairView:
    """What is seen of n common people: `own` (n, f), the facts of the two records of each (zeros where they never
    meet); `edges` (m, 2), whose left record met whose right record; `between` (m, f), the facts of those; and `names`
    (f), the kind of fact in each column.
    """

    own: Matrix
    edges: Places
    between: Matrix
    names: Names

    def only(self, kinds: Sequence[str]) -> "PairView":
        """The same with some kinds of fact only; an edge that none of them shows is gone."""
        kept = [at for at, name in enumerate(self.names) if name in kinds]
        between = self.between[:, kept]
        shown = between.any(axis=1)
        return PairView(self.own[:, kept], self.edges[shown], between[shown], tuple(self.names[at] for at in kept))


def pair_view(
    left: Sequence[RawIdentity], right: Sequence[RawIdentity], keys: tuple[bytes, bytes], seed: int, common: int = 0
) -> PairView:
    """All that the gateway sees of two partners' common people: person i is record i of both, delivered in an order
    that it does not know. `keys`: what each partner's values are evaluated under, the same in one domain and epoch.
    `common`: the number of common people, who come first; without it all are. What the records of others met is left
    out.
    """
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(each)) for each in (left, right)]
    found = [
        encoded([each[at] for at in order], key, rng.bytes, Rules())
        for each, order, key in zip((left, right), orders, keys, strict=True)
    ]
    one, other, columns = _facts(*found)
    facts = np.hstack(list(columns.values()))
    names = tuple(name for name, column in columns.items() for _ in range(column.shape[1]))
    who, whom, size = orders[0][one], orders[1][other], common or len(left)
    same, both = who == whom, (who < size) & (whom < size)
    own = np.zeros((size, len(names)))
    own[who[same & both]] = facts[same & both]
    return PairView(own, np.column_stack([who, whom])[~same & both], facts[~same & both], names)


def _facts(left: Sequence[Encoding], right: Sequence[Encoding]) -> tuple[Places, Places, dict[str, Matrix]]:
    """Positions of the records that meet, and by kind everything that the gateway's own code computes of them."""
    codes: dict[bytes, int] = {}
    tokens = [_tokens(each, codes) for each in (left, right)]
    seen = _evidence(left, right, tokens)
    met = set(zip(seen.left.tolist(), seen.right.tolist(), strict=True))
    beside = sorted(_shared_tokens(tokens[0].tokens, tokens[1].tokens) - met)
    found: dict[str, NDArray[Any]] = {item.name: getattr(seen.like, item.name) for item in fields(Likeness)}
    traits = found.pop("traits")
    found |= {"known": traits != 0, "agree": traits > 0, "blocks": seen.shared}
    one, other = (
        np.r_[each, [pair[at] for pair in beside]].astype(np.int64) for at, each in ((0, seen.left), (1, seen.right))
    )
    columns = {name: _extended(column, len(one)) for name, column in found.items()}
    agree = agreement(tokens[0].tokens[one], tokens[1].tokens[other])
    return one, other, columns | {"tokens": np.hstack([agree > 0, agree < 0]).astype(np.float64)}


def _extended(column: NDArray[Any], size: int) -> Matrix:
    """Zeros for the pairs that share a token and no block."""
    flat = column if column.ndim == 2 else column[:, None]
    return np.vstack([flat, np.zeros((size - len(flat), flat.shape[1]))]).astype(np.float64)


def _shared_tokens(left: Places, right: Places) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for mine, theirs in zip(left.T.tolist(), right.T.tolist(), strict=True):
        holders: defaultdict[int, list[int]] = defaultdict(list)
        for at, code in enumerate(theirs):
            holders[code].append(at)
        found |= {(at, other) for at, code in enumerate(mine) if code >= 0 for other in holders.get(code, ())}
    return found


def _evidence(left: Sequence[Encoding], right: Sequence[Encoding], tokens: Sequence[FileFacts]) -> Evidence:
    """What the gateway's own code says of the pairs that meet."""
    (mine, ours), (theirs, others) = _entries(left), _entries(right)
    place = {name: at for at, name in enumerate(others)}
    met = np.array([(at, place[name]) for at, name in enumerate(ours) if name in place], dtype=np.int64).reshape(-1, 2)
    pairs = EntryPairs(mine.item[met[:, 0]], theirs.item[met[:, 1]])
    return evidence(tokens[0], tokens[1], pairs, (mine, theirs))


def _entries(found: Sequence[Encoding]) -> tuple[Entries, list[bytes]]:
    rows = [(at * SLOTS + nth, *entry) for at, each in enumerate(found) for nth, entry in enumerate(each.blocks)]
    item = np.array([at for at, *_ in rows], dtype=np.int64)
    return Entries(item, rows_of([sketch for *_, sketch in rows])), [name for _, _, name, _ in rows]


def _tokens(found: Sequence[Encoding], codes: dict[bytes, int]) -> FileFacts:
    tokens = np.full((len(found), len(TOKEN_TYPES)), -1, dtype=np.int64)
    for at, each in enumerate(found):
        for kind, token in each.tokens:
            tokens[at, TOKEN_TYPES.index(kind.value)] = codes.setdefault(token, len(codes))
    return FileFacts(np.arange(len(found)), np.array([bool(each.blocks) for each in found]), tokens)


@dataclass(frozen=True)
class Expected:
    """What an attacker expects of n people: `own` (n, f) means; `edges` (m, 2) and `between` (m, f) of two people whose
    records met in any of the worlds he imagined; `white` (f, f), after which one person's facts vary by one in every
    direction, and `spread` the same for the facts of an edge."""

    own: Matrix
    edges: Places
    between: Matrix
    white: Matrix
    spread: Matrix
    scale: float = 1.0


def expected(worlds: Sequence[PairView]) -> Expected:
    """From three worlds of the same people or more; the last one, weighed by the others, says how far likelihoods can
    be trusted (`scale`), since facts are counts and errors come in bursts, which no normal distribution knows."""
    tried = by_facts(worlds[-1], _expected(worlds[:-1]))
    best = max(_SCALES, key=lambda scale: float(np.diag(_shares(scale * tried)).mean()))
    return replace(_expected(worlds), scale=best)


def _expected(worlds: Sequence[PairView]) -> Expected:
    own = np.stack([world.own for world in worlds])
    inner = (own - own.mean(axis=0)).reshape(-1, own.shape[2])
    met: defaultdict[tuple[int, int], list[Matrix]] = defaultdict(list)
    for world in worlds:
        for (who, whom), facts in zip(world.edges.tolist(), world.between, strict=True):
            met[who, whom].append(facts)
    width = own.shape[2]
    edges = np.array(sorted(met), dtype=np.int64).reshape(-1, 2)
    between = np.array([np.mean(met[pair], axis=0) for pair in sorted(met)]).reshape(len(edges), width)
    apart = [facts - np.mean(each, axis=0) for each in met.values() if len(each) > 1 for facts in each]
    flat = own.reshape(-1, width)
    white = _whitening(inner * np.sqrt(len(worlds) / (len(worlds) - 1)), flat)
    spread = _whitening(np.array(apart).reshape(-1, width), np.vstack([flat, between]))
    return Expected(own.mean(axis=0), edges, between, white, spread)


def _whitening(inner: Matrix, everyone: Matrix) -> Matrix:
    """W with W Wᵀ = (Cov(inner) + 0.0001 Var(everyone))⁻¹: what never varies for one person is still not certain."""
    cov = inner.T @ inner / max(len(inner), 1)
    cov += np.diag(1e-4 * everyone.var(axis=0) + 1e-9)
    return np.asarray(np.linalg.cholesky(np.linalg.inv(cov)))


def by_facts(seen: PairView, known: Expected) -> Matrix:
    """(n, m) log likelihoods, up to a constant per row: pair of records i is person j of the list."""
    return np.asarray(-0.5 * known.scale * _squared(seen.own @ known.white, known.own @ known.white))


def _shares(score: Matrix) -> Matrix:
    """Logarithms of the shares of a row's likelihood."""
    return np.asarray(score - np.logaddexp.reduce(score, axis=1, keepdims=True))


def _squared(one: Matrix, other: Matrix) -> Matrix:
    return np.asarray(np.maximum((one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T, 0.0))


def by_graph(seen: PairView, known: Expected, rounds: int = 5) -> Matrix:
    """`by_facts`, and each edge that is seen explained by an edge that was expected, or by none (odds one to one)."""
    own = by_facts(seen, known)
    if not len(seen.edges) or not len(known.edges):
        return own
    total, gain = own, _explained(seen, known)
    for _ in range(rounds):
        belief = _shares(total)
        total = own.copy()
        for here, there in ((0, 1), (1, 0)):
            through = gain + belief[seen.edges[:, there]][:, known.edges[:, there]]
            best = np.full((len(seen.edges), own.shape[1]), -np.inf)
            np.maximum.at(best.T, known.edges[:, here], through.T)
            np.add.at(total, seen.edges[:, here], np.logaddexp(0.0, best))
    return total


def _explained(seen: PairView, known: Expected) -> Matrix:
    """(edges, edges) log likelihood ratios: the facts of a seen edge come from that expected one, or from any."""
    near = -0.5 * known.scale * _squared(seen.between @ known.spread, known.between @ known.spread)
    return np.asarray(_shares(near) + np.log(near.shape[1]))


def assigned(score: Matrix) -> Places:
    """Person per pair of records, each person once, with the largest sum of scores; ties are drawn."""
    lots = np.random.default_rng(0).permutation(score.shape[1])
    return np.asarray(lots[linear_sum_assignment(score[:, lots], maximize=True)[1]])


def sure(score: Matrix, least: float = 0.9) -> Places:
    """Person per pair of records where the likelihoods give him at least this share, else -1."""
    share = np.exp(_shares(score))
    return np.where(share.max(axis=1) >= least, share.argmax(axis=1), -1)


def bits(score: Matrix) -> float:
    """What a pair of records says of who it is: log2 m minus the surprise of the truth (person i is pair i)."""
    return float((np.log(score.shape[1]) + np.diag(_shares(score)).mean()) / np.log(2))


def inferred(score: Matrix, values: Sequence[str]) -> list[str]:
    """Per pair of records the value that most of the likelihood is for; `values` are those of the listed people."""
    kinds = sorted(set(values))
    share = np.exp(_shares(score))
    member = np.array([[value == kind for kind in kinds] for value in values], dtype=np.float64)
    return [kinds[at] for at in (share @ member).argmax(axis=1).tolist()]


def attributes(person: RawIdentity) -> Mapping[str, str]:
    """What an attacker would like to know of somebody."""
    letters = len((person.voornaam or "") + (person.achternaam or ""))
    return {
        "birth year": (person.geboortedatum or "-")[:4],
        "nationality": person.nationaliteit or "-",
        "sex": person.geslacht or "-",
        "name length": str(letters // 3 * 3),
    }
