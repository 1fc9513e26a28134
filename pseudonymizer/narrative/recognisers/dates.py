"""Dates and birth dates in Dutch and English spellings, in digits, in words, and as OCR garbles them."""

from pseudonymizer.narrative.recognisers.numbers import MISREAD
from pseudonymizer.narrative.recognisers.pattern import Rule, RuleRecognizer
from pseudonymizer.narrative.spans import Label

_D = "[0-9OoIl|SBZ]"
_MONTH = (
    r"(?i:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
    r"|january|february|march|may|june|july|"
    r"august|october|januar[il1]|februar[il1]|jan|feb|febr|mrt|mar|apr|jun|jul|aug|sept|sep|okt"
    r"|oct|nov|dec)(?!\w)(?:\.(?= ?['’\d]))?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DAY_OCR = rf"(?:[0-3OoIl|Z]?{_D})"
_YEAR = r"(?:(?:19|20)\d\d|['’]?\d\d)"
_YEAR_OCR = rf"(?:[1Il|2Z][9g0Oo]{_D}{{2}}|['’]?{_D}{{2}})"
_FULL_OCR = rf"[1Il|2Z][9g0Oo]{_D}{{2}}"
_SEP = r"[ ]?[-–—./\\][ ]?"
_FULL = r"(?:1[89]|20)\d\d"

# Each alternative is a whole date. Numeric forms keep one kind of separator by listing them apart where it matters.
_NUMERIC = rf"{_DAY}{_SEP}(?:0?[1-9]|1[0-2]){_SEP}(?:(?:1[89]|20)\d\d|['’]?\d\d)"
_LOOSE = r"(?:[ ]?[-–—./\\][ ]?|[ ])"
_NUMERIC_OCR = rf"(?=(?:[^\d\n]{{0,4}}\d){{3}}){_DAY_OCR}{_LOOSE}[01OoIl|]?{_D}{_LOOSE}{_YEAR_OCR}"
_SPACED = rf"{_DAY} (?:0?[1-9]|1[0-2]) {_FULL}"
_ISO = rf"{_FULL}[-/.](?:0?[1-9]|1[0-2])[-/.]{_DAY}"
_WORDS = rf"{_DAY}(?:e|ste|de|th|st|nd|rd)?[ .\-]{{0,2}}(?:of[ ])?{_MONTH}(?:[ ,\-]{{1,2}}{_YEAR}(?!\d))?"
_WORDS_OCR = rf"(?=(?:[^\d\n]{{0,14}}\d){{2}}){_DAY_OCR}[ \-]{_MONTH}\.?[ \-]{{1,2}}{_FULL_OCR}"
_ISO_OCR = rf"(?=(?:[^\d\n]{{0,3}}\d){{4}}){_FULL_OCR}[-/.][01OoIl|]{_D}[-/.][0-3OoIl|Z]{_D}"
_ENGLISH_OCR = rf"{_MONTH}[ ]{_DAY_OCR},?[ ](?=[^\d\n]{{0,3}}\d){_FULL_OCR}"
_ENGLISH = (
    r"(?i:january|february|march|april|may|june|july|august|september|october|november|december|jan"
    rf"|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?[ ]{_DAY}(?:th|st|nd|rd)?(?:,?[ ]{_FULL})?"
)
_COMPACT = rf"{_FULL}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_COMPACT_DMY = rf"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){_FULL}"

_BEFORE = r"(?<![\w@/])(?<!\d[-.,])"
_AFTER = r"(?![\w@]|[-/]\d)"

