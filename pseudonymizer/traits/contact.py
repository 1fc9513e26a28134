"""Ways to reach somebody: telephone, e-mail, account on a platform."""

import re
from typing import Final

import phonenumbers

from pseudonymizer.identity import Reason
from pseudonymizer.traits.text import UnusableValueError, clean, known

_EMAIL: Final = re.compile(r"[^\s@<>,;:\"]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?\.[a-z]{2,63}")
_EMAIL_BYTES: Final = 254
"""RFC 5321 4.5.3.1.3: a path has at most 256 octets, its two brackets included (RFC 3696, erratum 1690)."""
_URL: Final = re.compile(r"https?://(?:www\.)?[^/]+/", re.IGNORECASE)
_HANDLE: Final = re.compile(r"[^\s@/\\]{2,64}")
_PLATFORM: Final = re.compile(r"[^a-z0-9]")


def phone(value: str | None) -> str:
    """E.164, read as dialled from the Netherlands.

    Length is checked against the numbering plan, the number block is not: foreign and new blocks change faster than any
    table. A number whose last seven digits are one digit is a filler.
    """
    text = known(value)
    try:
        number = phonenumbers.parse(text, "NL")
    except phonenumbers.NumberParseException:
        raise UnusableValueError(Reason.MALFORMED) from None
    if not phonenumbers.is_possible_number(number):
        raise UnusableValueError(Reason.LENGTH)
    e164 = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if len(set(e164[-7:])) == 1:
        raise UnusableValueError(Reason.PLACEHOLDER)
    return e164


def email(value: str | None) -> str:
    """Lower-case address; no folding of dots or plus parts, which providers treat differently."""
    address = known(value).lower().removeprefix("mailto:")
    if not _EMAIL.fullmatch(address):
        raise UnusableValueError(Reason.MALFORMED)
    if len(address.encode()) > _EMAIL_BYTES:
        raise UnusableValueError(Reason.LENGTH)
    return address


def handle(value: str | None) -> str:
    """Account name in lower case, without a leading @ and without the address of the platform."""
    name = _URL.sub("", known(value), count=1).rstrip("/").removeprefix("@").lower()
    if not _HANDLE.fullmatch(name):
        raise UnusableValueError(Reason.MALFORMED)
    return name


def platform(value: str | None) -> str:
    """Name of the platform as [a-z0-9]; X is a platform here, not a filler."""
    name = _PLATFORM.sub("", clean(value).lower())
    if not name:
        raise UnusableValueError(Reason.MALFORMED)
    return name
