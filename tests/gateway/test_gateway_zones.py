"""Questions about people without a number: blocks are scored with the published weights, and zones decide."""

import hashlib
import secrets

import pytest

from connectors.contract.answers import GevraagdBlok, Subject, Vraag
from connectors.contract.canonical import b64u
from connectors.contract.codes import BlokType
from connectors.contract.record import Blok
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import composites
from pseudonymizer.normalise import normalise
from pseudonymizer.rarity import usual
from pseudonymizer.sketch import sketches
from tests.gateway.gateway_world import (
    ANALIST,
    POLITIE,
    RIEC_BUREAU,
    World,
    answer_of,
    deliver,
    make_question,
    open_casus,
    riec_row,
    tokens,
)

KNOWN = {
    "voornaam": "Oluwaseun",
    "achternaam": "Adebayo Okonkwo",
    "geboortedatum": "1994-07-23",
    "nationaliteit": "NGA",
}


def blocks(**traits: str) -> tuple[GevraagdBlok, ...]:
    """Blocks as a connector makes them, with a keyed stand-in for the custodians' evaluation."""
    norm = normalise(RawIdentity(**traits))
    made = {}
    for composite in composites(norm):
        finalized = hashlib.sha512(f"test|{composite.type}|{composite.value}".encode()).digest()
        block = hashlib.sha256(b"schakel1 blk" + finalized).digest()[:16]
        key = hashlib.sha256(b"schakel1 key" + finalized).digest()
        sketch = sketches([key], norm, secrets.token_bytes(32), usual(len(norm.words), nation=True))[0]
        made[b64u(block)] = GevraagdBlok(type=BlokType(composite.type), blok=b64u(block), schets=b64u(sketch))
    return tuple(made[name] for name in sorted(made))


def sent(**traits: str) -> tuple[Blok, ...]:
    """The same as a row has them: without their types."""
    return tuple(Blok(blok=block.blok, schets=block.schets) for block in blocks(**traits))


def ask(world: World, **traits: str) -> str:
    question: Vraag = make_question(world, subjecten=(Subject(tokens=(), blokken=blocks(**traits)),))
    return answer_of(world.party(RIEC_BUREAU).post("/v1/match-requests", question, ANALIST))


@pytest.fixture
def filled(world: World) -> World:
    """The police know one person by name, birth date and nationality, and thirty others."""
    rows = [riec_row((), blokken=sent(**KNOWN))]
    for n in range(30):
        other = {"voornaam": f"Persoon{'abcdefghij'[n % 10]}", "achternaam": f"Achter{'klmnopqrst'[n // 3]}"}
        rows.append(riec_row((), blokken=sent(**other, geboortedatum=f"19{60 + n}-0{1 + n % 9}-1{n % 10}")))
    receipt = deliver(world, POLITIE, rows)
    assert receipt.status_code == 201, receipt.text
    open_casus(world)
    return world


def test_the_same_person_without_a_number_is_known(filled: World) -> None:
    """All blocks and filters agree: the top zone."""
    assert ask(filled, **KNOWN) == "bekend"


def test_another_spelling_is_still_known(filled: World) -> None:
    """A transliterated name with the same birth date."""
    assert ask(filled, **{**KNOWN, "voornaam": "Oluwaseyun"}) == "bekend"


def test_a_namesake_with_another_birth_date_is_not_shown(filled: World) -> None:
    """Sharing a name block alone is far from the top zone."""
    assert ask(filled, **{**KNOWN, "geboortedatum": "1971-02-03"}) == "onbekend"


def test_a_stranger_is_unknown(filled: World) -> None:
    """No block in common."""
    assert (
        ask(filled, voornaam="Maria", achternaam="Popescu", geboortedatum="1988-11-30", nationaliteit="ROU")
        == "onbekend"
    )


def test_blocks_of_a_row_come_back_after_a_restart(filled: World) -> None:
    """The blocks are sealed with the row and join again with the share."""
    assert filled.house.index.size("RIEC", "2026") == 31
    again = filled.restart()
    lease = deliver(again, POLITIE, [riec_row(tokens(bsn="x"))])
    assert lease.status_code == 201
    assert ask(again, **KNOWN) == "bekend"
    again.close()
