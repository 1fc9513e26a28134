"""A stranger, a thief of tokens, a partner with another's batch: every move at the gateway's door is refused."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from connectors.contract.answers import Lease, Validatie
from connectors.contract.batch import MAX_BATCH_BYTES
from connectors.contract.canonical import b64u_decode
from connectors.contract.codes import Betrouwbaarheid, Rol, Status, TokenDomein, TokenKlasse
from connectors.contract.signing import SigningKey, Unverified, sign_jws
from connectors.contract.ticket import (
    TICKET_TYP,
    Handelende,
    Ticket,
    TicketAanvraag,
    TicketAntwoord,
    digest_of,
    verify_ticket,
)
from gateway.caller import ACCESS_TYP, Toegang
from gateway.store import reading
from gateway.vault.rows import count_rows
from tests.gateway.gateway_world import (
    ANALIST,
    GEMEENTE,
    POLITIE,
    PURPOSE,
    RIEC_BUREAU,
    Party,
    World,
    codes_of,
    deliver,
    lend,
    make_batch,
    make_question,
    make_world,
    new_id,
    open_casus,
    put_question,
    riec_row,
    tokens,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A running gateway."""
    made = make_world(tmp_path)
    yield made
    made.close()


@pytest.fixture
def police(world: World) -> Party:
    """A partner that has leased its share."""
    lend(world, POLITIE)
    return world.party(POLITIE)


def stored(world: World) -> int:
    with reading(world.house.store) as transaction:
        return count_rows(transaction)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "http://elsewhere.test/v1/tokens"},
        {"iss": GEMEENTE},
        {"sub": GEMEENTE},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"iat": 4_000_000_000, "exp": 4_000_000_100},
        {"jti": "not-a-uuid"},
        {"exp": "soon"},
    ],
    ids=lambda changed: "-".join(changed),
)
def test_a_wrong_assertion_gets_no_token(police: Party, changed: dict[str, Any]) -> None:
    """Wrong audience, issuer, subject, life or id."""
    assert police.sign_in(police.assertion(**changed)).status_code == 401


def test_a_replayed_assertion_gets_no_second_token(police: Party) -> None:
    """A `jti` is accepted once."""
    assertion = police.assertion()
    assert police.sign_in(assertion).status_code == 200
    assert police.sign_in(assertion).json()["code"] == "replayed"


def test_a_replay_is_remembered_over_a_restart(world: World, police: Party) -> None:
    """The table of spent ids is in the database."""
    assertion = police.assertion()
    police.sign_in(assertion)
    again = world.restart()
    assert again.party(POLITIE).sign_in(assertion).status_code == 401
    again.close()


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_the_algorithm_is_not_the_callers_choice(police: Party, algorithm: str) -> None:
    """`none`, and HMAC keyed with the public key, are refused: EdDSA is pinned."""
    claims = jwt.decode(police.assertion(), options={"verify_signature": False})
    key = "" if algorithm == "none" else b64u_decode(police.key.public.x)
    forged = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": police.key.public.thumbprint})
    assert police.sign_in(forged).status_code == 401


def test_another_key_under_this_kid_is_refused(police: Party) -> None:
    """The kid only looks the pinned key up."""
    claims = jwt.decode(police.assertion(), options={"verify_signature": False})
    other = Ed25519PrivateKey.generate()
    forged = jwt.encode(claims, other, algorithm="EdDSA", headers={"kid": police.key.public.thumbprint})
    assert police.sign_in(forged).status_code == 401


def test_an_unsigned_request_is_nobody(world: World, police: Party) -> None:
    """Without token, without proof, or with garbage for either: 401."""
    token = police.token()
    for headers in (
        {},
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"Bearer {token}", "Schakel-Proof": "x.y.z"},
    ):
        assert world.http.get("/v1/ledger/checkpoint", headers=headers).status_code == 401


def test_a_replayed_request_is_refused(world: World, police: Party) -> None:
    """The same signed bytes twice: the second is a replay."""
    headers = police.headers("GET", "/v1/ledger/checkpoint", b"")
    assert world.http.get("/v1/ledger/checkpoint", headers=headers).status_code == 200
    assert world.http.get("/v1/ledger/checkpoint", headers=headers).json()["code"] == "replayed"


