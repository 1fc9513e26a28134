"""A dictionary of everything that anybody could compute without a custodian, held against every value of a real batch.

The attacker has the right guess of every person: all messages, their hashes, their points of the group, and every key
that can be made from what stands on the wire. No token, block id or sketch is among it; and sketches of two people, who
share sexes, countries and most of their names, are as unlike as random bytes, so no key serves two blocks.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from connectors.contract.canonical import b64u_decode
from connectors.tokenise import Prepared, prepare
from pseudonymizer.identity import RawIdentity
from pseudonymizer.oprf.hash import hash_to_group
from pseudonymizer.oprf.message import block_id, block_key, finalize
from pseudonymizer.sketch import sketches
from tests.connectors.samples import row

PEOPLE = 12
HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s", "sha3_256", "sha3_512")
Rows = list[dict[str, Any]]
Bytes = NDArray[np.uint8]


def guess(number: int) -> Prepared:
    """The number-th person of the police's source, known to the attacker in full."""
    _, first, last, born, sex, country, number_, phone, document, *_ = row(number)
    raw = RawIdentity(
        voornaam=first,
        achternaam=last,
        geboortedatum=born,
        geslacht=sex,
        nationaliteit=country,
        bsn=number_ or None,
        telefoon=phone,
        document=document,
    )
    return prepare(raw, bsn=True, composite=True)


def digests(raw: bytes) -> Iterator[bytes]:
    """Plain hashes."""
    yield from (hashlib.new(name, raw).digest() for name in HASHES)


def computable(message: bytes) -> Iterator[bytes]:
    """What anybody can make of a message: itself, its point, everything that follows from them, and hashes of each."""
    point = hash_to_group(message)
    kind = int.from_bytes(message[9:11], "big")
    value = message[13 + kind :]
    known = [message, value, point, finalize(message, point), *digests(message)]
    for made in known:
        yield made
        yield from digests(made)
        if len(made) == 64:
            yield block_id(made)
            yield block_key(made)


@pytest.fixture(scope="module")
def people() -> list[Prepared]:
    return [guess(number) for number in range(PEOPLE)]


@pytest.fixture(scope="module")
def dictionary(people: list[Prepared]) -> set[bytes]:
    """First 16 bytes of every value that can be computed; a block id is no longer."""
    messages = {message for person in people for _, message in (*person.tokens, *person.blocks)}
    assert len(messages) > 100
    return {value[:16] for message in messages for value in computable(message)}


def test_the_dictionary_knows_a_plain_hash(people: list[Prepared], dictionary: set[bytes]) -> None:
    """The instrument: a token that is a hash, and a block made of a point that no custodian touched, are in it."""
    (_, message), *_ = people[1].tokens
    assert hashlib.sha256(message).digest()[:16] in dictionary
    assert block_id(finalize(message, hash_to_group(message))) in dictionary


def test_no_value_of_the_wire_is_in_it(police_rows: Rows, dictionary: set[bytes]) -> None:
    """Every token, block id and sketch, from its first byte on."""
    values = [b64u_decode(has["waarde"]) for one in police_rows for has in one["tokens"]]
    values += [b64u_decode(has[part]) for one in police_rows for has in one["blokken"] for part in ("blok", "schets")]
    assert len(values) > 2 * PEOPLE * 35
    assert {value[:16] for value in values} & dictionary == set()


def entries(rows: Rows) -> list[tuple[int, bytes, Bytes]]:
    """Row, block id and sketch of every entry."""
    return [
        (at, b64u_decode(has["blok"]), np.frombuffer(b64u_decode(has["schets"]), dtype=np.uint8))
        for at, one in enumerate(rows)
        for has in one["blokken"]
    ]


def test_no_sketch_is_keyed_by_what_the_wire_shows(police_rows: Rows, people: list[Prepared]) -> None:
    """A key made of the block's own id, or of no secret at all: the right person's sketch under it is another one."""
    for _, name, sketch in entries(police_rows):
        keys = [bytes(32), name + name, hashlib.sha256(name).digest()]
        for person in people:
            made = sketches(keys, person.norm, bytes(32))
            assert all((np.frombuffer(other, dtype=np.uint8) == sketch).sum() < 16 for other in made)


def test_no_row_says_of_what_a_block_is(police_rows: Rows) -> None:
    """An id and a sketch, nothing else; and ids stand in their own order, not in that of the composites."""
    for one in police_rows:
        assert {frozenset(has) for has in one["blokken"]} <= {frozenset({"blok", "schets"})}
        assert [has["blok"] for has in one["blokken"]] == sorted(has["blok"] for has in one["blokken"])


def test_sketches_of_two_people_agree_in_no_byte_more_than_chance(police_rows: Rows) -> None:
    """Under one key for all people the codes of a shared sex or country would be equal in every pair of records."""
    found = entries(police_rows)
    rows, values = np.array([at for at, _, _ in found]), np.stack([sketch for _, _, sketch in found])
    apart = rows[:, None] < rows[None, :]
    equal = (values[:, None, :] == values[None, :, :])[apart].sum(axis=0)
    chance = apart.sum() / 256
    assert apart.sum() >= PEOPLE * (PEOPLE - 1) // 2
    assert equal.max() < chance + 6 * np.sqrt(chance) + 15  # six alike of twelve, 15 pairs, once in 10^6 runs
