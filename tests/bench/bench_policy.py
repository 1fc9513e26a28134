"""What a decision costs: the embedded engine by part, and a real OPA server through the adapter against bare httpx.

Every figure is a ratio within this run or processor time of one core, so that a busy machine matters less.

Run: .venv/bin/python tests/bench/bench_policy.py [rounds]   (the OPA part needs `make opa`)
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from gateway.policy.archive import read_system
from gateway.policy.bundle import PolicyBundle, load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.opa_address import opa_address
from gateway.policy.opa_process import find_opa, opa_server
from gateway.policy.opa_server import OpaServerEngine
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.schema import QuestionSchema

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "opa"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TARGET = 1_000
"""Decisions a second on one core that the issue asks of the embedded engine."""
QUERY = "/v1/data/schakel/decision/answer?strict-builtin-errors=true&provenance=true"

Question = dict[str, Any]
Timed = Callable[[Question], object]


def questions() -> list[Question]:
    """The golden questions that are allowed: no check is cut short."""
    cases = json.loads((POLICY / "golden.json").read_text(encoding="utf-8"))["cases"]
    return [case["input"] for case in cases if case["expect"]["decision"]]


def seconds(act: Timed, asked: list[Question], rounds: int, clock: Callable[[], float]) -> list[float]:
    """What each act took by `clock`, after a warm-up."""
    for question in asked[:10]:
        act(question)
    taken = []
    for number in range(rounds):
        start = clock()
        act(asked[number % len(asked)])
        taken.append(clock() - start)
    return taken


def embedded(bundle: PolicyBundle, asked: list[Question], rounds: int) -> None:
    """Processor time of a whole decision and of its parts."""
    engine = EmbeddedEngine(bundle)
    room = PolicyRoom(bundle, engine, lambda: Lease(NOW, signed=True), lambda: "b-1")
    schema = QuestionSchema(bundle.table("vocabulary"))
    parts: dict[str, Timed] = {
        "a decision": lambda question: room.decide(question, NOW),
        "its engine": engine.decide,
        "its schema": schema.fits,
    }
    whole = 0.0
    for name, act in parts.items():
        each = statistics.fmean(seconds(act, asked, rounds, time.process_time))
        whole = whole or each
        print(f"embedded: {name:11} {each * 1e6:6.0f} us of a core, {1 / each:7.0f}/s, {each / whole:4.0%}")
    print(f"embedded: {1 / whole / TARGET:.2f} times the {TARGET:,} decisions/s that are asked")


def served(bundle: PolicyBundle, asked: list[Question], rounds: int) -> None:
    """The adapter's time over that of bare httpx, in turns against the same server."""
    binary = find_opa(ROOT / ".tools")
    if binary is None:
        print("opa: not measured (run `make opa`)")
        return
    with opa_server(binary, bundle, read_system(ROOT / "deploy" / "opa" / "system")) as url:
        engine = OpaServerEngine(replace(opa_address(url), deadline=20.0), bundle.revision)
        with httpx.Client(base_url=url, trust_env=False, timeout=20) as client:

            def bare(question: Question) -> object:
                return client.post(QUERY, json={"input": question}).raise_for_status().json()

            ratios = []
            for _ in range(5):
                ours = statistics.median(seconds(engine.decide, asked, rounds // 5, time.perf_counter))
                theirs = statistics.median(seconds(bare, asked, rounds // 5, time.perf_counter))
                ratios.append(ours / theirs)
    shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"opa: adapter / bare httpx, five turns of {rounds // 5}: {shown}; median {statistics.median(ratios):.2f}")


def main() -> None:
    """Print the lines above."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    bundle, asked = load_bundle(POLICY), questions()
    embedded(bundle, asked, rounds)
    served(bundle, asked, rounds)


if __name__ == "__main__":
    main()
