"""Dictionary attacks on a real token through the houses' own applications, one coalition after another (threat table).

The victim's token lies at the gateway. Each attacker holds everything of the houses it stands for and the right guess
among his candidates; what counts is how many guesses he gets evaluated before he is stopped.
"""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import rbcl

from connectors.contract.canonical import b64u_decode
from connectors.contract.codes import Actie, Doel, TokenDomein, TokenKlasse
from connectors.contract.signing import SigningKey, read_key_file, sign_jws
from connectors.contract.ticket import TICKET_TYP, Confirmation, Proof, Ticket, TicketAanvraag, digest_of, prove
from connectors.errors import NotPermitted
from connectors.evaluation import RemoteEvaluation
from connectors.house import House
from pseudonymizer.custodian.seeds import keys_of, read_seed
from pseudonymizer.custodian.store import LOG, open_store, reading
from pseudonymizer.oprf.blind import blind
from pseudonymizer.oprf.group import multiples
from pseudonymizer.oprf.hash import hash_all_to_group
from pseudonymizer.oprf.keys import SecretKey
from pseudonymizer.oprf.message import encode_message
from tests.attacks.keeper import appoint
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import POLITIE, make_layout, new_id, riec_row, tokens
from tests.world import EPOCH, Federation, start_federation

NUMBERS = 90_909_091
"""Nine-digit numbers that pass the check."""
CASELOAD = 20
BUDGET = 3 * CASELOAD
CANDIDATES = [encode_message("id.bsn", bsn(number)) for number in range(16)]
"""The right guess, number 1, among them."""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Federation]:
    """A federation whose parties declared twenty cases: 60 elements of class bsn an epoch."""
    federation = start_federation(appoint(make_layout(tmp_path / "federation"), caseload=CASELOAD))
    yield federation
    federation.stop_gateway()


@pytest.fixture
def victim(police_rows: list[dict[str, Any]]) -> set[bytes]:
    """Every token that the police delivered, as it passed the gateway; the victim's, of bsn(1), among them."""
    return {b64u_decode(has["waarde"]) for one in police_rows for has in one["tokens"]}


def custodian_key(federation: Federation, nr: int) -> SecretKey:
    """A custodian's key of class bsn, by whoever holds its seed."""
    seed = read_seed(federation.layout.custodian(nr) / "seeds", nr, "RIEC", EPOCH)
    return keys_of(seed, nr, "RIEC", EPOCH)["bsn"]


def forged(federation: Federation, jkt: str) -> str:
    """A ticket that the gateway signs for the police without asking anybody, as large as tickets can be."""
    moment = int(federation.clock().timestamp())
    ticket = Ticket(
        iss=federation.federatie.gateway.oin,
        sub=POLITIE,
        jti=new_id(),
        iat=moment,
        exp=moment + 600,
        dom=TokenDomein.RIEC,
        epo=EPOCH,
        cls=TokenKlasse.BSN,
        max=1_000_000,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        besluit=new_id(),
        fed=federation.federatie.digest,
        cnf=Confirmation(jkt=jkt),
    )
    return sign_jws(ticket, read_key_file(federation.layout.gateway / "keys" / "gateway.key"), TICKET_TYP)


def put_to(federation: Federation, nr: int, ticket: str, body: bytes, signer: SigningKey | None) -> httpx.Response:
    """Send elements to a custodian, the request signed by `signer` or not at all."""
    url = f"{federation.federatie.custodians[nr - 1].url}/v1/evaluate/bsn"
    headers = {"Authorization": f"Bearer {ticket}"}
    if signer is not None:
        proof = Proof(
            htm="POST",
            htu=url,
            iat=int(federation.clock().timestamp()),
            jti=new_id(),
            tkt=digest_of(ticket.encode("ascii")),
            bd=digest_of(body),
            hop=nr,  # type: ignore[arg-type]
            n=len(body) // 32,
        )
        headers["Schakel-Proof"] = prove(signer, proof)
    with httpx.Client(transport=federation.wire) as http:
        return http.post(url, content=body, headers=headers)


def evaluated(federation: Federation, nr: int) -> int:
    """Elements that a custodian evaluated in all, from its own log."""
    with reading(open_store(federation.layout.custodian(nr) / "custodian.sqlite")) as connection:
        return sum(row.n for row in connection.execute(LOG.select()))


def party_key(federation: Federation, party: str = POLITIE) -> SigningKey:
    """A party's own key."""
    return read_key_file(federation.layout.partner(party) / "keys" / "party.key")


def gateway_key(federation: Federation) -> SigningKey:
    """The gateway's key."""
    return read_key_file(federation.layout.gateway / "keys" / "gateway.key")


def test_the_gateway_alone_gets_nothing_evaluated(delivered: Federation, capsys: pytest.CaptureFixture[str]) -> None:
    """It forges tickets at will; without the partner's signature, or with its own, no element is evaluated."""
    before = [evaluated(delivered, nr) for nr in (1, 2)]
    body = blind(hash_all_to_group(CANDIDATES), secrets.token_bytes).elements
    own = gateway_key(delivered)
    tries = 0
    for nr in (1, 2):
        for jkt in (party_key(delivered).public.thumbprint, own.public.thumbprint):
            for signer in (None, own):
                refused = put_to(delivered, nr, forged(delivered, jkt), body, signer)
                assert (refused.status_code, refused.json()["code"]) == (401, "bezit")
                tries += 1
    assert [evaluated(delivered, nr) for nr in (1, 2)] == before
    with capsys.disabled():
        print(f"\ngateway alone: {tries} forged tickets, 0 guesses evaluated")


