"""A curious partner, alone or with the gateway's operator: guesses go online, are counted, and end with the budget."""

from typing import Any

import pytest

from connectors.contract.canonical import b64u, b64u_decode
from connectors.contract.codes import TokenDomein
from connectors.errors import NotPermitted
from connectors.tokenise import prepare
from gateway.ids import id_text
from gateway.vault.sealing import SealBroken
from gateway.vault.tables import SEALED
from pseudonymizer.custodian.seeds import keys_of, read_seed
from pseudonymizer.identity import RawIdentity
from pseudonymizer.oprf.group import multiples
from pseudonymizer.oprf.hash import hash_all_to_group
from pseudonymizer.oprf.keys import SecretKey
from pseudonymizer.oprf.message import block_id, finalize
from tests.connectors.samples import bsn, row
from tests.gateway.gateway_world import NLA, POLITIE, lend, put_question, tokens
from tests.world import ANALYST_PARTY, EPOCH, Federation, known
from tests.world import put_question as ask


def identity(number: int) -> RawIdentity:
    """The number-th invented person, as the police hold him."""
    _, first, last, born, sex, country, bsn_, phone, document, *_ = row(number)
    return RawIdentity(
        voornaam=first,
        achternaam=last,
        geboortedatum=born,
        geslacht=sex,
        nationaliteit=country,
        bsn=bsn_ or None,
        telefoon=phone,
        document=document,
    )


def custodian_key(federation: Federation, nr: int) -> SecretKey:
    """A custodian's key of class cx: stands here for a partner's evaluations within its budget."""
    seed = read_seed(federation.layout.custodian(nr) / "seeds", nr, "RIEC", EPOCH)
    return keys_of(seed, nr, "RIEC", EPOCH)["cx"]


def test_guessing_by_questions_ends_after_twenty_five(delivered: Federation) -> None:
    """A dictionary asked one by one: the casus is full after 25 subjects (policy page, SLEEPNET)."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        for number in range(200, 225):
            known(bureau, bsn(number))
        with pytest.raises(NotPermitted, match="SLEEPNET"):
            ask(bureau, bsn(1))


def test_tokens_of_one_domain_say_nothing_in_another(delivered: Federation) -> None:
    """A partner that is in two domains cannot put the tokens of one to the keys of the other: no key is shared."""
    keys = set()
    for domain in TokenDomein:
        for nr in (1, 2):
            seed = read_seed(delivered.layout.custodian(nr) / "seeds", nr, domain.value, EPOCH)
            keys |= {key.public for key in keys_of(seed, nr, domain.value, EPOCH).values()}
    assert len(keys) == len(TokenDomein) * 2 * 3


def test_one_partner_cannot_open_anothers_rows(delivered: Federation) -> None:
    """Partner and gateway together: the gateway's keys and that partner's own share open nothing of the police."""
    assert lend(delivered.gateway, NLA).status_code == 200
    own = b64u_decode(delivered.gateway.share(NLA, "RIEC"))
    with delivered.gateway.house.store.connect() as connection:
        rows = connection.execute(SEALED.select().where(SEALED.c.party == POLITIE)).all()
    assert rows
    for place in (POLITIE, NLA):
        for one in rows:
            with pytest.raises(SealBroken):
                delivered.row_key(place, own).open(bytes(one.sealed), id_text(one.record_id), id_text(one.batch_id))


def test_gateway_and_partner_reach_shared_blocks_only(delivered: Federation, police_rows: list[dict[str, Any]]) -> None:
    """The gateway hands a partner every block of the police. Those that it had evaluated for a person of its own it
    recognises, and holds their keys; of the others it computes neither id nor key, though it guesses every person
    right, for their elements were never evaluated."""
    mine = [message for _, message in prepare(identity(3), bsn=True, composite=True).blocks]
    evaluated = hash_all_to_group(mine)
    for nr in (1, 2):
        evaluated = multiples(custodian_key(delivered, nr).scalar, evaluated)
    elements = [evaluated[at : at + 32] for at in range(0, len(evaluated), 32)]
    held = {b64u(block_id(finalize(*pair))) for pair in zip(mine, elements, strict=True)}
    people = [prepare(identity(number), bsn=True, composite=True) for number in range(12)]
    guesses = sorted({message for person in people for _, message in person.blocks} - set(mine))
    plain = hash_all_to_group(guesses)
    tried = {
        b64u(block_id(finalize(message, element)))
        for at, message in enumerate(guesses)
        for element in (plain[32 * at : 32 * at + 32], *elements)
    }
    theirs = {block["blok"] for one in police_rows for block in one["blokken"]}
    assert held & theirs
    assert len(theirs - held) > 50
    assert tried.isdisjoint(theirs)


def test_made_up_tokens_find_nothing(delivered: Federation) -> None:
    """Elements that no custodian made are answered like any unknown person."""
    answer = put_question(delivered.gateway, tokens(bsn="a guess"))
    assert (answer.status_code, answer.json()["antwoord"]) == (200, "onbekend")
