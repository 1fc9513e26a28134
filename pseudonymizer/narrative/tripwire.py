"""The egress tripwire: the last look at a batch before it leaves, over every field that is not a token.

The wire has codes, references, counts and month ends, and nothing else. So the tripwire works from what is allowed: a
value passes when it is a code of the wire, or has the one shape that its field may have; anything else blocks the send.
Presidio's recognisers and the record's own values say which kind of leak it is, and also look inside references, whose
shape alone proves nothing. The hit names field and rule, never the value.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from pseudonymizer.narrative.engine import analyzer, found_spans, structured_recognizers
from pseudonymizer.narrative.folding import compact, fold
from pseudonymizer.narrative.known import KnownValues, known_hits
from pseudonymizer.narrative.recognisers.pattern import ScanTimeout

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

TOKEN_FIELDS = frozenset({"waarde", "blok", "schets", "bewijs", "federatie"})
"""Fields of keyed values and digests; the contract fixes their length and alphabet, so they are not looked into."""

DATE_FIELDS = frozenset({"bewaren_tot"})
"""Fields that hold an end of month (record page); any other date in them is a leak."""

COUNT_FIELDS = {"aantal": (0, 1_000_000), "jaar": (2000, 2199)}
"""Fields that hold a number, with its smallest and largest value (contract)."""

_LONG = 9
"""Code points from which a finding inside 22 or 43 random base64url characters is no accident: nine digits between
two separators occur by chance in fewer than one of ten million."""

_DIGITS = 6
"""Digits from which a value that no recogniser knows is called a number; shorter ones identify nobody by themselves."""

_SHAPES = {
    "record_id": r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "bron_oin": r"[0-9]{20}",
    "epoch": r"20[0-9]{2}(?:-[a-z])?",
    "kwartaal": r"20[0-9]{2}-Q[1-4]",
    "gemeente": r"GM[0-9]{4}",
}
_UUID = re.compile(_SHAPES["record_id"])
_SHAPE = {name: re.compile(pattern) for name, pattern in _SHAPES.items()}
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43}|[0-9a-f]{32}|[0-9a-f]{64}")
_SEPARATED = re.compile(r"[-_]")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_INDEX = re.compile(r"\[[0-9]{1,6}\]$")


class TripwireHit(Exception):
    """Something that must not leave stands in a batch. `field` and `rule` say where and what; the value is not kept."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"field {field}: {rule}")
        self.field = field
        self.rule = rule


class Tripwire:
    """Holds the engine and the wire's closed codes; `codes` are all enum values and literals of the contract."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._codes = frozenset(codes)
        self._engine = analyzer(structured_recognizers("nl"), ("nl",))
        self._surest = lru_cache(maxsize=65_536)(self._find)

    def check(self, fields: Iterable[tuple[str, Json]], known: KnownValues) -> None:
        """Return when every field may leave; raise `TripwireHit` at the first that may not.

        `fields` are (path, scalar) pairs as `fields_of` yields them. A scan that takes too long is a hit too.
        """
        for path, value in fields:
            rule = self._broken_rule(path, value, known)
            if rule is not None:
                raise TripwireHit(path, rule)

    def _broken_rule(self, path: str, value: Json, known: KnownValues) -> str | None:
        name = _INDEX.sub("", path.rsplit(".", 1)[-1])
        if _NAME.fullmatch(name) is None:
            return "field-name"
        if value is None or isinstance(value, bool) or name in TOKEN_FIELDS:
            return None
        if isinstance(value, int | float):
            return None if _is_count(name, value) else self._named(str(value))
        if not isinstance(value, str):
            return "not-a-scalar"
        if value in self._codes or _has_shape(name, value) or _UUID.fullmatch(value):
            return None
        if _OPAQUE.fullmatch(value):
            return self._inside_reference(value, known)
        if known_hits(value.replace("_", " "), known) or _squeezed_hit(value, known):
            return "known-value"
        return self._named(value)

    def _named(self, value: str) -> str:
        """Return the rule of the recogniser that knows this value, else that it is no value of the wire."""
        found = self._surest(value)
        if found is not None:
            return found[0]
        return "number" if sum(c.isdigit() for c in value) >= _DIGITS else "not-a-wire-value"

    def _inside_reference(self, value: str, known: KnownValues) -> str | None:
        """Return the rule of a finding that is too long for chance to have made it inside random characters."""
        if _squeezed_hit(value, known) or any(len(w) > 4 and w in known.names for w in _SEPARATED.split(fold(value))):
            return "known-value"
        found = self._surest(value)
        return found[0] if found is not None and found[1] >= _LONG else None

    def _find(self, value: str) -> tuple[str, int] | None:
        """Return (rule, length) of the surest finding, long ones first."""
        try:
            spans = found_spans(self._engine, value)
        except ScanTimeout:
            return "time-out", len(value)
        if not spans:
            return None
        surest = max(spans, key=lambda s: (s.end - s.start >= _LONG, s.score))
        return surest.rule, surest.end - surest.start


def fields_of(document: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Yield (path, scalar) for every leaf of a JSON document: `tokens[3].waarde`."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from fields_of(value, f"{path}.{key}" if path else str(key))
    elif isinstance(document, Sequence) and not isinstance(document, str):
        for index, value in enumerate(document):
            yield from fields_of(value, f"{path}[{index}]")
    else:
        yield path or "value", document


def _has_shape(name: str, value: str) -> bool:
    if name in DATE_FIELDS:
        return _is_month_end(value)
    pattern = _SHAPE.get(name)
    return pattern is not None and pattern.fullmatch(value) is not None


def _is_count(name: str, value: int | float) -> bool:
    low, high = COUNT_FIELDS.get(name, (1, 0))
    return isinstance(value, int) and low <= value <= high


def _is_month_end(value: str) -> bool:
    match = re.fullmatch(r"(20[2-9][0-9])-(0[1-9]|1[0-2])-([0-9]{2})", value)
    return match is not None and int(match[3]) == monthrange(int(match[1]), int(match[2]))[1]


def _squeezed_hit(value: str, known: KnownValues) -> bool:
    squeezed = compact(value)
    long_names = (name for name in known.names if len(name) >= 6)
    return any(item in squeezed for item in long_names) or any(
        code in squeezed for code in known.codes if len(code) >= 8
    )
