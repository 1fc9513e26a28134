"""ISO 3166-1 country codes, and the few others that stand in passports and on cars."""

from types import MappingProxyType
from typing import Final

from pseudonymizer.identity import Reason
from pseudonymizer.traits.text import UnusableValueError, known

_ISO_TABLE: Final = """
    ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI
    BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT
    BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU
    CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET
    FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR
    GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR
    IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB
    LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH
    MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE
    NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL
    PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ
    SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC
    TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY
    USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW
"""
"""Alpha-3 and alpha-2 of the 249 ISO 3166-1 countries, joined; source: the Debian package iso-codes."""

_ISO: Final = _ISO_TABLE.split()
_ALPHA3: Final = frozenset(code[:3] for code in _ISO) | {"XKX"}
_OTHER: Final = MappingProxyType(
    {code[3:]: code[:3] for code in _ISO}
    # ICAO 9303 part 3 section 5 writes D for Germany, RKS for Kosovo and GBD..GBS for British passports.
    | {"D": "DEU", "RKS": "XKX", "GBD": "GBR", "GBN": "GBR", "GBO": "GBR", "GBP": "GBR", "GBS": "GBR"}
    # Distinguishing signs on vehicles (UN Convention on Road Traffic 1968, annex 3) that ISO alpha-2 does not read.
    | {"B": "BEL", "F": "FRA", "I": "ITA", "E": "ESP", "A": "AUT", "H": "HUN", "L": "LUX", "S": "SWE", "P": "PRT"}
    | {"UK": "GBR", "N": "NOR", "V": "VAT"}
)
_STATELESS: Final = frozenset({"XXA", "XXB", "XXC", "XXX", "UNK", "ZZZ"})
"""ICAO 9303 part 3: stateless, refugees, unspecified. They name no country, so they separate nobody."""


def alpha3(value: str | None) -> str:
    """ISO 3166-1 alpha-3 of a country code (alpha-3, alpha-2, passport or vehicle sign).

    Raises UnusableValueError: absent, unknown (also stateless and unspecified), country (no such code).
    """
    code = known(value).upper()
    if code in _STATELESS:
        raise UnusableValueError(Reason.UNKNOWN)
    found = code if code in _ALPHA3 else _OTHER.get(code)
    if found is None:
        raise UnusableValueError(Reason.COUNTRY)
    return found
