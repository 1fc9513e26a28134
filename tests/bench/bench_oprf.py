"""Speed of the OPRF layer as ratios against peers in the same run: `voprf` (Rust), `openmined-psi` (C++) where it is
installed, and plain rbcl, one call an element.

    python tests/bench/bench_oprf.py [ELEMENTS] [THREADS]

Prints one line a measure: rate of ours, of each peer, and the ratio. Every figure is the best of three rounds that take
turns, so that a busy machine slows all of them alike.
"""

import importlib
import importlib.util
import resource
import secrets
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import rbcl
from voprf import ristretto

from pseudonymizer.oprf.blind import blind, unblind
from pseudonymizer.oprf.client import PinnedKeys, evaluate_messages
from pseudonymizer.oprf.composite import fast_engine, sum_of_products, term_by_term
from pseudonymizer.oprf.evaluate import evaluate_batch
from pseudonymizer.oprf.group import random_scalars
from pseudonymizer.oprf.hash import hash_all_to_group
from pseudonymizer.oprf.keys import SecretKey, derive_key_pair
from pseudonymizer.oprf.message import encode_message
from pseudonymizer.oprf.proof import PROOF_BYTES, composite_weights, verified_outputs

ROUNDS = 3
FIRST, SECOND = (derive_key_pair(bytes(range(n, 32 + n)), b"bench") for n in (1, 2))


class Answering:
    """A hop whose answers are known beforehand, so that only the client's work is timed."""

    def __init__(self, key: SecretKey, workers: ThreadPoolExecutor) -> None:
        self.key, self.workers, self.seconds = key, workers, 0.0

    def evaluate(self, elements: bytes) -> bytes:
        start = time.perf_counter()
        answer = evaluate_batch(self.key, elements, secrets.token_bytes, self.workers)
        self.seconds += time.perf_counter() - start
        return answer


