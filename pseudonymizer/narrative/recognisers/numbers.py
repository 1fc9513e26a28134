"""Numbers that Dutch registers give to people and firms: BSN, V-nummer, KvK, IBAN.

A check digit raises the score and never gates: a mistyped number still points at the person. OCR reads 0 as O, 1 as I
or l, 5 as S, 8 as B and 2 as Z; `DIGIT` admits those and `fold_digits` reads them back.
"""

from pseudonymizer.narrative.recognisers.pattern import Refine, Rule, RuleRecognizer
from pseudonymizer.narrative.spans import Label

DIGIT = "[0-9OoIl|SBZ]"
"""A digit as written or as OCR misreads it."""

MISREAD = "[0-9][-/. ]?[OoIl|SBZ]|[OoIl|SBZ][-/. ]?[0-9]"
"""Without a digit beside a letter that OCR reads for one, nothing was misread."""

START = r"(?<![\w@])"
END = r"(?!\w)"
LINK = (
    r"(?:[\s:;.,#=()\-]{0,3}(?:(?i:is|was|nr|nummer|no|number|van|met|luidt|zou|hij|zij|het|zijn"
    r"|betreft|geregistreerd|onder)\b)?){0,4}[\s:;.,#=()\-]{0,3}"
)
"""What may stand between the name of a number and the number: `BSN-nummer is: `."""

_FOLDED = str.maketrans("OoIl|SBZ", "00111582")

