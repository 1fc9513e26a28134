"""Fit the published weights on invented people and say what they reach on others.

    python -m deploy.linkage.fit WORK_FOLDER [NAME=LEFT.csv,RIGHT.csv ...]

Fits on five worlds of `deploy.linkage.generate`, sets the zones on four others (another seed), validates on both
kinds and on the CSVs given (columns as in the shared development files; they are never fitted on). Writes
gateway/matching/weights-4.json and deploy/linkage/validation.md. People are drawn from seeds; gaps are filled with
fresh randomness, so a second run differs in the third decimal.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from deploy.linkage.generate import BARE, HEAVY, LIGHT, REGISTER, Errors, two_files
from deploy.linkage.measure import Figures, Truth, figures, report
from deploy.linkage.standin import DEV_TRAITS, read_people, write_world
from gateway.matching import scoring
from gateway.matching.blocks import Evidence, candidates, entries, evidence, facts
from gateway.matching.engines import DuckDb
from gateway.matching.link import entry_pairs
from gateway.matching.sketches import Floats, Ints
from gateway.matching.weights import CURRENT, Weights, Zones
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import ENCODER_VERSION

RIDGE: Final = 3e-4
"""L2 penalty on standardised weights; chosen on the generated worlds."""
REVIEWED: Final = 0.003
"""What F1 may lose to `possible`: a person looks at those pairs, so recall weighs more than precision."""
_WORLDS: Final = (
    ("light", LIGHT, 10_000, 0.3),
    ("heavy", HEAVY, 8_000, 0.3),
    ("bare", BARE, 5_000, 0.5),
    ("register", REGISTER, 20_000, 0.3),
)
_TIMES: Final = (1.0, 1.0, 1.0, 3.0, 3.0)
"""How much a pair of each fitted world counts: registers are what the weights are for, the others keep them sober."""
_FITTED: Final = (*((world, 1) for world in _WORLDS), (_WORLDS[-1], 2))
"""Worlds that weights are fitted on, with their seeds."""
_ZONE_SEED: Final = 101
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class World:
    """Evidence on two files whose truth is known."""

    name: str
    seen: Evidence
    truth: Ints  # 1 where a candidate pair is one person
    known: Truth


def generated(name: str, errors: Errors, size: int, overlap: float, seed: int, work: Path) -> World:
    """A world of the generator."""
    people = two_files(size, overlap, errors, seed)
    return _world(
        f"{name}-{seed}", (people.left, people.right), (people.left_eid, people.right_eid), people.origin, work
    )


def given(name: str, files: Sequence[str], work: Path) -> World:
    """A world from two CSVs with `eid`."""
    header = Path(files[0]).read_text(encoding="utf-8").splitlines()[0].split(",")
    traits = {trait: column for trait, column in DEV_TRAITS.items() if column in header}
    (left, left_eid), (right, right_eid) = (read_people(Path(file), traits) for file in files)
    origin = [person.nationaliteit or "-" for person in left]
    return _world(name, (left, right), (left_eid, right_eid), origin, work)


def _world(
    name: str,
    people: tuple[list[RawIdentity], list[RawIdentity]],
    eids: tuple[list[str], list[str]],
    origin: list[str],
    work: Path,
) -> World:
    files = [str(work / f"{name}-{side}.parquet") for side in "ab"]
    write_world([(persons, Path(file)) for persons, file in zip(people, files, strict=True)])
    engine = DuckDb(threads=2)
    engine.read(files)
    left, right = facts(engine, 0), facts(engine, 1)
    pairs = entry_pairs(engine.columns(candidates("blocks")))(0, 1)
    seen = evidence(left, right, pairs, (entries(engine, 0), entries(engine, 1)))
    left_eid, right_eid = np.array(eids[0]), np.array(eids[1])
    shared = set(eids[0]) & set(eids[1])
    truth = (left_eid[seen.left] == right_eid[seen.right]).astype(np.int64)
    sizes = len(left_eid), len(right_eid)
    return World(name, seen, truth, Truth(len(shared), sizes, origin, [eid in shared for eid in eids[0]]))


def design(world: World) -> Floats:
    """(pairs, 1 + features)."""
    columns = list(scoring.features(world.seen).values())
    return np.column_stack([np.ones(len(world.truth)), *columns])


def logistic(x: Floats, y: Floats, times: Floats) -> Floats:
    """Ridge logistic regression in which row i counts `times[i]` times; the intercept (column 0) is not penalised.

    Newton's method (Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd ed., section 4.4.1)
    with halved steps. Returns weights on the original scale; a column that is constant weighs nothing.
    """
    share = times / times.sum()
    mean = share @ x
    spread = np.sqrt(share @ (x - mean) ** 2)  # a constant has exactly none
    varies = spread > _FLAT
    mean, spread = np.where(varies, mean, 0.0), np.where(varies, spread, 1.0)
    z = (x - mean) / spread * varies
    z[:, 0] = 1.0
    ridge = np.full(x.shape[1], RIDGE)
    ridge[0] = 0.0

    def loss(beta: Floats) -> float:
        odds = z @ beta
        return float(share @ (np.logaddexp(0, odds) - y * odds) + 0.5 * beta @ (ridge * beta))

    beta = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-z @ beta))
        curved = (z * (share * chance * (1 - chance))[:, None]).T @ z + np.diag(ridge + _FLAT)
        step = np.linalg.solve(curved, z.T @ (share * (chance - y)) + ridge * beta)
        before = loss(beta)
        while loss(beta - step) > before and np.abs(step).max() > _FLAT:
            step = step / 2
        beta = beta - step
        if np.abs(step).max() < _SETTLED:
            break
    beta = beta / spread
    beta[0] -= float((beta * mean)[1:].sum())
    return np.asarray(beta)


_FLAT, _SETTLED, _ROUNDS = 1e-9, 1e-4, 60
"""What counts as zero; the largest step (in standard deviations) with which a fit is done; rounds at most."""


def scores(world: World, weights: Weights) -> Floats:
    """Final scores, as `link` gives them when each file holds a person once."""
    return scoring.against_rivals(world.seen.left, world.seen.right, scoring.log_odds(world.seen, weights))


def set_zones(worlds: Sequence[World], weights: Weights) -> Zones:
    """`match` where precision from above is 99.9 % over the worlds together, `possible` as far down as `REVIEWED`."""
    score = np.concatenate([scores(world, weights) for world in worlds])
    truth = np.concatenate([world.truth for world in worlds])
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    precision = hits / np.arange(1, len(order) + 1)
    total = sum(world.known.total for world in worlds)
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + total)
    match = score[order][np.flatnonzero(precision >= 0.999)[-1]]
    possible = score[order][np.flatnonzero(f1 >= f1.max() - REVIEWED)[-1]]
    return Zones(round(float(match), 2), round(float(possible), 2), WRITTEN)


WRITTEN: Final = -6.0
"""Below one in 400 a pair is not worth a line: keeps the output under 0.02 % of all pairs."""


def rounded(beta: Floats, zones: Zones) -> Weights:
    """Weights as published: four decimals, so that the file is what is used."""
    values = tuple(round(float(value), 4) for value in beta[1:])
    return Weights("4", str(ENCODER_VERSION), round(float(beta[0]), 4), scoring.FEATURES, values, zones)


def write(weights: Weights, target: Path) -> None:
    """The versioned data file."""
    zones = weights.zones
    body = {
        "version": weights.version,
        "encoder": weights.encoder,
        "fitted": f"deploy/linkage/fit.py, seeds 1 and 2; zones on seed {_ZONE_SEED}; log odds",
        "zones": {"match": zones.match, "possible": zones.possible, "written": zones.written},
        "intercept": weights.intercept,
        "weights": dict(zip(weights.features, weights.values, strict=True)),
    }
    target.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


def publish(fitted: Sequence[World], unseen: Sequence[World], others: Sequence[World]) -> None:
    """Fit on the first, set zones on the second, write the weights, and validate on all."""
    times = [np.full(len(world.truth), many) for world, many in zip(fitted, _TIMES, strict=True)]
    truth = np.concatenate([world.truth for world in fitted]).astype(float)
    beta = logistic(np.vstack([design(world) for world in fitted]), truth, np.concatenate(times))
    weights = rounded(beta, Zones(0.0, 0.0, WRITTEN))
    weights = rounded(beta, set_zones(unseen, weights))
    write(weights, _ROOT / "gateway" / "matching" / CURRENT)
    measured: list[Figures] = [
        figures(world.name, world.seen, scores(world, weights), world.truth, world.known, weights)
        for world in (*fitted, *unseen, *others)
    ]
    (_ROOT / "deploy" / "linkage" / "validation.md").write_text(report(measured, weights), encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Fit, set zones, validate, write."""
    work = Path(arguments[0])
    fitted = [generated(*world, seed=seed, work=work) for world, seed in _FITTED]
    unseen = [generated(*world, seed=_ZONE_SEED, work=work) for world in _WORLDS]
    others = [given(name, files.split(","), work) for name, files in (item.split("=") for item in arguments[1:])]
    publish(fitted, unseen, others)


if __name__ == "__main__":
    main(sys.argv[1:])
