"""Addresses: BAG identification, or postcode with house number and addition."""

import re
from typing import Final

from anyascii import anyascii

from pseudonymizer.identity import Reason
from pseudonymizer.traits.text import UnusableValueError, alphanumeric, known

_POSTCODE_LENGTH: Final = range(3, 11)
_NUMBER: Final = re.compile(r"0*([1-9][0-9]{0,4})(?:[\s\-/]*([A-Za-z0-9][A-Za-z0-9\s\-/]{0,9}))?")
_IN_TEXT_POSTCODE: Final = re.compile(r"(?<![0-9A-Za-z])([1-9][0-9]{3})\s?([A-Za-z]{2})(?![0-9A-Za-z])")
_IN_TEXT_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])([1-9][0-9]{0,4})(?:[\s\-/]*([A-Za-z](?![A-Za-z])|[0-9]{1,4}))?")
_WORD: Final = re.compile(r"[^a-z]+")


def bag_id(value: str | None) -> str:
    """Sixteen digits of a BAG object (Catalogus BAG 2018: municipality, object type, sequence)."""
    text = known(value).upper().removeprefix("NL.IMBAG.NUMMERAANDUIDING.").removeprefix("NL.IMBAG.VERBLIJFSOBJECT.")
    if not (text.isascii() and text.isdigit()):
        raise UnusableValueError(Reason.MALFORMED)
    digits = text.zfill(16) if len(text) == 15 else text
    if len(digits) != 16:
        raise UnusableValueError(Reason.LENGTH)
    if len(set(digits)) == 1:
        raise UnusableValueError(Reason.PLACEHOLDER)
    return digits


def postcode(value: str | None) -> str:
    """Dutch postcode as 1234AB; a foreign one is kept as [A-Z0-9], 3 to 10 characters with at least one digit."""
    code = alphanumeric(value)
    if len(code) not in _POSTCODE_LENGTH:
        raise UnusableValueError(Reason.LENGTH)
    if not any(char.isdigit() for char in code):
        raise UnusableValueError(Reason.MALFORMED)
    if len(set(code)) == 1 or code in ("9999XX", "9999ZZ", "1234AB"):
        raise UnusableValueError(Reason.PLACEHOLDER)
    return code


def house_number(value: str | None) -> tuple[str, str]:
    """House number without leading zeros and the addition that stands in the same cell (may be empty)."""
    found = _NUMBER.fullmatch(known(value))
    if not found:
        raise UnusableValueError(Reason.MALFORMED)
    return found[1], addition(found[2]) if found[2] else ""


def addition(value: str | None) -> str:
    """House letter and addition as [A-Z0-9]."""
    letters = alphanumeric(value)
    if len(letters) > 10:
        raise UnusableValueError(Reason.LENGTH)
    return letters


def address_line(value: str | None) -> tuple[str, str, str]:
    """(postcode, number, addition) read from one line such as `Plein 40-b, 3011 AD Rotterdam`.

    The number is the last one before the postcode, or the first one after it when none stands before.
    """
    text = known(value)
    code = _IN_TEXT_POSTCODE.search(text)
    if not code:
        raise UnusableValueError(Reason.MALFORMED)
    before = list(_IN_TEXT_NUMBER.finditer(text[: code.start()]))
    number = before[-1] if before else _IN_TEXT_NUMBER.search(text[code.end() :])
    if not number:
        raise UnusableValueError(Reason.PART_MISSING)
    return code[1] + code[2].upper(), number[1], (number[2] or "").upper()


def place_name(value: str | None) -> str:
    """Name of a town as lower-case [a-z ]."""
    name = _WORD.sub(" ", anyascii(known(value)).lower()).strip()
    if not name:
        raise UnusableValueError(Reason.MALFORMED)
    return name
