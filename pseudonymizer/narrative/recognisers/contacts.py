"""Ways to reach someone: phone, e-mail, web address, handle.

The e-mail pattern is our own: the upstream recogniser opens network connections for a list of top-level domains and
drops domains that are not on it.
"""

import re

from pseudonymizer.narrative.recognisers.numbers import DIGIT, END, LINK, MISREAD
from pseudonymizer.narrative.recognisers.pattern import Rule, RuleRecognizer
from pseudonymizer.narrative.spans import Label

_TLD = (
    "nl|com|net|org|eu|be|de|fr|uk|io|info|biz|me|tv|co|ro|bg|hu|pl|cz|sk|it|es|pt|gr|at|ch|se|no|dk|fi|ie|tr|ma|ng|gh|"
    "vn|cn|th|ph|br|co|us|ca|ru|ua|rs|al|xyz|online|site|shop|app|link|chat|club|live|onion|example"
    "|test|invalid|localhost"
)


def _trim_url(value: str, score: float) -> tuple[int, float] | None:
    kept = value.rstrip(".,;:!?'\"”’)]}>")
    return (len(kept), score) if len(kept) > 4 else None


def _trim_handle(value: str, score: float) -> tuple[int, float] | None:
    kept = value.rstrip("._-")
    return (len(kept), score) if len(kept) > 2 else None


def _named_handle(value: str, score: float) -> tuple[int, float] | None:
    kept = value.rstrip("._-")
    marked = re.search(r"[0-9_.]", kept) is not None
    return (len(kept), score) if marked and len(kept) > 2 else None


def phone_recognizer(language: str) -> RuleRecognizer:
    """Dutch numbers of ten digits, international ones, and any run of digits that is called a phone number."""
    name = (
        r"(?i:\b(?:tel(?:efoon)?(?:[ -]?(?:nummer|nr))?|telnr|mob(?:iel)?(?:e)?(?: ?(?:nummer|nr))?|gsm"
        r"(?:-?nummer)?|whats-?app(?:-?nummer)?|"
        r"signal|telegram|viber|imo|06-?nummer|nummer|nr|phone(?: number)?|mobile|cell|call(?:ed)?|gebeld"
        r"|bellen|bel|bereikbaar op|sms|app)\b\.?)"
    )
    gap = r"(?:[ ]{1,2}|[.\-–/]|[ ][\-–/][ ]|[ ]?[()]{1,2}[ ]?|[()]-)?"
    no_date = r"(?!\d{1,2}[-./ ]{1,3}\d{1,2}[-./ ]{1,3}(?:19|20)\d\d(?!\d))(?!\d{2} ?[/.-] ?\d{6} ?[-/.] ?\d{2}(?!\d))"
    before = r"(?<![\w@+/])(?<!\d[-.])"
    after = r"(?![\w@]|[-.]\d)"
    return RuleRecognizer(
        Label.PHONE,
        [
            Rule("phone-nl-mobile", rf"{before}[0Oo]{gap}6(?:{gap}\d){{8}}{after}", 0.92),
            Rule(
                "phone-nl", rf"{before}{no_date}(?:\((?=[0Oo]{DIGIT}{{1,3}}\)))?0{gap}[1-9](?:{gap}\d){{8}}{after}", 0.9
            ),
            Rule(
                "phone-nl-ocr",
                rf"{before}{no_date}(?=(?:[^\d]{{0,4}}\d){{5}})(?:\("
                rf"(?=[0Oo]{DIGIT}{{1,3}}\)))?[0Oo]{gap}[1-9IlSBZ](?:{gap}{DIGIT}){{8}}{after}",
                0.84,
                needs=MISREAD,
            ),
            Rule("phone-abroad", rf"(?<![\w@])(?:\+|00)[ ]?\(?{DIGIT}{{1,3}}\)?(?:{gap}{DIGIT}){{6,12}}{after}", 0.96),
            Rule("phone-31", rf"{before}31{gap}(?:\(0\))?{gap}[1-9](?:{gap}\d){{8}}{after}", 0.75),
            Rule("phone-nl-slip", rf"{before}06[\s\-]?\d(?:[ \-]?\d){{6,8}}{after}", 0.72),
            Rule(
                "phone-named",
                rf"{name}{LINK}(?P<v>(?:\((?=[0Oo]{DIGIT}{{1,3}}\)))?[+0OIl1-9]{DIGIT}(?:[\s./"
                rf"()\-–]{{0,2}}{DIGIT}){{5,13}}){END}",
                0.82,
            ),
        ],
        language=language,
    )


