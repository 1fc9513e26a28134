"""Where someone can be found: street with number, postcode.

The postcode shape `2024 is` occurs in ordinary sentences, so two-letter words after a year are no postcode. The letter
pairs SA, SD and SS were never issued but are found all the same: a typing slip still points at the door.
"""

from pseudonymizer.narrative.recognisers.numbers import DIGIT, MISREAD
from pseudonymizer.narrative.recognisers.pattern import Rule, RuleRecognizer
from pseudonymizer.narrative.spans import Label

_SHORT_WORDS = frozenset(
    "en of in op te is de er om al an as af ze je we na nu bij zo dan die dat toe uit aan had ik hij "
    "zij wel met per via "
    "eu km kg uu st nr vs to at by on it we he be or so if no my do go us up am pm ml cm mm ha gr".split()
)

_CAP = r"[A-ZÀ-ÞȘȚŁĐ]"
_NAME = rf"(?:{_CAP}[\w'’\-]{{1,30}}|(?:Dr|Prof|Mr|Ds|St|Burg|Ir|Past|Kard|Gen|Adm|Jhr|Mgr)\.)"
# Aan, op and in are words of the sentence, not of the street's name; in capitals DE is so too.
_LINKS = r"(?:van het|van|de|der|den|ten|ter|'t|’t|la|le|du|von|Van|De|Der|Den|Ten|Ter|VAN|DER|DEN|TEN|TER)"
# Before the last word of a street, a word all in capitals must be one that streets begin with: in a text in capitals
# every word of the sentence looks like a name.
_BEFORE_LAST = (
    rf"(?:{_CAP}[a-zß-ÿ'’][\w'’\-]{{0,29}}|(?:Dr|Prof|Mr|Ds|St|Burg|Ir|Past|Kard|Gen|Adm|Jhr|Mgr)\."
    r"|BURGEMEESTER|PROF|DR|NIEUWE"
    r"|OUDE|LANGE|KORTE|GROTE|KLEINE|SINT|ST|PRINS|PRINSES|KONINGIN|KEIZER|GRAAF|HERTOG|NOORD|ZUID"
    r"|OOST|WEST|EERSTE|TWEEDE|DERDE)"
)
_PREFIX = rf"(?:(?:\d{{1,2}}(?:e|ste|de|E|DE|STE)|{_BEFORE_LAST}|{_CAP}\.|{_LINKS})[ ]){{0,5}}"
_KINDS = (
    r"(?:straat|straatweg|str|weg|laan|plein|dreef|dr|hof|kade|gracht|singel|dijk|pad|park|steeg"
    r"|markt|plantsoen|haven|wal|ring|"
    r"boulevard|baan|burg|veld|velden|hage|oord|akker|kamp|werf|poort|brug|sluis|zoom|rade|nest|donk"
    r"|horst|borg|erf|gaarde|weide|"
    r"tuin|bos|berg|meent|stee|waard|wijk|land|dam|hoek|eind|einde|kant|rak|diep|vaart|water|oever"
    r"|passage|promenade|allee|lei|"
    r"straße|strasse|ln|pln|wg|kd|sgl)"
)
_SURE_KINDS = (
    r"(?:straat|straatweg|str\.|weg|laan|plein|dreef|kade|gracht|singel|dijk|steeg|plantsoen|hof|pad"
    r"|lei|straße|strasse|boulevard)"
)
_NOT_STREETS = (
    r"(?!(?i:onderweg|snelweg|rijksweg|uitweg|omweg|terugweg|heenweg|halfweg|werkdag|gerechtshof"
    r"|zandpad|verder|ander|onder|minder|kinder)\b)"
)
_NUMBER = (
    r"(?:nr\.? ?|no\.? ?|nummer |huisnummer )?"
    rf"(?=[^\s]{{0,3}}\d){DIGIT}{{1,4}}"
    r"(?:[ ]?[-/][ ]?(?:\d{1,4}|[A-Za-z]{1,2}|III)(?![\w])|[ ]?(?:hs|huis|bis|bov|boven|ben|beneden|rd"
    r"|rood|zw|zwart|I{1,3}|[1-4]hoog)(?!\w)|[ ]?-[ ]?I{1,3}(?!\w)|[A-Za-z](?!\w)"
    r"|[ ][A-Z](?![\w.'’])|[ ][a-z](?=[,;:)]|$))?"
)
_MONTHS = (
    r"(?i:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
    r"|january|february|march"
    r"|may|june|july|august|october|jan|feb|mrt|apr|jun|jul|aug|sept?|okt|oct|nov|dec)\b"
)
_STOP = r"(?![\w]|[-/.,]\d|[ ]?(?:%|€|uur|jaar|euro|meisjes|vrouwen|mannen|personen|keer|maanden|weken|dagen)\b)"
_NOT_FIRST = (
    r"(?!(?:De|Het|Een|In|Op|Aan|Bij|Te|Naar|Uit|Woont|Adres|Nabij|Vanaf|Tot|Zij|Hij|Slo|OP|IN|TE"
    r"|AAN|NAAR|ADRES|WOONADRES|WOONT|WONEN|WONENDE|WONING|PAND|PERCEEL|VERBLIJFT|DE|HET|Woning|Pand|Perceel)\b)"
)


