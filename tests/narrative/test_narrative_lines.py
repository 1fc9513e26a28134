"""The JSON lines of the scan command."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.narrative.scan import MAX_TEXT, BadLine, NarrativeLine, Scanner, parse_line, result_line

SCANNER = Scanner()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("{", "line 3: not JSON"),
        ("[]", "line 3: not a JSON object"),
        ('{"text": "x"}', "line 3: id is missing"),
        ('{"id": true, "text": "x"}', "line 3: id is missing"),
        ('{"id": "a"}', "line 3: text is missing"),
        ('{"id": "a", "text": 5}', "line 3: text is missing"),
        ('{"id": "a", "text": "x", "known": "Jan"}', "line 3: known is not a list"),
        ('{"id": "a", "text": "x", "known": [1]}', "line 3: known is not a list"),
        (json.dumps({"id": "a", "text": "x" * (MAX_TEXT + 1)}), "line 3: text is longer"),
    ],
)
def test_bad_lines_are_named(raw: str, said: str) -> None:
    """The error says which line and what is wrong."""
    with pytest.raises(BadLine, match=said):
        parse_line(3, raw)


def test_a_line_nested_without_end_is_named() -> None:
    """Deeper than a parser can go is no object of ours either."""
    with pytest.raises(BadLine, match="line 1: not JSON"):
        parse_line(1, '{"id": "a", "text": ' + "[" * 100_000)


def test_an_id_that_cannot_be_written_is_refused() -> None:
    """Half a character, as JSON can spell it, would stop the output in the middle; in a text it does no harm."""
    with pytest.raises(BadLine, match="line 1: id holds half a character"):
        parse_line(1, '{"id": "\\ud800", "text": "x"}')
    assert Scanner().scan_one(parse_line(1, '{"id": "a", "text": "\\ud800 bel 0612345678"}')).spans


def test_bad_lines_show_no_value() -> None:
    """What stood in the line is not in the message."""
    with pytest.raises(BadLine) as caught:
        parse_line(1, '{"id": "a", "text": ["Elena Munteanu"]}')
    assert "Munteanu" not in str(caught.value)


def test_order_and_shape() -> None:
    """One result a line, in order, with the keys of the interface page; a numeric id stays a number."""
    lines = [NarrativeLine("b", "bel 06-12345678"), NarrativeLine(7, "niets"), NarrativeLine("a", "Zij werd bedreigd.")]
    out = [json.loads(result_line(result)) for result in SCANNER.scan(lines)]
    assert [o["id"] for o in out] == ["b", 7, "a"]
    assert out[0]["spans"][0] == {"start": 4, "end": 15, "label": "PHONE", "score": 0.92, "rule": "phone-nl-mobile"}
    assert out[1] == {"id": 7, "spans": [], "indicators": []}
    assert out[2]["indicators"] == [{"code": "bedreiging", "status": "verklaard"}]


@given(st.text(max_size=300))
def test_any_text_can_be_scanned(text: str) -> None:
    """Total: any text gives spans inside it and a line that reads back."""
    result = SCANNER.scan_one(NarrativeLine("x", text, ("Elena",)))
    assert all(0 <= s.start < s.end <= len(text) and 0 < s.score <= 1 for s in result.spans)
    assert json.loads(result_line(result))["id"] == "x"


def test_known_is_optional() -> None:
    """A line without known values, or with null, is a line."""
    assert parse_line(1, '{"id": "a", "text": "x"}').known == ()
    assert parse_line(1, '{"id": "a", "text": "x", "known": null}').known == ()
