"""Numbers issued by an authority, a bank or a register: BSN, V-nummer, travel document, IBAN, kenteken, KvK."""

import re
from typing import Final

from stdnum import exceptions
from stdnum import iban as stdnum_iban
from stdnum.nl import bsn as stdnum_bsn

from pseudonymizer.identity import Reason
from pseudonymizer.traits.text import UnusableValueError, alphanumeric, known

_DOCUMENT_LENGTH: Final = range(5, 21)
"""ICAO 9303 document numbers have up to 9 characters, residence permits and foreign identity cards up to 20."""
_PLATE_LENGTH: Final = range(3, 11)
_SEPARATORS: Final = re.compile(r"[\s.\-/]")


def _digits(value: str | None) -> str:
    text = _SEPARATORS.sub("", known(value))
    if not (text.isascii() and text.isdigit()):
        raise UnusableValueError(Reason.MALFORMED)
    return text


def _not_one_digit(text: str) -> str:
    if len(set(text)) == 1:
        raise UnusableValueError(Reason.PLACEHOLDER)
    return text


def bsn(value: str | None) -> str:
    """Nine digits, zero-padded, that pass the eleven-check (Wet algemene bepalingen burgerservicenummer)."""
    digits = _digits(value)
    if not 8 <= len(digits) <= 9:
        raise UnusableValueError(Reason.LENGTH)
    number = _not_one_digit(digits.zfill(9))
    if not stdnum_bsn.is_valid(number):
        raise UnusableValueError(Reason.CHECK_DIGIT)
    return number


def vnummer(value: str | None) -> str:
    """The ten digits of a V-nummer (aliens administration, BVV)."""
    digits = _digits(value)
    if len(digits) != 10:
        raise UnusableValueError(Reason.LENGTH)
    return _not_one_digit(digits)


def document(value: str | None) -> str:
    """The number of a travel or identity document: 5 to 20 of [A-Z0-9] with at least one digit."""
    number = alphanumeric(value)
    if len(number) not in _DOCUMENT_LENGTH:
        raise UnusableValueError(Reason.LENGTH)
    if not any(char.isdigit() for char in number):
        raise UnusableValueError(Reason.MALFORMED)
    return _not_one_digit(number)


def iban(value: str | None) -> str:
    """IBAN in electronic form (ISO 13616), check digits and national structure verified."""
    compact = alphanumeric(value)
    try:
        return str(stdnum_iban.validate(compact))
    except exceptions.InvalidChecksum:
        raise UnusableValueError(Reason.CHECK_DIGIT) from None
    except exceptions.InvalidLength:
        raise UnusableValueError(Reason.LENGTH) from None
    except exceptions.ValidationError:
        raise UnusableValueError(Reason.MALFORMED) from None


def plate(value: str | None, country: str) -> str:
    """Registration plate as [A-Z0-9] without dashes; Dutch plates (RDW sidecodes) have six characters."""
    number = alphanumeric(value)
    if len(number) not in _PLATE_LENGTH or (country == "NLD" and len(number) != 6):
        raise UnusableValueError(Reason.LENGTH)
    if not any(char.isdigit() for char in number):
        raise UnusableValueError(Reason.MALFORMED)
    return _not_one_digit(number)


def kvk(value: str | None) -> str:
    """KvK number (8 digits) or establishment number (12 digits) of the Handelsregister."""
    digits = _digits(value)
    if len(digits) not in (8, 12):
        raise UnusableValueError(Reason.LENGTH)
    return _not_one_digit(digits)
