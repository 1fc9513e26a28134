"""A second reading of the policy in plain Python: matrix.csv, parties.json, gemeenten.csv and the table of checks.

Written from the design page, not from the Rego: no compiled table, no shared code. It answers only what the
differential tests compare: the decision, the unproven codes, the obligations, the rows and the scope.
"""

import csv
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

PERSONAL = {
    "records_indienen",
    "match_aanvragen",
    "hits_inzien",
    "bronverstrekking_vragen",
    "bronverstrekking_beslissen",
    "doorgeleiden",
    "bewaartermijn_verlengen",
}
ANALYST = PERSONAL - {"records_indienen", "bronverstrekking_beslissen"}
LOOSE = {"audit_inzien", "betrokkene_verzoek", "beleid_activeren"}
ACTIONS = PERSONAL | LOOSE | {"tellingen_indienen", "intrekken", "aggregaat_vrijgeven"}
SECRET_KEEPERS = {"zorg_ngo", "zorg_medisch", "veilig_thuis", "gemeente_zorg"}
ROLES = set(
    "partner_it bron_functionaris riec_analist zvh_procesregisseur zorgcoordinator aandachtsfunctionaris regisseur "
    "privacy_officer rac_lid beheerder".split()
)
PURPOSES = {
    "RIEC": {"aanpak_georganiseerde_criminaliteit", "handhavingsknelpunten", "integriteitsbeoordeling"},
    "ZVH": {"zvh_casus"},
    "MONITOR": {"monitor"},
}
DOEL = set().union(*PURPOSES.values()) | {"audit", "zorgcoordinatie"}
PARTNERS = set(
    "gemeente_veiligheid gemeente_zorg politie om nla kmar fiscus ind_uwv riec_bureau zvh_bureau zorg_ngo "
    "veilig_thuis zorg_medisch comensha regisseur_bureau".split()
)
CATEGORIES = {"slachtoffer", "verdachte_dader", "facilitator", "locatie", "bedrijf", "voertuig"}
STAGES = ["signaal", "vermoeden", "weging", "casus", "interventie", "afgesloten"]
ROUTES = {"zorg", "zorg_straf", "ondermijning"}
DOMAINS = {"veiligheid", "zorg", "opsporing", "toezicht", "bureau"}
_CATALOGUE = (
    "meldingen_per_jaar vorm_geslacht_leeftijd vorm_per_gemeente herkomst_per_vorm sector_per_vorm aanmelder_per_vorm "
    "route_per_vorm inspanningen_per_kwartaal geschatte_omvang".split()
)
TABLES = {**dict.fromkeys(_CATALOGUE, 10), **{f"{name}.regionale_tafel": 5 for name in _CATALOGUE}}
DUTIES = {"LOG", "MIN", "R", "4E", "INF", "MOT", "MEN", "NOT", "SUP", "VT", "EXP", "QUA", "CMH"}
SCOPES = {
    13: "alleen_hit_of_geen_hit",
    12: "bekend_onbekend",
    21: "bekend_onbekend",
    22: "bekend_onbekend",
    62: "bekend_onbekend",
    26: "partner_en_contactpunt",
    65: "partner_en_contactpunt",
    39: "aggregaat",
}
NARROWEST = ["geen", "alleen_hit_of_geen_hit", "bekend_onbekend", "partner_en_contactpunt", "aggregaat"]
CONDITIONS = {
    4: {"noodzaak_bescherming": True},
    62: {"noodzaak_bescherming": True},
    6: {"beroepsgeheim": False},
    7: {"beroepsgeheim": True, "doorbrekingsgrond": "toestemming"},
    9: {"beroepsgeheim": True, "doorbrekingsgrond": "conflict_van_plichten"},
    22: {"triage_positief": True, "tafel_vastgesteld": True},
    31: {"partners_in_casus": True},
    37: {"naar_convenant": "RIEC", "ontvanger_akkoord": True, "beroepsgeheim": False},
    40: {"bevat_tokens": False},
}
BOOLEANS = set(
    "bijzonder minderjarig dubbelrol vrije_tekst noodzaak_bescherming regio_raakvlak beroepsgeheim toestemming_geldig "
    "bsn_aanwezig opsporingsbelang bevat_tokens mens_gevalideerd eigen_verzoek partners_in_casus triage_positief "
    "tafel_vastgesteld embargo strafrechtelijk veiligheid_slachtoffer ontvanger_akkoord beschermd herleiding "
    "identiteit_vastgesteld".split()
)
NUMBERS = set(
    "aantal_subjecten subjecten_casus_30d subjecten_analist_30d hit_ouderdom_dagen min_cel min_verschil "
    "dominantie_promille k".split()
)
CODES = {"bewijs_ref", "professional_ref", "consult_ref", "hit_id", "bundel_digest", "tabel_id"}
COLUMNS = set(
    "gemeente veiligheidshuis regio uitbuitingsvorm monitorgroep sector geslacht leeftijdsband minderjarig "
    "herkomstregio bron_signaal route kwartaal jaar".split()
)
RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def nanoseconds(text):
    """The instant of an RFC 3339 text as integer nanoseconds, or None when it is no such text of 2000-2199."""
    found = RFC3339.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    if not 2000 <= year <= 2199:
        return None
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    fraction, offset = found.group(7) or "", found.group(8)
    seconds = int((moment - datetime(1970, 1, 1)).total_seconds())
    if offset != "Z":
        hours, minutes = int(offset[1:3]), int(offset[4:6])
        if hours > 23 or minutes > 59:
            return None
        seconds -= (1 if offset[0] == "+" else -1) * (hours * 3600 + minutes * 60)
    return seconds * 10**9 + int(fraction.ljust(9, "0") or 0)


