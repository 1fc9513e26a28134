"""Questions for the policy tests: one that is allowed for every granting row, and seeded mutations of them."""

import copy
import json
import random
from pathlib import Path

POLICY = Path(__file__).resolve().parents[2] / "policies" / "opa"
GOLDEN = json.loads((POLICY / "golden.json").read_text())["cases"]
ALLOWED = {case["name"]: case["input"] for case in GOLDEN if case["expect"]["decision"]}
ODD = [
    None, True, False, 0, 1, -1, 0.5, 10, 25, 26, 101, 1000, 10**12, "", "x", "veel", "8", "ja", [], {}, [1], {"a": 1},
    "2026-02-30T00:00:00Z", "2025-01-01T00:00:00Z", "2027-01-01T00:00:00+01:00", "9999-01-01T00:00:00Z",
    "2026-11-23T10:00:00Z", "psn:7c1f", "psn:02ab", "a\n", "é", "GM0599", "GM0363", "GM9999", "00000099000000020000",
    "00000099000000070000", "00000099000000012000",
]  # fmt: skip


def leaves(value, path=()):
    """Every path in a question, sections included."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))


def changed(question, path, value):
    """A copy with one value set (Ellipsis: deleted)."""
    copied = copy.deepcopy(question)
    target = copied
    for key in path[:-1]:
        target = target.get(key) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            return copied
    if value is ...:
        target.pop(path[-1], None)
    else:
        target[path[-1]] = value
    return copied


class Mutator:
    """Draws mutated questions: other known values, odd values, deletions, additions, swaps between questions."""

    def __init__(self, seed: int, vocabulary: dict):
        self.random = random.Random(seed)
        self.vocabulary = vocabulary
        self.bases = list(ALLOWED.values())

    def draw(self):
        """One question with its four sections."""
        question = copy.deepcopy(self.random.choice(self.bases))
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            question = self._mutated(question)
        return question

    def _mutated(self, question):
        pick = self.random.random()
        if pick < 0.55:
            section, path = self.random.choice(
                [
                    ("subject_properties", ("subject", "properties")),
                    ("resource_properties", ("resource", "properties")),
                    ("resource_properties", ("resource", "properties")),
                    ("context", ("context",)),
                    ("action", ("action",)),
                    ("autorisatie", ("context", "autorisatie")),
                    ("vierogen", ("context", "vierogen")),
                    ("motivering", ("context", "motivering")),
                    ("logging", ("context", "logging")),
                    ("beleid", ("context", "beleid")),
                ]
            )
            name, kind = self.random.choice(list(self.vocabulary["sections"][section].items()))
            return changed(question, (*path, name), self._known(kind))
        path = self.random.choice([p for p in leaves(question) if len(p) > 1])
        if pick < 0.75:
            return changed(question, path, self.random.choice(ODD))
        if pick < 0.9:
            return changed(question, path, ...)
        if pick < 0.94:
            return changed(question, (*path[:-1], "onbekend"), self.random.choice(ODD))
        other = self.random.choice(self.bases)
        for key in path:
            other = other.get(key, {}) if isinstance(other, dict) else {}
        return changed(question, path, other)

    def _known(self, kind):
        words, rng = self.vocabulary, self.random
        if kind in words["enums"]:
            return rng.choice(list(words["enums"][kind]))
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "number":
            return rng.choice((0, 1, 9, 10, 11, 24, 25, 26, 30, 31, 100, 101, 800, 801, 3.5))
        if kind == "time":
            return rng.choice(
                ("2026-11-23T09:59:59.999999999Z", "2026-11-22T10:00:00Z", "2026-11-22T09:59:59Z",
                 "2026-11-23T11:00:00+01:00", "2024-02-29T23:59:59-11:30", "2028-01-01T00:00:00Z")
            )  # fmt: skip
        if kind == "uitsplitsing":
            return rng.sample(list(words["lists"]["uitsplitsing"]), rng.randint(0, 5))
        if kind == "handtekeningen":
            owners = ["00000099000000050000", "00000099000000060000", "00000099000000070000"]
            return [
                {"eigenaar_oin": rng.choice(owners), "digest": rng.choice(("d", "e")), "geldig": rng.random() < 0.8}
                for _ in range(rng.randint(0, 4))
            ]
        return rng.choice(ODD)