def _postcode(value: str, score: float) -> tuple[int, float] | None:
    letters = value[-2:].lower()
    year = value[:2] in ("19", "20") and " " in value
    if letters in _SHORT_WORDS and (year or not value[-2:].isupper()):
        return None
    return len(value), 0.6 if letters in ("sa", "sd", "ss") else score


def _street(value: str, score: float) -> tuple[int, float]:
    return len(value.rstrip(" .-/")), score


def postcode_recognizer(language: str) -> RuleRecognizer:
    """Dutch postcodes (four digits, two letters), with the house number or the word beside them surest."""
    before = r"(?<![\w@\-.,/])"
    return RuleRecognizer(
        Label.POSTCODE,
        [
            Rule("postcode", rf"{before}[1-9]\d{{3}}[ \u00a0]?[A-Z]{{2}}(?![\w@]|-\d\d)", 0.86, _postcode),
            Rule("postcode-mixed-case", rf"{before}[1-9]\d{{3}} [A-Z]{{2}}(?!\w)(?<=[a-zà-þ][^\n]{{0,80}})", 0.86),
            Rule("postcode-lower", rf"{before}[1-9]\d{{3}} ?[a-z]{{2}}(?![\w@]|-\d\d)", 0.7, _postcode),
            Rule(
                "postcode-wide",
                rf"{before}[1-9]\d{{3}}(?:[ ]{{2,3}}|[ ]?[-–.][ ]?)[A-Z]{{2}}(?![\w@]|-\d)",
                0.7,
                _postcode,
            ),
            Rule("postcode-spaced", rf"{before}[1-9](?: \d){{3}} {{1,2}}[A-Z] ?[A-Z](?!\w)", 0.7),
            Rule(
                "postcode-ocr-town",
                rf"{before}(?=(?:[OIlSBZ]{{0,3}}\d){{2}})[1-9IlSBZ]{DIGIT}{{3}} ?[A-Z]{{2}}(?=,? [A-Z][a-z])",
                0.85,
                needs=MISREAD,
            ),
            Rule(
                "postcode-ocr",
                rf"{before}(?=\w{{0,3}}[OIlSBZ])(?=(?:[OIlSBZ]{{0,2}}\d){{2}})[1-9IlSBZ]{DIGIT}{{3}} ?[A-Z]{{2}}"
                r"(?!\w)",
                0.6,
                needs=MISREAD,
            ),
            Rule(
                "postcode-named",
                rf"(?i:\b(?:postcode|pc|postal code)\b)[\s:.=]{{0,3}}(?:is )?(?P<v>{DIGIT}{{4}}"
                rf"(?:[ -]{{0,2}}[A-Za-z0]{{2}})?)(?!\w)",
                0.95,
            ),
        ],
        language=language,
    )


