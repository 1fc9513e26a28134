"""The closed list of signals, and the shape of the rules that find them."""

from dataclasses import dataclass
from enum import StrEnum


class Indicator(StrEnum):
    """Signals of human trafficking. HTCDS has the first seventeen as means of control; the signal card the others."""

    SCHULDBINDING = "schuldbinding"
    VERDIENSTEN_AFGENOMEN = "verdiensten_afgenomen"
    FINANCIEN_BEHEERST = "financien_beheerst"
    BEDREIGING = "bedreiging"
    BEDREIGING_FAMILIE = "bedreiging_familie"
    PSYCHISCH_GEWELD = "psychisch_geweld"
    FYSIEK_GEWELD = "fysiek_geweld"
    SEKSUEEL_GEWELD = "seksueel_geweld"
    VALSE_BELOFTEN = "valse_beloften"
    MIDDELEN_TOEGEDIEND = "middelen_toegediend"
    BEWEGINGSVRIJHEID_BEPERKT = "bewegingsvrijheid_beperkt"
    ZORG_ONTHOUDEN = "zorg_onthouden"
    EXTREME_WERKTIJDEN = "extreme_werktijden"
    KINDEREN_ALS_DRUKMIDDEL = "kinderen_als_drukmiddel"
    DREIGING_AUTORITEITEN = "dreiging_autoriteiten"
    BEHOEFTEN_ONTHOUDEN = "behoeften_onthouden"
    DOCUMENTEN_INGENOMEN = "documenten_ingenomen"
    DWANG = "dwang"
    MISLEIDING = "misleiding"
    KWETSBARE_POSITIE = "kwetsbare_positie"
    LOON_INGEHOUDEN = "loon_ingehouden"
    ONDERBETALING = "onderbetaling"
    GEEN_CONTRACT = "geen_contract"
    SLECHTE_HUISVESTING = "slechte_huisvesting"
    WOONT_OP_WERKPLEK = "woont_op_werkplek"
    TELEFOON_AFGENOMEN = "telefoon_afgenomen"
    CONTROLE_EN_TOEZICHT = "controle_en_toezicht"
    ISOLATIE = "isolatie"
    LIEFDESRELATIE_MISBRUIKT = "liefdesrelatie_misbruikt"
    CHANTAGE_BEELDMATERIAAL = "chantage_beeldmateriaal"
    RITUEEL_DRUKMIDDEL = "ritueel_drukmiddel"
    INGESTUDEERD_VERHAAL = "ingestudeerd_verhaal"
    ANGST_VOOR_REPRESAILLES = "angst_voor_represailles"
    GEDWONGEN_PROSTITUTIE = "gedwongen_prostitutie"
    GEDWONGEN_CRIMINALITEIT = "gedwongen_criminaliteit"
    MISBRUIK_IDENTITEIT = "misbruik_identiteit"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A pattern over a folded sentence.

    `negative`: the pattern holds a denial itself (`krijgt geen loon`). `unless`: a pattern that makes the sentence mean
    something else wherever it stands (`de politie nam het paspoort in beslag`).
    """

    pattern: str
    starts: tuple[str, ...]
    negative: bool = False
    unless: str = ""


GAP = r"(?:[^\w.;!?\n]{1,6}[\w'-]{1,30}){0,8}?[^\w.;!?\n]{1,6}"
"""Up to eight words between the two halves of a trigger."""

SHORT = r"(?:[^\w.;!?\n]{1,6}[\w'-]{1,30}){0,4}?[^\w.;!?\n]{1,6}"
"""Up to four words."""


def both(left: str, right: str, starts: str, gap: str = GAP, *, negative: bool = False, unless: str = "") -> Trigger:
    """Return a trigger for two halves in either order."""
    pattern = rf"\b(?:{left})\b{gap}(?:{right})\b|\b(?:{right})\b{gap}(?:{left})\b"
    return Trigger(pattern, tuple(starts.split()), negative, unless)


def one(pattern: str, starts: str, *, negative: bool = False) -> Trigger:
    """Return a trigger for one pattern of whole words."""
    return Trigger(rf"\b(?:{pattern})\b", tuple(starts.split()), negative)


# Words that several triggers share.
TAKEN = (
    r"afgepakt|pakte|pakten|pakt|pakken|afgenomen|ingenomen|ingepikt|ingehouden|achtergehouden"
    r"|afgegeven|afgestaan|inleveren|ingeleverd|afstaan|afgeven|"
    r"nam|namen|neemt|houdt|hield|hielden|houden|bewaart|bewaarde|verstopt|verscheurd|verbrand"
    r"|weggenomen|kwijt aan|in bezit van|took|taken|takes|"
    r"keeps?|kept|confiscated|withheld|withholds?|holds|held|seized|hidden|away|afhandig gemaakt|in beslag genomen"
)
PAPERS = (
    r"paspoort(?:en)?|identiteits(?:kaart(?:en)?|bewijs|papieren|document(?:en)?)|id-?(?:kaart|bewijs|card)"
    r"|papieren|(?:reis|verblijfs)?documenten|verblijfs(?:document|pas|kaart)|passports?|identity "
    r"(?:card|papers|documents)|documents|papers"
)
EARNINGS = (
    r"verdiensten|verdiende geld|verdiend\w{0,20}|inkomsten|opbrengst(?:en)?|al het geld|haar geld"
    r"|zijn geld|hun geld|geld dat|earnings|her money|his money|their money|all the money|income"
)
PAY = r"loon|salaris|vakantiegeld|uitbetaling|wages?|salary|pay"
SEIZED = (
    r"\b(?:politie|agent(?:en)?|verbalisant(?:en)?|recherche|marechaussee|kmar|officier"
    r"|rechter-commissaris|police|officers?)\b"
    r"[^.;!?\n]{0,60}\b(?:in beslag|nam|namen|inbeslag\w{0,20}|gecontroleerd|seized|took)\b"
    r"|\bin beslag genomen door de politie\b"
)
FAMILY = (
    r"famil\w{1,20}|ouders|kind(?:eren)?|dochter(?:tje)?|zoon(?:tje)?|moeder|vader|zus(?:je)?|broer"
    r"(?:tje)?|family|parents|children|child|daughter|son|mother|father|sister|brother"
)
THREAT = r"bedreig\w{0,20}|dreig(?:t|de|den|en|ement\w{0,20})|gedreigd|dreiging\w{0,20}|threat\w{0,20}"
FORCED = (
    r"gedwongen|dwingt|dwong\w{0,20}|dwingen|verplicht\w{0,20}|onder druk gezet|onder druk|moest(?:en)?|moet"
    r"|aangezet tot|forced|forces|coerced|made to|had to|has to|must"
)
