"""A walk over every field that leaves a house: what may carry a keyed value is a closed list, and none of it is a
single low-entropy attribute, a filter under a shared key, or a value that somebody could turn back."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from connectors.asking import SubjectFile, ask
from connectors.contract.canonical import b64u_decode
from connectors.contract.codes import BlokType, Categorie, TokenDomein, TokenType
from connectors.contract.schemas import DOCUMENTS, schema_of
from connectors.keeping import put_canaries
from pseudonymizer.identity import Trait
from tests.attacks.keeper import KEEPER, OFFICER, appoint
from tests.connectors.samples import bsn, row, write_mapping, write_source
from tests.gateway.gateway_world import ANALIST, POLITIE, RIEC_BUREAU, make_layout
from tests.promises.canary_hunt import hidden_in
from tests.world import CASUS, PURPOSE, Exchange, Federation, deliver, open_case, start_federation

PEOPLE = 16
ASKED = row(40)
NEVER_ISSUED = [bsn(number) for number in range(700, 716)]

TOKEN, BLOCK, FILTER, DIGEST, KEY, SIGNED, SEALED, CODE = (
    "an OPRF output under both custodians' keys",
    "the id of one block, a hash of an OPRF output",
    "a filter under the key of its own block",
    "a SHA-256 of public or signed bytes, or a MAC under a key of the sender alone",
    "a public key or its thumbprint",
    "a signature over claims of this list",
    "sealed to one reader",
    "a code, a name of the federation file or a number of the gateway's own",
)
CARRIES = {
    "waarde": TOKEN,
    "waarden": TOKEN,
    "blok": BLOCK,
    "schets": FILTER,
    **dict.fromkeys(("bewijs", "digest", "federatie", "fed", "tkt", "bd", "hoofd", "blad", "data"), DIGEST),
    **dict.fromkeys(("cijfers", "aanvraag", "aanval", "publicatie", "invoer"), DIGEST),  # of a release
    **dict.fromkeys(("x", "k", "jkt", "eigenaren"), KEY),
    **dict.fromkeys(
        ("handtekeningen", "handtekening", "ontvangst", "controlepunt", "ticket", "access_token", "zegel"), SIGNED
    ),
    **dict.fromkeys(("ct", "enc", "share"), SEALED),
    "rij": SEALED,  # to the party that sent it, over its own session
    "zout": DIGEST,
    "record": CODE,  # an entry of the ledger, to a keeper's officer
}
"""Field name and what an unreadable value in it is. A new keyed field has to be added here, on purpose."""
LONG = re.compile(r"\{(\d+)")


def leaves(schema: Any, name: str = "", path: str = "$") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every string node with the field it belongs to."""
    if isinstance(schema, dict):
        if schema.get("type") == "string":
            yield name, path, schema
        for key, value in schema.items():
            if key in ("properties", "$defs"):
                for inner, node in value.items():
                    yield from leaves(node, inner, f"{path}.{inner}")
            else:
                yield from leaves(value, name, f"{path}.{key}" if key not in ("items", "prefixItems") else path)
    elif isinstance(schema, list):
        for node in schema:
            yield from leaves(node, name, path)


