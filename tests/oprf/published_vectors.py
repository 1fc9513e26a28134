"""Published values: RFC 9497 A.1.2 (ristretto255-SHA512, VOPRF), RFC 9496 A.2, and the project's own known answers."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pseudonymizer.oprf.keys import SecretKey, derive_key_pair

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

SEED = bytes.fromhex("a3" * 32)
KEY_INFO = b"test key"
SECRET_KEY = bytes.fromhex("e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909")
PUBLIC_KEY = bytes.fromhex("c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e")


# RFC 9496 A.2: encodings that a decoder must refuse.
BAD_ENCODINGS = [
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
    "c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
    "de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b",
    "bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042",
    "2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08",
    "f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22",
    "8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731",
    "2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b",
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
    "d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e",
    "8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32",
    "32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b",
    "227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165",
    "5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e",
    "445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@dataclass(frozen=True)
class RfcVector:
    """One test vector of A.1.2; lists of n values are joined."""

    name: str
    inputs: tuple[bytes, ...]
    blinds: bytes
    blinded: bytes
    evaluated: bytes
    proof: bytes
    nonce: bytes
    outputs: tuple[bytes, ...]


_ONE, _TWO = b"\x00", bytes.fromhex("5a" * 17)
_BLIND = bytes.fromhex("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706")
_SECOND_BLIND = bytes.fromhex("222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e")
_BLINDED_ONE = bytes.fromhex("863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945")
_EVALUATED_ONE = bytes.fromhex("aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e")
_OUTPUT_ONE = bytes.fromhex(
    "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
    "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c"
)
_OUTPUT_TWO = bytes.fromhex(
    "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
    "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6"
)
RFC_VECTORS = (
    RfcVector(
        "A.1.2.1",
        (_ONE,),
        _BLIND,
        _BLINDED_ONE,
        _EVALUATED_ONE,
        bytes.fromhex(
            "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
            "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d"
        ),
        _SECOND_BLIND,
        (_OUTPUT_ONE,),
    ),
    RfcVector(
        "A.1.2.2",
        (_TWO,),
        _BLIND,
        bytes.fromhex("cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"),
        bytes.fromhex("60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468"),
        bytes.fromhex(
            "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
            "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02"
        ),
        _SECOND_BLIND,
        (_OUTPUT_TWO,),
    ),
    RfcVector(
        "A.1.2.3",
        (_ONE, _TWO),
        _BLIND + _SECOND_BLIND,
        _BLINDED_ONE + bytes.fromhex("90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654"),
        _EVALUATED_ONE + bytes.fromhex("cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a"),
        bytes.fromhex(
            "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a"
            "5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08"
        ),
        bytes.fromhex("419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c"),
        (_OUTPUT_ONE, _OUTPUT_TWO),
    ),
)


@cache
def negative_vectors() -> tuple[str, ...]:
    """What the project's vectors say must be refused, one line each: "what is done -> refuse"."""
    return tuple(json.loads((SHARED / "data" / "oprf_vectors.json").read_text())["negative"])


@cache
def project_vectors() -> tuple[dict[str, Any], ...]:
    """The vectors of shared/data/oprf_vectors.json."""
    return tuple(json.loads((SHARED / "data" / "oprf_vectors.json").read_text())["vectors"])


def joined(vector: dict[str, Any], name: str) -> bytes:
    """The field `name` of all items, in order."""
    return b"".join(bytes.fromhex(item[name]) for item in vector["items"])


def key_of(vector: dict[str, Any], custodian: int) -> SecretKey:
    given = vector[f"custodian{custodian}"]
    return derive_key_pair(bytes.fromhex(given["seed"]), given["info"].encode("ascii"))
