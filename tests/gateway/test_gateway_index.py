"""The join index: vectors, the rule of strength against a plain reading, persons, the published overlap table."""

import csv
import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract.codes import Sterkte, TokenType
from gateway.matching.index import IndexRow, JoinIndex, Sketch
from gateway.matching.joinkeys import NotAnElement, join_key, token_bytes
from gateway.matching.strength import Zone, strength
from gateway.release.entities import overlap_table
from tests.gateway.gateway_world import b64u, element, new_id

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
VECTORS = json.loads((SHARED / "data" / "oprf_vectors.json").read_text())
PLACE = ("MONITOR", "2026")


def test_join_keys_are_those_of_the_vectors() -> None:
    """Every item of the published vectors, tokens and blocks."""
    checked = 0
    for vector in VECTORS["vectors"]:
        for item in vector["items"]:
            if "join_key" in item:
                found = join_key(bytes.fromhex(item["k_join"]), item["type"], bytes.fromhex(item["P"]))
                assert found.hex() == item["join_key"]
                checked += 1
            if "block_join_key" in item:
                name = f"schakel1 test k_join|{vector['domain']}|{vector['epoch']}"
                k_join = hashlib.sha256(name.encode()).digest()
                found = join_key(k_join, item["type"], bytes.fromhex(item["block_id"]))
                assert found.hex() == item["block_join_key"]
                checked += 1
    assert checked > 3


@pytest.mark.parametrize(
    "raw", [bytes(32), b"\x01" + bytes(31), (2**255 - 19).to_bytes(32, "little"), bytes(31) + b"\x80", b"\xfe" * 32]
)
def test_what_cannot_be_an_element_is_refused(raw: bytes) -> None:
    """Zero, odd, not below the field's prime, bit 255 set."""
    with pytest.raises(NotAnElement):
        token_bytes(b64u(raw))


def test_a_plausible_element_passes() -> None:
    """The byte checks are all that the gateway makes."""
    assert len(token_bytes(element("x"))) == 32


@given(st.sets(st.sampled_from(list(TokenType))), st.sampled_from(list(Zone)))
def test_strength_follows_the_record_page(shared: set[TokenType], zone: Zone) -> None:
    """One strong or top zone; two middle, or middle with a weak one; else zwak."""
    strong = [t for t in shared if t in (TokenType.BSN, TokenType.VNR, TokenType.DOC, TokenType.KVK)]
    middle = len(shared) - len(strong)
    if strong or zone is Zone.MATCH:
        expected = Sterkte.STERK
    elif middle >= 2 or (middle == 1 and zone is Zone.POSSIBLE):
        expected = Sterkte.MIDDEL
    else:
        expected = Sterkte.ZWAK
    assert strength(shared, zone) is expected


VALUES = st.lists(
    st.tuples(st.sampled_from([TokenType.BSN, TokenType.PHONE, TokenType.IBAN]), st.integers(0, 3)), max_size=3
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), VALUES), min_size=1, max_size=10))
def test_persons_are_the_connected_groups(records: list[tuple[str, list[tuple[TokenType, int]]]]) -> None:
    """SQL and a plain reading agree: linked by one strong or two different middle identifiers, transitively."""
    index = JoinIndex()
    ids = [new_id() for _ in records]
    for record_id, (party, values) in zip(ids, records, strict=True):
        keys = tuple((kind, number.to_bytes(16, "big")) for kind, number in sorted(set(values)))
        index.put(*PLACE, party, [IndexRow(record_id, "{}", Sketch(keys))])
    found = {frozenset(known.record_id for known in group) for group in index.entities(*PLACE, list("abc"))}
    index.close()
    assert found == _plain_groups(ids, [set(values) for _, values in records])


def _plain_groups(ids: list[str], values: list[set[tuple[TokenType, int]]]) -> set[frozenset[str]]:
    groups = [{n} for n in range(len(ids))]
    for left in range(len(ids)):
        for right in range(left):
            shared = {kind for kind, _ in values[left] & values[right]}
            if strength(shared) is not Sterkte.ZWAK:
                one = next(g for g in groups if left in g)
                other = next(g for g in groups if right in g)
                if one is not other:
                    groups.remove(other)
                    one |= other
    return {frozenset(ids[n] for n in group) for group in groups}


def test_a_replaced_row_leaves_nothing_behind() -> None:
    """The old tokens of a record no longer match."""
    index, record_id = JoinIndex(), new_id()
    for key in (b"a" * 16, b"b" * 16):
        index.put("RIEC", "2026", "p", [IndexRow(record_id, "{}", Sketch(((TokenType.BSN, key),)))])
    old, new = (Sketch(((TokenType.BSN, key),)) for key in (b"a" * 16, b"b" * 16))
    assert index.find("RIEC", "2026", [old], ["p"]) == ()
    assert [match.known.record_id for match in index.find("RIEC", "2026", [new], ["p"])] == [record_id]


def test_absent_parties_and_other_epochs_are_never_found() -> None:
    """Only rows of the parties named, in that domain and epoch."""
    index, sketch = JoinIndex(), Sketch(((TokenType.BSN, b"k" * 16),))
    index.put("RIEC", "2026", "p", [IndexRow(new_id(), "{}", sketch)])
    assert index.find("RIEC", "2026", [sketch], ["q"]) == ()
    assert index.find("RIEC", "2026-b", [sketch], ["p"]) == ()
    assert index.find("ZVH-RR", "2026", [sketch], ["p"]) == ()


def test_the_published_overlap_table_comes_out_cell_by_cell() -> None:
    """8,234 people on six lists, 432 on more than one (Dutch lists 2010-2015): tokens in, the same table out."""
    with (SHARED / "data" / "overlap_nl_2010_2015.csv").open() as file:
        published = list(csv.DictReader(file))
    lists = [name for name in published[0] if name != "count"]
    rows: dict[str, list[IndexRow]] = {name: [] for name in lists}
    expected: Counter[frozenset[str]] = Counter()
    for line in published:
        on = [name for name in lists if line[name] == "1"]
        expected[frozenset(on)] += int(line["count"])
        for _ in range(int(line["count"])):
            key = os.urandom(16)
            for name in on:
                rows[name].append(IndexRow(new_id(), "{}", Sketch(((TokenType.DOC, key),))))
    index = JoinIndex()
    for name, records in rows.items():
        index.put(*PLACE, name, records)
    table = overlap_table(index.entities(*PLACE, lists))
    assert table == dict(expected)
    assert sum(table.values()) == 8234
    assert sum(count for combination, count in table.items() if len(combination) > 1) == 432
