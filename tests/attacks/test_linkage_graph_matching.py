"""Who can be recognised from what the gateway sees: graph matching and frequencies against the real encoder.

The attacker holds a list of exactly the same people (full overlap) and the gateway's whole view of one partner: block
ids and types, who shares a block, every filter and its number of ones. Two lists are tried: one kept by somebody else,
with his own slips and gaps, and an exact copy of the partner's records. Run with `-s` to see the figures.
"""

import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from deploy.linkage.attack import View, by_colour, by_rank, by_structure, gateway_view, shared_key_view
from deploy.linkage.generate import LIGHT, two_files
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import composites
from pseudonymizer.normalise import normalise

PARTNER, ATTACKER = b"p" * 32, b"a" * 32
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


def _encoder(people: People, listed: list[RawIdentity], most: int = 200) -> tuple[View, View]:
    return gateway_view(people.records, PARTNER, most), gateway_view(listed, ATTACKER, most)


def _shared_key(people: People, listed: list[RawIdentity]) -> tuple[View, View]:
    return shared_key_view(people.records, PARTNER), shared_key_view(listed, ATTACKER)


@pytest.fixture(scope="module")
def people() -> People:
    """Small enough for every run; the size and seeds of the goal are under `full`."""
    return _people(600, 1)


def test_shared_key_filters_are_recognised(people: People) -> None:
    """The attacker is a real one: the usual encoding falls to him, whichever list he has."""
    assert _share("shared-key CLK, exact copy", people, by_structure, *_shared_key(people, people.copy)) > 0.85
    assert _share("shared-key CLK, another's list", people, by_structure, *_shared_key(people, people.other)) > 0.7


def test_block_keyed_filters_resist_somebody_elses_list(people: People) -> None:
    """Of ten that a shared key gives away, blocks give fewer than three."""
    assert _share("encoder 1, another's list", people, by_structure, *_encoder(people, people.other)) < 0.2


def test_blocks_that_no_two_own_records_share_resist_more(people: People) -> None:
    """A partner that sends only blocks that one of its records has shows no co-occurrence: about the goal of 5 %."""
    assert _share("lone blocks, another's list", people, by_structure, *_encoder(people, people.other, 1)) < 0.08


@pytest.mark.parametrize("attack", [by_colour, by_structure])
def test_an_exact_copy_is_recognised(people: People, attack: Attack) -> None:
    """A limit, not a promise: who holds the very records sees whose they are, from blocks and numbers of ones."""
    assert _share(f"encoder 1, exact copy {attack.__name__}", people, attack, *_encoder(people, people.copy)) > 0.3


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_thousand_people_of_somebody_elses_list(seed: int) -> None:
    """The size of the goal: the encoder as it is, and with lone blocks only."""
    people = _people(2000, seed)
    assert _share("encoder 1, another's list", people, by_structure, *_encoder(people, people.other)) < 0.2
    assert _share("lone blocks, another's list", people, by_structure, *_encoder(people, people.other, 1)) < 0.05
    assert _share("encoder 1, exact copy", people, by_structure, *_encoder(people, people.copy)) > 0.3
    assert _share("shared-key CLK, exact copy", people, by_structure, *_shared_key(people, people.copy)) > 0.85


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
