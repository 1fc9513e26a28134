"""One custodian that keeps everything: what it received, answered, logged and stored tells it no input and no token."""

from typing import Any

import pytest

from connectors.contract.canonical import b64u_decode
from connectors.errors import PeerUnavailable
from connectors.tokenise import prepare
from pseudonymizer.identity import RawIdentity
from pseudonymizer.oprf.hash import hash_to_group
from tests.connectors.samples import bsn, row
from tests.promises.canary_hunt import elements_in, hidden_in
from tests.world import ANALYST_PARTY, Federation, put_question


def seen_by(federation: Federation, nr: int) -> bytes:
    """Everything that crossed a custodian's door, both ways, and what lies in its folder."""
    url = federation.federatie.custodians[nr - 1].url
    crossed = [exchange.sent + exchange.answer for exchange in federation.wire.to(url)]
    folder = federation.layout.custodian(nr)
    return b"\n".join([*crossed, *(path.read_bytes() for path in folder.glob("custodian.sqlite*"))])


def test_a_custodian_sees_no_identifier(police_delivered: Federation) -> None:
    """No value of the delivered rows, in no dress."""
    values = [value for number in range(12) for value in (row(number)[1], row(number)[2], row(number)[7]) if value]
    for nr in (1, 2):
        assert len(police_delivered.wire.to(police_delivered.federatie.custodians[nr - 1].url)) >= 2
        assert hidden_in(seen_by(police_delivered, nr), [*values, *(bsn(n) for n in range(1, 12, 2))]) == []


def test_a_custodian_sees_no_token(police_delivered: Federation, police_rows: list[dict[str, Any]]) -> None:
    """Not even the second one, whose answer is one unblinding away from it."""
    tokens = [b64u_decode(has["waarde"]) for one in police_rows for has in one["tokens"]]
    for nr in (1, 2):
        assert elements_in(seen_by(police_delivered, nr), tokens) == 0


def test_a_dictionary_does_not_help_it(delivered: Federation) -> None:
    """The right guess in hand, its element H(m) is not among what either custodian saw."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
    ((_, message),) = prepare(RawIdentity(bsn=bsn(1)), bsn=True, composite=False).tokens
    guess = hash_to_group(message)
    for nr in (1, 2):
        assert elements_in(seen_by(delivered, nr), [guess]) == 0


def test_the_same_question_twice_looks_different(delivered: Federation) -> None:
    """Every element is blinded afresh: a custodian cannot tell that the same person was asked about again."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
        put_question(bureau, bsn(1))
    bodies = [e.body for e in delivered.wire.to(delivered.federatie.custodians[0].url)]
    elements = [body[at : at + 32] for body in bodies for at in range(0, len(body), 32)]
    assert len(elements) == len(set(elements)) == 32


def test_a_custodian_alone_can_only_refuse(delivered: Federation) -> None:
    """With custodian 2 away nothing is asked and nothing is half done."""
    url = delivered.federatie.custodians[1].url
    delivered.wire.away.add(url.removeprefix("http://"))
    with delivered.connector(ANALYST_PARTY) as bureau, pytest.raises(PeerUnavailable):
        put_question(bureau, bsn(1))
    assert not [exchange for exchange in delivered.wire.exchanges if "match-requests" in exchange.url]
