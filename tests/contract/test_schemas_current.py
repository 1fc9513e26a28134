"""The JSON Schemas beside the contract are what its models say, and say the same about documents."""

import json

import pytest
from jsonschema import Draft202012Validator

from connectors.contract import answers, batch, federation, invite, record, ticket
from connectors.contract.model import Wire
from connectors.contract.schemas import DOCUMENTS, FOLDER, schema_of, schema_text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_file_is_current(name: str) -> None:
    """A changed model shows in the diff of its schema: run `python -m connectors.contract.schemas`."""
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == schema_text(name)


def test_no_schema_file_is_left_over() -> None:
    """There is a file for every document and no other."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_is_valid_2020_12(name: str) -> None:
    """Every schema is a valid JSON Schema of draft 2020-12."""
    Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_object_is_closed(name: str) -> None:
    """`additionalProperties: false` stands on every object of every document."""
    for where, node in _nodes(schema_of(name)):
        if node.get("type") == "object":
            assert node.get("additionalProperties") is False, where


def test_every_wire_model_with_a_name_of_its_own_is_reachable() -> None:
    """Each model of the contract stands in some schema: as a document, or inside one."""
    nodes = (node for name in DOCUMENTS for _, node in _nodes(schema_of(name)))
    titles = {str(node.get("title")) for node in nodes if node.get("type") == "object"}
    modules = (answers, batch, federation, invite, record, ticket)
    models = {
        item.__name__
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Wire) and not item.__name__.startswith("_")
    }
    signed_only = {"Wire", "FederationDigest", "Federatie"}
    assert models - titles - signed_only == set()


def _nodes(schema: object, path: str = "$"):  # type: ignore[no-untyped-def]
    if isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            yield from _nodes(value, f"{path}.{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from _nodes(value, f"{path}[{index}]")


def test_a_schema_refuses_what_the_model_refuses() -> None:
    """A row with a field too many is refused by schema and model alike."""
    validator = Draft202012Validator(json.loads((FOLDER / "telling.json").read_text(encoding="utf-8")))
    good = {"soort": "telling", "tabel": "meldingen_per_jaar", "jaar": 2026, "aantal": 3}
    assert validator.is_valid(good)
    assert not validator.is_valid(good | {"toelichting": "een verhaal"})
