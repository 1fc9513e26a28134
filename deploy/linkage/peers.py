"""Peers on plaintext, for the bench only: what Splink and `recordlinkage` reach on the same two files.

Neither is a dependency; `PeerMissing` says which is not installed. Both see names, dates and identifiers in the clear,
which no gateway may, block on equality of any one column and estimate their weights by expectation maximisation on the
very files (Fellegi and Sunter 1969), as their manuals show. Settings are the manuals' own, not tuned.
"""

import importlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from deploy.linkage.measure import curve, recall_at
from pseudonymizer.identity import RawIdentity
from pseudonymizer.normalise import normalise

_NAMES: Final = ("given", "family")
_EXACT: Final = ("sex", "nat", "phone", "doc")
_BLOCKS: Final = ("given", "family", "dob", "phone", "doc")
Scored = tuple[Sequence[str], Sequence[str], Sequence[float]]


class PeerMissing(Exception):
    """The peer is not installed here; its message is the package's name."""


def _peer(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise PeerMissing(name.partition(".")[0]) from None


def _table(people: Sequence[RawIdentity], side: str) -> pd.DataFrame:
    """Names in small letters, the other traits normalised as ours are, so that no peer trips over a notation."""
    return pd.DataFrame([_row(f"{side}{at}", person) for at, person in enumerate(people)])


def _row(key: str, person: RawIdentity) -> dict[str, str | None]:
    norm = normalise(person)
    return {
        "unique_id": key,
        "given": (person.voornaam or "").lower() or None,
        "family": (person.achternaam or "").lower() or None,
        "dob": norm.birth.full if norm.birth else None,
        "sex": norm.sex,
        "nat": norm.nationality,
        "phone": norm.phone,
        "doc": norm.document,
    }


def splink(left: Sequence[RawIdentity], right: Sequence[RawIdentity]) -> Scored:
    """Pairs scored by Splink (match weight). Raises PeerMissing."""
    package, levels = _peer("splink"), _peer("splink.comparison_library")
    logging.disable(logging.WARNING)  # it reports every iteration, whatever level its own logger has
    block = package.block_on
    settings = package.SettingsCreator(
        link_type="link_only",
        comparisons=[
            *(levels.JaroWinklerAtThresholds(name, [0.92, 0.8]) for name in _NAMES),
            levels.LevenshteinAtThresholds("dob", [1, 2]),
            *(levels.ExactMatch(name) for name in _EXACT),
        ],
        blocking_rules_to_generate_predictions=[block(name) for name in _BLOCKS],
    )
    database = package.DuckDBAPI()
    tables = [database.register(_table(people, side)) for people, side in ((left, "a"), (right, "b"))]
    linker = package.Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match([block("doc")], recall=0.4)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for name in ("dob", "family"):
        linker.training.estimate_parameters_using_expectation_maximisation(block(name))
    found = linker.inference.predict(threshold_match_probability=1e-4).as_pandas_dataframe()
    return found["unique_id_l"].tolist(), found["unique_id_r"].tolist(), found["match_weight"].tolist()


def recordlinkage(left: Sequence[RawIdentity], right: Sequence[RawIdentity]) -> Scored:
    """Pairs scored by `recordlinkage` (probability under its ECM classifier). Raises PeerMissing."""
    package = _peer("recordlinkage")
    one, other = (_table(people, side).set_index("unique_id") for people, side in ((left, "a"), (right, "b")))
    index, compare = package.Index(), package.Compare()
    for name in _BLOCKS:
        index.block(name)
    for name in _NAMES:
        compare.string(name, name, method="levenshtein", threshold=0.8, label=name)
    for name in ("dob", *_EXACT):
        compare.exact(name, name, label=name)
    vectors = compare.compute(index.index(one, other), one, other)
    classifier = package.ECMClassifier()
    classifier.fit(vectors)
    chance = classifier.prob(vectors)
    return chance.index.get_level_values(0).tolist(), chance.index.get_level_values(1).tolist(), chance.tolist()


PEERS: Final[dict[str, Callable[[Sequence[RawIdentity], Sequence[RawIdentity]], Scored]]] = {
    "splink": splink,
    "recordlinkage": recordlinkage,
}


def quality(found: Scored, left_eid: Sequence[str], right_eid: Sequence[str]) -> tuple[float, float, float]:
    """(best F1, R@P99, R@P99.9) of a peer's pairs."""
    place = {f"a{at}": eid for at, eid in enumerate(left_eid)} | {f"b{at}": eid for at, eid in enumerate(right_eid)}
    truth = np.array([place[a] == place[b] for a, b in zip(found[0], found[1], strict=True)], dtype=np.int64)
    total = len(set(left_eid) & set(right_eid))
    precision, recall = curve(np.array(found[2], dtype=np.float64), truth, total)
    f1 = float(np.max(2 * precision * recall / (precision + recall + 1e-12)))
    return f1, recall_at(precision, recall, 0.99), recall_at(precision, recall, 0.999)
