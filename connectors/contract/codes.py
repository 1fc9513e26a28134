"""Closed code lists of the wire, in the Dutch terms of the convenants (HTCDS 2.0, IOM, where it has the concept).

A value outside these lists does not exist on the wire; adding one is a new schema version. What the monitor's tables
are divided by stands in `case_codes`.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class PartijDomein(StrEnum):
    """The part of an organisation that is a party of its own: a party is (OIN, domein)."""

    VEILIGHEID = "veiligheid"
    ZORG = "zorg"
    OPSPORING = "opsporing"
    TOEZICHT = "toezicht"
    BUREAU = "bureau"


class Partnertype(StrEnum):
    GEMEENTE_VEILIGHEID = "gemeente_veiligheid"
    GEMEENTE_ZORG = "gemeente_zorg"
    POLITIE = "politie"
    OM = "om"
    NLA = "nla"
    KMAR = "kmar"
    FISCUS = "fiscus"
    IND_UWV = "ind_uwv"
    RIEC_BUREAU = "riec_bureau"
    ZVH_BUREAU = "zvh_bureau"
    ZORG_NGO = "zorg_ngo"
    VEILIG_THUIS = "veilig_thuis"
    ZORG_MEDISCH = "zorg_medisch"
    COMENSHA = "comensha"
    REGISSEUR_BUREAU = "regisseur_bureau"


class Convenant(StrEnum):
    RIEC = "RIEC"
    ZVH = "ZVH"
    MONITOR = "MONITOR"


class TokenDomein(StrEnum):
    """Where tokens live. Keys differ per domain, so one person's tokens in two domains are unrelated."""

    RIEC = "RIEC"
    ZVH_RR = "ZVH-RR"
    ZVH_ZHZ = "ZVH-ZHZ"
    MONITOR = "MONITOR"

    @property
    def convenant(self) -> Convenant:
        """The convenant whose purpose rules govern this token domain."""
        return Convenant.ZVH if self in (TokenDomein.ZVH_RR, TokenDomein.ZVH_ZHZ) else Convenant(self.value)


class TokenKlasse(StrEnum):
    """Key classes of `schakel-oprf-1`: BSN, other identifiers, composites for people without a number."""

    BSN = "bsn"
    ID = "id"
    CX = "cx"


class Doel(StrEnum):
    AANPAK_GEORGANISEERDE_CRIMINALITEIT = "aanpak_georganiseerde_criminaliteit"
    HANDHAVINGSKNELPUNTEN = "handhavingsknelpunten"
    INTEGRITEITSBEOORDELING = "integriteitsbeoordeling"
    ZVH_CASUS = "zvh_casus"
    MONITOR = "monitor"
    AUDIT = "audit"


class Thema(StrEnum):
    MENSENHANDEL_EN_SMOKKEL = "mensenhandel_en_smokkel"


class Rol(StrEnum):
    PARTNER_IT = "partner_it"
    BRON_FUNCTIONARIS = "bron_functionaris"
    RIEC_ANALIST = "riec_analist"
    ZVH_PROCESREGISSEUR = "zvh_procesregisseur"
    ZORGCOORDINATOR = "zorgcoordinator"
    AANDACHTSFUNCTIONARIS = "aandachtsfunctionaris"
    REGISSEUR = "regisseur"
    PRIVACY_OFFICER = "privacy_officer"
    RAC_LID = "rac_lid"
    BEHEERDER = "beheerder"


class Betrouwbaarheid(StrEnum):
    """Level of assurance of a person's sign-in (eIDAS)."""

    LAAG = "laag"
    SUBSTANTIEEL = "substantieel"
    HOOG = "hoog"


class Actie(StrEnum):
    RECORDS_INDIENEN = "records_indienen"
    TELLINGEN_INDIENEN = "tellingen_indienen"
    INTREKKEN = "intrekken"
    MATCH_AANVRAGEN = "match_aanvragen"
    HITS_INZIEN = "hits_inzien"
    BRONVERSTREKKING_VRAGEN = "bronverstrekking_vragen"
    BRONVERSTREKKING_BESLISSEN = "bronverstrekking_beslissen"
    DOORGELEIDEN = "doorgeleiden"
    BEWAARTERMIJN_VERLENGEN = "bewaartermijn_verlengen"
    AGGREGAAT_VRIJGEVEN = "aggregaat_vrijgeven"
    AUDIT_INZIEN = "audit_inzien"
    BETROKKENE_VERZOEK = "betrokkene_verzoek"
    BELEID_ACTIVEREN = "beleid_activeren"


class Route(StrEnum):
    """The regional flow chart: care only; care and criminal; subversive crime."""

    ZORG = "zorg"
    ZORG_STRAF = "zorg_straf"
    ONDERMIJNING = "ondermijning"


