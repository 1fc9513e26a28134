"""A gateway that remembers everything two partners sent: of one it learns the number of records, of two who they have
in common and which traits agree, and of neither a name."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

from connectors.contract.canonical import b64u_decode
from gateway.matching.sketches import TRAITS, likeness, rows_of
from pseudonymizer.linkage import ENTRIES
from tests.connectors.samples import row, write_mapping, write_source
from tests.gateway.gateway_world import KMAR, POLITIE
from tests.promises.canary_hunt import hidden_in
from tests.world import Federation, build_federation, deliver

Row = dict[str, Any]
POLICE, MARECHAUSSEE = range(14), range(8, 20)
COMMON = len(set(POLICE) & set(MARECHAUSSEE))
GIVEN = "Anouk Bogdan Chinwe Dragos Elif Farid Grzegorz Huong Ivana Jolanta Kofi Lidia Mehmet Nadia".split()
FAMILY = (
    "Bakker Cretu Danjuma Eskandari Fodor Grabowski Haddad Ionescu Jovanovic Kowalczyk Lungu Mensah Nowak Okoro".split()
)


def somebody(number: int) -> list[str]:
    """The number-th invented person, with a name like no other's here."""
    cells = row(number)
    return [cells[0], GIVEN[number % len(GIVEN)], FAMILY[number % len(FAMILY)], *cells[3:10], ""]


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Two partners delivered; six people are in both sources, written alike."""
    root = tmp_path_factory.mktemp("two")
    made = build_federation(root / "federation")
    mapping = write_mapping(root / "mapping.toml")
    for party, people in ((POLITIE, POLICE), (KMAR, MARECHAUSSEE)):
        source = write_source(root / f"{people.start}.csv", [somebody(number) for number in people])
        with made.connector(party) as house:
            deliver(house, source, mapping)
    yield made
    made.stop_gateway()


@pytest.fixture(scope="module")
def sent(federation: Federation) -> tuple[list[Row], list[Row]]:
    """The rows of both batches, as they passed the gateway."""
    first, second = (exchange.body for exchange in federation.wire.exchanges if exchange.method == "PUT")
    police, marechaussee = ([json.loads(line) for line in body.splitlines()[1:]] for body in (first, second))
    return police, marechaussee


def test_of_one_partner_it_counts_records(sent: tuple[list[Row], list[Row]]) -> None:
    """Every record has as many entries as any other, all of one shape, and no entry occurs twice."""
    for rows, people in zip(sent, (POLICE, MARECHAUSSEE), strict=True):
        assert len(rows) == len(people)
        assert {len(one["blokken"]) for one in rows} == {ENTRIES}
        assert {frozenset(entry) for one in rows for entry in one["blokken"]} == {frozenset({"blok", "schets"})}
        values = [entry[part] for one in rows for entry in one["blokken"] for part in ("blok", "schets")]
        assert len(set(values)) == len(values)


def meetings(sent: tuple[list[Row], list[Row]]) -> Iterator[tuple[Row, Row, list[tuple[bytes, bytes]]]]:
    """Every pair of records of two partners with the sketches of the blocks that they share."""
    for one, other in product(*sent):
        theirs = {entry["blok"]: entry["schets"] for entry in other["blokken"]}
        shared = [
            (b64u_decode(entry["schets"]), b64u_decode(theirs[entry["blok"]]))
            for entry in one["blokken"]
            if entry["blok"] in theirs
        ]
        yield one, other, shared


def test_of_two_it_sees_who_is_in_both(sent: tuple[list[Row], list[Row]]) -> None:
    """A limit, not a promise: the records that share many blocks are those that share tokens, six pairs."""
    by_blocks = {(one["record_id"], other["record_id"]) for one, other, shared in meetings(sent) if len(shared) > 3}
    by_tokens = {
        (one["record_id"], other["record_id"])
        for one, other in product(*sent)
        if {token["waarde"] for token in one["tokens"]} & {token["waarde"] for token in other["tokens"]}
    }
    assert by_blocks == by_tokens
    assert len(by_blocks) == COMMON


def test_of_two_it_sees_which_traits_agree(sent: tuple[list[Row], list[Row]]) -> None:
    """A limit, not a promise: that year, month, day, sex, nationality, phone, document and name are the same."""
    pairs = [shared for _, _, shared in meetings(sent) if len(shared) > 3]
    left, right = (rows_of([pair[side] for shared in pairs for pair in shared]) for side in (0, 1))
    owner = np.array([at for at, shared in enumerate(pairs) for _ in shared], dtype=np.int64)
    found = likeness(left, right, owner, len(pairs))
    for trait in ("y", "mo", "da", "sx", "na", "ph", "do"):
        assert (found.traits[:, TRAITS.index(trait)] == 1).all()
    assert (found.alike[:, 0] > 0.99).all()


def test_of_neither_it_sees_a_value(federation: Federation) -> None:
    """No name, date, phone, document or number of any of them is in what it received, in any dress."""
    values = [
        cell for number in range(20) for cell in (*somebody(number)[1:4], *somebody(number)[6:9]) if len(cell) > 5
    ]
    received = b"\n".join(exchange.sent for exchange in federation.wire.to(federation.federatie.gateway.url))
    assert len(received) > 100_000
    assert hidden_in(received, values) == []
