"""Linkage keys for people without a number: composites find candidates, block-keyed sketches score them.

`composites` gives the inputs of key class `cx`. Each evaluated composite becomes a block id (wire) and a key `K_blk`
(stays here), which keys the person's sketch in that block (`pseudonymizer.sketch`). Every record has the same number of
entries of each type, `SLOTS`: what is missing is filled with dummies, so the number of entries says nothing.
Design: design/cryptography.md, "Composite tokens"; what was measured: deploy/linkage/DECISIONS.md.
Pure: keys and randomness come in as arguments, nothing is stored.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pseudonymizer.identity import BirthDate, NormalisedIdentity, Reason
from pseudonymizer.skeleton import skeleton
from pseudonymizer.tokens import NoToken

ENCODER_VERSION: Final = 4
"""Version of composites, skeleton rules, slots and sketch together; files of two versions are not comparable."""

SLOTS: Final = MappingProxyType(
    {
        "cx.D": 1,
        "cx.P": 1,
        "cx.SF": 4,
        "cx.BD": 3,
        "cx.PC": 2,
        "cx.P2": 2,
        "cx.FN": 1,
        "cx.FY": 1,
        "cx.FM": 1,
        "cx.SM": 4,
        "cx.SG": 4,
        "cx.SY": 6,
        "cx.SN": 6,
        "cx.WS": 3,
        "cx.WY": 6,
    }
)
"""Entries of each type, the same for every record.

    D   document number                               FM  all skeletons + month and day
    P   phone                                         SM  skeleton + {month, day} sorted + sex
    SF  skeleton + full birth date                    SG  skeleton + year + nationality + sex
    BD  full birth date + first two letters           SY  skeleton + first letter of another + year
        of a skeleton + sex + nationality             SN  skeleton + first three letters of another
    PC  skeleton + year + postcode                    WS  word as written + year + sex
    P2  phone + skeleton                              WY  word as written + first letter of another + year
    FN  all skeletons
    FY  all skeletons + year + sex + nationality

A block that two people of a partner have is sent for neither, so people with common names lose theirs to namesakes. The
narrow types (FY, FM, WS, WY) are for them: of 6,000 common people of the development files 0.978 keep a block in
common. None is of few values: each has a name, a phone or a document.
"""

COMPOSITE_TYPES: Final = tuple(SLOTS)
ENTRIES: Final = sum(SLOTS.values())
"""45 entries a record that has a composite at all; with ten identifier types within the 64 of the design page."""

_MAX_SKELETONS: Final = 5
_SINGLE, _PAIRED, _PHONED = 4, 3, 2
"""How many of a person's skeletons (the longest) stand alone, in pairs, and beside a phone or postcode; as many
words as written stand in blocks as skeletons in pairs."""
_ABSENT: Final = "-"


@dataclass(frozen=True, slots=True, repr=False)
class Composite:
    """Input of key class `cx`; parts of `value` are joined by 1F."""

    type: str
    value: str

    def __repr__(self) -> str:
        return f"Composite(type={self.type!r})"


def skeletons(norm: NormalisedIdentity) -> tuple[str, ...]:
    """Distinct skeletons of all name words, bytewise sorted; of more than five, the five longest."""
    found = {mark for word in (*norm.words, *norm.joined) if (mark := skeleton(word)) is not None}
    return _longest(found, _MAX_SKELETONS)


def _longest(marks: Iterable[str], most: int) -> tuple[str, ...]:
    """The longest marks say most about a person; ties go bytewise, so every connector chooses alike."""
    return tuple(sorted(sorted(marks, key=lambda mark: (-len(mark), mark))[:most]))


def composites(norm: NormalisedIdentity) -> tuple[Composite, ...]:
    """Distinct composites, at most `SLOTS` of each type, in the order of `COMPOSITE_TYPES`, then by value."""
    found = _by_type(norm)
    return tuple(item for kind in COMPOSITE_TYPES for item in found[kind][: SLOTS[kind]])


def no_composites(norm: NormalisedIdentity) -> tuple[NoToken, ...]:
    """The composite types that this person has none of, each with its reason."""
    given = _by_type(norm)
    return tuple(NoToken(kind, _missing(kind, norm)) for kind in COMPOSITE_TYPES if not given[kind])


def _missing(kind: str, norm: NormalisedIdentity) -> Reason:
    """ABSENT when nothing of what the composite needs is there, else PART_MISSING."""
    needs: dict[str, tuple[object, ...]] = {
        "cx.D": (norm.document,),
        "cx.P": (norm.phone,),
        "cx.P2": (norm.phone, norm.words),
        "cx.PC": (norm.postcode, norm.words, norm.birth),
        "cx.FN": (norm.words,),
        "cx.SN": (norm.words,),
    }
    return Reason.PART_MISSING if any(needs.get(kind, (norm.words, norm.birth))) else Reason.ABSENT


def _by_type(norm: NormalisedIdentity) -> dict[str, list[Composite]]:
    values = {kind: set[str]() for kind in COMPOSITE_TYPES}
    for kind, parts in _parts(norm):
        values[kind].add("\x1f".join(parts))
    return {kind: [Composite(kind, value) for value in sorted(found)] for kind, found in values.items()}


def _parts(norm: NormalisedIdentity) -> Iterator[tuple[str, tuple[str, ...]]]:
    marks = skeletons(norm)
    pairs = list(itertools.permutations(_longest(marks, _PAIRED), 2))
    if norm.document:
        yield "cx.D", (norm.document,)
    if norm.phone:
        yield "cx.P", (norm.phone,)
        yield from (("cx.P2", (norm.phone, mark)) for mark in _longest(marks, _PHONED))
    if len(marks) > 1:
        yield "cx.FN", marks
    yield from (("cx.SN", (mark, other[:3])) for mark, other in pairs)
    if norm.birth:
        yield from _dated(norm, norm.birth, marks, pairs)


def _dated(
    norm: NormalisedIdentity, birth: BirthDate, marks: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    year, sex = f"{birth.year:04d}", norm.sex or _ABSENT
    single = _longest(marks, _SINGLE)
    yield from (("cx.SY", (mark, other[:1], year)) for mark, other in pairs)
    words = _longest(set(norm.words), _PAIRED)
    yield from (("cx.WS", (word, year, sex)) for word in words)
    yield from (("cx.WY", (word, other[:1], year)) for word, other in itertools.permutations(words, 2))
    if marks:
        yield "cx.FY", (*marks, year, sex, norm.nationality or _ABSENT)
    if norm.nationality:
        yield from (("cx.SG", (mark, year, norm.nationality, sex)) for mark in single)
    if norm.postcode:
        yield from (("cx.PC", (mark, year, norm.postcode)) for mark in _longest(marks, _PHONED))
    full = birth.full
    if full is None:
        return
    either = "-".join(sorted(full[5:].split("-")))
    nation = norm.nationality or _ABSENT
    yield from (("cx.BD", (full, mark[:2], sex, nation)) for mark in _longest(marks, _PAIRED))
    yield from (("cx.SF", (mark, full)) for mark in single)
    yield from (("cx.SM", (mark, either, sex)) for mark in single)
    if marks:
        yield "cx.FM", (*marks, full[5:])
