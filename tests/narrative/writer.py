"""Writes Dutch and English police and care sentences with gold spans, from a seed.

Not made from the development sample: other sentences, other formats, and an own table of how people write each kind of
number. `write(seed, n)` yields texts; `variants(rng, label)` yields single values in one of the ways people write them.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

GIVEN = (
    "Ioana Bogdan Zsuzsanna Krisztián Desislava Plamen Agnieszka Przemysław Blessing Osaro Thuy Quốc "
    "Xiaoling Jianguo Fatmira Ardit Svitlana "
    "Oleksandr Yordanos Tesfay Hodan Abdirahman Rania Youssef Merve Emre Sanne Daan Femke Thijs Marie"
    "ke Wouter Noor Jeroen Ngozi Emeka Lucia Mihai "
    "Raluca Cosmin Beáta Gábor Rositsa Dimitar Wioletta Zbigniew Joy Ehis Bích Dũng Meiling Wei Elira"
    " Besnik Olena Mykola"
).split()
FAMILY = (
    "Dumitrescu Stoica Nagy Szabó Petrova Georgiev Kowalczyk Wiśniewski Osagie Omoruyi Nguyễn Phạm Zh"
    "ang Huang Hoxha Shehu Kovalenko Tkachenko Gebremedhin "
    "Haile Warsame Farah Haddad Benali Yılmaz Şahin Vermeulen Hendriks Okonkwo Eze Marinescu Ionescu "
    "Tóth Varga Todorova Nikolov Zielińska Wójcik Idahosa "
    "Aigbe Trần Lê Chen Wu Gjoka Marku Shevchenko Melnyk"
).split()
PARTICLE_NAMES = (
    "van den Heuvel",
    "de Wit",
    "van der Meulen",
    "ter Beek",
    "van Leeuwen",
    "el Idrissi",
    "de la Cruz",
    "van 't Hof",
)
TOWNS = (
    "Rotterdam Schiedam Vlaardingen Dordrecht Gorinchem Ridderkerk Spijkenisse Eindhoven Tilburg Gron"
    "ingen Leeuwarden Nijmegen Venlo Roermond Zaandam "
    "Hoogeveen Emmen Deventer Apeldoorn Leiden Delft Gouda Hoorn Alkmaar"
).split()
STREETS = (
    "Mathenesserlaan",
    "Nieuwe Binnenweg",
    "Putsebocht",
    "Van Ostadestraat",
    "Burgemeester Baumannlaan",
    "Slinge",
    "Oude Haven",
    "1e Pijnackerstraat",
    "Dorpsstraat",
    "Laan van Nieuw Oosteinde",
    "Graaf Florisstraat",
    "Kleiweg",
    "Molenstraat",
    "Hoofdstraat",
    "Witte de Withstraat",
    "Zuiderpark",
    "Jan van Scorelplein",
    "Vasteland",
    "Prins Hendrikkade",
    "Wilgenhof",
    "Kerkpad",
    "Havenzicht",
    "Spoorsingel",
    "Beukelsdijk",
    "Lange Hilleweg",
    "Professor Kamerlingh Onneslaan",
    "Sint-Jobsweg",
    "Coolsingel",
    "Dr. Schaepmanstraat",
    "Brielselaan",
)
MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()
SHORT_MONTHS = "jan feb mrt apr mei jun jul aug sep okt nov dec".split()
ENGLISH_MONTHS = "January February March April May June July August September October November December".split()
PLATE_LETTERS = "BDFGHJKLNPRSTVXZ"
SIDECODES = (
    "XX-99-99 99-99-XX 99-XX-99 XX-99-XX XX-XX-99 99-XX-XX 99-XXX-9 9-XXX-99 XX-999-X X-999-XX XXX-99"
    "-X X-99-XXX 9-XX-999 999-XX-9"
).split()


@dataclass(frozen=True, slots=True)
class Gold:
    """A label that must be found at [start, end) of the text."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Story:
    """A text with its gold spans; `known` are the record's own names."""

    text: str
    gold: tuple[Gold, ...]
    known: tuple[str, ...] = ()


def digits(rng: random.Random, n: int, first: str = "0123456789") -> str:
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(n - 1))


def bsn(rng: random.Random) -> str:
    while True:
        number = digits(rng, 9, "123456789")
        if sum(w * int(d) for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), number, strict=True)) % 11 == 0:
            return number


def typo(rng: random.Random, number: str) -> str:
    """Change one digit."""
    place = rng.choice([i for i, c in enumerate(number) if c.isdigit()])
    return number[:place] + rng.choice([d for d in "0123456789" if d != number[place]]) + number[place + 1 :]


