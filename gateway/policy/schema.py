"""The JSON Schema of the question, made from the vocabulary table, and the check that comes before any engine.

Only a missing section makes a question unanswerable. Every other error is left to the engine, which says which check
it breaks; the schema then makes sure that the answer is a refusal with ONBEKENDE_WAARDE whatever the engine says.
"""

import re
from collections.abc import Mapping
from typing import Final, cast

from jsonschema_rs import Draft202012Validator
from pydantic import JsonValue

from gateway.policy.question import SECTIONS

# Objects that are a section of their own, by the path at which they hang.
_NESTED: Final = {
    ("subject", "properties"): "subject_properties",
    ("action", "properties"): "action_properties",
    ("resource", "properties"): "resource_properties",
    ("context", "autorisatie"): "autorisatie",
    ("context", "vierogen"): "vierogen",
    ("context", "motivering"): "motivering",
    ("context", "logging"): "logging",
    ("context", "beleid"): "beleid",
    ("question", "subject"): "subject",
    ("question", "action"): "action",
    ("question", "resource"): "resource",
    ("question", "context"): "context",
}
_REQUIRED: Final = {
    "question": list(SECTIONS),
    "subject": ["id"],
    "action": ["name"],
    "resource": ["properties"],
}


def question_schema(vocabulary: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """JSON Schema 2020-12 of a question: what ONBEKENDE_WAARDE demands, as a schema."""
    table = cast("dict[str, dict[str, dict[str, JsonValue]]]", vocabulary)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Schakel policy question (AuthZEN 1.0, NL GOV profile)",
        **_section(table, "question"),
    }


def _section(table: dict[str, dict[str, dict[str, JsonValue]]], name: str) -> dict[str, JsonValue]:
    properties: dict[str, JsonValue] = {}
    for attribute, kind in table["sections"][name].items():
        nested = _NESTED.get((name, attribute))
        properties[attribute] = _section(table, nested) if nested else _value(table, cast("str", kind))
    schema: dict[str, JsonValue] = {"type": "object", "properties": properties, "additionalProperties": False}
    if name in _REQUIRED:
        schema["required"] = cast("list[JsonValue]", _REQUIRED[name])
    return schema


def _value(table: dict[str, dict[str, dict[str, JsonValue]]], kind: str) -> dict[str, JsonValue]:
    if kind in ("boolean", "number"):
        return {"type": kind}
    if kind in table["enums"]:
        return {"enum": list(table["enums"][kind])}
    if kind in table["texts"]:
        form = cast("dict[str, str | int]", table["texts"][kind])
        characters = re.escape(str(form["chars"]))
        return _text(f"^[{characters}]{{{form['min']},{form['max']}}}$")
    if kind in table["patterns"]:
        return _text(cast("str", table["patterns"][kind]))
    if kind in table["lists"]:
        return {"type": "array", "items": {"enum": list(table["lists"][kind])}}
    return {"type": "array", "items": _section(table, "handtekening")}


def _text(pattern: str) -> dict[str, JsonValue]:
    # In Python's expressions $ also matches before a final line feed; in ECMAScript, Go and Rust it does not.
    # One pattern with a look-ahead: a "not" beside it makes and drops an error object for every text that is right.
    return {"type": "string", "pattern": f"^(?![\\s\\S]*\\n)(?:{pattern})"}


class QuestionSchema:
    """The compiled schema."""

    def __init__(self, vocabulary: Mapping[str, JsonValue]) -> None:
        self._validator = Draft202012Validator(question_schema(vocabulary))

    def fits(self, question: JsonValue) -> bool:
        """Every given attribute is listed with the right type and a known value."""
        try:
            return self._validator.is_valid(question) is True
        except (ValueError, RecursionError):  # no JSON text can be this, or its nesting is out of reach
            return False
