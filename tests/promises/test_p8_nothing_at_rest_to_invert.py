"""P8: gateway, database and operator together hold nothing from which an identifier can be computed without a partner's
signed request or both custodians. The test plays the operator: it reads every file of the gateway's house, with every
key the gateway has on disk, and tries."""

import os
from typing import Any

import pytest

from connectors.contract.canonical import b64u_decode
from connectors.contract.codes import TokenDomein, TokenType
from connectors.contract.signing import read_secret_file
from gateway.ids import id_text
from gateway.matching.joinkeys import join_key, token_bytes
from gateway.vault.sealing import SealBroken
from gateway.vault.tables import SEALED
from tests.connectors.samples import COLUMNS, bsn, row
from tests.gateway.gateway_world import POLITIE
from tests.promises.canary_hunt import elements_in, hidden_in
from tests.world import ANALYST_PARTY, EPOCH, Federation, partners_of, put_question

IDENTIFYING = ("voornaam", "achternaam", "geboren", "bsn", "tel", "document", "verhaal", "nr")


def at_rest(federation: Federation) -> bytes:
    """Every byte in the gateway's folder but its keys: database, write-ahead log, spool."""
    files = [path for path in federation.layout.gateway.rglob("*") if path.is_file() and path.parent.name != "keys"]
    assert {path.name for path in files} >= {"gateway.sqlite", "gateway.toml"}
    return b"\n".join(path.read_bytes() for path in files)


def police_share(federation: Federation) -> bytes:
    return read_secret_file(federation.layout.partner(POLITIE) / "keys" / f"share-RIEC-{EPOCH}.key")


def sealed_rows(federation: Federation) -> list[tuple[bytes, str, str]]:
    """(ciphertext, record id, batch id) of every stored row."""
    with federation.gateway.house.store.connect() as connection:
        found = connection.execute(SEALED.select()).all()
    return [(bytes(one.sealed), id_text(one.record_id), id_text(one.batch_id)) for one in found]


@pytest.fixture
def used(delivered: Federation) -> Federation:
    """A gateway at work: rows delivered, a question asked, hits looked at."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        assert partners_of(bureau, put_question(bureau, bsn(1))) == ("politie",)
    return delivered


def test_no_identifier_is_at_rest(used: Federation) -> None:
    """Not one value of the delivered source, in no dress."""
    values = [
        value
        for number in range(12)
        for column, value in zip(COLUMNS, row(number), strict=True)
        if column in IDENTIFYING and value
    ]
    assert hidden_in(at_rest(used), values) == []


def test_no_token_block_or_filter_is_at_rest(used: Federation, police_rows: list[dict[str, Any]]) -> None:
    """Neither the bytes nor the text of anything that could be matched."""
    tokens = [b64u_decode(has["waarde"]) for one in police_rows for has in one["tokens"]]
    blocks = [b64u_decode(has[part]) for one in police_rows for has in one["blokken"] for part in ("blok", "schets")]
    assert len(tokens) >= 2 * 12
    assert len(blocks) > 200
    assert elements_in(at_rest(used), [*tokens, *blocks]) == 0


def test_no_join_key_is_at_rest(used: Federation, police_rows: list[dict[str, Any]]) -> None:
    """The index lives in memory: nothing of it is on disk, so equal people cannot be seen in a copy."""
    k_join = used.gateway.house.keys(TokenDomein.RIEC, EPOCH).k_join
    keys = [
        join_key(k_join, TokenType(has["type"]), token_bytes(has["waarde"]))
        for one in police_rows
        for has in one["tokens"]
    ]
    assert elements_in(at_rest(used), keys) == 0


def test_no_secret_is_at_rest_outside_the_key_folder(used: Federation) -> None:
    """Neither a partner's share nor the gateway's own keys are in the database or its backups."""
    keys = [path.read_bytes() for path in (used.layout.gateway / "keys").iterdir()]
    assert elements_in(at_rest(used), [police_share(used), *keys]) == 0


def test_no_share_is_in_the_gateways_keys(used: Federation) -> None:
    """The operator's key folder does not hold it either."""
    assert (
        elements_in(b"".join(p.read_bytes() for p in (used.layout.gateway / "keys").iterdir()), [police_share(used)])
        == 0
    )


def test_with_every_key_of_the_gateway_no_row_opens(used: Federation) -> None:
    """Database, `k_store`, `k_join` and signing key in hand, but no share: every row stays shut."""
    rows = sealed_rows(used)
    assert len(rows) == 12
    guesses = [path.read_bytes() for path in (used.layout.gateway / "keys").iterdir()] + [bytes(32), os.urandom(32)]
    for guess in guesses:
        key = used.row_key(POLITIE, guess)
        for sealed, record_id, batch_id in rows:
            with pytest.raises(SealBroken):
                key.open(sealed, record_id, batch_id)


def test_only_the_partners_share_opens_them(used: Federation, police_rows: list[dict[str, Any]]) -> None:
    """The instrument itself: with the share the same attempt succeeds, and what opens has tokens and no identifier."""
    key = used.row_key(POLITIE, police_share(used))
    opened = [key.open(*one) for one in sealed_rows(used)]
    assert all(any(has["waarde"].encode() in raw for raw in opened) for has in police_rows[0]["tokens"])
    assert hidden_in(b"\n".join(opened), [bsn(number) for number in range(1, 12, 2)]) == []


def test_the_logs_say_nothing_of_it(
    used: Federation, police_rows: list[dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    """What the houses printed while the question was asked."""
    with used.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
    printed = "".join(capfd.readouterr()).encode()
    tokens = [b64u_decode(has["waarde"]) for one in police_rows for has in one["tokens"]]
    assert hidden_in(printed, [bsn(number) for number in range(1, 12, 2)]) == []
    assert elements_in(printed, [*tokens, police_share(used)]) == 0
