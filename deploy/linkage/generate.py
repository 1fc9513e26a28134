"""Invented people in two files, with an error model of our own: what the weights are fitted on.

Names are built from syllables per origin (no list of real people), with Zipf frequencies, families that share a
surname and often a phone, twins, and namesakes born in one year. The error model is keyboard slips, reading slips,
spelling by ear, words dropped, split, glued or swapped, birth dates mistyped or defaulted. It is not the model of the
shared development files, which are for validation only. Deterministic in the seed.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from deploy.linkage.origins import ORIGINS
from pseudonymizer.identity import RawIdentity

_BY_EAR: Final = (
    "sh>ch ch>tch kh>h h>kh ou>u u>oe oe>u y>j j>y i>ij ij>ei w>v v>w f>ph ph>f z>s s>z k>c c>k ck>k x>ks ks>x q>g "
    "gu>w tz>z ts>c dj>j j>dzh e>i o>u a>e ae>a ie>y ei>ai ai>ay nn>n n>nn ll>l l>ll t>th th>t d>dh b>p g>k mm>m ss>s "
    "eu>ev iya>ia ia>ja escu>esco enko>enco owski>ovski ov>off"
)
_EAR: Final = tuple((rule.split(">")[0], rule.split(">")[1]) for rule in _BY_EAR.split())
_READ: Final = (
    ("rn", "m"),
    ("m", "rn"),
    ("l", "i"),
    ("i", "l"),
    ("cl", "d"),
    ("u", "v"),
    ("n", "u"),
    ("a", "o"),
    ("e", "c"),
)
_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True)
class People:
    """Shares of a population: registered on 1 January, relatives who are twins, namesakes of one year, and people who
    share a phone with strangers, of whom about `house` have the same one."""

    january: float = 0.10
    twins: float = 0.08
    namesakes: float = 0.01
    strangers: float = 0.05
    house: int = 10


@dataclass(frozen=True)
class Errors:
    """One regime: mean number of slips per name, and the share of records that each other error touches."""

    slips: float
    date: float
    vague_date: float
    no_date: float
    no_nation: float
    phone: float
    document: float
    words: float
    dropped: float = 0.0
    left_phone: float | None = None
    left_document: float | None = None
    people: People = People()


LIGHT: Final = Errors(0.35, 0.08, 0.20, 0.02, 0.06, 0.55, 0.45, 0.12)
HEAVY: Final = Errors(0.9, 0.14, 0.22, 0.05, 0.12, 0.45, 0.25, 0.28)
BARE: Final = Errors(0.8, 0.15, 0.05, 0.06, 1.0, 0.0, 0.0, 0.18)
"""Names and birth date only, as many older registers have."""
REGISTER: Final = Errors(
    slips=0.55,
    date=0.07,
    vague_date=0.16,
    no_date=0.03,
    no_nation=0.08,
    phone=0.375,
    document=0.175,
    words=0.06,
    dropped=0.4,
    left_phone=0.5,
    left_document=0.35,
    people=People(january=0.15, twins=0.01, namesakes=0.003, strangers=0.15, house=9),
)
"""Gaps as in the shared development files, read from their columns without looking at who is who: missing and vague
values, phones that many share, twins and namesakes, second names that one side leaves out."""


@dataclass(frozen=True)
class TwoFiles:
    """Two sources; `left_eid` and `right_eid` say who is who, `origin` where each left name comes from."""

    left: list[RawIdentity]
    right: list[RawIdentity]
    left_eid: list[str]
    right_eid: list[str]
    origin: list[str]


def two_files(size: int, overlap: float, errors: Errors, seed: int) -> TwoFiles:
    """Two files of `size` people each, of whom the share `overlap` is in both; nobody twice in one file."""
    rng = random.Random(seed)  # noqa: S311 - invented people, reproducible on purpose
    shared = round(size * overlap)
    people = _population(2 * size - shared, errors.people, rng)
    left, right = list(range(size)), list(range(size - shared, 2 * size - shared))
    rng.shuffle(left)
    rng.shuffle(right)
    light = replace(
        errors,
        slips=errors.slips / 4,
        words=errors.words / 4,
        date=errors.date / 4,
        vague_date=0.02,
        no_date=0.0,
        dropped=0.0,
        phone=errors.phone if errors.left_phone is None else errors.left_phone,
        document=errors.document if errors.left_document is None else errors.left_document,
    )
    return TwoFiles(
        left=[_spoil(people[at][0], light, rng) for at in left],
        right=[_spoil(people[at][0], errors, rng) for at in right],
        left_eid=[str(at) for at in left],
        right_eid=[str(at) for at in right],
        origin=[people[at][1] for at in left],
    )


def another_record(person: RawIdentity, errors: Errors, rng: random.Random) -> RawIdentity:
    """The same person as a source with these errors writes him down; a date that is vague stays as it is."""
    if person.geboortedatum is not None and person.geboortedatum.count("-") == 2:
        return _spoil(person, errors, rng)
    return replace(_spoil(replace(person, geboortedatum="1990-06-15"), errors, rng), geboortedatum=person.geboortedatum)


def _pool(starts: str, ends: str, rng: random.Random) -> list[str]:
    names = [start + end.strip() for start in starts.split() for end in ends.split(" ")]
    rng.shuffle(names)
    return names


def _zipf(pool: list[str], rng: random.Random) -> str:
    """Rank r with a probability about 1/(r + 2): a few names are borne by many."""
    return pool[min(int(2 * ((len(pool) + 2) / 2) ** rng.random()) - 2, len(pool) - 1)]


def _population(count: int, kind: People, rng: random.Random) -> list[tuple[RawIdentity, str]]:
    pools = {nation: (_pool(a, b, rng), _pool(c, d, rng)) for nation, (a, b, c, d) in ORIGINS.items()}
    shared_phones = [_phone(rng) for _ in range(max(4, round(count * kind.strangers / kind.house)))]
    people: list[tuple[RawIdentity, str]] = []
    while len(people) < count:
        nation = rng.choice(list(ORIGINS))
        person = _person(nation, pools[nation], shared_phones, kind, rng)
        people.append((person, nation))
        if rng.random() < 0.12:
            people.append((_relative(person, pools[nation][0], kind.twins, rng), nation))
        if rng.random() < kind.namesakes:
            people.append((_namesake(person, rng), nation))
    rng.shuffle(people)
    return people[:count]


def _person(
    nation: str, pools: tuple[list[str], list[str]], shared_phones: list[str], kind: People, rng: random.Random
) -> RawIdentity:
    given = " ".join(_zipf(pools[0], rng) for _ in range(1 + (rng.random() < 0.3)))
    family = " ".join(_zipf(pools[1], rng) for _ in range(1 + (rng.random() < 0.2)))
    if nation == "NLD" and rng.random() < 0.25:
        family = rng.choice(("van ", "de ", "van der ", "van den ")) + family
    year = round(rng.triangular(1955, 2009, 1994))
    month, day = (1, 1) if rng.random() < kind.january else (rng.randint(1, 12), rng.randint(1, 28))
    phone = rng.choice(shared_phones) if rng.random() < kind.strangers else _phone(rng)
    return RawIdentity(
        voornaam=given,
        achternaam=family,
        geboortedatum=f"{year}-{month:02d}-{day:02d}",
        geslacht=rng.choice("mv"),
        nationaliteit=nation,
        telefoon=phone,
        document=f"{rng.choice('ABCEGHKLNPRTX')}{rng.choice('ABCEGHKLNPRTX')}{rng.randint(10**6, 10**7 - 1)}",
    )


def _relative(person: RawIdentity, given: list[str], twins: float, rng: random.Random) -> RawIdentity:
    """A brother, sister or child: same surname, often the same phone, sometimes a twin."""
    year = int((person.geboortedatum or "1990")[:4]) + rng.randint(-8, 8)
    twin = rng.random() < twins
    return replace(
        person,
        voornaam=_zipf(given, rng),
        geboortedatum=person.geboortedatum if twin else f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        geslacht=rng.choice("mv"),
        telefoon=person.telefoon if rng.random() < 0.4 else _phone(rng),
        document=f"{rng.choice('ABCEGHKLNPRTX')}{rng.randint(10**7, 10**8 - 1)}",
    )


def _namesake(person: RawIdentity, rng: random.Random) -> RawIdentity:
    """Somebody else with the same name and birth year: cousins named after one grandfather, a borrowed identity."""
    return replace(
        person,
        geboortedatum=f"{(person.geboortedatum or '1990')[:4]}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
        telefoon=_phone(rng),
        document=f"{rng.choice('ABCEGHKLNPRTX')}{rng.randint(10**7, 10**8 - 1)}",
    )


def _phone(rng: random.Random) -> str:
    return f"+316{rng.randint(10**7, 10**8 - 1)}"


def _spoil(person: RawIdentity, errors: Errors, rng: random.Random) -> RawIdentity:
    given, family = (person.voornaam or "").split(), (person.achternaam or "").split()
    for _ in range(_count(errors.slips, rng)):
        words = given if rng.random() < 0.5 else family
        at = rng.randrange(len(words))
        words[at] = _slip(words[at], rng)
    given, family = (
        words if len(words) == 1 or rng.random() >= errors.dropped else words[:-1] for words in (given, family)
    )
    if rng.random() < errors.words:
        given, family = _words(given, family, rng)
    keep: Callable[[float, str | None], str | None] = lambda share, value: value if rng.random() < share else None  # noqa: E731
    phone = person.telefoon if rng.random() < 0.7 else _phone(rng)
    wrong_nation = rng.random() < 0.015
    return replace(
        person,
        voornaam=" ".join(given),
        achternaam=" ".join(family),
        geboortedatum=_date(person.geboortedatum or "", errors, rng),
        geslacht=keep(
            0.95 if errors.no_nation < 1 else 0.0, rng.choice("mv") if rng.random() < 0.01 else person.geslacht
        ),
        nationaliteit=keep(1 - errors.no_nation, rng.choice(list(ORIGINS)) if wrong_nation else person.nationaliteit),
        telefoon=keep(errors.phone, phone),
        document=keep(errors.document, person.document if rng.random() < 0.95 else f"N{rng.randint(10**7, 10**8)}"),
    )


def _count(mean: float, rng: random.Random) -> int:
    """Geometric with this mean: most records have no slip, a few have many."""
    count = 0
    while rng.random() < mean / (1 + mean):
        count += 1
    return count


def _slip(word: str, rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.45:
        fitting = [(old, new) for old, new in _EAR if old in word]
        return word.replace(*rng.choice(fitting), 1) if fitting else word + word[-1]
    if kind < 0.6:
        fitting = [(old, new) for old, new in _READ if old in word]
        return word.replace(*rng.choice(fitting), 1) if fitting else word[1:] or word
    at = rng.randrange(len(word))
    if kind < 0.72:
        return word[:at] + word[at + 1 :] or word
    if kind < 0.84:
        return word[:at] + _neighbour(word[at], rng) + word[at + (kind < 0.78) :]
    return word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]


def _neighbour(letter: str, rng: random.Random) -> str:
    for row in _KEYS:
        if letter in row:
            at = row.index(letter) + rng.choice((-1, 1))
            return row[max(0, min(at, len(row) - 1))]
    return letter


def _words(given: list[str], family: list[str], rng: random.Random) -> tuple[list[str], list[str]]:
    kind = rng.random()
    if kind < 0.35:
        return (given[:1], family) if len(given) > 1 else (given, family[-1:])
    if kind < 0.6:
        return family, given
    if kind < 0.75:
        return (["".join(given)], family) if len(given) > 1 else (given, ["".join(family)])
    if kind < 0.85 and len(given[0]) > 5:
        return [given[0][:3], given[0][3:], *given[1:]], family
    if kind < 0.93:
        return [given[0][:4], *given[1:]], family
    return given, [*family, rng.choice(("silva", "bakker", "khan", "novak", "smit", "popa"))]


def _date(date: str, errors: Errors, rng: random.Random) -> str | None:
    year, month, day = (int(part) for part in date.split("-"))
    if rng.random() < errors.no_date:
        return None
    if rng.random() < errors.vague_date:
        return rng.choice((f"{year}", f"{year}-01-01", f"{year}-{month:02d}"))
    if rng.random() < errors.date:
        kind = rng.randrange(6)
        if kind == 0 and day <= 12:
            month, day = day, month
        elif kind == 1:
            day = max(1, min(28, day + rng.choice((-10, -1, 1, 10))))
        elif kind == 2:
            month = rng.randint(1, 12)
        elif kind == 3:
            year += rng.choice((-10, 10))
        elif kind == 4:
            year, month, day = round(rng.triangular(1955, 2009, 1994)), rng.randint(1, 12), rng.randint(1, 28)
        else:
            year += rng.choice((-2, -1, 1, 2))
    return f"{year}-{month:02d}-{day:02d}"