def test_a_stolen_token_is_worthless_without_the_key(world: World, police: Party) -> None:
    """Another party signs the proof with its own key over the stolen token."""
    thief = world.party(GEMEENTE)
    headers = thief.headers("GET", "/v1/ledger/checkpoint", b"", token=police.token())
    assert world.http.get("/v1/ledger/checkpoint", headers=headers).status_code == 401


def test_a_proof_for_another_request_is_refused(world: World, police: Party) -> None:
    """Another method, address, body or time."""
    path = "/v1/ledger/checkpoint"
    for changed in (
        {"htm": "POST"},
        {"htu": f"{police.url}/v1/ledger/entries"},
        {"bd": digest_of(b"other")},
        {"tkt": digest_of(b"other")},
        {"iat": int(world.clock().timestamp()) - 61},
        {"iat": int(world.clock().timestamp()) + 61},
    ):
        headers = police.headers("GET", path, b"", **changed)
        assert world.http.get(path, headers=headers).status_code == 401, changed


def test_a_changed_body_is_refused(world: World, police: Party) -> None:
    """The digest of the body is part of the proof; one changed byte of a batch and nothing is stored."""
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    headers = police.headers("PUT", f"/v1/batches/{batch_id}", raw) | {"Content-Type": "application/x-ndjson"}
    changed = raw.replace(b"verdachte_dader", b"facilitator")
    assert world.http.put(f"/v1/batches/{batch_id}", content=changed, headers=headers).status_code == 401
    assert stored(world) == 0


def test_an_expired_or_forged_access_token_is_refused(world: World, police: Party) -> None:
    """After ten minutes, and when it is signed by anyone but the gateway."""
    old = police.token()
    world.clock.advance(minutes=10)
    path = "/v1/ledger/checkpoint"
    assert world.http.get(path, headers=police.headers("GET", path, b"", token=old)).status_code == 401
    moment = int(world.clock().timestamp())
    claims = Toegang.model_validate(
        {
            "iss": world.federatie.gateway.oin,
            "sub": POLITIE,
            "iat": moment,
            "exp": moment + 600,
            "jti": new_id(),
            "era": world.house.era.at(world.clock()),
            "cnf": {"jkt": police.key.public.thumbprint},
        }
    )
    forged = sign_jws(claims, police.key, ACCESS_TYP)
    assert world.http.get(path, headers=police.headers("GET", path, b"", token=forged)).status_code == 401


def test_a_batch_of_another_party_is_refused(world: World, police: Party) -> None:
    """The header's source must be the party that signed the request."""
    batch_id, raw = make_batch(world, GEMEENTE, [riec_row(tokens(bsn="1"))])
    refused = police.put(f"/v1/batches/{batch_id}", raw)
    assert (refused.status_code, refused.json()["code"]) == (422, "foreign_batch")
    assert stored(world) == 0


def test_an_oversized_batch_is_refused_before_it_is_read(world: World, police: Party) -> None:
    """By its declared length, and by counting when it declares nothing."""
    path = f"/v1/batches/{new_id()}"
    headers = police.headers("PUT", path, b"") | {"Content-Type": "application/x-ndjson"}
    declared = headers | {"Content-Length": str(MAX_BATCH_BYTES + 1)}
    assert world.http.put(path, content=b"x", headers=declared).status_code == 413
    chunk = b"x" * (1 << 20)
    endless = (chunk for _ in range(MAX_BATCH_BYTES // len(chunk) + 2))
    assert world.http.put(path, content=endless, headers=headers).status_code == 413
    assert list(world.settings.spool.iterdir()) == []


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda raw: raw[:-20], "line 3"),
        (lambda raw: raw + raw.splitlines(keepends=True)[1], "line 4"),
        (lambda raw: raw.replace(b'"embargo":false', b'"embargo": false', 1), "line 2"),
        (lambda raw: raw.replace(b'"embargo":false', b'"embargo":false,"naam":"x"', 1), "line 2"),
        (lambda raw: raw.replace(b"vermoeden", b"bewezen", 1), "line 2"),
        (lambda raw: b"\xff\xfe" + raw, "line 1"),
        (lambda raw: raw.splitlines(keepends=True)[0], "line"),
        (lambda raw: b"", "line 1"),
        (lambda raw: b"x" * 70_000, "line 1"),
    ],
    ids=[
        "truncated",
        "extra row",
        "not canonical",
        "extra field",
        "unknown code",
        "bom",
        "no rows",
        "empty",
        "long line",
    ],
)
def test_a_malformed_batch_names_its_line_and_stores_nothing(
    world: World, police: Party, spoil: Any, line: str
) -> None:
    """Truncated, extended, reformatted, foreign fields or codes: refused by line, without the value."""
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1")), riec_row(tokens(bsn="2"))])
    refused = police.put(f"/v1/batches/{batch_id}", spoil(raw))
    assert refused.status_code == 422, refused.text
    assert line in refused.json()["detail"]
    assert "naam" not in refused.text
    assert "bewezen" not in refused.text
    assert stored(world) == 0


