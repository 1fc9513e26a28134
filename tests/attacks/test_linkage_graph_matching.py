"""Who can be recognised from what the gateway sees: graph matching and frequencies against the real encoder.

The attacker holds a list of exactly the same people (full overlap) and the gateway's whole view of one partner: ids and
types of all entries, who shares a block, every sketch and its number of ones. Two lists are tried: one kept by somebody
else, with his own slips and gaps, and an exact copy of the partner's records. Run with `-s` to see the figures.
"""

import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from connectors.tokenise import Encoding
from deploy.linkage.attack import Rules, View, by_colour, by_rank, by_structure, encoded, gateway_view, shared_key_view
from deploy.linkage.generate import LIGHT, two_files
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import ENTRIES, SLOTS, composites
from pseudonymizer.normalise import normalise

PARTNER, ATTACKER = b"p" * 32, b"a" * 32
PLAIN, ONCE, FILLED, BOTH = Rules(False, False), Rules(True, False), Rules(False, True), Rules()
Attack = Callable[[View, View], NDArray[np.int64]]


@dataclass(frozen=True)
class People:
    """`records` of a partner; `copy` and `other` are lists in another order, in which `who[i]` is record i."""

    records: list[RawIdentity]
    copy: list[RawIdentity]
    other: list[RawIdentity]
    who: NDArray[np.int64]


def _people(size: int, seed: int) -> People:
    files = two_files(size, 1.0, LIGHT, seed)
    place = {eid: at for at, eid in enumerate(files.right_eid)}
    who = np.random.default_rng(seed).permutation(size)
    return People(
        records=[files.left[at] for at in who],
        copy=files.left,
        other=[files.right[place[eid]] for eid in files.left_eid],
        who=who,
    )


def _share(name: str, people: People, attack: Attack, seen: View, known: View) -> float:
    found = float((attack(seen, known) == people.who).mean())
    print(f"{name}, n = {len(people.who)}: {found:.1%} re-identified")
    return found


def _encoder(people: People, listed: list[RawIdentity], rules: Rules) -> tuple[View, View]:
    return gateway_view(people.records, PARTNER, 1, rules), gateway_view(listed, ATTACKER, 2, rules)


def _shared_key(people: People, listed: list[RawIdentity]) -> tuple[View, View]:
    return shared_key_view(people.records, PARTNER), shared_key_view(listed, ATTACKER)


@pytest.fixture(scope="module")
def people() -> People:
    """Small enough for every run; the size and seeds of the goal are under `full`."""
    return _people(400, 1)


def test_shared_key_filters_are_recognised(people: People) -> None:
    """The attacker is a real one: the usual encoding falls to him, whichever list he has."""
    assert _share("shared-key CLK, exact copy", people, by_structure, *_shared_key(people, people.copy)) > 0.75
    assert _share("shared-key CLK, another's list", people, by_structure, *_shared_key(people, people.other)) > 0.5


@pytest.mark.parametrize("attack", [by_colour, by_structure])
def test_nobody_is_recognised_by_an_exact_copy(people: People, attack: Attack) -> None:
    """Not even by who holds the very records: about one in `n`, as by drawing lots."""
    assert (
        _share(f"encoder 4, exact copy, {attack.__name__}", people, attack, *_encoder(people, people.copy, BOTH)) < 0.02
    )


def test_nobody_is_recognised_by_somebody_elses_list(people: People) -> None:
    """The likelier list tells less still."""
    assert _share("encoder 4, another's list", people, by_structure, *_encoder(people, people.other, BOTH)) < 0.02


def test_each_rule_is_needed(people: People) -> None:
    """Without dummies the numbers of entries recognise people, without one record a block who shares one does."""
    assert _share("no rule, exact copy", people, by_structure, *_encoder(people, people.copy, PLAIN)) > 0.15
    assert _share("once, no dummies, exact copy", people, by_structure, *_encoder(people, people.copy, ONCE)) > 0.01
    assert _share("dummies, not once, exact copy", people, by_structure, *_encoder(people, people.copy, FILLED)) > 0.03


def test_tokens_of_identifiers_still_tell(people: People) -> None:
    """A limit, not a promise: which identifiers a record has, and that two records share a phone, the tokens show."""
    found = _share("tokens too, exact copy", people, by_structure, *_encoder(people, people.copy, Rules(tokens=True)))
    assert found < 0.1


