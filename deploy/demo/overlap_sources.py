"""The published Dutch overlap table (2010-2015, lists I K O P R Z) expanded into six files of invented people.

Every count of the table becomes that many invented people with a BSN, each written into the file of every list that the
row names. What the federation counts afterwards must equal the table cell by cell.
"""

import csv
import random
from itertools import islice
from pathlib import Path

from deploy.demo.people import Person, people

SEED = 2_010_2015
PARTIES = {
    "I": "00000099000000201000/toezicht",
    "K": "00000099000000202000/opsporing",
    "O": "00000099000000203000/bureau",
    "P": "00000099000000204000/opsporing",
    "R": "00000099000000205000/bureau",
    "Z": "00000099000000206000/zorg",
}
"""Which test party stands for which list (overlap_parties.json)."""

COLUMNS = "nr bsn document geboren geslacht land vorm sector gemeente aanmelder route fase".split()


def read_table(path: Path) -> dict[frozenset[str], int]:
    """The table as {set of lists: number of people}. Raises ValueError on a row that is not 0/1 and a count."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle)
        return {frozenset(name for name in PARTIES if row[name] == "1"): int(row["count"]) for row in rows}


def expand(table: dict[frozenset[str], int], root: Path, seed: int = SEED) -> dict[str, Path]:
    """Write one CSV a list under `root`, rows shuffled; returns the files by list."""
    rng = random.Random(seed)
    crowd = people(rng, bsn_share=1.0)
    lists: dict[str, list[Person]] = {name: [] for name in PARTIES}
    for members, count in table.items():
        for person in islice(crowd, count):
            for name in sorted(members):
                lists[name].append(person)
    files = {}
    for name, persons in lists.items():
        rng.shuffle(persons)
        files[name] = root / f"lijst_{name}.csv"
        with files[name].open("w", encoding="utf-8", newline="") as handle:
            out = csv.writer(handle)
            out.writerow(COLUMNS)
            for number, person in enumerate(persons, start=1):
                about = [number, person.bsn, "", person.geboren.isoformat(), person.geslacht, person.land]
                out.writerow([*about, "arbeid", "uitzend", "GM0599", "politie_melding", "zorg_straf", "vermoeden"])
    return files
