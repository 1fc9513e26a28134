"""A curious partner, alone or with the gateway's operator: guesses go online, are counted, and end with the budget."""

import pytest

from connectors.contract.canonical import b64u_decode
from connectors.contract.codes import TokenDomein
from connectors.errors import NotPermitted
from gateway.ids import id_text
from gateway.vault.sealing import SealBroken
from gateway.vault.tables import SEALED
from pseudonymizer.custodian.seeds import keys_of, read_seed
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import NLA, POLITIE, lend, put_question, tokens
from tests.world import ANALYST_PARTY, EPOCH, Federation, known
from tests.world import put_question as ask


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


def test_made_up_tokens_find_nothing(delivered: Federation) -> None:
    """Elements that no custodian made are answered like any unknown person."""
    answer = put_question(delivered.gateway, tokens(bsn="a guess"))
    assert (answer.status_code, answer.json()["antwoord"]) == (200, "onbekend")
