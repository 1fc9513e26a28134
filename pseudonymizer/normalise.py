"""The door of normalisation: `normalise(RawIdentity) -> NormalisedIdentity`, total, `norm=1`.

Whatever stands in a cell, there is an answer: a usable trait, or no trait and one counted reason. Rules per trait stand
in `pseudonymizer.traits`; this module only decides which traits need which others.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from pseudonymizer.identity import NormalisedIdentity, RawIdentity, Reason, Trait, Unusable
from pseudonymizer.traits import contact, numbers, person, place
from pseudonymizer.traits.countries import alpha3
from pseudonymizer.traits.text import UnusableValueError

SEPARATOR: Final = "\x1f"
"""Joins the parts of a value (design/cryptography.md, "Bytes" 2); `clean` removes it from every input."""
_MAX_VALUE_BYTES: Final = 512

_T = TypeVar("_T")


class _Reader:
    """Collects the reason of each trait that gives nothing, while one identity is read."""

    def __init__(self) -> None:
        self._reasons: dict[Trait, Reason] = {}

    @property
    def unusable(self) -> tuple[Unusable, ...]:
        return tuple(Unusable(trait, reason) for trait, reason in self._reasons.items())

    def read(self, trait: Trait, rule: Callable[[str | None], _T], value: str | None) -> _T | None:
        try:
            return rule(value)
        except UnusableValueError as problem:
            self.refuse(trait, problem.reason)
            return None

    def refuse(self, trait: Trait, reason: Reason) -> None:
        """One reason per trait: the last one is the one that decided."""
        self._reasons[trait] = reason


def normalise(raw: RawIdentity) -> NormalisedIdentity:
    """Read every trait of one person. Never raises; `unusable` lists each trait that gives nothing, with its reason."""
    reader = _Reader()
    read = reader.read
    given = read(Trait.VOORNAAM, person.name_words, raw.voornaam) or ()
    family = read(Trait.ACHTERNAAM, person.name_words, raw.achternaam) or ()
    plate_country = read(Trait.KENTEKEN_LAND, alpha3, raw.kenteken_land) or "NLD"
    postcode, address = _address(reader, raw)
    handle = _handle(reader, raw)
    return NormalisedIdentity(
        words=given + family,
        joined=person.joined_words(given) + person.joined_words(family),
        birth=read(Trait.GEBOORTEDATUM, person.birth_date, raw.geboortedatum),
        sex=read(Trait.GESLACHT, person.sex, raw.geslacht),
        nationality=read(Trait.NATIONALITEIT, alpha3, raw.nationaliteit),
        phone=read(Trait.TELEFOON, contact.phone, raw.telefoon),
        document=read(Trait.DOCUMENT, numbers.document, raw.document),
        document_issuer=read(Trait.DOCUMENT_LAND, alpha3, raw.document_land) or "XXX",
        bsn=read(Trait.BSN, numbers.bsn, raw.bsn),
        vnr=read(Trait.VNUMMER, numbers.vnummer, raw.vnummer),
        iban=read(Trait.IBAN, numbers.iban, raw.iban),
        plate=read(Trait.KENTEKEN, lambda value: numbers.plate(value, plate_country), raw.kenteken),
        plate_country=plate_country,
        kvk=read(Trait.KVK, numbers.kvk, raw.kvk),
        address=address,
        postcode=postcode,
        place=read(Trait.WOONPLAATS, place.place_name, raw.woonplaats),
        email=read(Trait.EMAIL, contact.email, raw.email),
        handle=handle,
        unusable=reader.unusable,
    )


def _address(reader: _Reader, raw: RawIdentity) -> tuple[str | None, str | None]:
    """(postcode, address value): BAG id, else postcode + number + addition from their columns, else from one line."""
    bag = reader.read(Trait.BAG_ID, place.bag_id, raw.bag_id)
    line = reader.read(Trait.ADRES, place.address_line, raw.adres)
    postcode = reader.read(Trait.POSTCODE, place.postcode, raw.postcode)
    number = reader.read(Trait.HUISNUMMER, place.house_number, raw.huisnummer)
    addition = reader.read(Trait.TOEVOEGING, place.addition, raw.toevoeging)
    if postcode is None and line:
        postcode = line[0]
    if bag:
        return postcode, bag
    if postcode and number:
        return postcode, SEPARATOR.join((postcode, number[0], number[1] + (addition or "")))
    if line:
        return postcode, SEPARATOR.join(line)
    if postcode or number:
        reader.refuse(Trait.ADRES, Reason.PART_MISSING)
    return postcode, None


def _handle(reader: _Reader, raw: RawIdentity) -> str | None:
    name = reader.read(Trait.HANDLE, contact.handle, raw.handle)
    platform = reader.read(Trait.HANDLE_PLATFORM, contact.platform, raw.handle_platform)
    if name is None:
        return None
    if platform is None:
        reader.refuse(Trait.HANDLE, Reason.PART_MISSING)
        return None
    value = f"{platform}{SEPARATOR}{name}"
    if len(value.encode()) > _MAX_VALUE_BYTES:
        reader.refuse(Trait.HANDLE, Reason.LENGTH)
        return None
    return value