def test_a_captured_request_does_not_carry_another_body(police_delivered: Federation, delivered: Federation) -> None:
    """The gateway saw none of the custodians' requests; even whoever saw one cannot put a guess in it."""
    url = delivered.federatie.custodians[0].url
    seen = next(e for e in police_delivered.wire.exchanges if e.url.startswith(url))
    headers = dict(line.split(b": ", 1) for line in seen.headers.splitlines())
    body = blind(hash_all_to_group(CANDIDATES), secrets.token_bytes).elements.ljust(len(seen.body), b"\0")
    with httpx.Client(transport=delivered.wire) as http:
        refused = http.post(
            seen.url,
            content=body[: len(seen.body)],
            headers={name.decode(): headers[name].decode() for name in (b"Authorization", b"Schakel-Proof")},
        )
    assert refused.status_code in (401, 422, 400)


def guess_until_stopped(federation: Federation, police: House) -> int:
    """Have guesses evaluated through ticket and custodians, sixteen at a time, until somebody refuses."""
    question = TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch=EPOCH,
        klasse=TokenKlasse.BSN,
        aantal=16,
        actie=Actie.RECORDS_INDIENEN,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        profielen=(riec_row(tokens(bsn="x")).profiel,),
    )
    evaluate = RemoteEvaluation(
        police.calls, federation.federatie, question, None, police.key, police.http, police.clock, None
    )
    guesses = 0
    for start in range(0, 10 * BUDGET, 16):
        guessed = [encode_message("id.bsn", f"{number:09d}") for number in range(start, start + 16)]
        try:
            evaluate(TokenKlasse.BSN, guessed)
        except NotPermitted:
            return guesses
        guesses += 16
    return guesses


def test_a_partner_guesses_within_its_budget(small: Federation, capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty elements for twenty cases: 48 guesses in batches of sixteen, and no more on another day."""
    with small.connector(POLITIE) as police:
        guesses = guess_until_stopped(small, police)
        small.clock.advance(days=1)
        assert guess_until_stopped(small, police) == 0
    assert guesses == BUDGET // 16 * 16
    with capsys.disabled():
        share = 3 * 20_000 / NUMBERS
        print(f"\npartner of {CASELOAD} cases: {guesses} guesses until stop")
        print(f"partner of 20,000 cases: {share:.3%} of all numbers an epoch, all of them in {1 / share:,.0f} epochs")


def test_gateway_and_partner_guess_no_more_than_the_partner(
    small: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tickets for a million elements, each with a fresh id, do not move the custodians' own budget."""
    key, guesses = party_key(small), 0
    for _ in range(20):
        body = blind(hash_all_to_group(CANDIDATES), secrets.token_bytes).elements
        first = put_to(small, 1, forged(small, key.public.thumbprint), body, key)
        if first.status_code != 200:
            assert (first.status_code, first.json()["code"]) == (429, "budget")
            break
        guesses += 16
    assert guesses == evaluated(small, 1) == BUDGET // 16 * 16
    with capsys.disabled():
        print(f"\ngateway + partner of {CASELOAD} cases: {guesses} guesses, forged tickets or not")


def test_the_gateway_with_one_custodian_finds_nobody(
    delivered: Federation, victim: set[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """All tokens that passed it, one custodian's seed and the right guess: no candidate fits, and the other custodian
    evaluates nothing without the partner's signature."""
    hashed = hash_all_to_group(CANDIDATES)
    for nr, other in ((1, 2), (2, 1)):
        key = custodian_key(delivered, nr)
        half = multiples(key.scalar, hashed)
        tried = half + multiples(key.scalar, half)
        assert victim.isdisjoint(tried[at : at + 32] for at in range(0, len(tried), 32))
        before = evaluated(delivered, other)
        refused = put_to(delivered, other, forged(delivered, party_key(delivered).public.thumbprint), half, None)
        assert refused.json()["code"] == "bezit"
        assert evaluated(delivered, other) == before
    with capsys.disabled():
        print("\ngateway + one custodian: 0 guesses evaluated, the right guess in hand")


def test_the_gateway_with_both_custodians_finds_everybody(
    delivered: Federation, victim: set[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """The one coalition that can, and how fast: hence three organisations."""
    first, second = (custodian_key(delivered, nr) for nr in (1, 2))
    messages = [encode_message("id.bsn", f"{number:09d}") for number in range(2_000 - 16)] + CANDIDATES
    start = time.process_time()
    both = rbcl.crypto_core_ristretto255_scalar_mul(first.scalar, second.scalar)
    found = multiples(both, hash_all_to_group(messages))
    seconds = time.process_time() - start
    elements = [found[at : at + 32] for at in range(0, len(found), 32)]
    assert elements[len(messages) - 15] in victim
    with capsys.disabled():
        hours = seconds / len(messages) * NUMBERS / 3600
        print(f"\ngateway + both custodians: every number in {hours:.1f} core-hours")
