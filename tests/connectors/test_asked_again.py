"""A subject that is asked about again has the same dummies, so that the limits of the gateway count it once."""

import secrets
from dataclasses import replace

from connectors.tokenise import Encoding, prepare, tokenise
from deploy.linkage.standin import evaluate
from pseudonymizer.identity import RawIdentity

ANA = RawIdentity(voornaam="Ana", achternaam="Popescu", geboortedatum="1994-03-12", nationaliteit="ROU", geslacht="v")
IVAN = replace(ANA, voornaam="Ivan", geslacht="m")
SECRET = b"s" * 32


def entries(*people: RawIdentity, steady: bytes | None) -> list[Encoding]:
    """What a question about these people carries."""
    prepared = [prepare(person, bsn=False, composite=True) for person in people]
    return tokenise(prepared, evaluate, secrets.token_bytes, steady=steady)


def test_a_subject_has_the_same_entries_in_every_question() -> None:
    """Alone, and beside another subject."""
    (first,) = entries(ANA, steady=SECRET)
    _, again = entries(IVAN, ANA, steady=SECRET)
    assert first == again


def test_two_subjects_share_no_dummy() -> None:
    """What each lacks is filled by its own randomness."""
    one, other = entries(ANA, IVAN, steady=SECRET)
    real = {block for _, block, _ in entries(ANA, steady=None)[0].blocks} & {block for _, block, _ in one.blocks}
    shared = {block for _, block, _ in one.blocks} & {block for _, block, _ in other.blocks}
    assert shared <= real


def test_another_party_has_other_dummies() -> None:
    """Only what two parties truly have in common is the same."""
    (mine,), (theirs,) = entries(ANA, steady=SECRET), entries(ANA, steady=b"t" * 32)
    (fresh,) = entries(ANA, steady=None)
    common = {block for _, block, _ in mine.blocks} & {block for _, block, _ in theirs.blocks}
    assert common == {block for _, block, _ in mine.blocks} & {block for _, block, _ in fresh.blocks}
    assert 0 < len(common) < len(mine.blocks)
