"""Which composites leave for nobody: those that rows of two people of this partner have.

Namesakes who share blocks made a graph by which an attacker on two partners recognised a quarter of the common people;
where neither of two people has the block that they share, he recognises one in twenty, for 0.001 of F1
(deploy/linkage/DECISIONS.md, "Encoder 4"). One person who stands in a source twice keeps his blocks: `same_person`.
Messages are known by keyed marks of 8 bytes; two that meet by chance make a block a dummy, never the other way round.
"""

import hashlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from connectors.errors import InputRefused
from connectors.tokenise import Prepared
from pseudonymizer.identity import NormalisedIdentity

Marks = NDArray[np.int64]
Contested = Callable[[Sequence[bytes]], AbstractSet[bytes]]
"""Says which of these messages (class `cx`) leave for nobody."""

_MARK_BYTES: Final = 8
_PARTS: Final = 64
_IN_MEMORY: Final = 1 << 19


def same_person(norm: NormalisedIdentity) -> str | None:
    """Rows for which this is equal are of one person. None: a row is a person of its own.

    With a full birth date that and the sex; without one the words, what is known of the date, sex and nationality, so
    that a row that stands twice is found. Of two rows that share a composite this is what the encoder can know of their
    being one; what neither says is the same. Of 400 people who stand in a file twice, written a little otherwise, 0.96
    keep a block in common with another file by this rule, and 0.58 if nobody were taken for one; any sex in place of
    the same one would take twins for one (deploy/linkage/DECISIONS.md, "Encoder 4").
    """
    birth = norm.birth
    if birth is not None and birth.full is not None:
        return f"{birth.full}|{norm.sex or '-'}"
    if not norm.words:
        return None
    known = "-" if birth is None else f"{birth.year}-{birth.month or ''}"
    return "|".join((" ".join(sorted(norm.words)), known, norm.sex or "-", norm.nationality or "-"))


@dataclass(frozen=True, slots=True, repr=False)
class Marker:
    """Marks of composites and people under a key (BLAKE2b keyed, RFC 7693, half the time of HMAC; 8 bytes as a signed
    number); `where` sets the marks of one place apart from those of another."""

    key: bytes
    where: bytes = b""

    def composite(self, message: bytes) -> int:
        return self._mark(b"composite|" + message)

    def person(self, norm: NormalisedIdentity, row: Callable[[], bytes]) -> int:
        """`row`: what tells this row from all others, asked for where `same_person` does not say who it is."""
        known = same_person(norm)
        return self._mark(b"row|" + row() if known is None else b"person|" + known.encode())

    def _mark(self, content: bytes) -> int:
        digest = hashlib.blake2b(self.where + content, key=self.key, digest_size=_MARK_BYTES).digest()
        return int.from_bytes(digest, signed=True)


def uncontested(people: Sequence[Prepared], contested: Contested) -> list[Prepared]:
    """The same people without the composites that leave for nobody; dummies will stand in their places."""
    gone = contested(list({message: None for person in people for _, message in person.blocks}))
    return [_without(person, gone) for person in people] if gone else list(people)


def _without(person: Prepared, gone: AbstractSet[bytes]) -> Prepared:
    kept = tuple(block for block in person.blocks if block[1] not in gone)
    return replace(person, blocks=kept, withheld=person.withheld + len(person.blocks) - len(kept))


@dataclass(frozen=True, slots=True, repr=False)
class FileContested:
    """The contested composites of one file, 8 bytes each, as a `Contested`; `marks` are sorted."""

    marker: Marker
    marks: Marks

    def __call__(self, messages: Sequence[bytes]) -> set[bytes]:
        if not len(self.marks):
            return set()
        asked = np.array([self.marker.composite(message) for message in messages], dtype=np.int64)
        places = np.minimum(np.searchsorted(self.marks, asked), len(self.marks) - 1)
        there = (self.marks[places] == asked).tolist()
        return {message for message, hit in zip(messages, there, strict=True) if hit}


class FileClaims:
    """Who has which composite in one file, exactly: gathered row by row, decided at the end.

    16 bytes a composite of a row, under a key of this run; half a million of them in memory (8 MB, and four times that
    while they are sorted), more in temporary files without a name, cut by mark, so that a 64th is sorted at a time.
    """

    def __init__(self, key: bytes) -> None:
        """`key`: 32 random bytes of this run."""
        self._marker = Marker(key)
        self._rows = 0
        self._pairs: array[int] = array("q")
        self._parts: list[IO[bytes]] = []

    def add(self, norm: NormalisedIdentity, messages: Sequence[bytes]) -> None:
        """The next row, with the messages of its composites. Raises InputRefused when the disk is full."""
        self._rows += 1
        person = self._marker.person(norm, lambda: self._rows.to_bytes(8, "big"))
        for message in messages:
            self._pairs.append(self._marker.composite(message))
            self._pairs.append(person)
        if len(self._pairs) >= 2 * _IN_MEMORY:
            self._spill()

    def contested(self) -> FileContested:
        """What rows of two people have, of all rows that were added; nothing can be added after."""
        with _disk(), ExitStack() as files:
            if not self._parts:
                return FileContested(self._marker, _several(_pairs(self._pairs)))
            self._spill()
            found = [_several(_pairs(_whole(files.enter_context(part)))) for part in self._parts]
        return FileContested(self._marker, np.concatenate(found))

    def _spill(self) -> None:
        with _disk():
            if not self._parts:
                self._parts = [TemporaryFile() for _ in range(_PARTS)]  # noqa: SIM115 - closed by `contested`
            pairs = _pairs(self._pairs)
            # Marks are signed: the shift gives -32 to 31, so the parts are in the order of the marks.
            part = (pairs[:, 0] >> 58) + _PARTS // 2
            for number, file in enumerate(self._parts):
                file.write(pairs[part == number].tobytes())
        self._pairs = array("q")


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputRefused(f"no room for temporary files ({error.strerror}); nothing was written") from error


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _pairs(content: "bytes | array[int]") -> Marks:
    """(n, 2): mark of a composite, mark of who has it."""
    return np.frombuffer(content, dtype=np.int64).reshape(-1, 2)


def _several(pairs: Marks) -> Marks:
    """The marks of composites that more than one person has, sorted."""
    if not len(pairs):
        return np.empty(0, dtype=np.int64)
    marks, people = pairs[np.argsort(pairs[:, 0])].T
    starts = np.flatnonzero(np.r_[True, marks[1:] != marks[:-1]])
    several = np.minimum.reduceat(people, starts) != np.maximum.reduceat(people, starts)
    return np.asarray(marks[starts][several])