def is_code(value):
    """The page's Code."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9:._-]{1,128}", value) is not None


def is_oin(value):
    """Twenty digits."""
    return isinstance(value, str) and re.fullmatch(r"[0-9]{20}", value) is not None


def is_number(value):
    """A number; in Python a boolean is one too, here it is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_bool(value):
    """true or false."""
    return isinstance(value, bool)


def is_time(value):
    """An existing instant."""
    return nanoseconds(value) is not None


def is_uri(value):
    """A reference to a register."""
    return isinstance(value, str) and re.fullmatch(r"[!-~]{1,512}", value) is not None


def one_of(values):
    """A member of a closed list."""
    return lambda value: isinstance(value, str) and value in values


def is_columns(value):
    """A list of known columns."""
    return isinstance(value, list) and all(isinstance(v, str) and v in COLUMNS for v in value)


SIGNATURE = {"eigenaar_oin": is_oin, "digest": is_code, "geldig": is_bool}


def is_signatures(value):
    """A list of objects of {eigenaar_oin, digest, geldig}."""
    return isinstance(value, list) and all(
        isinstance(entry, dict) and all(k in SIGNATURE and SIGNATURE[k](v) for k, v in entry.items()) for entry in value
    )


def is_object(value):
    """A JSON object."""
    return isinstance(value, dict)