_BORN = (
    r"(?i:\b(?:ge[b8][o0]ren|geb|gebdat|geb\.?\s?(?:datum|dat)|geboorted\w{2,6}|geboortedag"
    r"|geboorte|gebor[ec]n|born|birth ?date|date of birth|"
    r"d\.?o\.?b|verjaardag|jarig|birthday)\b|[°º*†])"
)
_BORN_GAP = (
    r"(?:[\s:;.,()=\-]{0,3}(?:(?i:op|te|in|is|on|at|was|de|den|datum|van|zijn|dat)\b"
    r"|[A-ZÀ-ÞȘȚŁĐ][\w'’\-]{1,30}){0,1}){0,6}[\s:;.,()=\-]{0,4}"
)
_SIX = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}(?!\d)"
_ANY = "|".join(
    (
        _ISO,
        _ISO_OCR,
        _WORDS_OCR,
        _ENGLISH_OCR,
        _NUMERIC,
        _WORDS,
        _ENGLISH,
        _SPACED,
        _COMPACT,
        _COMPACT_DMY,
        _NUMERIC_OCR,
        _SIX,
    )
)


def birth_date_recognizer(language: str) -> RuleRecognizer:
    """Dates that are called a birth date, or stand in brackets right after a name with a year one can be born in."""
    year = r"(?P<v>(?:19|20)\d\d)"
    near = r"(?:19[2-9]\d|200\d|201[0-5])"
    bracketed = rf"{_DAY}{_SEP}(?:0?[1-9]|1[0-2]){_SEP}{near}|{near}-(?:0[1-9]|1[0-2])-{_DAY}|{_DAY} {_MONTH} {near}"
    listed = rf"{_DAY}[-./](?:0?[1-9]|1[0-2])[-./]{near}"
    return RuleRecognizer(
        Label.DOB,
        [
            Rule("dob-named", rf"{_BORN}{_BORN_GAP}(?P<v>{_ANY}){_AFTER}", 0.97),
            Rule("dob-year", rf"{_BORN}{_BORN_GAP}{year}{_AFTER}", 0.8),
            Rule(
                "dob-bracketed", rf"(?<=[A-ZÀ-ÞȘȚŁĐ][\w'’\-]{{1,30}},? ?\()(?P<v>{bracketed})(?=\))", 0.9, needs=r"[(]"
            ),
            Rule(
                "dob-listed", rf"(?<=[A-ZÀ-ÞȘȚŁĐ][\w'’.\-]{{0,30}}, )(?P<v>{listed})(?=[,.;)]|$)", 0.9, needs=r", [0-9]"
            ),
            Rule(
                "dob-after",
                rf"{_BEFORE}(?P<v>{_NUMERIC}|{_WORDS})(?= ?(?i:geboren|born)\b)",
                0.9,
                needs=r"(?i:geboren|born)",
            ),
        ],
        language=language,
    )


def date_recognizer(language: str) -> RuleRecognizer:
    """Any other date: in digits, with the month as a word (with or without a year), compact, or a month and year."""
    named = r"(?i:\b(?:d\.?d\.?|datum|date|op|sinds|vanaf|per|tot|on))"
    return RuleRecognizer(
        Label.DATE,
        [
            Rule("date-iso", rf"{_BEFORE}{_ISO}(?:(?=T\d)|{_AFTER})", 0.9),
            Rule("date-numeric", rf"{_BEFORE}{_NUMERIC}{_AFTER}", 0.89),
            Rule("date-words", rf"{_BEFORE}{_WORDS}{_AFTER}", 0.88),
            Rule("date-english", rf"{_BEFORE}{_ENGLISH}{_AFTER}", 0.86),
            Rule("date-spaced", rf"{_BEFORE}{_SPACED}{_AFTER}", 0.83),
            Rule("date-compact", rf"{_BEFORE}(?:{_COMPACT}|{_COMPACT_DMY}){_AFTER}", 0.7),
            Rule("date-ocr", rf"{_BEFORE}(?:{_NUMERIC_OCR}){_AFTER}", 0.78, needs=MISREAD),
            Rule(
                "date-words-ocr", rf"{_BEFORE}(?:{_WORDS_OCR}|{_ENGLISH_OCR}|{_ISO_OCR}){_AFTER}", 0.885, needs=MISREAD
            ),
            Rule("date-short", rf"{named} (?P<v>{_DAY}[-/](?:0?[1-9]|1[0-2])){_AFTER}", 0.6),
            Rule("date-month", rf"{_BEFORE}{_MONTH} (?:19|20)\d\d{_AFTER}", 0.6),
        ],
        language=language,
    )
