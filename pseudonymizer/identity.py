"""What a partner knows about one person: raw traits in, normalised traits out. Both die in the partner's house.

Neither type shows its values in `repr`, so a log line or a traceback cannot carry them.
"""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

NORM_VERSION: Final = 1
"""`norm=1` of design/cryptography.md: part of every OPRF input, so two versions never meet by accident."""


class Trait(StrEnum):
    """Identifying traits, under the names that the `[traits]` table of a mapping file uses."""

    VOORNAAM = "voornaam"
    ACHTERNAAM = "achternaam"
    GEBOORTEDATUM = "geboortedatum"
    GESLACHT = "geslacht"
    NATIONALITEIT = "nationaliteit"
    TELEFOON = "telefoon"
    DOCUMENT = "document"
    DOCUMENT_LAND = "document_land"
    BSN = "bsn"
    VNUMMER = "vnummer"
    IBAN = "iban"
    KENTEKEN = "kenteken"
    KENTEKEN_LAND = "kenteken_land"
    KVK = "kvk"
    ADRES = "adres"
    BAG_ID = "bag_id"
    HUISNUMMER = "huisnummer"
    TOEVOEGING = "toevoeging"
    POSTCODE = "postcode"
    WOONPLAATS = "woonplaats"
    EMAIL = "email"
    HANDLE = "handle"
    HANDLE_PLATFORM = "handle_platform"


class Reason(StrEnum):
    """Why there is no token. The partner's report counts these; none of them says anything about the value."""

    ABSENT = "absent"  # nothing was filled in
    UNKNOWN = "unknown"  # filled in, and it says "unknown"
    MALFORMED = "malformed"  # not the form that this trait has
    LENGTH = "length"  # too short or too long
    CHECK_DIGIT = "check_digit"  # right form, wrong check digits
    PLACEHOLDER = "placeholder"  # a filler such as 000000000 or 1900-01-01
    COUNTRY = "country"  # not an ISO 3166-1 country
    PART_MISSING = "part_missing"  # another trait that this token needs is missing
    LIMIT = "limit"  # more composites than a record may carry


@dataclass(frozen=True, slots=True, repr=False)
class RawIdentity:
    """One row's identifying traits exactly as the source has them; `None` and the empty string both mean absent."""

    voornaam: str | None = None
    achternaam: str | None = None
    geboortedatum: str | None = None
    geslacht: str | None = None
    nationaliteit: str | None = None
    telefoon: str | None = None
    document: str | None = None
    document_land: str | None = None
    bsn: str | None = None
    vnummer: str | None = None
    iban: str | None = None
    kenteken: str | None = None
    kenteken_land: str | None = None
    kvk: str | None = None
    adres: str | None = None
    bag_id: str | None = None
    huisnummer: str | None = None
    toevoeging: str | None = None
    postcode: str | None = None
    woonplaats: str | None = None
    email: str | None = None
    handle: str | None = None
    handle_platform: str | None = None

    def __repr__(self) -> str:
        present = [item.name for item in fields(self) if getattr(self, item.name)]
        return f"RawIdentity(traits={present})"


@dataclass(frozen=True, slots=True)
class Unusable:
    """A trait that was looked at and gives nothing, with the reason that the report counts."""

    trait: Trait
    reason: Reason


@dataclass(frozen=True, slots=True, repr=False)
class BirthDate:
    """A birth date of which parts may be unknown; a known day implies a known month, a known month a known year."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def full(self) -> str | None:
        """`YYYY-MM-DD` when all three parts are known."""
        if self.month is None or self.day is None:
            return None
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    def __repr__(self) -> str:
        return "BirthDate(hidden)"


@dataclass(frozen=True, slots=True, repr=False)
class NormalisedIdentity:
    """Traits under `norm=1`. A trait that is `None` gives no token; `unusable` has the reason for each such trait."""

    words: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    birth: BirthDate | None = None
    sex: str | None = None
    nationality: str | None = None
    phone: str | None = None
    document: str | None = None
    document_issuer: str = "XXX"
    bsn: str | None = None
    vnr: str | None = None
    iban: str | None = None
    plate: str | None = None
    plate_country: str = "NLD"
    kvk: str | None = None
    address: str | None = None
    postcode: str | None = None
    place: str | None = None
    email: str | None = None
    handle: str | None = None
    unusable: tuple[Unusable, ...] = field(default=())

    def __repr__(self) -> str:
        present = [item.name for item in fields(self) if getattr(self, item.name) and item.name != "unusable"]
        return f"NormalisedIdentity(traits={present})"

    def reason(self, trait: Trait) -> Reason | None:
        """Why `trait` gives nothing, or `None` when it is usable."""
        return next((item.reason for item in self.unusable if item.trait is trait), None)
