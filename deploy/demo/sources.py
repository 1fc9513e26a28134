"""The partners' own files, each in its own shape, with what is planted in them.

Planted: a network of nine known to four partners, 25 people known to exactly two, six known to one, ten known to nobody
(the questions' subjects); a shelter client whom the police also know, under ZVH only; narratives full of identifiers.
`plant` decides who is known where; the writers below only write. The truth is computed here from the plan, never from
what the federation answers.
"""

import csv
import random
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from anyascii import anyascii
from openpyxl import Workbook

from deploy.demo.people import Person, people, with_errors

SEED = 20_261_124
RIEC_PARTNERS = ("gemeente", "politie", "nla", "kmar")
SIZES = {"gemeente": 160, "politie": 320, "nla": 120, "kmar": 100}
MUNICIPALITIES = ("GM0599", "GM0505", "GM0606", "GM0622", "GM1930", "GM0502")
SECTORS = {
    "seksueel": "thuis",
    "arbeid": "uitzend",
    "crimineel": "katvanger_bankrekening",
    "onbekend": "onbekend",
}
MONITOR_SIZES = {"gemeente": 60, "politie": 90, "nla": 70, "kmar": 40}


@dataclass(frozen=True)
class Plan:
    """Who is known where. Partners by their short names; `subjects` are asked about, in this order."""

    riec: dict[str, tuple[Person, ...]]
    subjects: tuple[Person, ...]
    known_to: tuple[tuple[str, ...], ...]
    """Per subject: the partners that hold a record of him in the RIEC domain."""
    shelter_client: Person
    clients: tuple[Person, ...]
    zvh_police: tuple[Person, ...]
    victims: dict[str, tuple[Person, ...]]
    """Per partner: victims for the monitor; some occur at more than one partner."""


def plant(seed: int = SEED) -> Plan:
    """The plan of the demo; the same for the same seed."""
    rng = random.Random(seed)
    pool = people(rng)
    # Subjects are asked by a strong identifier, so that a typing error elsewhere in the record cannot hide them.
    strong = (person for person in pool if person.bsn and person.document and person.telefoon)
    subjects = tuple(islice(strong, 50))
    known = [RIEC_PARTNERS] * 9
    known += [tuple(sorted(rng.sample(RIEC_PARTNERS, 2))) for _ in range(25)]
    known += [(rng.choice(RIEC_PARTNERS),) for _ in range(6)]
    known += [()] * 10
    riec = {}
    for partner in RIEC_PARTNERS:
        here = [subject for subject, where in zip(subjects, known, strict=True) if partner in where]
        others = list(islice(pool, SIZES[partner] - len(here)))
        riec[partner] = tuple(_shuffled(rng, here + [_mistyped(rng, person) for person in others]))
    client, *clients = islice(strong, 40)
    return Plan(
        riec=riec,
        subjects=subjects,
        known_to=tuple(known),
        shelter_client=client,
        clients=tuple(_shuffled(rng, [client, *clients])),
        zvh_police=tuple(_shuffled(rng, [client, *islice(pool, 30)])),
        victims=_victims(rng, pool),
    )


def _victims(rng: random.Random, pool: Iterable[Person]) -> dict[str, tuple[Person, ...]]:
    """About 5 % of the victims are known to a second partner (published multi-partner share)."""
    stream = iter(person for person in pool if person.bsn or person.document)
    victims: dict[str, list[Person]] = {partner: [] for partner in RIEC_PARTNERS}
    for partner, size in MONITOR_SIZES.items():
        for person in islice(stream, size):
            victims[partner].append(person)
            if rng.random() < 0.05:
                victims[rng.choice([other for other in RIEC_PARTNERS if other != partner])].append(person)
    return {partner: tuple(_shuffled(rng, found)) for partner, found in victims.items()}


def _mistyped(rng: random.Random, person: Person) -> Person:
    return with_errors(person, rng) if rng.random() < 0.07 else person


def _shuffled(rng: random.Random, items: list[Person]) -> list[Person]:
    rng.shuffle(items)
    return items


def write_gemeente(folder: Path, plan: Plan) -> None:
    """Semicolon CSV in Windows-1252, Dutch dates; what the code page lacks is written without its accent."""
    with (folder / "subjecten.csv").open("w", encoding="cp1252", newline="") as handle:
        out = csv.writer(handle, delimiter=";")
        out.writerow(
            [
                "dossier",
                "voornaam",
                "achternaam",
                "geb_datum",
                "m/v",
                "nationaliteit",
                "bsn",
                "telefoon",
                "paspoort",
                "soort",
            ]
        )
        for number, person in enumerate(plan.riec["gemeente"], start=1):
            row = [
                f"GV-{number:05d}",
                _cp1252(person.voornaam),
                _cp1252(person.achternaam),
                f"{person.geboren:%d-%m-%Y}",
                person.geslacht.lower(),
            ]
            out.writerow(
                [*row, person.land, person.bsn or "", person.telefoon or "", person.document or "", "verdachte"]
            )


def _cp1252(text: str) -> str:
    return "".join(letter if letter.encode("cp1252", "ignore") else anyascii(letter) for letter in text)