LISTED = {
    "root": dict.fromkeys(("subject", "action", "resource", "context"), is_object),
    "subject": {"type": is_code, "id": is_code, "properties": is_object},
    "subject.properties": {
        "oin": is_oin,
        "domein": one_of(DOMAINS),
        "partnertype": one_of(PARTNERS),
        "rol": one_of(ROLES),
        "loa": one_of({"laag", "substantieel", "hoog"}),
        "mfa": is_bool,
    },
    "action": {"name": one_of(ACTIONS), "properties": is_object},
    "action.properties": {"processing_activity_id": is_uri, "algorithm_id": is_uri},
    "resource": {"type": is_code, "id": is_code, "properties": is_object},
    "resource.properties": {
        **dict.fromkeys(BOOLEANS, is_bool),
        **dict.fromkeys(NUMBERS, is_number),
        **dict.fromkeys(CODES, is_code),
        "bewaren_tot": is_time,
        "bron_oin": is_oin,
        "gemeente": lambda v: isinstance(v, str) and re.fullmatch(r"GM[0-9]{4}", v) is not None,
        "bron_domein": one_of(DOMAINS),
        "categorie": one_of(CATEGORIES),
        "route": one_of(ROUTES),
        "status": one_of(STAGES),
        "verzameldoel": one_of(DOEL),
        "doorbrekingsgrond": one_of({"toestemming", "wettelijke_plicht", "conflict_van_plichten", "meldrecht", "geen"}),
        "sterkte": one_of({"sterk", "middel", "zwak"}),
        "wpg_artikel": one_of({"8", "9", "10", "12", "13", "geen"}),
        "ontvanger_partnertype": one_of(PARTNERS),
        "naar_convenant": one_of(PURPOSES),
        "soort": one_of({"inzage", "rectificatie", "wissing", "beperking", "bezwaar"}),
        "uitsplitsing": is_columns,
        "handtekeningen": is_signatures,
    },
    "context": {
        "time": is_time,
        "traceparent": is_code,
        "convenant": one_of(PURPOSES),
        "thema": is_code,
        "doel": one_of(DOEL),
        "casus_id": is_code,
        **dict.fromkeys(("autorisatie", "vierogen", "motivering", "logging", "beleid"), is_object),
    },
    "context.autorisatie": {
        "id": is_code,
        "casus_id": is_code,
        "subject": is_code,
        "doel": one_of(DOEL),
        "van": is_time,
        "tot": is_time,
    },
    "context.vierogen": {
        "aanvrager": is_code,
        "goedkeurder": is_code,
        "tijd": is_time,
        "goedkeurder_rol": one_of(ROLES),
    },
    "context.motivering": dict.fromkeys(("noodzaak", "proportionaliteit", "subsidiariteit"), is_code),
    "context.logging": {"ldv": is_bool, "adl": is_bool},
    "context.beleid": {"revisie": is_code, "ondertekend": is_bool, "ouderdom_uren": is_number},
}


@dataclass
class Verdict:
    """What the oracle says."""

    decision: bool
    codes: list
    obligations: list
    rows: list
    scope: str


class Oracle:
    """The tables as they stand in a policy folder's `bron/`."""

    def __init__(self, bron: Path):
        self.rows = [row for row in csv.DictReader((bron / "matrix.csv").open()) if row["besluit"] == "ALLOW"]
        parties = json.loads((bron / "parties.json").read_text())
        self.parties, self.owners = parties["partijen"], parties["beleid_eigenaren"]
        self.municipalities = {row["code"]: row for row in csv.DictReader((bron / "gemeenten.csv").open())}

    def judge(self, question) -> Verdict:
        """The verdict on one question that has its four sections."""
        return _Reading(self, question).verdict()


def admits(cell, value):
    """Whether a matrix cell admits a value (None: not given)."""
    cell = cell.strip()
    if cell == "-":
        return True
    if cell.startswith(">="):
        return value in STAGES[STAGES.index(cell[2:]) : -1]
    return value in [part.strip() for part in cell.replace("/", ",").split(",")]


def split_duties(cell):
    """Obligations of a matrix cell as (code, text in brackets)."""
    for part in re.findall(r"[^,(]+(?:\([^)]*\))?", cell):
        code, _, rest = part.partition("(")
        if code.strip() in DUTIES:
            yield code.strip(), rest.rstrip(")").strip() if rest else None