def test_a_token_that_is_no_group_element_is_refused(world: World, police: Party) -> None:
    """The byte checks of the cryptography page."""
    row = riec_row(tokens(bsn="1"))
    bad = row.tokens[0].model_copy(update={"waarde": "A" * 43})
    batch_id, raw = make_batch(world, POLITIE, [row.model_copy(update={"tokens": (bad,)})])
    refused = police.put(f"/v1/batches/{batch_id}", raw)
    assert (refused.status_code, "line 2" in refused.json()["detail"]) == (422, True)


def test_another_media_type_is_refused(police: Party) -> None:
    """415 for a batch that calls itself something else."""
    assert police.put(f"/v1/batches/{new_id()}", b"x", media_type="application/zip").status_code == 415


def test_a_ticket_of_another_domain_or_forged_is_refused(world: World, police: Party) -> None:
    """A RIEC ticket says RIEC; a custodian that expects the gateway's key refuses any other signature."""
    wanted = TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch="2026",
        klasse=TokenKlasse.BSN,
        aantal=16,
        actie="records_indienen",
        doel=PURPOSE[TokenDomein.RIEC.convenant],
        profielen=(riec_row(tokens(bsn="1")).profiel,),
    )
    given = TicketAntwoord.model_validate_json(police.post("/v1/tickets", wanted).content)
    ticket = verify_ticket(given.ticket, world.federatie.gateway.sleutel, world.clock())
    assert (ticket.dom, ticket.cls, ticket.sub) == (TokenDomein.RIEC, TokenKlasse.BSN, POLITIE)
    other = ticket.model_copy(update={"dom": TokenDomein.ZVH_RR})
    forged = sign_jws(Ticket.model_validate(other.model_dump()), police.key, TICKET_TYP)
    with pytest.raises(Unverified):
        verify_ticket(forged, world.federatie.gateway.sleutel, world.clock())


def test_a_party_gets_no_ticket_for_a_domain_it_is_no_member_of(world: World) -> None:
    """The NLA is no party of the Veiligheidshuis."""
    nla = world.party("00000099000000030000/toezicht")
    wanted = TicketAanvraag(
        domein=TokenDomein.ZVH_RR,
        epoch="2026",
        klasse=TokenKlasse.ID,
        aantal=16,
        actie="records_indienen",
        doel=PURPOSE[TokenDomein.ZVH_RR.convenant],
        profielen=(riec_row(tokens(phone="1")).profiel,),
    )
    assert "GEEN_PARTIJ_CONVENANT" in codes_of(nla.post("/v1/tickets", wanted))


def test_no_party_reads_anothers_receipts_questions_or_hits(world: World, police: Party) -> None:
    """What belongs to another looks exactly like what does not exist."""
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="a"))])
    police.put(f"/v1/batches/{batch_id}", raw)
    open_casus(world)
    vraag_id = put_question(world, tokens(bsn="a")).json()["vraag_id"]
    other = world.party(GEMEENTE)
    for path in (f"/v1/receipts/{batch_id}", f"/v1/hits/{vraag_id}"):
        theirs, nothing = other.get(path, ANALIST), other.get(path[:-36] + new_id(), ANALIST)
        assert theirs.status_code == nothing.status_code == 404
        assert theirs.content == nothing.content
    validation = other.post(f"/v1/hits/{vraag_id}/validation", Validatie(oordeel="bevestigd"), ANALIST)
    assert validation.status_code == 404


