"""Byte equality with RFC 9497 A.1.2 and with the project's known answers, field by field."""

import pytest

from pseudonymizer.oprf.blind import unblind
from pseudonymizer.oprf.group import multiples, products
from pseudonymizer.oprf.hash import hash_to_group
from pseudonymizer.oprf.keys import derive_key_pair, key_info
from pseudonymizer.oprf.message import block_id, block_key, encode_message, encode_token, finalize
from pseudonymizer.oprf.proof import prove, verified_outputs
from tests.oprf.published_vectors import (
    KEY_INFO,
    PUBLIC_KEY,
    RFC_VECTORS,
    SECRET_KEY,
    SEED,
    RfcVector,
    joined,
    key_of,
    project_vectors,
)

every_rfc_vector = pytest.mark.parametrize("vector", RFC_VECTORS, ids=lambda vector: vector.name)
every_project_vector = pytest.mark.parametrize("vector", project_vectors(), ids=lambda vector: vector["name"])


def test_rfc_key_pair() -> None:
    """DeriveKeyPair gives skSm and pkSm."""
    key = derive_key_pair(SEED, KEY_INFO)
    assert (key.scalar, key.public) == (SECRET_KEY, PUBLIC_KEY)


@every_rfc_vector
def test_rfc_blinding(vector: RfcVector) -> None:
    """BlindedElement = Blind * HashToGroup(Input)."""
    assert products(vector.blinds, b"".join(map(hash_to_group, vector.inputs))) == vector.blinded


@every_rfc_vector
def test_rfc_evaluation(vector: RfcVector) -> None:
    """EvaluationElement = skSm * BlindedElement."""
    assert multiples(SECRET_KEY, vector.blinded) == vector.evaluated


@every_rfc_vector
def test_rfc_proof(vector: RfcVector) -> None:
    """Proof under ProofRandomScalar, for batches of one and two."""
    assert prove(derive_key_pair(SEED, KEY_INFO), vector.blinded, vector.evaluated, vector.nonce) == vector.proof


@every_rfc_vector
def test_rfc_proof_verifies(vector: RfcVector) -> None:
    """The verifier, which computes the composites in another way, accepts it."""
    assert verified_outputs(PUBLIC_KEY, vector.blinded, vector.evaluated, vector.proof) == vector.evaluated


@every_rfc_vector
def test_rfc_output(vector: RfcVector) -> None:
    """Output = Finalize(Input, Blind, EvaluationElement)."""
    elements = unblind(vector.blinds, vector.evaluated)
    outputs = tuple(finalize(m, elements[32 * i : 32 * i + 32]) for i, m in enumerate(vector.inputs))
    assert outputs == vector.outputs


@every_project_vector
@pytest.mark.parametrize("custodian", [1, 2])
def test_project_keys(vector, custodian: int) -> None:
    """Info string, scalar and public key of both custodians."""
    given = vector[f"custodian{custodian}"]
    assert key_info(custodian, vector["domain"], vector["epoch"], vector["class"]).decode() == given["info"]
    key = key_of(vector, custodian)
    assert (key.scalar.hex(), key.public.hex()) == (given["sk_le"], given["pk"])


@every_project_vector
def test_project_messages(vector) -> None:
    """m and H(m)."""
    for item in vector["items"]:
        message = encode_message(item["type"], item["value"])
        assert (message.hex(), hash_to_group(message).hex()) == (item["m"], item["H_m"])


@every_project_vector
def test_project_hops(vector) -> None:
    """B, B1, B2 and Z."""
    blinds = joined(vector, "blind_le")
    blinded = products(blinds, joined(vector, "H_m"))
    first = multiples(key_of(vector, 1).scalar, blinded)
    second = multiples(key_of(vector, 2).scalar, first)
    expected = tuple(joined(vector, name) for name in ("B", "B1", "B2", "Z"))
    assert (blinded, first, second, unblind(blinds, second)) == expected


@every_project_vector
@pytest.mark.parametrize(("custodian", "given", "made"), [(1, "B", "B1"), (2, "B1", "B2")])
def test_project_proofs(vector, custodian: int, given: str, made: str) -> None:
    """One proof over the items in the order given, made and verified."""
    key, inputs, outputs = key_of(vector, custodian), joined(vector, given), joined(vector, made)
    proof = prove(key, inputs, outputs, bytes.fromhex(vector[f"proof{custodian}_nonce_le"]))
    assert proof.hex() == vector[f"proof{custodian}"]
    assert verified_outputs(key.public, inputs, outputs, proof) == outputs


@every_project_vector
def test_project_outputs(vector) -> None:
    """P for bsn and id; F, block id and block key for cx."""
    for item in vector["items"]:
        element = bytes.fromhex(item["Z"])
        if vector["class"] != "cx":
            assert item["P"] == item["Z"]
            assert len(encode_token(element)) == 43
            continue
        finalized = finalize(bytes.fromhex(item["m"]), element)
        made = (finalized.hex(), block_id(finalized).hex(), block_key(finalized).hex())
        assert made == (item["F"], item["block_id"], item["K_blk"])