class Status(StrEnum):
    SIGNAAL = "signaal"
    VERMOEDEN = "vermoeden"
    WEGING = "weging"
    CASUS = "casus"
    INTERVENTIE = "interventie"
    AFGESLOTEN = "afgesloten"


class Categorie(StrEnum):
    SLACHTOFFER = "slachtoffer"
    VERDACHTE_DADER = "verdachte_dader"
    FACILITATOR = "facilitator"
    LOCATIE = "locatie"
    BEDRIJF = "bedrijf"
    VOERTUIG = "voertuig"


class Doorbrekingsgrond(StrEnum):
    """Ground on which professional secrecy (beroepsgeheim) was broken."""

    TOESTEMMING = "toestemming"
    WETTELIJKE_PLICHT = "wettelijke_plicht"
    CONFLICT_VAN_PLICHTEN = "conflict_van_plichten"
    MELDRECHT = "meldrecht"
    GEEN = "geen"


class WpgArtikel(StrEnum):
    """The article of the Wet politiegegevens under which the source holds the record."""

    ART_8 = "8"
    ART_9 = "9"
    ART_10 = "10"
    ART_12 = "12"
    ART_13 = "13"
    GEEN = "geen"


class TabelId(StrEnum):
    """Catalogue of the Regionale Monitor; nothing outside it is ever released."""

    MELDINGEN_PER_JAAR = "meldingen_per_jaar"
    VORM_GESLACHT_LEEFTIJD = "vorm_geslacht_leeftijd"
    VORM_PER_GEMEENTE = "vorm_per_gemeente"
    HERKOMST_PER_VORM = "herkomst_per_vorm"
    SECTOR_PER_VORM = "sector_per_vorm"
    AANMELDER_PER_VORM = "aanmelder_per_vorm"
    ROUTE_PER_VORM = "route_per_vorm"
    INSPANNINGEN_PER_KWARTAAL = "inspanningen_per_kwartaal"
    GESCHATTE_OMVANG = "geschatte_omvang"


class Sterkte(StrEnum):
    STERK = "sterk"
    MIDDEL = "middel"
    ZWAK = "zwak"


class TokenType(StrEnum):
    """Identifiers that a bare OPRF token may stand for. There is no type for a name, a birth date or any other
    low-entropy attribute on its own: their frequencies would give them away."""

    BSN = "id.bsn"
    VNR = "id.vnr"
    DOC = "id.doc"
    KVK = "id.kvk"
    PHONE = "id.phone"
    IBAN = "id.iban"
    PLATE = "id.plate"
    ADDR = "id.addr"
    EMAIL = "id.email"
    HANDLE = "id.handle"

    @property
    def klasse(self) -> TokenKlasse:
        """The key class that evaluates this type."""
        return TokenKlasse.BSN if self is TokenType.BSN else TokenKlasse.ID

    @property
    def sterkte(self) -> Sterkte:
        """Strength of the attribute: a property of its type, so no sender can claim another."""
        return STERKTE[self]


STERKTE: Final = MappingProxyType(
    {
        TokenType.BSN: Sterkte.STERK,
        TokenType.VNR: Sterkte.STERK,
        TokenType.DOC: Sterkte.STERK,
        TokenType.KVK: Sterkte.STERK,
        TokenType.PHONE: Sterkte.MIDDEL,
        TokenType.IBAN: Sterkte.MIDDEL,
        TokenType.PLATE: Sterkte.MIDDEL,
        TokenType.ADDR: Sterkte.MIDDEL,
        TokenType.EMAIL: Sterkte.MIDDEL,
        TokenType.HANDLE: Sterkte.MIDDEL,
    }
)


class BlokType(StrEnum):
    """Composite keys of class `cx`: on the wire only as block id and block-keyed sketch, or as a dummy of both."""

    D = "cx.D"
    P = "cx.P"
    SF = "cx.SF"
    BD = "cx.BD"
    PC = "cx.PC"
    P2 = "cx.P2"
    FN = "cx.FN"
    FY = "cx.FY"
    FM = "cx.FM"
    SM = "cx.SM"
    SG = "cx.SG"
    SY = "cx.SY"
    SN = "cx.SN"
    WS = "cx.WS"
    WY = "cx.WY"


class Reikwijdte(StrEnum):
    """What an answer may show, from narrow to wide."""

    GEEN = "geen"
    ALLEEN_HIT_OF_GEEN_HIT = "alleen_hit_of_geen_hit"
    BEKEND_ONBEKEND = "bekend_onbekend"
    PARTNER_EN_CONTACTPUNT = "partner_en_contactpunt"
    AGGREGAAT = "aggregaat"


class Antwoord(StrEnum):
    BEKEND = "bekend"
    ONBEKEND = "onbekend"
