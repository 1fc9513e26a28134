"""A block leaves for one record of a partner only: who holds it, again after a crash, and when it is free again.

One that two people have leaves for neither: tests/linkage/test_contested_blocks.py.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.codes import BlokType, TokenDomein, TokenKlasse
from connectors.marks import block_mark
from connectors.outbox import Outbox
from connectors.outbox_rows import SealedBatch
from connectors.tokenise import prepare, tokenise
from deploy.linkage.standin import evaluate
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import ENTRIES, SLOTS

ANA = RawIdentity(voornaam="Ana", achternaam="Popescu", geboortedatum="1994-03-12", nationaliteit="ROU", geslacht="v")
MARK, OTHER = b"m" * 16, b"n" * 16
FIRST, SECOND = b"1" * 32, b"2" * 32
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


def _sent(outbox: Outbox, fingerprint: bytes, record_id: str) -> None:
    outbox.put(
        [SealedBatch(record_id, "levering", TokenDomein.RIEC, "2026", "d", 1, b"x", ((fingerprint, record_id, b""),))]
    )


def test_the_first_row_holds_a_block(outbox: Outbox) -> None:
    """A second row that asks for it goes without, and keeps what is its own."""
    assert outbox.claim("2026", [(MARK, FIRST)]) == {(MARK, FIRST)}
    assert outbox.claim("2026", [(MARK, SECOND), (OTHER, SECOND)]) == {(OTHER, SECOND)}


def test_two_rows_of_one_chunk_share_nothing(outbox: Outbox) -> None:
    """Within one call too."""
    assert outbox.claim("2026", [(MARK, FIRST), (MARK, SECOND)]) == {(MARK, FIRST)}


def test_a_repeat_after_a_crash_gives_the_same_answer(outbox: Outbox, tmp_path: Path) -> None:
    """What was claimed and never put in a batch is still the row's own."""
    outbox.claim("2026", [(MARK, FIRST)])
    outbox.close()
    again = Outbox(tmp_path / "outbox.sqlite")
    assert again.claim("2026", [(MARK, FIRST)]) == {(MARK, FIRST)}
    assert again.claim("2026", [(MARK, SECOND)]) == set()


def test_a_withdrawn_row_frees_its_blocks(outbox: Outbox) -> None:
    """The next who asks may have them; until then nobody else can."""
    outbox.claim("2026", [(MARK, FIRST)])
    _sent(outbox, FIRST, "a")
    assert outbox.claim("2026", [(MARK, SECOND)]) == set()
    outbox.withdraw(["a"], TokenDomein.RIEC, "i", b"w", NOW)
    assert outbox.claim("2026", [(MARK, SECOND)]) == {(MARK, SECOND)}


def test_a_new_epoch_starts_with_no_claims(outbox: Outbox) -> None:
    """Block ids of another epoch are other values; what is known of the old ones goes with the cache."""
    outbox.claim("2026", [(MARK, FIRST)])
    outbox.forget_cache("2027")
    assert outbox.claim("2026", [(MARK, SECOND)]) == {(MARK, SECOND)}


def test_the_outbox_holds_no_block_id(outbox: Outbox) -> None:
    """It knows a block by an HMAC under the connector's own key."""
    block = bytes(range(16))
    assert block_mark(b"k" * 32, block) != block_mark(b"l" * 32, block)
    assert block not in block_mark(b"k" * 32, block)


@given(st.lists(st.sampled_from(["Ana", "Anna", "Bea", "Cor"]), min_size=1, max_size=8))
def test_every_record_looks_the_same(names: list[str]) -> None:
    """Whoever stands in the file, and however often: the same entries of each type, no block twice."""
    given_out: set[bytes] = set()

    def claim(blocks: Sequence[Sequence[bytes]]) -> list[set[bytes]]:
        held = []
        for each in blocks:
            held.append(set(each) - given_out)
            given_out.update(each)
        return held

    people = [prepare(RawIdentity(voornaam=name, achternaam="Popescu"), bsn=True, composite=True) for name in names]
    found = tokenise(people, evaluate, secrets.token_bytes, claim)
    for encoding in found:
        kinds = [kind for kind, _, _ in encoding.blocks]
        assert {kind: kinds.count(BlokType(kind)) for kind in SLOTS} == dict(SLOTS)
    ids = [block for encoding in found for _, block, _ in encoding.blocks]
    assert len(ids) == len(set(ids)) == ENTRIES * len(names)


def test_who_has_no_composite_has_no_entries() -> None:
    """A record of a BSN alone: its tokens say so anyway."""
    bare = prepare(RawIdentity(bsn="950000012"), bsn=True, composite=True)
    assert tokenise([bare], evaluate, secrets.token_bytes)[0].blocks == ()


def test_a_question_carries_all_of_its_blocks() -> None:
    """Without a claim nothing is held back: a subject is looked for by everything that is known."""
    subject = prepare(ANA, bsn=False, composite=True)
    assert tokenise([subject], evaluate, secrets.token_bytes)[0].held == len(subject.blocks)
    assert evaluate(TokenKlasse.CX, []) == []