def test_a_claim_in_the_body_never_overrides_the_gateways_records(world: World) -> None:
    """Status, route, authorisation, approval and counts come from the registry: a question has no field for them,
    `bijzonder: false` does not undo the casus' own, and a role or party in the body is an unknown field."""
    open_casus(world, bijzonder=True, status=Status.CASUS)
    question = make_question(world, tokens(bsn="a"), bijzonder=False)
    world.clock.advance(hours=25)  # the approval is over, and bijzonder asks four eyes
    bureau = world.party(RIEC_BUREAU)
    assert "VIER_OGEN_ZELFDE_PERSOON" in codes_of(bureau.post("/v1/match-requests", question, ANALIST))
    for claim in ('"vierogen":{}', '"status":"casus"', '"partnertype":"politie"', '"eigen_verzoek":true'):
        raw = question.model_dump_json().replace("{", "{" + claim + ",", 1).encode()
        headers = bureau.headers("POST", "/v1/match-requests", raw, ANALIST) | {"Content-Type": "application/json"}
        assert world.http.post("/v1/match-requests", content=raw, headers=headers).status_code == 422


def test_a_party_vouches_for_its_own_staff_only_within_its_convenant(world: World) -> None:
    """The police cannot make its officer a RIEC analyst of the bureau: its partnertype grants no match."""
    analyst = Handelende(sub="psn:x", rol=Rol.RIEC_ANALIST, loa=Betrouwbaarheid.HOOG, mfa=True)
    refused = world.party(POLITIE).post("/v1/match-requests", make_question(world, tokens(bsn="a")), analyst)
    assert refused.status_code == 404  # it has no such casus, and the bureau's is not its own


def test_a_revoked_key_stops_a_running_session(world: World, police: Party) -> None:
    """A token is bound to the key in the federation file that the gateway holds now."""
    token = police.token()
    other = SigningKey(uuid.uuid4().bytes + uuid.uuid4().bytes)
    revoked = [
        p.model_copy(update={"sleutel": other.public}) if p.id == POLITIE else p for p in world.federatie.partijen
    ]
    object.__setattr__(world.house, "federatie", world.federatie.model_copy(update={"partijen": tuple(revoked)}))
    path = "/v1/ledger/checkpoint"
    assert world.http.get(path, headers=police.headers("GET", path, b"", token=token)).status_code == 401


def test_the_stolen_database_holds_no_token(world: World) -> None:
    """Every byte of the database's files is searched for every token, as bytes and as text; nor are shares there."""
    rows = [riec_row(tokens(bsn=str(n), phone=str(n))) for n in range(50)]
    deliver(world, POLITIE, rows)
    open_casus(world)
    put_question(world, tokens(bsn="7"))
    with reading(world.house.store) as transaction:
        transaction.execute(text("SELECT 1"))
    files = sorted(world.layout.gateway.glob("gateway.sqlite*"))
    everything = b"".join(path.read_bytes() for path in files)
    assert len(everything) > 20_000
    for row in rows:
        assert row.record_id.replace("-", "").encode() not in everything
        for token in row.tokens:
            assert token.waarde.encode() not in everything
            assert b64u_decode(token.waarde) not in everything
    share = world.share(POLITIE, "RIEC")
    assert share.encode() not in everything
    assert b64u_decode(share) not in everything


def test_the_stolen_database_does_not_tell_a_hit_from_no_hit(world: World) -> None:
    """What a question found is sealed and padded to one size."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    open_casus(world)
    put_question(world, tokens(bsn="a"))
    put_question(world, tokens(bsn="q"))
    with reading(world.house.store) as transaction:
        rows = transaction.execute(text("SELECT length(answer) AS a, length(found) AS f FROM questions")).all()
    assert len(rows) == 2
    assert len({(row.a, row.f) for row in rows}) == 1


def test_a_lease_for_another_party_is_impossible(world: World, police: Party) -> None:
    """A lease has no field for a party: the share is always the caller's."""
    assert police.post("/v1/leases", Lease(domein=TokenDomein.RIEC, epoch="2026")).json()["lease_needed"] is False
    other = world.party(GEMEENTE).post("/v1/leases", Lease(domein=TokenDomein.RIEC, epoch="2026"))
    assert other.json()["lease_needed"] is True
