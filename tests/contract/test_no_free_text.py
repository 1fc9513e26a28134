"""A walk over every string that a partner can send: bounded, patterned, never free text."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.contract.schemas import DOCUMENTS, schema_of

SENT = (
    "batch-kop",
    "riec-rij",
    "zvh-rij",
    "monitor-rij",
    "telling",
    "inspanning",
    "ticket-aanvraag",
    "proof",
    "vraag",
    "lease",
    "intrekking",
    "casus",
    "autorisatie",
    "goedkeuring",
    "validatie",
    "verstrekkingsverzoek",
    "release-aanvraag",
    "externe-publicatie",
)
"""Documents that a partner writes about records and people; what flows back is the gateway's own catalogue."""
SENTENCE = "Canarina belde met 0612345678 over haar paspoort"


def strings(schema: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every string node of a schema with its path."""
    if isinstance(schema, dict):
        if schema.get("type") == "string":
            yield path, schema
        for key, value in schema.items():
            yield from strings(value, f"{path}.{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from strings(value, f"{path}[{index}]")


def closed(node: dict[str, Any]) -> bool:
    """A string that cannot hold a sentence: an enum, a constant, a date or a pattern without spaces."""
    if "enum" in node or "const" in node:
        return True
    if node.get("format") in ("date", "date-time"):
        return True
    pattern = node.get("pattern")
    return pattern is not None and re.search(pattern, SENTENCE) is None


@pytest.mark.parametrize("name", SENT)
def test_no_string_of_a_sent_document_takes_a_sentence(name: str) -> None:
    """No field of anything a partner sends accepts a sentence."""
    open_strings = [path for path, node in strings(schema_of(name)) if not closed(node)]
    assert open_strings == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_string_is_bounded(name: str) -> None:
    """Every string of the wire, in both directions, has an end: an enum, a pattern that fixes it, or a length."""
    for path, node in strings(schema_of(name)):
        bounded = closed(node) or "maxLength" in node or "pattern" in node
        assert bounded, path


@pytest.mark.parametrize("name", ["riec-rij", "zvh-rij", "monitor-rij", "telling", "inspanning"])
def test_a_row_has_no_name_birth_date_or_address(name: str) -> None:
    """No field of a row is named after a trait: only keyed values stand for those."""
    traits = {"voornaam", "achternaam", "naam", "geboortedatum", "telefoon", "bsn", "vnummer", "adres", "postcode"}
    traits |= {"woonplaats", "email", "handle", "iban", "kenteken", "document", "toelichting", "opmerking"}
    assert traits.isdisjoint(schema_of(name)["properties"])  # type: ignore[arg-type]


def test_a_monitor_row_carries_no_block() -> None:
    """Composites never go to the monitor."""
    assert "blokken" not in schema_of("monitor-rij")["properties"]  # type: ignore[operator]


@pytest.mark.parametrize("name", ["telling", "inspanning"])
def test_counts_carry_no_token(name: str) -> None:
    """A count has nothing that stands for a person."""
    assert {"tokens", "blokken", "record_id", "bewijs"}.isdisjoint(schema_of(name)["properties"])  # type: ignore[arg-type]