def _entries(found: list[Encoding]) -> NDArray[np.uint8]:
    """(entries, 144) bytes of ids and sketches."""
    flat = b"".join(block + sketch for person in found for _, block, sketch in person.blocks)
    return np.frombuffer(flat, dtype=np.uint8).reshape(-1, 144)


def test_the_view_of_one_partner_does_not_depend_on_its_people(people: People) -> None:
    """Every record has the same entries, no block occurs twice, and every bit is a fair coin, for any people."""
    alike = [people.records[0]] * 200
    for someone in (people.records[:200], alike):
        found = encoded(someone, PARTNER, np.random.default_rng(5).bytes, BOTH)
        assert {tuple(sorted(Counter(kind for kind, _, _ in each.blocks).items())) for each in found} == {
            tuple(sorted(SLOTS.items()))
        }
        rows = _entries(found)
        assert len({row[:16].tobytes() for row in rows}) == len(rows) == 200 * ENTRIES
        ones = np.unpackbits(rows, axis=1).sum(axis=0)
        assert np.abs(ones - len(rows) / 2).max() < 5 * np.sqrt(len(rows) / 4)


def test_sketches_of_unlike_people_have_equally_many_ones() -> None:
    """A long name with everything known and a short one with nothing known: the mean differs by less than chance."""
    rich = RawIdentity(
        "Maximiliano Bartholomeus", "Konstantinopolski", "1990-05-06", "m", "POL", "0612345678", "AB123456"
    )
    poor = RawIdentity("Li", "Wu", "1990")
    means = []
    for person in (rich, poor):
        rows = [
            encoded([person], bytes([n]) * 32, np.random.default_rng(n).bytes, Rules(filled=False)) for n in range(200)
        ]
        means.append(
            np.unpackbits(_entries([found for each in rows for found in each])[:, 16:], axis=1).sum(axis=1).mean()
        )
    assert abs(means[0] - means[1]) < 4 * 16 * np.sqrt(2 / (200 * ENTRIES))


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_thousand_people(seed: int) -> None:
    """The size of the goal, at most 5 % at full overlap, with an exact copy too."""
    people = _people(2000, seed)
    assert _share("encoder 4, another's list", people, by_structure, *_encoder(people, people.other, BOTH)) < 0.005
    assert _share("encoder 4, exact copy", people, by_structure, *_encoder(people, people.copy, BOTH)) < 0.005
    assert _share("shared-key CLK, exact copy", people, by_structure, *_shared_key(people, people.copy)) > 0.85
    with_tokens = Rules(tokens=True)
    assert (
        _share("tokens too, another's list", people, by_structure, *_encoder(people, people.other, with_tokens)) < 0.05
    )
    assert _share("tokens too, exact copy", people, by_structure, *_encoder(people, people.copy, with_tokens)) < 0.1


def _tokens(listed: list[RawIdentity], values: Callable[[RawIdentity], set[str]], key: bytes) -> Counter[bytes]:
    return Counter(hmac.digest(key, value.encode(), "sha256") for person in listed for value in values(person))


def _composites(person: RawIdentity) -> set[str]:
    return {f"{item.type}\x1f{item.value}" for item in composites(normalise(person))}


def _nationality(person: RawIdentity) -> set[str]:
    return {person.nationaliteit} if person.nationaliteit else set()


def _year(person: RawIdentity) -> set[str]:
    return {person.geboortedatum[:4]} if person.geboortedatum else set()


def _read(name: str, people: People, values: Callable[[RawIdentity], set[str]]) -> float:
    """Share of all entries (record, token) whose value the attacker reads by rank alone, from an exact copy."""
    seen, listed = _tokens(people.records, values, PARTNER), _tokens(people.copy, values, ATTACKER)
    guesses = by_rank(seen, listed)
    truth = {
        hmac.digest(PARTNER, value.encode(), "sha256"): hmac.digest(ATTACKER, value.encode(), "sha256")
        for person in people.records
        for value in values(person)
    }
    found = sum(times for token, times in seen.items() if guesses.get(token) == truth[token]) / seen.total()
    print(f"frequencies of {name}, n = {len(people.who)}: {found:.1%} of entries read")
    return found


def test_frequencies_read_a_single_attribute(people: People) -> None:
    """Why no attribute of few values may be a token: its frequencies alone give it away."""
    assert _read("nationality", people, _nationality) > 0.4
    assert _read("year of birth", people, _year) > 0.3


def test_frequencies_read_no_composites(people: People) -> None:
    """Composites are too rare and too alike in number to rank."""
    assert _read("composites", people, _composites) < 0.02
