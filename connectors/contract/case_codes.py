"""Closed code lists by which the monitor counts: what happened to whom, who reported it, what was done (record page).

As in `codes`, a value outside these lists does not exist on the wire; adding one is a new schema version.
"""

from enum import StrEnum


class Uitbuitingsvorm(StrEnum):
    SEKSUEEL = "seksueel"
    ARBEID = "arbeid"
    CRIMINEEL = "crimineel"
    BEDELARIJ = "bedelarij"
    GEDWONGEN_DIENSTVERLENING = "gedwongen_dienstverlening"
    ORGAAN = "orgaan"
    NOG_NIET_UITGEBUIT = "nog_niet_uitgebuit"
    ONBEKEND = "onbekend"


class Sector(StrEnum):
    # seksueel
    THUIS = "thuis"
    ESCORT = "escort"
    HOTEL = "hotel"
    RAAM = "raam"
    CLUB_BORDEEL = "club_bordeel"
    MASSAGESALON = "massagesalon"
    STRAAT = "straat"
    ONLINE = "online"
    ANDERS = "anders"
    # arbeid
    LANDBOUW_VISSERIJ = "landbouw_visserij"
    HUISHOUDELIJK_AU_PAIR = "huishoudelijk_au_pair"
    HORECA = "horeca"
    INDUSTRIE = "industrie"
    BOUW = "bouw"
    VERVOER_HAVEN_BINNENVAART = "vervoer_haven_binnenvaart"
    HANDEL = "handel"
    SCHOONMAAK = "schoonmaak"
    UITZEND = "uitzend"
    VLEESVERWERKING = "vleesverwerking"
    WASSERIJ = "wasserij"
    BEZORGING = "bezorging"
    NAGELSTUDIO = "nagelstudio"
    OVERIG = "overig"
    ONBEKEND = "onbekend"
    # crimineel
    DRUGSPRODUCTIE = "drugsproductie"
    DRUGSHANDEL_UITHALER = "drugshandel_uithaler"
    KATVANGER_BANKREKENING = "katvanger_bankrekening"
    WINKELDIEFSTAL = "winkeldiefstal"
    EXPLOSIEVEN = "explosieven"
    WONINGGEBRUIK = "woninggebruik"
    BEDELEN = "bedelen"


class Geslacht(StrEnum):
    MAN = "man"
    VROUW = "vrouw"
    ANDERS = "anders"
    ONBEKEND = "onbekend"


class Leeftijdsband(StrEnum):
    J0_11 = "0-11"
    J12_14 = "12-14"
    J15_17 = "15-17"
    J18_22 = "18-22"
    J23_29 = "23-29"
    J30_39 = "30-39"
    J40_49 = "40-49"
    J50 = "50+"
    ONBEKEND = "onbekend"

    @property
    def minderjarig(self) -> bool:
        """True for the three bands below 18."""
        return self in (Leeftijdsband.J0_11, Leeftijdsband.J12_14, Leeftijdsband.J15_17)


class Herkomstregio(StrEnum):
    NL = "NL"
    EU_OVERIG = "EU_overig"
    EUROPA_NIET_EU = "Europa_niet_EU"
    AFRIKA = "Afrika"
    AZIE = "Azie"
    LATIJNS_AMERIKA_CARIBEN = "Latijns-Amerika_Cariben"
    OVERIG = "overig"
    ONBEKEND = "onbekend"


class BronSignaal(StrEnum):
    POLITIE_MELDING = "politie_melding"
    MMA = "mma"
    NLA_MELDING = "nla_melding"
    GEMEENTE_CONTROLE = "gemeente_controle"
    MELDPUNT = "meldpunt"
    NAASTE = "naaste"
    SLACHTOFFER_ZELF = "slachtoffer_zelf"
    SCHOOL = "school"
    ZORGPROFESSIONAL = "zorgprofessional"
    OPVANG = "opvang"
    AZC = "azc"
    FAIRWORK = "fairwork"
    ADVOCAAT = "advocaat"
    ANDERS = "anders"


class InspanningType(StrEnum):
    INTEGRALE_CONTROLE_SEKSBRANCHE = "integrale_controle_seksbranche"
    INTEGRALE_CONTROLE_ARBEID_HUISVESTING = "integrale_controle_arbeid_huisvesting"
    BESTUURLIJKE_RAPPORTAGE = "bestuurlijke_rapportage"
    BESTUURLIJKE_MAATREGEL = "bestuurlijke_maatregel"
    TRAINING_PROFESSIONALS = "training_professionals"
    VOORLICHTING_SCHOOL = "voorlichting_school"
    CAMPAGNE = "campagne"
    ADVIES_MELDPUNT = "advies_meldpunt"
    CASUS_GESTART = "casus_gestart"
    ZORGCOORDINATIE_TRAJECT = "zorgcoordinatie_traject"
    NOODBED = "noodbed"
    OPVANG_REGULIER = "opvang_regulier"
    COSM = "cosm"
    CRISISOPVANG = "crisisopvang"
    AANGIFTE = "aangifte"
    INTAKEGESPREK = "intakegesprek"
    OPSPORINGSONDERZOEK = "opsporingsonderzoek"
    VEROORDELING = "veroordeling"
    BEDENKTIJD = "bedenktijd"
    B8_3 = "b8_3"
    B9 = "b9"
    COMENSHA_MELDING = "comensha_melding"
    AANDACHTSFUNCTIONARIS = "aandachtsfunctionaris"
    BELEID_VASTGESTELD = "beleid_vastgesteld"
