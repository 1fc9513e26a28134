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

from pseudonymizer.identity import RawIdentity

ORIGINS: Final[dict[str, tuple[str, str, str, str]]] = {
    "NLD": (
        "jan piet klaas wil hen mar joh ger the ria san bas tim lot fem daan sem noor els ank",
        "a je ke ne tje ie us en ina ard bert o",
        "bak vis smi mul boer dek haan kuip prin scho ween koop post veen dij hoek berg wou bro groot kok mees",
        "ker ser t der man stra sen ma s huis aart ink els",
    ),
    "POL": (
        "an kat mag agn zof jol bar mon pio toma krz mar woj raf dar grz lukas bog wies stan",
        "a ina na ata ieszka ota ek szek ysztof cin ciech al iusz egorz slaw",
        "kow wis wojc kami lewan ziel szym dab kozl jan mazu kraw piotr grab paw mich now wrob jabl zajac",
        "alski niewski ik inska dowski yk czyk ak owicz ecki",
    ),
    "ROU": (
        "ion mih andr ele mar flor cris con dan gab rox sim alex nic ste vas luc raz cos vio",
        "a ai ei ena iana in tina ica ut el ana ion ius olae fan ile",
        "pop ion rad dum stan mun con mar dob cri ung mold nist gheo bar tud sto niti pan lup",
        "escu oiu a eanu itru teanu in ea ar achi",
    ),
    "BGR": (
        "ivan geor dimi niko pet hris sto yor kras vesel ras boy mari ele dani zlat tsve rosi",
        "a gi tar la ar to yan dan imir in en ko ana ena ela anka ka tana",
        "ivan geor dimit niko pet hrist stoy yord todor ang vasil ili marin atan zhiv kol dob tsan",
        "ov ova ev eva ski ska chev cheva",
    ),
    "HUN": (
        "istv lasz jozs zolt gab and fer tam bal erz kat mar zsu ild jud esz anna nor viv reka",
        "an lo ef an or ras enc as azs sebet alin ia zsanna iko it ter i a en",
        "nag kov tot szab hor var kis mol nem far bal pap tak juh lak mesz olah sim rac fek",
        "y acs h o vath ga s nar eth kas azs p acs asz atos aros on z ete",
    ),
    "NGA": (
        "ada chi emeka ngo obi uche ifeo ola tund fola ade bol kehi osa efe ese ngoz temi dami yemi",
        "eze nedu ka zi nna ma wale e ke bayo mide nde nde rere hosa oghene lola lope tayo",
        "oka ade oby eze nwo ola balo oko chuk igwe osag idah aki obas ogu umeh ehi omor iwu ojo",
        "for yemi inna kwu su tunji gun nkwo wu ze ie ro nola anjo nna bor osa uyi",
    ),
    "VNM": (
        "thi van minh duc thanh ngoc quoc hong thu hoai bao kim tuan hai lan mai phuong linh",
        " anh g h",
        "nguyen tran le pham hoang phan vu vo dang bui do ho ngo duong ly dinh truong lam",
        " ",
    ),
    "SYR": (
        "moham ahm mahm kha om yous ib abd fat rim lay nou ham sam tar bas hus zay rana dima",
        "mad ed oud lid ar ef rahim allah ima a la ra za er eq sel sein nab n",
        "al hass had kha sul dar naj mas said sha kas bak rif jab am bit hor aleppo issa dawo",
        "an dad lil eiman wish jar ri id ami ri sem our ai our in ar ani i ud",
    ),
    "UKR": (
        "oleks vol ser mykh andr iry oks nat tet lyud yul dmy vik yar bohd sol hal mar kat ihor",
        "andr odymyr hiy ailo iy na ana alia iana myla ia tro toriya oslav an omiya yna ina eryna",
        "shev kov bon tka krav oliy mels lys mar sav rud hry pon pet klym pav ivan dem yak zakh",
        "chenko alenko darenko chuk enko nyk nychuk iuk uk yshyn ivskyi ovskyi",
    ),
    "MAR": (
        "moha ahm yous ham rach fat kha aich zin nad sou said omar mou hass jam kari sal nou ily",
        "med ed sef za id ima dija a eb ia fiane ia stapha an ila m ma r as",
        "ben el ait bou ou al cher had ama tah ber lah kad idri fass mans zahr azz bak alao",
        "ali idrissi amar zian chaou ami kaoui dadi ziane iri khalifa cen douri ouzi oui ia",
    ),
    "TUR": (
        "meh mus ahm ali hus has ibr fat ays emi hat zey elif mer sul can yus osm mur oz",
        "met tafa et i eyin an ahim ma e ne ice nep yem tan uf at kan lem",
        "yil kay dem sah cel yildi yild arsl dog kil asl cet koc kur ozd simse pol akso ozt tas",
        "maz a ir in ik rim iz an an ic an in ak t emir k at y urk ci",
    ),
    "CHN": (
        "wei fang na xiu min jing li qiang lei jun yang yong jie juan tao ming chao xia gui hua",
        " ying lan hong mei",
        "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo",
        " ",
    ),
    "BRA": (
        "jose joao ant fran car paul ped luc luiz marc mar ana jul fer ama bru cam lar rafa tia",
        " onio cisco los o ro as iane ia nanda nda na ila issa el go",
        "sil sant oliv sou rod fer alv per lim gom cost rib mart carv alm lop soar vier nasc bar",
        "va os eira za rigues reira es eira a es a eiro ins alho eida es es imento ros",
    ),
    "IND": (
        "raj san ami vij sun ani pri kav nee poo dee man ra ash vik rahu ro laks dev anj",
        "esh jay t ay il ta ya ita lu ja pak oj vi ok ram l hit mi i ali",
        "sha kum sin gup ver pat red nai jos das meh ag bha cho yad mis pan tha rao cha",
        "rma ar gh ta ma el dy r hi gupta ta rwal tia pra av ra dey kur n uhan",
    ),
}
"""Per origin: starts and ends of given names, starts and ends of family names; a blank end is an empty one."""

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