def ocr(rng: random.Random, number: str) -> str:
    """Misread one or two digits as letters, as scanners do."""
    misread = {"0": "O", "1": rng.choice("Il"), "5": "S", "8": "B"}
    places = [i for i, c in enumerate(number) if c in misread]
    for place in rng.sample(places, min(len(places), rng.choice((1, 1, 2)))):
        number = number[:place] + misread[number[place]] + number[place + 1 :]
    return number


def grouped(number: str, sizes: tuple[int, ...], link: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return link.join(p for p in (*parts, number[at:]) if p)


def iban(rng: random.Random) -> str:
    country, bank = rng.choice((("NL", 4), ("NL", 4), ("NL", 4), ("DE", 0), ("BE", 0), ("RO", 4), ("PL", 0), ("BG", 4)))
    length = {"NL": 14, "DE": 18, "BE": 12, "RO": 20, "PL": 24, "BG": 18}[country]
    body = "".join(rng.choice("ABCDEFGHIJKLMNRSTUV") for _ in range(bank)) + digits(rng, length - bank)
    check = 98 - int("".join(str(int(c, 36)) for c in body + country + "00")) % 97
    return f"{country}{check:02d}{body}"


def plate(rng: random.Random) -> str:
    shape = rng.choice(SIDECODES)
    return "".join(
        rng.choice(PLATE_LETTERS) if c == "X" else rng.choice("0123456789") if c == "9" else c for c in shape
    )


def date(rng: random.Random, low: int, high: int) -> str:
    y, m, d = rng.randint(low, high), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice(
        (
            f"{d:02d}-{m:02d}-{y}",
            f"{d}-{m}-{y}",
            f"{d:02d}/{m:02d}/{y}",
            f"{d:02d}.{m:02d}.{y}",
            f"{y}-{m:02d}-{d:02d}",
            f"{d} {MONTHS[m - 1]} {y}",
            f"{d} {SHORT_MONTHS[m - 1]} {y}",
            f"{d:02d}-{m:02d}-{y % 100:02d}",
            f"{d}/{m}/{y % 100:02d}",
            f"{d} {MONTHS[m - 1].capitalize()} {y}",
            f"{d:02d}-{SHORT_MONTHS[m - 1]}-{y}",
            f"{d:02d} - {m:02d} - {y}",
            f"{d:02d} {m:02d} {y}",
            f"{d} {SHORT_MONTHS[m - 1]}. {y}",
            f"{ENGLISH_MONTHS[m - 1]} {d}, {y}",
            f"{d} {ENGLISH_MONTHS[m - 1]} {y}",
        )
    )


def _bsn_text(rng: random.Random) -> str:
    number = bsn(rng)
    return rng.choice(
        (
            number,
            number,
            typo(rng, number),
            grouped(number, (3, 3), " "),
            grouped(number, (3, 3), "."),
            grouped(number, (4, 2), "."),
            ocr(rng, number),
            grouped(number, (4, 2), " "),
            grouped(number, (3, 3), "-"),
        )
    )


def _vnr_text(rng: random.Random) -> str:
    number = digits(rng, 10, "2345")
    return rng.choice(
        (
            number,
            number,
            typo(rng, number),
            grouped(number, (3, 3), " "),
            grouped(number, (4, 3), " "),
            grouped(number, (3, 3), "."),
            ocr(rng, number),
        )
    )


def _phone_text(rng: random.Random) -> str:
    mobile, area = digits(rng, 8), rng.choice(("10", "20", "70", "30", "40", "78", "180", "181"))
    land = digits(rng, 9 - len(area), "2345678")
    return rng.choice(
        (
            f"06{mobile}",
            f"06-{mobile}",
            f"06 {mobile}",
            f"06 {grouped(mobile, (2, 2, 2), ' ')}",
            f"06-{grouped(mobile, (4,), ' ')}",
            f"+316{mobile}",
            f"+31 6 {mobile}",
            f"+31 (0)6 {mobile}",
            f"00316{mobile}",
            f"+31 6 {grouped(mobile, (2, 2, 2), ' ')}",
            f"0{area}-{land}",
            f"0{area} {land}",
            f"(0{area}) {land}",
            f"+31 {area} {land}",
            f"+40 7{digits(rng, 2)} {digits(rng, 3)} {digits(rng, 3)}",
            f"+359 88 {digits(rng, 7)}",
            f"+48 {digits(rng, 3)} {digits(rng, 3)} {digits(rng, 3)}",
            f"+234 80{digits(rng, 8)}",
            f"+36 30 {digits(rng, 3)} {digits(rng, 4)}",
            ocr(rng, f"06{mobile}"),
            f"06 - {mobile}",
            f"06.{grouped(mobile, (2, 2, 2), '.')}",
        )
    )


def _iban_text(rng: random.Random) -> str:
    account = iban(rng)
    fours = grouped(account, (4,) * 8, " ")
    return rng.choice(
        (
            account,
            account,
            fours,
            typo(rng, account[:2] + account[2:]),
            account[:4] + ocr(rng, account[4:]) if account.startswith("NL") else account,
            fours,
        )
    )


def _plate_text(rng: random.Random) -> str:
    mark = plate(rng)
    return rng.choice((mark, mark, mark, mark.lower(), mark.replace("-", "–"), mark.replace("-", " - ")))


def _letters(rng: random.Random, n: int) -> str:
    return "".join(rng.choice("ABCDEFGHIJKLMNPRSTUVWXYZ") for _ in range(n))


def _document_text(rng: random.Random) -> str:
    mixed = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ123456789") for _ in range(4))
    return rng.choice(
        (
            f"{_letters(rng, 2)}{digits(rng, 7)}",
            f"{_letters(rng, 2)}{digits(rng, 2)}{mixed}{digits(rng, 1)}",
            digits(rng, 9),
            f"{_letters(rng, 2)}{digits(rng, 6)}",
            f"{_letters(rng, 3)} {digits(rng, 6)}",
            digits(rng, 12),
        )
    )


def _case_text(rng: random.Random) -> str:
    year, unit = rng.randint(2017, 2026), rng.choice(("0900", "1700", "1500", "1300", "2300"))
    return rng.choice(
        (
            f"PL{unit}-{year}{digits(rng, 6)}",
            f"PL{unit}-{year}{digits(rng, 6)}-{rng.randint(1, 9)}",
            f"PL{unit} {year}{digits(rng, 6)}",
            f"{rng.choice(('10', '09', '16', '13'))}/{digits(rng, 6)}-{year % 100}",
            f"{rng.choice(('10', '09', '16', '13'))}-{digits(rng, 6)}-{year % 100}",
            f"{rng.choice(('10', '09'))}.{digits(rng, 6)}.{year % 100}",
            f"{year}{digits(rng, 6)}",
            f"{year}{digits(rng, 6)}-{rng.randint(1, 9)}",
        )
    )


def _postcode_text(rng: random.Random) -> str:
    number, letters = digits(rng, 4, "123456789"), "".join(rng.choice("ABCDEGHJKLMNPRTVWXZ") for _ in range(2))
    return rng.choice((f"{number} {letters}", f"{number} {letters}", f"{number}{letters}", f"{number}{letters}"))


def _address_text(rng: random.Random) -> str:
    number = rng.randint(1, 480)
    addition = rng.choice(("", "", "", "", "a", "B", "-2", " hs", "-III", " bis", "/3", " A", "-a", "c"))
    return f"{rng.choice(STREETS)} {number}{addition}"


def _email_text(rng: random.Random) -> str:
    given, family = (
        rng.choice(("ioana", "b.stoica", "mr_wei", "j.van.leeuwen", "joy1998")),
        rng.choice(("mail", "post", "zorggroep", "web-de")),
    )
    host = rng.choice(("example", "nl", "test", "com", "co.uk"))
    plain = f"{given}{rng.randint(1, 99)}@{family}.{host}"
    return rng.choice(
        (plain, plain, plain.upper(), plain.replace("@", " @ "), plain.replace("@", "(at)"), plain.replace("@", "[at]"))
    )


def _url_text(rng: random.Random) -> str:
    return rng.choice(
        (
            "https://{}.example/ad/{}",
            "www.{}.nl/profiel?id={}",
            "http://{}.test/{}/x.html",
            "{}.example/nl/{}",
            "www.{}{}.com",
            "https://t.me/{}{}",
        )
    ).format(rng.choice(("dates", "sexy-date", "kamers-huren", "werkinnl")), digits(rng, 5))


def _handle_text(rng: random.Random) -> str:
    return (
        "@"
        + rng.choice(("sexy.joy", "mr_boss", "lil.wei", "daan-010", "ardit", "real.emre"))
        + rng.choice(("", str(rng.randint(1, 9999)), "_x"))
    )


VALUES: dict[str, Callable[[random.Random], str]] = {
    "BSN": _bsn_text,
    "VNR": _vnr_text,
    "PHONE": _phone_text,
    "IBAN": _iban_text,
    "KENTEKEN": _plate_text,
    "KVK": lambda rng: rng.choice((digits(rng, 8, "123456789"), grouped(digits(rng, 8, "123456789"), (4,), " "))),
    "DOC": _document_text,
    "CASE": _case_text,
    "POSTCODE": _postcode_text,
    "ADDRESS": _address_text,
    "EMAIL": _email_text,
    "URL": _url_text,
    "HANDLE": _handle_text,
    "DOB": lambda rng: date(rng, 1955, 2015),
    "DATE": lambda rng: date(rng, 2018, 2026),
    "PLACE": lambda rng: rng.choice(TOWNS),
}

SENTENCES = (
    "{PERSON} (BSN {BSN}) is op {DATE} gehoord.",
    "Burgerservicenummer: {BSN}.",
    "Volgens de gemeente hoort daar bsn-nummer {BSN} bij.",
    "bsn {BSN} staat op naam van een ander",
    "Haar V-nummer is {VNR}.",
    "vnr. {VNR}; asiel aangevraagd op {DATE}",
    "Betrokkene staat bij de IND bekend onder vreemdelingennummer {VNR}.",
    "Hij belt steeds met {PHONE}.",
    "Te bereiken op tel. {PHONE}, ook via WhatsApp.",
    "Het nummer {PHONE} komt in drie zaken voor.",
    "MOB {PHONE} UITGEPEILD",
    "She was called by {PHONE} every night.",
    "Het geld ging naar rekening {IBAN}.",
    "Overboeking van 450 euro op {IBAN}, omschrijving huur.",
    "IBAN: {IBAN}",
    "De grijze bus met kenteken {KENTEKEN} stond voor de deur.",
    "Zij stapte in een auto, {KENTEKEN}, met twee mannen.",
    "Voertuig {KENTEKEN} gezien nabij de loods.",
    "Het uitzendbureau (KvK {KVK}) is op {DATE} uitgeschreven.",
    "KvK-nummer {KVK} hoort bij de eigenaar.",
    "Haar paspoort met nummer {DOC} ligt bij de werkgever.",
    "Verblijfsdocument {DOC} is verlopen.",
    "ID-kaart nr. {DOC} is als vermist opgegeven.",
    "His passport {DOC} was found in the safe.",
    "Proces-verbaal {CASE} is toegevoegd.",
    "Parketnummer {CASE}.",
    "Zie mutatie {CASE} van de wijkagent.",
    "Zaak {CASE} loopt nog.",
    "Zij verblijft op de {ADDRESS}, {POSTCODE} {PLACE}.",
    "Adres: {ADDRESS} te {PLACE}.",
    "Op {ADDRESS} zijn vijf matrassen aangetroffen.",
    "De woning aan de {ADDRESS} is op {DATE} gesloten.",
    "Post gaat naar {POSTCODE} {PLACE}.",
    "postcode {POSTCODE}",
    "woont {ADDRESS}, {POSTCODE}",
    "Mail: {EMAIL}.",
    "Hij schreef vanaf {EMAIL} dat zij moest komen.",
    "De advertentie stond op {URL}.",
    "Zie {URL} voor de foto's.",
    "Op Instagram heet zij {HANDLE}.",
    "Het account {HANDLE} is inmiddels verwijderd.",
    "{PERSON}, geboren op {DOB} te {PLACE}, verklaarde het volgende.",
    "Geboortedatum: {DOB}",
    "geb. {DOB}",
    "Cliënte (geb. {DOB}) is aangemeld door de huisarts.",
    "{PERSON}, born {DOB}, arrived in {PLACE} on {DATE}.",
    "Aangehouden {DATE}, heengezonden {DATE}.",
    "Op {DATE} is de controle uitgevoerd.",
    "Sinds {DATE} werkt hij in {PLACE}.",
    "Het gesprek van {DATE} is verzet naar {DATE}.",
    "GEB {DOB} TE {PLACE}; TEL {PHONE}; BSN {BSN}",
    "naam onbekend, tel {PHONE}, auto {KENTEKEN}",
    "slo (v-nr {VNR}) kwam {DATE} aan; geb {DOB}",
    "Verdachte rijdt {KENTEKEN} en gebruikt {PHONE}.",
    "{PERSON} woont aan de {ADDRESS} in {PLACE} en is bereikbaar via {EMAIL} of {PHONE}.",
    "Rekening {IBAN} op naam van {PERSON}, BSN {BSN}.",
)


def person(rng: random.Random) -> str:
    given, family = rng.choice(GIVEN), rng.choice((*FAMILY, *FAMILY, *PARTICLE_NAMES))
    return rng.choice((f"{given} {family}", f"{given} {family}", f"{given[0]}. {family}", given))


def write(seed: int, n: int) -> Iterator[Story]:
    """Yield `n` texts of one to three sentences."""
    rng = random.Random(seed)
    for _ in range(n):
        text, gold, known = "", [], []
        for sentence in rng.sample(SENTENCES, rng.choice((1, 1, 2, 3))):
            text += " " if text else ""
            rest = sentence
            while "{" in rest:
                head, _, rest = rest.partition("{")
                label, _, rest = rest.partition("}")
                value = person(rng) if label == "PERSON" else VALUES[label](rng)
                if label == "PERSON":
                    known.append(value)
                text += head
                gold.append(Gold(len(text), len(text) + len(value), label))
                text += value
            text += rest if rest.endswith((".", "!")) else f"{rest}."
        yield Story(text, tuple(gold), tuple(known) if rng.random() < 0.5 else ())