class _Reading:
    def __init__(self, tables, question):
        self.tables = tables
        self.raw = {"root": question}
        for name in LISTED:
            if name != "root":
                parent, _, key = name.rpartition(".")
                above = self.raw.get(parent or "root", {})
                given = above.get(key)
                self.raw[name] = given if isinstance(given, dict) else {}
        self.ok = {
            name: {k: v for k, v in section.items() if k in LISTED[name] and LISTED[name][k](v)}
            for name, section in self.raw.items()
        }
        self.res = self.ok["resource.properties"]
        self.sub = self.ok["subject.properties"]
        self.ctx = self.ok["context"]
        self.id = self.ok["subject"].get("id")
        self.action = self.ok["action"].get("name")
        self.now = nanoseconds(self.ctx.get("time"))
        self.personal = self.action in PERSONAL
        self.conv = self.ctx.get("convenant")
        self.double = self.personal and self.res.get("dubbelrol") is True
        self.categories = ["slachtoffer", "verdachte_dader"] if self.double else [self.res.get("categorie")]
        self._match_rows()
        self._find_party()

    def _match_rows(self):
        self.candidates = [
            row
            for row in self.tables.rows
            if self.sub.get("rol") is not None
            and self.action is not None
            and admits(row["rol"], self.sub["rol"])
            and admits(row["actie"], self.action)
            and admits(row["convenant"], self.conv)
        ]
        self.applying = {c: [row for row in self.candidates if self._applies(row, c)] for c in self.categories}
        numbers = sorted({int(row["rij"]) for rows in self.applying.values() for row in rows})
        self.hits = [row for row in self.tables.rows if int(row["rij"]) in numbers]
        asking = self.hits or self.candidates
        self.asked = {code for row in asking for code, _ in split_duties(row["verplichtingen"])}

    def _applies(self, row, category):
        return (
            admits(row["doel"], self.ctx.get("doel"))
            and admits(row["partnertype"], self.sub.get("partnertype"))
            and admits(row["categorie"], category)
            and admits(row["route"], self.res.get("route"))
            and admits(row["status"], self.res.get("status"))
            and all(self.res.get(k) == v for k, v in CONDITIONS.get(int(row["rij"]), {}).items())
        )

    def _find_party(self):
        key = (self.sub.get("oin"), self.sub.get("domein"))
        under = list(self.tables.parties) if self.action in LOOSE else [self.conv]
        self.entries = [
            p
            for c in under
            for p in self.tables.parties.get(c, [])
            if (p["oin"], p["domein"]) == key and self.action is not None
        ]
        self.listed_here = any((p["oin"], p["domein"]) == key for p in self.tables.parties.get(self.conv, []))
        self.active = [
            p
            for p in self.entries
            if self.now is not None
            and nanoseconds(p["van"]) <= self.now
            and ("tot" not in p or self.now < nanoseconds(p["tot"]))
        ]
        self.party = self.active or self.entries

    def has_right(self, right):
        """Every relevant entry of the party has it."""
        return bool(self.party) and all(p.get(right) is True for p in self.party)

    def absent(self, key):
        """Not given at all, in a resource.properties that is an object."""
        return "properties" in self.ok["resource"] and key not in self.raw["resource.properties"]

    def within(self, start, end):
        """start <= now < end, all of them instants."""
        start, end = nanoseconds(start), nanoseconds(end)
        return None not in (start, end, self.now) and start <= self.now < end

    def in_region(self, code):
        """A municipality of the region that exists now."""
        row = self.tables.municipalities.get(code)
        if row is None or self.now is None:
            return False
        day = lambda text: int(datetime.fromisoformat(text + "T00:00:00+00:00").timestamp()) * 10**9  # noqa: E731
        return (not row["geldig_van"] or day(row["geldig_van"]) <= self.now) and (
            not row["geldig_tot"] or self.now < day(row["geldig_tot"])
        )

    def between(self, key, low, high):
        """The number is given and lies in [low, high]."""
        return key in self.res and low <= self.res[key] <= high

    def verdict(self):
        """All checks, then the answer."""
        from tests.policy.oracle_checks import CHECKS

        codes = sorted(code for code, proven in CHECKS.items() if not proven(self))
        duties = {"LOG": set()}
        for row in self.hits:
            for code, text in split_duties(row["verplichtingen"]):
                duties.setdefault(code, set()).update({text} - {None})
        if self.personal and self.res.get("minderjarig") is True:
            duties.setdefault("VT", set())
            duties.setdefault("4E", set())
        if self.personal and self.res.get("bijzonder") is True:
            duties.setdefault("4E", set())
        if self.action == "records_indienen" and self.res.get("regio_raakvlak") is True:
            duties.setdefault("MOT", set())
        allowed = not codes and bool(self.hits)
        scopes = [SCOPES.get(int(row["rij"]), "geen") for row in self.hits]
        return Verdict(
            decision=allowed,
            codes=codes,
            obligations=[(code, sorted(texts)) for code, texts in sorted(duties.items())],
            rows=sorted(int(row["rij"]) for row in self.hits),
            scope=min(scopes, key=NARROWEST.index) if allowed else "geen",
        )


DAY = timedelta(hours=24) // timedelta(microseconds=1) * 1000
