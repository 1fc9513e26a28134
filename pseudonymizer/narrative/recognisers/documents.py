"""Papers, plates and files: identity documents, number plates, police and court numbers."""

from pseudonymizer.narrative.recognisers.numbers import DIGIT, END, LINK, START
from pseudonymizer.narrative.recognisers.pattern import Rule, RuleRecognizer
from pseudonymizer.narrative.spans import Label

_DASH = r"[-‐‑–—_.·]"

# RDW sidecodes 1 to 14 as (letters, digits) groups; sidecode 15 and later repeat these shapes.
SIDECODES = (
    "XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9",
    "9-XXX-99", "XX-999-X", "X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9",
)  # fmt: skip

_MONTHS = "(?i:jan|feb|mrt|maa|apr|mei|jun|jul|aug|sep|okt|oct|nov|dec|mar|may)"


def _sidecode(shape: str, separator: str, letter: str, digit: str) -> str:
    parts = (group.replace("X", letter).replace("9", digit) for group in shape.split("-"))
    return separator.join(parts)


def _any_sidecode(separator: str, letter: str, digit: str = r"\d", skip: frozenset[str] = frozenset()) -> str:
    return "(?:" + "|".join(_sidecode(s, separator, letter, digit) for s in SIDECODES if s not in skip) + ")"


def kenteken_recognizer(language: str) -> RuleRecognizer:
    """Dutch plates of every sidecode, dashed, spaced or bare, and any plate that is called one.

    `1103DV` bare has the shape of sidecode 2 and of a postcode; bare it is left to the postcode rule.
    """
    name = (
        r"(?i:\b(?:kenteken(?:plaat|nummer)?|kent|nummerbord|kentekenhouder|number plate|licen[cs]e plate"
        r"|registration plate"
        r"|plate(?: number)?|plaat|platen)\b\.?)"
    )
    vehicle = (
        r"(?i:\b(?:auto|personenauto|bus|busje|bestelbus|bestelauto|vrachtwagen|voertuig|vtg|scooter"
        r"|taxi|aanhanger|bromfiets)\b)"
    )
    not_word = r"(?!(?:IN|OP|TE|EN|OM|IS|DE|OF|AAN|MET|VAN|BIJ|UIT|DOOR|HET|WAS|ER|TOT|GEEN|OOK)\b)"
    no_month = rf"(?!\d{{1,2}}-{_MONTHS}-\d)"
    return RuleRecognizer(
        Label.KENTEKEN,
        [
            Rule(
                "plate-named",
                rf"{name}{LINK}(?:\([A-Z]{{1,3}}\)[ ]?)?(?P<v>(?=[A-Za-z0-9 \-–.]{{0,10}}\d)[A-Za-z0-9]{{1,4}}"
                rf"(?:(?:[ \-–.]{{0,2}}|[ ][\-–][ ]){not_word}[A-Z0-9]{{1,5}}){{1,3}}|[A-Za-z0-9]{{5,8}}){END}",
                0.9,
            ),
            Rule(
                "plate-named-dashed",
                rf"(?:{name}|{vehicle}){LINK}(?P<v>"
                rf"(?=[^\d\n]{{0,8}}\d)\w{{1,3}}[ ]?{_DASH}[ ]?\w{{1,3}}[ ]?{_DASH}[ ]?\w{{1,3}}){END}",
                0.985,
            ),
            Rule(
                "plate-named-dutch",
                rf"(?:{name}|{vehicle}){LINK}(?P<v>{_any_sidecode('[ -–.]?', '[A-Za-z]')}){END}",
                0.89,
            ),
            Rule(
                "plate-dashed",
                rf"(?<![\w@/\-]){no_month}{_any_sidecode(_DASH, '[A-Za-z]')}(?![\w@/\-])",
                0.98,
                needs=r"\w[-‐‑–—_.·]\w{1,3}[-‐‑–—_.·]\w",
            ),
            Rule(
                "plate-spaced-dash",
                rf"(?<![\w@/\-]){_any_sidecode(' ?- ?', '[A-Z]')}(?![\w@/\-])",
                0.8,
                needs=r"[-] |[ ]-",
            ),
            Rule(
                "plate-spaced",
                rf"(?<![\w@/\-]){_any_sidecode(' ', '[A-Z]', skip=frozenset({'99-99-XX'}))}(?![\w@/\-])",
                0.6,
                needs=r"[A-Z][ ][0-9]|[0-9][ ][A-Z]|[A-Z][ ][A-Z]",
            ),
            Rule(
                "plate-bare",
                rf"(?<![\w@/\-.])(?!GM\d{{4}}){_any_sidecode('', '[A-Z]', skip=frozenset({'99-99-XX'}))}(?![\w@/\-])",
                0.7,
                needs=r"[A-Z][0-9]|[0-9][A-Z]",
            ),
            Rule(
                "plate-ocr",
                r"(?<![\w@/\-])(?=[A-Z0-9]{1,3}[-–][A-Z0-9]{1,3}[-–][A-Z0-9]{1,3}(?![\w@/\-]))(?=.{8}(?![\w\-]))"
                r"(?=[^A-Z]{0,7}[A-Z])(?=\D{0,7}\d)[A-Z0-9–-]{8}",
                0.6,
                needs=r"\w[-‐‑–—_.·]\w{1,3}[-‐‑–—_.·]\w",
            ),
            Rule(
                "plate-german", r"(?<![\w@/\-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}(?![\w@/\-])", 0.6, needs=r"[A-Z]-[A-Z]"
            ),
        ],
        language=language,
    )


