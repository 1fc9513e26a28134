"""The witness notices every rewrite of the ledger: changed, missing, reordered, shortened, forked."""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.answers import Blad, LedgerPlaats
from connectors.contract.canonical import b64u
from connectors.errors import NotVerified
from connectors.witness import EMPTY_HEAD, Head, walk


def chain(count: int, salt: bytes = b"") -> tuple[list[Blad], Head, list[bytes]]:
    """A ledger of `count` leaves: its leaves, its head, and the head after each number of leaves."""
    heads, leaves = [EMPTY_HEAD], []
    for index in range(count):
        data = b"\x01" + hashlib.sha256(salt + index.to_bytes(4, "big")).digest() + bytes(6)
        leaf = hashlib.sha256(b"\x00" + data).digest()
        heads.append(hashlib.sha256(b"\x02" + heads[-1] + leaf).digest())
        leaves.append(Blad(index=index, data=b64u(data), hoofd=b64u(heads[-1])))
    return leaves, Head(count, heads[-1]), heads


def place(leaf: Blad) -> LedgerPlaats:
    data = hashlib.sha256(b"\x00" + _decoded(leaf)).digest()
    return LedgerPlaats(index=leaf.index, blad=b64u(data), hoofd=leaf.hoofd)


def _decoded(leaf: Blad) -> bytes:
    from connectors.contract.canonical import b64u_decode

    return b64u_decode(leaf.data)


def over(leaves: list[Blad]) -> Iterator[Blad]:
    return iter(leaves)


@given(count=st.integers(0, 12), seen=st.integers(0, 12))
def test_an_honest_ledger_holds(count: int, seen: int) -> None:
    """Growing, from any head seen before, with every receipt in place."""
    leaves, head, heads = chain(count)
    before = min(seen, count)
    walk(over(leaves), head, Head(before, heads[before]), {leaf.index: place(leaf) for leaf in leaves})


@given(count=st.integers(1, 12), data=st.data())
def test_a_changed_leaf_is_noticed(count: int, data: st.DataObject) -> None:
    """One changed leaf, its later heads left as they were, breaks the chain."""
    leaves, head, _ = chain(count)
    at = data.draw(st.integers(0, count - 1))
    other, _, _ = chain(count, b"other")
    leaves[at] = leaves[at].model_copy(update={"data": other[at].data})
    with pytest.raises(NotVerified):
        walk(over(leaves), head, Head(0, EMPTY_HEAD), {})


@given(count=st.integers(1, 12), data=st.data())
def test_a_missing_leaf_is_noticed(count: int, data: st.DataObject) -> None:
    """A leaf that was taken out is missed."""
    leaves, head, _ = chain(count)
    del leaves[data.draw(st.integers(0, count - 1))]
    with pytest.raises(NotVerified):
        walk(over(leaves), head, Head(0, EMPTY_HEAD), {})


@given(count=st.integers(1, 12), seen=st.integers(1, 12))
def test_a_consistent_rewrite_is_noticed_by_who_saw_the_old_one(count: int, seen: int) -> None:
    """A whole new history, consistent in itself and signed, does not pass the head that was seen before."""
    _, _, old = chain(count)
    leaves, head, _ = chain(count, b"rewritten")
    before = min(seen, count)
    with pytest.raises(NotVerified, match="rewritten"):
        walk(over(leaves), head, Head(before, old[before]), {})


@given(count=st.integers(1, 12), data=st.data())
def test_a_rewrite_is_noticed_by_a_receipt(count: int, data: st.DataObject) -> None:
    """A party that remembers no head still holds its receipts."""
    old, _, _ = chain(count)
    leaves, head, _ = chain(count, b"rewritten")
    at = data.draw(st.integers(0, count - 1))
    with pytest.raises(NotVerified, match="receipt"):
        walk(over(leaves), head, Head(0, EMPTY_HEAD), {at: place(old[at])})


def test_a_signed_head_that_is_not_reached_is_noticed() -> None:
    """The entries must lead to the head that the gateway signed."""
    leaves, _, _ = chain(3)
    _, other, _ = chain(3, b"other")
    with pytest.raises(NotVerified, match="signed head"):
        walk(over(leaves), other, Head(0, EMPTY_HEAD), {})


def test_a_receipt_beyond_the_end_is_noticed() -> None:
    """A receipt for an entry that is not there: the ledger was cut."""
    leaves, head, _ = chain(3)
    later, _, _ = chain(5)
    with pytest.raises(NotVerified, match="not in the ledger"):
        walk(over(leaves), head, Head(0, EMPTY_HEAD), {4: place(later[4])})