def address_recognizer(language: str) -> RuleRecognizer:
    """Street and house number with addition; post-office boxes; the common foreign forms."""
    street_next = (
        r"(?i:\b(?:op|aan|adres|adr|woonadres|verblijfadres|locatie|woont|wonende|wonend|verblijft|verblijvende|pand"
        r"|perceel|woning|at|address)\b)"
    )
    perhaps_next = r"(?i:\b(?:in|te|naar|nabij|bij|van|vanaf)\b)"
    article = r"(?:[ :]{1,2}(?i:de|het|'t))?[ :]{1,2}"
    street = rf"(?P<v>{_NOT_FIRST}(?!{_MONTHS})(?:{_BEFORE_LAST} (?:{_LINKS} ){{0,2}}){{0,3}}{_NAME} {_NUMBER})"
    ending = r"(?=[ ]?[,.;:)]|[ ]?$|[ ]{1,2}(?:te|in|at|en|waar|door|[1-9]\d{3} ?[A-Z]{2})\b|\n)"
    return RuleRecognizer(
        Label.ADDRESS,
        [
            Rule(
                "address",
                rf"(?<![\w@.])(?<!\d )(?=[A-ZÀ-ÞȘȚŁĐ\d'’]){_NOT_FIRST}{_NOT_STREETS}{_PREFIX}(?:{_CAP}[\w'’\-]{{0,30}}"
                rf"(?i:{_KINDS})\.?|{_NAME} (?i:{_SURE_KINDS}))[ ]{{1,2}}{_NUMBER}{_STOP}",
                0.87,
                _street,
            ),
            Rule(
                "address-lower",
                rf"(?<![\w@.]){_NOT_STREETS}[a-zà-þ][\w'’\-]{{2,30}}(?:{_SURE_KINDS}|straat|str"
                rf"|dr)[ ]{{1,2}}{_NUMBER}{_STOP}",
                0.8,
                _street,
            ),
            Rule(
                "address-spaced",
                rf"(?<![\w@.]){_NOT_FIRST}{_NAME} {_SURE_KINDS}[ ]{{1,2}}{_NUMBER}{_STOP}",
                0.8,
                _street,
            ),
            Rule(
                "address-located",
                rf"{street_next}{article}{street}{_STOP}",
                0.79,
                _street,
            ),
            Rule("address-perhaps", rf"{perhaps_next}{article}{street}{ending}", 0.76, _street),
            Rule(
                "address-laan-van",
                r"(?<![\w@.])(?:Laan|Plein|Weg|Park|Hof|Burgemeester|Prof|Dr|Mr|Graaf|Prins|Prinses|Koningin|Sint"
                rf"|St)\.? (?:{_LINKS} ){{0,2}}{_NAME}(?: {_NAME}){{0,2}} {_NUMBER}{_STOP}",
                0.8,
                _street,
            ),
            Rule(
                "address-before-postcode",
                rf"(?<![\w@.]){_NOT_FIRST}(?:{_BEFORE_LAST} (?:{_LINKS} ){{0,2}}){{0,3}}{_NAME} {_NUMBER}"
                rf"(?=,? ?[1-9]\d{{3}} ?[A-Z]{{2}}\b)",
                0.85,
                _street,
                needs=r"[0-9]{4} ?[A-Z]{2}",
            ),
            Rule(
                "address-year",
                rf"(?<![\w@.])(?:Plein|Straat|Laan) (?:19|20)\d\d {_NUMBER}{_STOP}",
                0.88,
                _street,
                needs=r"Plein|Straat|Laan",
            ),
            Rule("address-box", r"(?i:\bpostbus|\bpobox|\bp\.?o\.? box) \d{1,6}(?!\w)", 0.85),
            Rule(
                "address-english",
                rf"(?<![\w@.])\d{{1,4}}[A-Za-z]?,? (?:{_CAP}\w{{1,20}} ){{1,3}}(?:Street|Road|Avenue|Lane|Drive"
                r"|Square|Court|St|Rd|Ave)\b",
                0.85,
                needs=r"Street|Road|Avenue|Lane|Drive|Square|Court|St|Rd|Ave",
            ),
            Rule(
                "address-french",
                rf"(?<![\w@.])(?:\d{{1,4}},? )?(?i:rue|avenue|boulevard|chaussée|via|calle|strada|str\.|ulica|ul\."
                rf"|bulevardul) (?:{_LINKS} ){{0,2}}{_NAME}(?: {_NAME}){{0,2}}(?:,? "
                rf"(?:nr\.? ?)?\d{{1,4}}[A-Za-z]?)(?!\w)",
                0.82,
                needs=r"(?i:rue|avenue|boulevard|chauss|via|calle|strada|str[.]|ul)",
            ),
        ],
        language=language,
    )