_NAMESAKES: Final = 0.01


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


LIGHT: Final = Errors(0.35, 0.08, 0.20, 0.02, 0.06, 0.55, 0.45, 0.12)
HEAVY: Final = Errors(0.9, 0.14, 0.22, 0.05, 0.12, 0.45, 0.25, 0.28)
BARE: Final = Errors(0.8, 0.15, 0.05, 0.06, 1.0, 0.0, 0.0, 0.18)
"""Names and birth date only, as many older registers have."""


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
    people = _population(2 * size - shared, rng)
    left, right = list(range(size)), list(range(size - shared, 2 * size - shared))
    rng.shuffle(left)
    rng.shuffle(right)
    light = replace(
        errors, slips=errors.slips / 4, words=errors.words / 4, date=errors.date / 4, vague_date=0.02, no_date=0.0
    )
    return TwoFiles(
        left=[_spoil(people[at][0], light, rng) for at in left],
        right=[_spoil(people[at][0], errors, rng) for at in right],
        left_eid=[str(at) for at in left],
        right_eid=[str(at) for at in right],
        origin=[people[at][1] for at in left],
    )


def _pool(starts: str, ends: str, rng: random.Random) -> list[str]:
    names = [start + end.strip() for start in starts.split() for end in ends.split(" ")]
    rng.shuffle(names)
    return names


def _zipf(pool: list[str], rng: random.Random) -> str:
    """Rank r with a probability about 1/(r + 2): a few names are borne by many."""
    return pool[min(int(2 * ((len(pool) + 2) / 2) ** rng.random()) - 2, len(pool) - 1)]


def _population(count: int, rng: random.Random) -> list[tuple[RawIdentity, str]]:
    pools = {nation: (_pool(a, b, rng), _pool(c, d, rng)) for nation, (a, b, c, d) in ORIGINS.items()}
    shared_phones = [_phone(rng) for _ in range(max(4, count // 200))]
    people: list[tuple[RawIdentity, str]] = []
    while len(people) < count:
        nation = rng.choice(list(ORIGINS))
        person = _person(nation, pools[nation], shared_phones, rng)
        people.append((person, nation))
        if rng.random() < 0.12:
            people.append((_relative(person, pools[nation][0], rng), nation))
        if rng.random() < _NAMESAKES:
            people.append((_namesake(person, rng), nation))
    rng.shuffle(people)
    return people[:count]


def _person(
    nation: str, pools: tuple[list[str], list[str]], shared_phones: list[str], rng: random.Random
) -> RawIdentity:
    given = " ".join(_zipf(pools[0], rng) for _ in range(1 + (rng.random() < 0.3)))
    family = " ".join(_zipf(pools[1], rng) for _ in range(1 + (rng.random() < 0.2)))
    if nation == "NLD" and rng.random() < 0.25:
        family = rng.choice(("van ", "de ", "van der ", "van den ")) + family
    year = round(rng.triangular(1955, 2009, 1994))
    month, day = (1, 1) if rng.random() < 0.1 else (rng.randint(1, 12), rng.randint(1, 28))
    phone = rng.choice(shared_phones) if rng.random() < 0.05 else _phone(rng)
    return RawIdentity(
        voornaam=given,
        achternaam=family,
        geboortedatum=f"{year}-{month:02d}-{day:02d}",
        geslacht=rng.choice("mv"),
        nationaliteit=nation,
        telefoon=phone,
        document=f"{rng.choice('ABCEGHKLNPRTX')}{rng.choice('ABCEGHKLNPRTX')}{rng.randint(10**6, 10**7 - 1)}",
    )


def _relative(person: RawIdentity, given: list[str], rng: random.Random) -> RawIdentity:
    """A brother, sister or child: same surname, often the same phone, sometimes a twin."""
    year = int((person.geboortedatum or "1990")[:4]) + rng.randint(-8, 8)
    twin = rng.random() < 0.08
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
