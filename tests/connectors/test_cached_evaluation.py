"""The local cache of tokens (cryptography page, bytes 16): by domain, epoch and class, encrypted, and never trusted."""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.evaluation import CachedEvaluation
from connectors.keyring import Keyring
from connectors.outbox import Outbox

RIEC, ZVH = TokenDomein.RIEC, TokenDomein.ZVH_RR
MESSAGES = [b"message one", b"message two"]


@dataclass
class Evaluated:
    """Answers as custodians with keys of their own per place would, and remembers what it was asked."""

    place: str
    asked: list[bytes] = field(default_factory=list)

    def __call__(self, klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]:
        self.asked += messages
        return [hashlib.sha256(f"{self.place}|{klasse}|".encode() + message).digest() for message in messages]


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


def cached(outbox: Outbox, folder: Path, domein: TokenDomein, epoch: str, fresh: Evaluated) -> CachedEvaluation:
    return CachedEvaluation(outbox, Keyring(folder / "keys").local_keys(), domein, epoch, fresh)


def test_a_second_run_asks_for_nothing(outbox: Outbox, tmp_path: Path) -> None:
    """And gives the same values, in the order in which it is asked."""
    fresh = Evaluated("RIEC 2026")
    evaluate = cached(outbox, tmp_path, RIEC, "2026", fresh)
    first = evaluate(TokenKlasse.ID, MESSAGES)
    assert evaluate(TokenKlasse.ID, MESSAGES[::-1]) == first[::-1]
    assert fresh.asked == MESSAGES


def test_no_value_crosses_to_another_domain_epoch_or_class(outbox: Outbox, tmp_path: Path) -> None:
    """One person's tokens in two domains stay unrelated: the cache never answers for another place."""
    found = set()
    for domein, epoch in ((RIEC, "2026"), (ZVH, "2026"), (RIEC, "2027")):
        fresh = Evaluated(f"{domein} {epoch}")
        for klasse in TokenKlasse:
            found.update(cached(outbox, tmp_path, domein, epoch, fresh)(klasse, MESSAGES[:1]))
        assert fresh.asked == MESSAGES[:1] * 3
    assert len(found) == 9


def test_a_value_that_does_not_open_is_evaluated_afresh(outbox: Outbox, tmp_path: Path) -> None:
    """A damaged or exchanged entry costs budget, never a wrong token."""
    fresh = Evaluated("RIEC 2026")
    evaluate = cached(outbox, tmp_path, RIEC, "2026", fresh)
    values = evaluate(TokenKlasse.ID, MESSAGES)
    with closing(sqlite3.connect(tmp_path / "outbox.sqlite")) as other, other:
        (one, a), (two, b) = other.execute("select place, value from cache").fetchall()
        other.executemany("update cache set value=? where place=?", [(b, one), (a, two)])
    assert evaluate(TokenKlasse.ID, MESSAGES) == values
    assert fresh.asked == MESSAGES * 2


def test_neither_messages_nor_values_stand_in_the_outbox(outbox: Outbox, tmp_path: Path) -> None:
    """Places are HMACs, values are encrypted, both under keys that are not in the file."""
    values = cached(outbox, tmp_path, RIEC, "2026", Evaluated("RIEC 2026"))(TokenKlasse.BSN, MESSAGES)
    outbox.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("outbox.sqlite*"))
    assert not any(part in raw for part in (*MESSAGES, *(value for value in values if value)))


def test_no_token_is_not_remembered(outbox: Outbox, tmp_path: Path) -> None:
    """A message without a token (its hash is the identity) is asked for again."""
    asked = []

    def nothing(_klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]:
        asked.append(list(messages))
        return [None for _ in messages]

    evaluate = CachedEvaluation(outbox, Keyring(tmp_path / "keys").local_keys(), RIEC, "2026", nothing)
    assert evaluate(TokenKlasse.ID, MESSAGES) == evaluate(TokenKlasse.ID, MESSAGES) == [None, None]
    assert asked == [MESSAGES, MESSAGES]
