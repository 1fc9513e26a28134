"""One byte form: the contract's fast path gives the bytes of RFC 8785, and the wire has nothing that it cannot do."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.canonical import NotCanonical, b64u, b64u_decode, canonical_json
from connectors.contract.schemas import DOCUMENTS, schema_of

TEXT = st.text(st.characters(blacklist_categories=("Cs",)))
ASCII = st.text(st.characters(max_codepoint=127))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)


def documents(text: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    values = st.recursive(
        SCALARS | text, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4)
    )
    return st.dictionaries(text, values, max_size=6)


@given(document=documents(ASCII))
def test_ascii_documents_have_the_bytes_of_the_rfc(document: dict[str, Any]) -> None:
    """Escapes, order and spacing are those of RFC 8785."""
    assert canonical_json(document) == rfc8785.dumps(document)


@given(document=documents(TEXT))
def test_other_documents_have_them_too(document: dict[str, Any]) -> None:
    """Names and texts outside ASCII keep the RFC's order by UTF-16 code units."""
    assert canonical_json(document) == rfc8785.dumps(document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_wire_has_no_fractions_and_no_unbounded_integers(name: str) -> None:
    """No field of the wire is a floating-point number, and every integer is below 2^53."""
    for node in _nodes(schema_of(name)):
        assert node.get("type") != "number"
        if node.get("type") == "integer":
            assert node.get("maximum", node.get("exclusiveMaximum", 2**53)) <= 2**53


@given(data=st.binary(max_size=200))
def test_base64url_has_one_spelling(data: bytes) -> None:
    """Decoding gives back what was encoded."""
    assert b64u_decode(b64u(data)) == data


@pytest.mark.parametrize("text", ["AB", "AAAA=", "A", "AA+A", "AA/A", "AAA\n", "AAé"])
def test_other_spellings_are_refused(text: str) -> None:
    """Padding, the other alphabet, left-over bits and line ends are not canonical."""
    with pytest.raises(NotCanonical):
        b64u_decode(text)


def _nodes(schema: object) -> list[dict[str, Any]]:
    if isinstance(schema, dict):
        return [schema, *(node for value in schema.values() for node in _nodes(value))]
    return [node for value in schema for node in _nodes(value)] if isinstance(schema, list) else []