# ISO 13616 registry: total length by country, for the countries whose accounts occur in Dutch files.
_IBAN_LENGTH = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "NL", "FO", "GL", "SD"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "XK"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV", "CR"), 21),
    **dict.fromkeys(("BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "TL", "OM"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("PT", "AO", "MZ"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "SM", "BI"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "GT", "HU", "LB", "PL", "SV", "SN", "CM", "CI", "ML"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
}


def spelled(n: int) -> str:
    """Return a pattern for `n` digits, grouped in any way, or one too few or too many in one piece (a typing slip)."""
    grouped = rf"{DIGIT}(?:(?:[ .\-]|[ ]{{2}}|[ ]-[ ])?{DIGIT}){{{n - 1}}}"
    return rf"(?:{grouped}|{DIGIT}{{{n - 1}}}|{DIGIT}{{{n + 1}}})"


def fold_digits(text: str) -> str:
    """Return `text` with the letters that OCR reads for digits turned back into digits, and only the digits kept."""
    return "".join(c for c in text.translate(_FOLDED) if "0" <= c <= "9")


def bsn_check(digits: str) -> bool:
    """Tell whether nine digits pass the 11-check (weights 9..2 and -1; Logisch Ontwerp GBA, A-nummer and BSN)."""
    if len(digits) != 9 or digits == "000000000":
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 == 0


def iban_check(compact: str) -> bool:
    """Tell whether a compact IBAN passes ISO 7064 mod 97-10 (ISO 13616)."""
    if not compact.isascii() or not compact.isalnum():
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _bsn_score(high: float) -> Refine:
    """The 11-check raises the score to `high`; without it the rule's own score stands."""

    def refine(value: str, score: float) -> tuple[int, float]:
        return len(value), high if bsn_check(fold_digits(value).zfill(9)) else score

    return refine


def _trim_iban(value: str, score: float) -> tuple[int, float] | None:
    """Cut a candidate at the length its country prescribes; an unknown country or a short account is no IBAN."""
    wanted = _IBAN_LENGTH.get(value[:2].upper())
    if wanted is None:
        return None
    compact, kept = "", 0
    for place, char in enumerate(value):
        if char.isalnum():
            compact += char
            kept = place + 1
            if len(compact) == wanted:
                break
    if kept < len(value) and value[kept].isalnum():
        return None
    if wanted - len(compact) > 1:
        return None
    folded = (compact[:2] + fold_digits(compact[2:4]).rjust(2, "0") + compact[4:]).upper()
    return kept, 0.98 if iban_check(folded) else score


def bsn_recognizer(language: str) -> RuleRecognizer:
    """BSN: nine digits, grouped or not, with or without its name beside it; eight or ten when named (a typing slip)."""
    name = r"(?i:\b(?:bsn|burger\s?service\s?(?:nummer|nr)|sofi(?:[ -]?(?:nummer|nr))?|citizen service number))"
    named = rf"{name}(?:-?(?i:nummer|nr))?\b\.?{LINK}(?P<v>{spelled(9)}){END}"
    return RuleRecognizer(
        Label.BSN,
        [
            Rule("bsn-named", named, 0.97, _bsn_score(0.99)),
            Rule("bsn-plain", r"(?<![\w@.,/\-])\d{9}(?![\w@]|[-/.,]\d)", 0.6, _bsn_score(0.85)),
            Rule(
                "bsn-grouped",
                rf"{START}(?<![\d][-. ])\d{{3}}([ .\-])\d{{3}}\1\d{{3}}(?![\w]|[-. ]\d)",
                0.6,
                _bsn_score(0.8),
            ),
            Rule(
                "bsn-grouped-4",
                rf"{START}(?<![\d][-. ])\d{{4}}([ .\-])\d{{2}}\1\d{{3}}(?![\w]|[-. ]\d)",
                0.55,
                _bsn_score(0.8),
            ),
            Rule(
                "bsn-paired",
                rf"{START}(?<![\d][-. ])\d(?:([ .\-])\d{{2}})(?:\1\d{{2}}){{3}}(?![\w]|[-. ]\d)",
                0.5,
                _bsn_score(0.75),
            ),
            Rule("bsn-spaced", rf"{START}(?<![\d][-. ])\d(?: \d){{8}}(?![\w]|[-. ]\d)", 0.6, _bsn_score(0.8)),
            Rule(
                "bsn-ocr",
                rf"{START}(?=(?:[^\W\d]{{0,3}}\d){{6}})(?=\w{{0,8}}[OoIl|SBZ]){DIGIT}{{9}}{END}",
                0.5,
                _bsn_score(0.7),
                needs=MISREAD,
            ),
        ],
        language=language,
    )


def vnummer_recognizer(language: str) -> RuleRecognizer:
    """V-nummer of the immigration service: ten digits (Basisvoorziening Vreemdelingen)."""
    name = (
        r"(?i:\bv[ .-]{0,2}(?:nummer|nr|no)|\bvnr|\bvreemdelingen?[ -]?(?:nummer|nr)|\bIND[ -]?(?:nummer"
        r"|nr)|\balien number)"
    )
    return RuleRecognizer(
        Label.VNR,
        [
            Rule("vnr-named", rf"{name}\b\.?{LINK}(?P<v>{spelled(10)}){END}", 0.97),
            Rule("vnr-plain", r"(?<![\w@.,/\-+])[1-9]\d{9}(?![\w@]|[-/.,]\d)", 0.6),
            Rule("vnr-grouped", rf"{START}(?<![\d][-. ])[1-9]\d{{2}}([ .\-])\d{{3}}\1\d{{4}}(?![\w]|[-. ]\d)", 0.6),
            Rule("vnr-grouped-2", rf"{START}(?<![\d][-. ])[1-9]\d{{3}}([ .\-])\d{{3}}\1\d{{3}}(?![\w]|[-. ]\d)", 0.6),
            Rule(
                "vnr-ocr",
                rf"{START}(?=(?:[^\W\d]{{0,3}}\d){{7}})(?=\w{{0,9}}[OoIl|SBZ])[1-9IlSBZ]{DIGIT}{{9}}{END}",
                0.5,
                needs=MISREAD,
            ),
        ],
        language=language,
    )


def kvk_recognizer(language: str) -> RuleRecognizer:
    """KvK number (8 digits), establishment (12), RSIN (9) and VAT number of a firm."""
    name = r"(?i:\bk\.?v\.?k\.?|\bkamer van koophandel|\bhandelsregister|\bchamber of commerce)"
    value = rf"(?P<v>{spelled(8)})"
    return RuleRecognizer(
        Label.KVK,
        [
            Rule("kvk-named", rf"{name}(?:[ -]?(?i:nummer|nr|no|inschrijving))?\.?{LINK}{value}{END}", 0.97),
            Rule("kvk-branch", rf"(?i:\bvestigings?(?:nummer|nr))\b\.?{LINK}(?P<v>\d(?:[ .]?\d){{11}}){END}", 0.95),
            Rule(
                "kvk-rsin", rf"(?i:\b(?:rsin|fiscaal nummer|fi-?nummer))\b\.?{LINK}(?P<v>\d(?:[ .]?\d){{8}}){END}", 0.95
            ),
            Rule("kvk-vat", rf"{START}NL[ .]?\d{{9}}[ .]?B[ .]?\d{{2}}{END}", 0.9),
            Rule(
                "kvk-plain",
                r"(?<![\w@.,/\-+])(?!(?:19|20)\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01]))\d{8}(?![\w@]|[-/.,]\d)",
                0.45,
            ),
        ],
        language=language,
    )


def iban_recognizer(language: str) -> RuleRecognizer:
    """IBAN of any country in the table, grouped or not; also a bare old account number that is named."""
    grouped = rf"[A-Z]{{2}}[ ]?{DIGIT}[ ]?{DIGIT}(?:[ .\-]{{0,2}}[A-Z0-9l]{{1,4}}){{3,9}}"
    dutch = rf"(?i:N[Ll1I])[ ]?{DIGIT}{{2}}[ .\-]{{0,2}}(?i:[A-Z0]{{4}})"
    account = r"(?i:\b(?:bank)?rekening(?:nummer|nr)?|\baccount(?: number)?)"
    return RuleRecognizer(
        Label.IBAN,
        [
            Rule("iban-nl", rf"{START}{dutch}(?:[ .\-]{{0,2}}{DIGIT}){{10}}{END}", 0.96),
            Rule("iban-nl-slip", rf"{START}{dutch}(?:{DIGIT}{{9}}|{DIGIT}{{11}}){END}", 0.9),
            Rule("iban", rf"{START}{grouped}", 0.75, _trim_iban),
            Rule("iban-lower", rf"{START}[a-z]{{2}}\d{{2}}[a-z0-9]{{11,30}}{END}", 0.75, _trim_iban),
            Rule("iban-old-account", rf"{account}\b{LINK}(?P<v>\d(?:[ .]?\d){{6,9}}){END}", 0.7),
        ],
        language=language,
    )