def email_recognizer(language: str) -> RuleRecognizer:
    """E-mail addresses (RFC 5321 lengths), also written with (at) and (dot) or with spaces."""
    local, host = r"[\w.%+'\-]{1,64}", r"[\w\-]{1,63}"
    at = r"[ ]?(?:\(at\)|\[at\]|\{at\}|<at>|\(apenstaartje\)|©|®)[ ]?"
    dot = r"(?:\.|[ ]?(?:\(dot\)|\[dot\]|\(punt\)|\[punt\])[ ]?)"
    return RuleRecognizer(
        Label.EMAIL,
        [
            Rule("email", rf"(?<![\w.%+\-]){local}@{host}(?:\.{host}){{1,5}}", 0.97),
            Rule("email-spaced", rf"(?<![\w.%+\-]){local}(?:@ | @ ){host}(?:\.{host}){{1,4}}", 0.9),
            Rule(
                "email-spaced-dots",
                rf"(?<![\w.%+\-])\w{{1,40}}(?:(?:\.| \. )\w{{1,40}}){{0,3}}(?:@| @ ){host}"
                rf"(?:(?:\.| \. ){host}){{0,2}}(?:\.| \. )(?i:{_TLD})(?!\w)",
                0.91,
            ),
            Rule(
                "email-masked", rf"(?<![\w.%+\-]){local}(?i:{at}){host}(?i:{dot}{host}){{1,4}}", 0.9, needs=r"[\])}>©®]"
            ),
            Rule("email-no-dot", rf"(?<![\w.%+\-]){local}@{host},(?i:{_TLD})(?!\w)", 0.9),
        ],
        gate=r"@|(?i:at[\])}>])|apenstaart|[©®]",
        language=language,
    )


def url_recognizer(language: str) -> RuleRecognizer:
    """Web addresses with a scheme or `www.`, and bare host names under a known top-level domain."""
    return RuleRecognizer(
        Label.URL,
        [
            Rule("url-scheme", r"(?<!\w)(?i:h(?:tt|xx)ps?)[ ]?:[ ]?//[ ]?[^\s<>\"]{3,400}", 0.98, _trim_url),
            Rule("url-www", r"(?<![\w@./])(?i:www)[ ]?\.[ ]?[^\s<>\"]{3,300}", 0.98, _trim_url),
            Rule(
                "url-host",
                rf"(?<![\w@./\-])(?:[a-zA-Z0-9](?:[\w\-]{{0,61}}\w)?\.){{1,4}}(?i:{_TLD})(?![\w@\-])(?!\.\w)"
                rf"(?:[:/?#][^\s<>\"]{{0,300}})?",
                0.8,
                _trim_url,
                needs=r"[.][a-zA-Z]{2}",
            ),
        ],
        gate=r"\.|://",
        language=language,
    )


def handle_recognizer(language: str) -> RuleRecognizer:
    """Account names with @, and account names that follow the name of a platform."""
    platform = (
        r"(?i:\b(?:insta(?:gram)?|snap(?:chat)?|telegram|tiktok|facebook|fb|twitter|discord|onlyfans|kik"
        r"|wickr|gebruikersnaam|username|"
        r"nickname|profielnaam|accountnaam|profiel|account|alias|handle)\b)"
    )
    filler = (
        r"(?:[\s:=\"'(]{0,3}(?i:naam|name|is|als|met|onder|op|de|van|account|profiel|gebruikersnaam"
        r"|username|named)\b){0,4}[\s:=\"'(]{1,3}"
    )
    return RuleRecognizer(
        Label.HANDLE,
        [
            Rule("handle-at", r"(?<![\w@.%+\-])@[ ]?\w[\w.\-]{1,40}(?![@\w])", 0.85, _trim_handle),
            Rule("handle-named", rf"{platform}{filler}(?P<v>[A-Za-z][\w.\-]{{2,40}})(?![@\w])", 0.8, _named_handle),
        ],
        gate=r"@|(?i:insta|snap|telegram|tiktok|facebook|fb|twitter|discord|onlyfans|kik|wickr|naam|name"
        r"|profiel|account|alias|handle)",
        language=language,
    )