def write_politie(folder: Path, plan: Plan) -> None:
    """An Excel workbook; a second sheet holds the Veiligheidshuis list."""
    book = Workbook(write_only=True)
    for title, persons in (("RIEC", plan.riec["politie"]), ("ZVH", plan.zvh_police)):
        sheet = book.create_sheet(title)
        sheet.append(
            ["registratie", "voornamen", "geslachtsnaam", "geboortedatum", "geslacht", "nat", "bsn", "tel", "document"]
        )
        for number, person in enumerate(persons, start=1):
            row = [
                f"PL{title}{number:06d}",
                person.voornaam,
                person.achternaam,
                f"{person.geboren:%Y%m%d}",
                person.geslacht,
            ]
            sheet.append([*row, person.land, person.bsn, person.telefoon, person.document])
    book.save(folder / "registraties.xlsx")


def write_database(path: Path, persons: tuple[Person, ...]) -> None:
    """A SQLite table, as the labour inspectorate and the Marechaussee keep one."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table subject (nummer text primary key, voornaam text, achternaam text, geboren text, sexe text,"
            " land text, bsn text, mobiel text, reisdocument text)"
        )
        connection.executemany(
            "insert into subject values (?,?,?,?,?,?,?,?,?)",
            [
                (
                    f"S{n:06d}",
                    p.voornaam,
                    p.achternaam,
                    p.geboren.isoformat(),
                    p.geslacht,
                    p.land,
                    p.bsn,
                    p.telefoon,
                    p.document,
                )
                for n, p in enumerate(persons, start=1)
            ],
        )
    connection.close()


def write_victims(path: Path, persons: tuple[Person, ...], seed: int = SEED) -> None:
    """A partner's yearly list for the monitor: UTF-8 CSV with coded columns; two partners agree on whom they share."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(
            [
                "nr",
                "bsn",
                "document",
                "geboren",
                "geslacht",
                "land",
                "vorm",
                "sector",
                "gemeente",
                "aanmelder",
                "route",
                "fase",
            ]
        )
        for number, person in enumerate(persons, start=1):
            rng = random.Random(f"{seed}|{person.bsn}|{person.document}")
            vorm = rng.choices(("seksueel", "arbeid", "crimineel", "onbekend"), (40, 41, 13, 6))[0]
            gemeente = rng.choices(MUNICIPALITIES, (55, 12, 10, 9, 8, 6))[0]
            route = rng.choices(("zorg_straf", "ondermijning"), (75, 25))[0]
            who = [number, person.bsn or "", person.document or "", _birth(rng, person), person.geslacht, person.land]
            out.writerow([*who, vorm, SECTORS[vorm], gemeente, "politie_melding", route, "vermoeden"])


def _birth(rng: random.Random, person: Person) -> str:
    """Victims are younger than the suspects of the pot: 6 % under 18, 15 % from 18 to 22."""
    band = rng.choices((15, 19, 27, 37), (6, 15, 50, 29))[0]
    return date(2026 - band - rng.randrange(3), person.geboren.month, min(person.geboren.day, 28)).isoformat()


NARRATIVES = (
    "Cliënt {v} {a}, geboren {g}, BSN {b}, meldde zich met een vriendin. Zij is bereikbaar op {t}.",
    "{v} {a} vertelt dat haar paspoort {d} is afgenomen door de werkgever. Telefoon {t}.",
    "Gesproken met mevrouw {a} ({t}); zij mag de woning niet verlaten. BSN {b}.",
)


def write_opvang(folder: Path, plan: Plan, seed: int = SEED) -> int:
    """The shelter's UTF-8 CSV with narratives; returns how many identifiers were planted in them."""
    rng = random.Random(f"{seed}|opvang")
    planted = 0
    with (folder / "clienten.csv").open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(
            ["client", "voornaam", "achternaam", "geboren", "telefoon", "document", "toestemming", "toelichting"]
        )
        for number, person in enumerate(plan.clients, start=1):
            story = rng.choice(NARRATIVES)
            planted += story.count("{") - story.count("{v} ")
            about = {"v": person.voornaam, "a": person.achternaam, "g": f"{person.geboren:%d-%m-%Y}"}
            text = story.format(**about, b=person.bsn, t=person.telefoon, d=person.document)
            row = [f"OP-{number:04d}", person.voornaam, person.achternaam, person.geboren.isoformat(), person.telefoon]
            out.writerow([*row, person.document, "ja", text])
    return planted


def write_sources(root: Path, plan: Plan) -> dict[str, Path]:
    """All files, one folder a partner; returns the folders."""
    folders = {name: root / name for name in (*RIEC_PARTNERS, "opvang", "comensha", "riec")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    write_gemeente(folders["gemeente"], plan)
    write_politie(folders["politie"], plan)
    write_database(folders["nla"] / "inspectie.sqlite", plan.riec["nla"])
    write_database(folders["kmar"] / "kmar.sqlite", plan.riec["kmar"])
    write_opvang(folders["opvang"], plan)
    for partner in RIEC_PARTNERS:
        write_victims(folders[partner] / "slachtoffers.csv", plan.victims[partner])
    return folders