def unreadable(node: dict[str, Any]) -> bool:
    """A string that can hold 16 bytes or more of base64url and is no id, code or name."""
    pattern = node.get("pattern", "")
    if "enum" in node or "const" in node or node.get("format") in ("date", "date-time") or not pattern:
        return "maxLength" in node and node["maxLength"] > 2_000
    return (
        "_-]" in pattern
        and ":._" not in pattern
        and "http" not in pattern
        and max([int(n) for n in LONG.findall(pattern)] or [999]) >= 21
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_unreadable_field_is_on_the_list(name: str) -> None:
    """Whatever could hide a keyed or encoded value has a declared meaning."""
    unknown = [path for field, path, node in leaves(schema_of(name)) if unreadable(node) and field not in CARRIES]
    assert unknown == []


def test_a_bare_token_stands_for_an_identifier_only() -> None:
    """No type for a name, a date, a sex, a nationality, a postcode, or anything else that few values exhaust."""
    low = {"name", "surname", "dob", "date", "year", "sex", "nat", "postcode", "city", "age", "country"}
    assert {kind.value.removeprefix("id.") for kind in TokenType}.isdisjoint(low)
    assert len(TokenType) == 10


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_composite_never_stands_as_a_bare_token(name: str) -> None:
    """A block id stands beside its sketch, never beside a token; only a question says of which composite it is."""
    for definition in schema_of(name).get("$defs", {}).values():  # type: ignore[attr-defined]
        fields = set(definition.get("properties", {}))
        if {"type", "waarde"} <= fields:
            assert definition["properties"]["type"] == {"$ref": "#/$defs/TokenType"}
            assert fields == {"type", "waarde"}
        if "schets" in fields:
            asked = {"type": {"$ref": "#/$defs/BlokType"}} if name == "vraag" else {}
            assert fields == {"blok", "schets", *asked}
            assert {key: definition["properties"][key] for key in asked} == asked
    assert not {kind.value for kind in BlokType} & {kind.value for kind in TokenType}


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """A delivery, a question with names and a set of canaries went over the wire."""
    root = tmp_path_factory.mktemp("wire")
    federation = start_federation(appoint(make_layout(root / "federation")))
    (root / "numbers.txt").write_text("\n".join(NEVER_ISSUED))
    source, mapping = write_source(root / "source.csv", PEOPLE), write_mapping(root / "mapping.toml")
    with federation.connector(KEEPER) as keeper:
        put_canaries(keeper, root / "numbers.txt", Trait.BSN, TokenDomein.RIEC, OFFICER, lambda _: None)
    with federation.connector(POLITIE) as police:
        deliver(police, source, mapping)
    subject = SubjectFile(
        categorie=Categorie.VERDACHTE_DADER,
        minderjarig=False,
        dubbelrol=False,
        bijzonder=False,
        noodzaak_bescherming=False,
        traits={
            Trait.VOORNAAM: ASKED[1],
            Trait.ACHTERNAAM: ASKED[2],
            Trait.GEBOORTEDATUM: ASKED[3],
            Trait.NATIONALITEIT: ASKED[5],
            Trait.TELEFOON: ASKED[7],
        },
    )
    with federation.connector(RIEC_BUREAU) as bureau:
        open_case(bureau)
        ask(bureau, subject, CASUS, PURPOSE, TokenDomein.RIEC, ANALIST)
    yield federation
    federation.stop_gateway()


def sent(federation: Federation, ending: str) -> list[Exchange]:
    """What went to an address."""
    return [exchange for exchange in federation.wire.exchanges if ending in exchange.url]


def rows_of(federation: Federation) -> list[dict[str, Any]]:
    """The rows of the real batch."""
    (batch,) = sent(federation, "/v1/batches/")
    return [json.loads(line) for line in batch.body.splitlines()[1:]]


def test_every_value_of_the_real_exchanges_is_on_the_list(federation: Federation) -> None:
    """Batch, question, canaries, tickets, leases: a long unreadable value stands in no other field."""

    def walk(value: Any, name: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, key)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner, name)
        elif isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{21,}", value) and name not in CARRIES:
            yield f"{name}: {len(value)} characters"

    uuids = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    looked = 0
    for exchange in federation.wire.exchanges:
        if exchange.method == "GET" or "/v1/evaluate/" in exchange.url or exchange.url.endswith("/v1/tokens"):
            continue
        for line in exchange.body.splitlines():
            content = uuids.sub("id", line.decode("ascii"))
            found = [one for one in walk(json.loads(content), "") if one.split(":")[0] not in ("thema", "doel")]
            assert found == [], exchange.url
            looked += 1
    assert looked > PEOPLE


def test_no_token_repeats_where_only_common_attributes_agree(federation: Federation) -> None:
    """Sixteen people share sexes, countries, years, days; all their numbers differ; so do all their tokens."""
    source = [row(number) for number in range(PEOPLE)]
    assert all(len({person[column] for person in source}) < PEOPLE for column in (4, 5, 9))
    values = Counter(token["waarde"] for one in rows_of(federation) for token in one["tokens"])
    assert len(values) >= 2 * PEOPLE
    assert set(values.values()) == {1}


def test_no_two_filters_are_under_one_key(federation: Federation) -> None:
    """A person's filters hold the same features in every block, and are all different, in rows and in the question:
    there is no shared key."""
    (question,) = sent(federation, "/v1/match-requests")
    for one in (*rows_of(federation), *json.loads(question.body)["subjecten"]):
        filters = [block["schets"] for block in one["blokken"]]
        assert len(filters) > 5
        assert len(set(filters)) == len(filters)


def test_filters_of_two_blocks_agree_no_more_than_chance(federation: Federation) -> None:
    """Ones that two filters of one person share are those that two random filters of their sizes would."""
    shared = expected = 0.0
    for one in rows_of(federation):
        bits = [int.from_bytes(b64u_decode(block["schets"]), "little") for block in one["blokken"]]
        for left, right in combinations(bits, 2):
            shared += (left & right).bit_count()
            expected += left.bit_count() * right.bit_count() / 1024
    assert shared == pytest.approx(expected, rel=0.05)


def test_no_value_can_be_turned_back(federation: Federation) -> None:
    """Nothing of the source, the question or the keeper's numbers is in any byte, in any encoding or plain hash."""
    secret = [cell for number in range(PEOPLE) for cell in row(number)[:4] + row(number)[6:9] if len(cell) > 5]
    secret += [*ASKED[1:4], *ASKED[7:8], *NEVER_ISSUED]
    everything = b"\n".join(exchange.sent for exchange in federation.wire.exchanges)
    assert hidden_in(everything, secret) == []


def test_the_walk_itself_finds_what_it_looks_for(federation: Federation) -> None:
    """The instrument: a hash of a number, and a number in base64, would have been seen."""
    number = NEVER_ISSUED[0]
    planted = b'{"waarde":"' + base64.urlsafe_b64encode(hashlib.sha256(number.encode()).digest()) + b'"}'
    assert hidden_in(planted, [number]) == [number]


def test_proofs_and_ids_say_nothing_of_equal_content(federation: Federation) -> None:
    """Record ids are random and `bewijs` is a MAC over them: no two rows share either, however alike they are."""
    rows = rows_of(federation)
    for field in ("record_id", "bewijs"):
        assert len({one[field] for one in rows}) == len(rows)
    assert all(one["record_id"][14] == "4" for one in rows)
