"""Invented people for the demo: a fixed seed gives the same people on every machine.

Names are drawn from one pot for everybody, so that no name is tied to a nationality. BSNs pass the eleven-check and
start with 9; telephone numbers and documents are made up. Nobody here exists.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

GIVEN = (
    "Adaeze Aicha Alexandru Ana Andrzej Anh Bogdan Călin Chidi Daniela Đức Elena Emeka Fatima Florin Favour Gergana "
    "Gheorghe Hang Hristo Huong Ilir Ines Ivana Jana Jerzy Joy Karim Katarzyna Kofi Lan Laila Lidia Linh Maja Marek "
    "María Mihai Minh Mirela Nadia Ngozi Olena Omar Petra Precious Quang Radka Rosa Samira Sanne Şener Sofia Stefan "
    "Svetlana Tadeusz Thu Tomasz Valentina Vasile Wei Xiu Yusuf Zsófia Žaneta Łukasz"
).split()
FAMILY = (
    "Adeyemi Alvarez Bălan Bakker Balogun Băsescu Çelik Chen Costa de_Boer van_den_Berg Diallo Dimitrova Đặng "
    "El_Amrani Fernandes Georgiev Gashi González de_Groot Hoxha Horváth Ibrahim Ionescu Ivanova Jansen Kowalczyk "
    "Kovács Lê Lungu Marinescu Mensah Munteanu Nagy Nguyễn Novák Nowak Obi Okafor Osei Öztürk Petrov Pham Popescu "
    "Radu Rossi Sahin Santos Smit Stoica Szabó Todorov Trần Ungureanu Visser de_Vries Wang Wójcik Yıldız Zając Zheng"
).split()
COUNTRIES = ("NLD", "ROU", "BGR", "POL", "HUN", "VNM", "NGA", "CHN", "MAR", "ALB", "BRA", "PHL", "IND", "UKR")


@dataclass(frozen=True)
class Person:
    """One invented person as a partner may know him; None is what that person does not have."""

    voornaam: str
    achternaam: str
    geboren: date
    geslacht: str
    land: str
    bsn: str | None
    telefoon: str | None
    document: str | None

    def __repr__(self) -> str:
        return "Person(…)"


def people(rng: random.Random, bsn_share: float = 0.55) -> Iterator[Person]:
    """An endless stream of different people; about `bsn_share` of them have a BSN, nearly all a phone or a document."""
    seen: set[str] = set()
    while True:
        bsn = _unique(seen, lambda: _bsn(rng)) if rng.random() < bsn_share else None
        document = _unique(seen, lambda: _document(rng)) if bsn is None or rng.random() < 0.4 else None
        yield Person(
            voornaam=rng.choice(GIVEN),
            achternaam=rng.choice(FAMILY).replace("_", " "),
            geboren=date(1960, 1, 1) + timedelta(days=rng.randrange(0, 17_000)),
            geslacht=rng.choice("MVVMVMX") if rng.random() < 0.1 else rng.choice("MV"),
            land=rng.choice(COUNTRIES),
            bsn=bsn,
            telefoon=_unique(seen, lambda: _phone(rng)) if rng.random() < 0.8 else None,
            document=document,
        )


def with_errors(person: Person, rng: random.Random) -> Person:
    """The same person as a tired clerk types him: a swapped birth date, a dropped letter or no BSN."""
    kind = rng.randrange(3)
    if kind == 0 and person.geboren.day <= 12:
        return replace(person, geboren=date(person.geboren.year, person.geboren.day, person.geboren.month))
    if kind == 1 and len(person.achternaam) > 4:
        at = rng.randrange(1, len(person.achternaam) - 1)
        return replace(person, achternaam=person.achternaam[:at] + person.achternaam[at + 1 :])
    return replace(person, bsn=None)


def _unique(seen: set[str], draw: Callable[[], str]) -> str:
    while (value := draw()) in seen:
        pass
    seen.add(value)
    return value


def _bsn(rng: random.Random) -> str:
    while True:
        digits = [9, *(rng.randrange(10) for _ in range(7))]
        check = sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return "".join(map(str, digits)) + str(check)


def _phone(rng: random.Random) -> str:
    return f"06{rng.randrange(10_000_000, 99_999_999)}"


def _document(rng: random.Random) -> str:
    return "".join(rng.choice("ABCDEFGHKLMNPRSTUVWX") for _ in range(2)) + f"{rng.randrange(1_000_000, 9_999_999)}"
