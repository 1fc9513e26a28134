"""Counts of names: of one file in bounded memory, and of a partner over deliveries, under keys, in the outbox."""

import pickle
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.namesakes import FileCounts, weighed
from connectors.outbox import Outbox
from connectors.tokenise import Prepared, prepare
from pseudonymizer.identity import RawIdentity
from pseudonymizer.rarity import Rarity, Times, rarity, usual

KEY = b"k" * 32
NAMES = st.lists(st.sampled_from(["ana", "ion", "maria", "popa", "yen", "duong"]), min_size=1, max_size=3)


def _people(names: list[list[str]], nation: str | None = "ROU") -> list[Prepared]:
    raw = (RawIdentity(voornaam=" ".join(name), geboortedatum="1990", nationaliteit=nation) for name in names)
    return [prepare(each, bsn=True, composite=True) for each in raw]


def _counted(names: list[list[str]], nation: int | None) -> list[Rarity]:
    """By plain counting."""
    sets = [frozenset(name) for name in names]
    words, whole = Counter(word for each in sets for word in each), Counter(sets)
    return [rarity(Times([words[word] for word in each], whole[each], nation, len(names))) for each in sets]


@given(st.lists(NAMES, min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_a_file_is_counted_as_by_hand(names: list[list[str]]) -> None:
    """A few words do not meet in a million counters."""
    people, counts = _people(names * 50), FileCounts()
    for person in people:
        counts.add(person.norm)
    assert [counts.rarity(person.norm) for person in people] == _counted(names * 50, len(people))


def test_counts_travel_to_workers() -> None:
    """A worker's copy says the same, and has the same size whatever was counted."""
    people, counts = _people([["ana", "popa"], ["yen", "duong"]] * 500), FileCounts()
    empty = len(pickle.dumps(counts))
    for person in people:
        counts.add(person.norm)
    copied = pickle.loads(pickle.dumps(counts))
    assert [copied.rarity(person.norm) for person in people] == [counts.rarity(person.norm) for person in people]
    assert len(pickle.dumps(counts)) == empty


def test_the_outbox_counts_over_deliveries(tmp_path: Path) -> None:
    """After two deliveries of one kind a name is as rare as in both together."""
    outbox = Outbox(tmp_path / "outbox.db")
    tally = partial(outbox.count_names, "2026")
    names = [["ana", "popa"], ["ana", "ion"], ["yen", "duong"]] * 40
    weighed(_people(names), KEY, tally, own=True)
    found = weighed(_people(names), KEY, tally, own=True)
    assert [person.rare for person in found] == _counted(names * 2, 240)[: len(names)]


def test_a_question_does_not_count_its_subject(tmp_path: Path) -> None:
    """It is told what is known, however often it is asked."""
    outbox = Outbox(tmp_path / "outbox.db")
    tally = partial(outbox.count_names, "2026")
    weighed(_people([["ana", "popa"], ["ion", "popa"]] * 100), KEY, tally, own=True)
    asked = [weighed(_people([["ana", "popa"]]), KEY, tally, own=False)[0].rare for _ in range(3)]
    assert asked == [rarity(Times([100, 200], 100, 200, 200))] * 3


def test_who_never_sent_anything_claims_what_is_usual(tmp_path: Path) -> None:
    """Nobody to compare with."""
    outbox = Outbox(tmp_path / "outbox.db")
    (asked,) = weighed(_people([["ana", "popa"]]), KEY, partial(outbox.count_names, "2026"), own=False)
    assert asked.rare == usual(2, nation=True)


def test_counts_go_with_their_epoch(tmp_path: Path) -> None:
    """As the blocks that were given out do."""
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.count_names("2026", {b"m": 3})
    outbox.forget_cache("2026")
    assert outbox.count_names("2026", {b"m": 0}) == {b"m": 3}
    outbox.forget_cache("2027")
    assert outbox.count_names("2027", {b"m": 0}) == {b"m": 0}


def test_no_word_stands_in_the_outbox(tmp_path: Path) -> None:
    """Only HMACs under a key that is not in the file."""
    path = tmp_path / "outbox.db"
    outbox = Outbox(path)
    weighed(_people([["wilhelmina", "achterberg"]], "POL"), KEY, partial(outbox.count_names, "2026"), own=True)
    outbox.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not any(word in content for word in (b"wilhelmina", b"achterberg", b"POL"))


def test_a_partner_without_blocks_counts_nothing(tmp_path: Path) -> None:
    """MONITOR rows carry no sketch."""
    outbox = Outbox(tmp_path / "outbox.db")
    people = [prepare(RawIdentity(voornaam="Ana"), bsn=True, composite=False)]
    seen: list[int] = []

    def tally(times: Mapping[bytes, int]) -> Mapping[bytes, int]:
        seen.append(len(times))
        return outbox.count_names("2026", times)

    assert weighed(people, KEY, tally, own=True) == people
    assert seen == [0]