def document_recognizer(language: str) -> RuleRecognizer:
    """Passports, identity cards, driving licences and residence documents of any country, and Dutch ones unnamed."""
    name = (
        r"(?i:\b(?:paspoort(?:nummer|nr)?|pasp|paspnr|identiteits(?:kaart|bewijs|document)(?:nummer|nr)?"
        r"|id-?(?:kaart|bewijs|nummer|nr|card)"
        r"|rijbewijs(?:nummer|nr)?|verblijfs(?:document|vergunning|kaart|pas|titel)(?:nummer|nr)?"
        r"|reisdocument(?:nummer|nr)?"
        r"|document(?:nummer|nr| number)|doc\.?nr|vreemdelingen(?:document|paspoort)|w-?document|passport"
        r"|identity card|driving licen[cs]e"
        r"|residence (?:permit|card)|permit|national id|visum(?:nummer)?|visa)|\bID)\b"
    )
    filler = (
        r"(?:[\s:;.,#()=\-]{0,3}(?:(?i:met|nummer|nr|no|number|num|is|was|van|het|documentnummer|onder|op"
        r"|with|document|card|kaart|"
        r"genummerd|bearing|roemeens|bulgaars|hongaars|pools)\b)?){0,5}[\s:;.,#()=\-]{0,3}"
    )
    value = (
        r"(?P<v>(?=[A-Z0-9l \-]{0,10}\d[A-Z0-9l \-]{0,3}\d)(?:[A-Z]{1,3}[ \-]?)?[A-Z0-9l]{5,14}|"
        r"(?=[a-z]{2}[a-z0-9]{0,6}\d)[a-z]{2}[a-z0-9]{5,7})"
    )
    return RuleRecognizer(
        Label.DOC,
        [
            Rule("document-named", rf"{name}{filler}{value}{END}", 0.97),
            Rule("document-named-spaced", rf"{name}{filler}(?P<v>[A-Z]{{1,2}}(?:[ ]?[A-Z0-9]){{5,8}}){END}", 0.9),
            Rule(
                "document-dutch",
                rf"{START}[A-Z]{{2}}(?=[A-Z0-9]{{0,5}}\d[A-Z0-9]{{0,5}}\d)[A-Z0-9]{{6}}\d{END}",
                0.7,
                needs=r"[A-Z]{2}\w{5}",
            ),
            Rule("document-letters-digits", rf"{START}[A-Z]{{1,3}} ?\d{{6,8}}{END}", 0.6),
            Rule(
                "document-letters-digits-ocr",
                rf"{START}[A-Z]{{2}}(?=(?:[OIlSBZ]{{0,2}}\d){{4}}){DIGIT}{{7}}{END}",
                0.6,
                needs=r"[A-Z]{2}\w{5}",
            ),
        ],
        language=language,
    )


def case_recognizer(language: str) -> RuleRecognizer:
    """Public prosecution (parketnummer), police (BVH, mutation), court and file numbers."""
    name = (
        r"(?i:\b(?:mut(?:atie)?(?:[ -]?(?:nummer|nr))?|bvh(?:[ -]?(?:nummer|nr))?|registratie(?:nummer"
        r"|nr)|proces-?verbaal(?:nummer|nr)?"
        r"|pv(?:[ -]?(?:nummer|nr))?|aangifte(?:nummer|nr)|zaaks?(?:nummer|nr)?|dossier(?:nummer|nr)?"
        r"|casus(?:nummer|nr)?|parket(?:nummer|nr)?"
        r"|meldings?(?:nummer|nr)|incident(?:nummer|nr)?|kenmerk|rolnummer|case(?: number| no)?|reference"
        r"|ref|file(?: number| no)?))\b\.?"
    )
    value = (
        r"(?P<v>(?=[A-Z0-9l/\-.]{0,8}\d[A-Z0-9l/\-.]{0,4}\d[A-Z0-9l/\-.]{0,4}\d)[A-Z0-9l]{2,12}"
        r"(?:[/\-.][A-Z0-9l]{1,10}){0,3})"
    )
    return RuleRecognizer(
        Label.CASE,
        [
            Rule(
                "case-bvh",
                rf"{START}P[Ll1I][ ]?{DIGIT}{{4}}[ \-/]?(?:[12IlZ]{DIGIT}{{3}})[ \-]?{DIGIT}{{6}}"
                rf"(?:[ ]?-[ ]?\d{{1,6}})?{END}",
                0.97,
            ),
            Rule("case-bvh-loose", rf"{START}(?i:PL)[ ]?\d{{4}}[ \-/]?\d{{8,11}}(?:-\d{{1,3}})?{END}", 0.95),
            Rule(
                "case-parket",
                rf"{START}{DIGIT}{{2}}[ ]?[/.\- ][ ]?{DIGIT}{{6}}[ ]?[-/. ][ ]?{DIGIT}{{2}}(?![\w]|[-/]\d)",
                0.93,
            ),
            Rule("case-parket-loose", rf"{START}\d{{2}}/\d{{5,7}}-\d{{2}}{END}", 0.9),
            Rule("case-mutation", rf"{START}20[0-3]\d[ ]?\d{{6}}(?:-\d{{1,3}})?(?![\w]|[-/]\d)", 0.7),
            Rule("case-mutation-suffix", rf"{START}20[0-3]\d\d{{5,9}}-\d{{1,3}}(?![\w]|[-/]\d)", 0.85),
            Rule("case-named", rf"{name}{LINK}{value}{END}", 0.9),
            Rule("case-ecli", rf"{START}ECLI:NL:[A-Z]{{2,8}}:\d{{4}}:[A-Z0-9]{{1,12}}{END}", 0.98),
            Rule(
                "case-court",
                rf"{START}C/\d{{2}}/\d{{5,7}}(?: ?/ ?[A-Z]{{2}} ?[A-Z]{{2}} ?\d{{2}}-\d{{1,4}})?{END}",
                0.95,
            ),
        ],
        language=language,
    )
