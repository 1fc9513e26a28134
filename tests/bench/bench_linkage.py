"""Linkage: quality on people that nothing was fitted on, and speed as ratios in one run.

    python tests/bench/bench_linkage.py [ROWS] [DEV_LEFT.csv DEV_RIGHT.csv]

Prints F1 and recall at precision 0.99 and 0.999 of the published weights beside Dice alone on the same candidates and
beside Splink and `recordlinkage` on plaintext (where installed; they are not dependencies), the
speed of encoding beside its definition bit by bit, and the seconds of `link` for ROWS x ROWS (default 30,000). Files
are encoded with HMAC in place of the OPRF (deploy/linkage/standin.py), whose equality is the same. ROWS=100000 takes
minutes to encode.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from deploy.linkage.fit import World, generated, given, scores
from deploy.linkage.generate import LIGHT, two_files
from deploy.linkage.measure import curve, recall_at
from deploy.linkage.peers import PEERS, PeerMissing
from deploy.linkage.peers import quality as peer_quality
from deploy.linkage.standin import DEV_TRAITS, read_people, write_link_file
from gateway.matching.blocks import Floats
from gateway.matching.engines import DuckDb
from gateway.matching.link import match
from gateway.matching.scoring import FEATURES
from gateway.matching.weights import published
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import CLK_BYTES, clks, features, positions
from pseudonymizer.normalise import normalise

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT.parent / "shared" / "data" / "linkage"
PERSON = RawIdentity("Natan", "Merda Silva", "1969-07-22", "m", "POL", "+31612345678", "AB1234567")

People = tuple[list[RawIdentity], list[RawIdentity]]


def quality(world: World) -> None:
    """One line for our score and one for Dice alone."""
    for name, score in (("weights", scores(world, published(FEATURES))), ("dice alone", world.seen.dice)):
        print(f"{world.name:10} {name:11} {_figures(world, score)}")


def _figures(world: World, score: Floats) -> str:
    precision, recall = curve(score, world.truth, world.known.total)
    f1 = float(np.max(2 * precision * recall / (precision + recall + 1e-12)))
    at = [recall_at(precision, recall, least) for least in (0.99, 0.999)]
    return f"F1 {f1:.4f}  R@P99 {at[0]:.4f}  R@P99.9 {at[1]:.4f}"


def peers(name: str, people: People, eids: tuple[list[str], list[str]]) -> None:
    """One line per peer that sees the people in the clear."""
    for peer, link in PEERS.items():
        start = time.perf_counter()
        try:
            found = peer_quality(link(*people), *eids)
        except PeerMissing:
            print(f"{name:10} {peer}: not installed")
            continue
        seconds = time.perf_counter() - start
        print(f"{name:10} {peer}: F1 {found[0]:.4f}  R@P99 {found[1]:.4f}  R@P99.9 {found[2]:.4f}  ({seconds:.1f} s)")


def one_at_a_time(keys: list[bytes]) -> list[bytes]:
    """The definition of a filter, bit by bit: the peer of the batched encoder."""
    norm, result = normalise(PERSON), []
    for key in keys:
        filled = bytearray(CLK_BYTES)
        for feature in features(norm):
            for place in positions(key, feature):
                filled[place >> 3] |= 1 << (place & 7)
        result.append(bytes(filled))
    return result


def best(task: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the fastest round."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def encoding() -> None:
    """Filters a second of the batched encoder beside the definition."""
    keys = [bytes([at]) * 32 for at in range(20)]
    norm = normalise(PERSON)
    ours = best(lambda: [clks(keys, norm) for _ in range(50)]) / 50 / len(keys)
    plain = best(lambda: one_at_a_time(keys)) / len(keys)
    print(f"filters    {1 / ours:,.0f}/s, bit by bit {1 / plain:,.0f}/s (x{plain / ours:.1f})")


def speed(rows: int, work: Path) -> None:
    """Seconds from two link files to scored pairs."""
    people = two_files(rows, 0.3, LIGHT, seed=9)
    files = [str(work / "left.parquet"), str(work / "right.parquet")]
    start = time.perf_counter()
    write_link_file(people.left, Path(files[0]))
    write_link_file(people.right, Path(files[1]))
    encoded = time.perf_counter()
    match(DuckDb(threads=2), files, published(FEATURES), True, lambda _: None)
    linked = time.perf_counter() - encoded
    print(f"link       {rows:,} x {rows:,}: encode {encoded - start:.1f} s, link {linked:.1f} s")


def main(arguments: list[str]) -> None:
    """Quality first, then speed."""
    rows = int(arguments[0]) if arguments else 30_000
    files = arguments[1:3] or [str(DEV / "dev20k_a.csv"), str(DEV / "dev20k_b.csv")]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        quality(generated("light", LIGHT, 5_000, 0.3, seed=303, work=work))
        light = two_files(5_000, 0.3, LIGHT, 303)
        peers("light-303", (light.left, light.right), (light.left_eid, light.right_eid))
        if Path(files[0]).is_file():
            quality(given("given", files, work))
            (left, left_eid), (right, right_eid) = (read_people(Path(file), DEV_TRAITS) for file in files)
            peers("given", (left, right), (left_eid, right_eid))
        encoding()
        speed(rows, work)


if __name__ == "__main__":
    main(sys.argv[1:])