def best(tasks: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Seconds of the fastest of some rounds, the tasks taking turns; a task returns the seconds to leave out."""
    seconds = dict.fromkeys(tasks, float("inf"))
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.perf_counter()
            left_out = task()
            seconds[name] = min(seconds[name], time.perf_counter() - start - left_out)
    return seconds


def report(measure: str, count: int, seconds: dict[str, float], ours: str) -> None:
    rates = {name: count / value for name, value in seconds.items()}
    others = "  ".join(
        f"{name} {rate:,.0f}/s (x{rates[ours] / rate:.2f})" for name, rate in rates.items() if name != ours
    )
    print(f"{measure:<34} {ours} {rates[ours]:,.0f}/s  {others}")


def forget_decoded() -> None:
    """A round repeats a batch, which in life never comes twice: its points must not lie ready."""
    if fast_engine() is not None:
        importlib.import_module("pseudonymizer.oprf.multiscalar").decoded.cache_clear()


def plain_sum(scalars: bytes, elements: bytes) -> None:
    total = bytes(32)
    for start in range(0, len(elements), 32):
        term = rbcl.crypto_scalarmult_ristretto255(scalars[start : start + 32], elements[start : start + 32])
        total = rbcl.crypto_core_ristretto255_add(total, term)


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """A task that leaves nothing out, and finds nothing that an earlier round decoded."""

    def task() -> float:
        forget_decoded()
        work()
        return 0.0

    return task


def bench_evaluate(blinded: bytes, workers: ThreadPoolExecutor) -> None:
    count = len(blinded) // 32
    parts = [blinded[start : start + 32] for start in range(0, len(blinded), 32)]
    oracle = ristretto.Evaluator.from_seed(bytes(range(1, 33)), b"bench")
    requests = [ristretto.BlindedInput.deserialize(part) for part in parts]

    def plain() -> None:
        outputs = b"".join(rbcl.crypto_scalarmult_ristretto255(FIRST.scalar, part) for part in parts)
        plain_sum(composite_weights(FIRST.public, blinded, outputs), blinded)

    tasks = {
        "ours": timed(lambda: evaluate_batch(FIRST, blinded, secrets.token_bytes, workers)),
        "ours, 1 thread": timed(lambda: evaluate_batch(FIRST, blinded, secrets.token_bytes)),
        "voprf": timed(lambda: oracle.evaluate_batch(requests)),
        "rbcl": timed(plain),
    }
    report("evaluate with proof", count, best(tasks), "ours")


def bench_verify(blinded: bytes, workers: ThreadPoolExecutor) -> None:
    count = len(blinded) // 32
    one = evaluate_batch(FIRST, blinded, secrets.token_bytes, workers)
    two = evaluate_batch(SECOND, one[:-PROOF_BYTES], secrets.token_bytes, workers)
    lists = (blinded, one[:-PROOF_BYTES], two[:-PROOF_BYTES])

    def ours(pool: ThreadPoolExecutor | None) -> None:
        verified_outputs(FIRST.public, lists[0], lists[1], one[-PROOF_BYTES:], pool)
        verified_outputs(SECOND.public, lists[1], lists[2], two[-PROOF_BYTES:], pool)

    def plain() -> None:
        for key, inputs, outputs in ((FIRST, lists[0], lists[1]), (SECOND, lists[1], lists[2])):
            weights = composite_weights(key.public, inputs, outputs)
            plain_sum(weights, inputs)
            plain_sum(weights, outputs)

    tasks = {"ours": timed(lambda: ours(workers)), "ours, 1 thread": timed(lambda: ours(None)), "rbcl": timed(plain)}
    report("verify both proofs of a token", count, best(tasks), "ours")


def bench_client(messages: list[bytes], workers: ThreadPoolExecutor) -> None:
    """The partner's whole work for a two-hop token: hash, blind, verify twice, unblind."""
    keys = PinnedKeys(FIRST.public, SECOND.public)
    oracles = [ristretto.Evaluator.from_seed(bytes(range(n, 32 + n)), b"bench") for n in (1, 2)]

    def ours() -> float:
        forget_decoded()
        hops = (Answering(FIRST, workers), Answering(SECOND, workers))
        evaluate_messages(messages, hops, keys, random=secrets.token_bytes, workers=workers)
        return sum(hop.seconds for hop in hops)

    def voprf() -> float:
        # The peer has no second hop: two separate single-hop tokens cost it what one two-hop token does at most.
        evaluating = 0.0
        for oracle in oracles:
            clients, requests = zip(*map(ristretto.Client.blind, messages), strict=True)
            start = time.perf_counter()
            answer = oracle.evaluate_batch(requests)
            evaluating += time.perf_counter() - start
            ristretto.Client.finalize_batch(clients, answer, oracle.public_key)
        return evaluating

    report("client, two hops, hash to token", len(messages), best({"ours": ours, "voprf": voprf}), "ours")


def bench_psi(messages: list[bytes], blinded: bytes, workers: ThreadPoolExecutor) -> None:
    """Both hops with their proofs, against what a server of ECDH-PSI does for the same number of elements: set-up
    message and response to a request. Two multiplications an element either way; PSI proves nothing, and its set-up
    hashes to the curve, which here is the client's work."""
    if importlib.util.find_spec("private_set_intersection") is None:
        print("two hops with proofs               openmined-psi is not installed (make peers)")
        return
    psi = importlib.import_module("private_set_intersection.python")
    items = [message.hex() for message in messages]
    request = psi.client.CreateWithNewKey(True).CreateRequest(items)
    server = psi.server.CreateWithNewKey(True)

    def peer() -> None:
        server.CreateSetupMessage(1e-9, len(items), items)
        server.ProcessRequest(request)

    def ours(pool: ThreadPoolExecutor | None) -> None:
        one = evaluate_batch(FIRST, blinded, secrets.token_bytes, pool)
        evaluate_batch(SECOND, one[:-PROOF_BYTES], secrets.token_bytes, pool)

    tasks = {
        "ours": timed(lambda: ours(workers)),
        "ours, 1 thread": timed(lambda: ours(None)),
        "openmined-psi": timed(peer),
    }
    report("two hops with proofs", len(messages), best(tasks), "ours")


def bench_sum(elements: bytes, workers: ThreadPoolExecutor) -> None:
    scalars = random_scalars(len(elements) // 32, secrets.token_bytes)
    tasks = {
        "ours": timed(lambda: sum_of_products(scalars, elements, workers)),
        "libsodium, packed": timed(lambda: term_by_term(scalars, elements, workers)),
        "rbcl": timed(lambda: plain_sum(scalars, elements)),
    }
    report("sum of products", len(elements) // 32, best(tasks), "ours")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4096
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    engine = "compiled (numba)" if fast_engine() else "libsodium only"
    print(f"{count} elements, {threads} threads, multi-scalar engine: {engine}")
    messages = [encode_message("id.kvk", f"{number:08d}") for number in range(count)]
    with ThreadPoolExecutor(threads) as workers:
        blinded = blind(hash_all_to_group(messages, workers), secrets.token_bytes, workers)
        assert len(unblind(blinded.blinds, blinded.elements, workers)) == 32 * count
        bench_sum(blinded.elements, workers)
        bench_evaluate(blinded.elements, workers)
        bench_verify(blinded.elements, workers)
        bench_client(messages, workers)
        bench_psi(messages, blinded.elements, workers)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
