"""The closed list of signals and the words that show them, Dutch and English.

Texts are matched folded (lower case, no diacritics), one sentence at a time. A trigger is a pattern with bounded gaps;
`starts` are the first letters of a word without which it cannot match.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


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
    """A pattern over a folded sentence. `negative`: the pattern holds a denial itself (`krijgt geen loon`)."""

    pattern: str
    starts: tuple[str, ...]
    negative: bool = False


GAP = r"(?:[^\w.;!?\n]+[\w'-]{1,30}){0,8}?[^\w.;!?\n]+"
"""Up to eight words between the two halves of a trigger."""

SHORT = r"(?:[^\w.;!?\n]+[\w'-]{1,30}){0,4}?[^\w.;!?\n]+"
"""Up to four words."""


def _both(left: str, right: str, starts: str, gap: str = GAP, *, negative: bool = False) -> Trigger:
    """Return a trigger for two halves in either order."""
    pattern = rf"\b(?:{left})\b{gap}(?:{right})\b|\b(?:{right})\b{gap}(?:{left})\b"
    return Trigger(pattern, tuple(starts.split()), negative)


def _one(pattern: str, starts: str, *, negative: bool = False) -> Trigger:
    return Trigger(rf"\b(?:{pattern})\b", tuple(starts.split()), negative)


_TAKEN = (
    r"afgepakt|pakte|pakten|pakt|pakken|afgenomen|ingenomen|ingepikt|ingehouden|achtergehouden"
    r"|afgegeven|afgestaan|inleveren|ingeleverd|afstaan|afgeven|"
    r"nam|namen|neemt|houdt|hield|hielden|houden|bewaart|bewaarde|verstopt|verscheurd|verbrand"
    r"|weggenomen|kwijt aan|in bezit van|took|taken|takes|"
    r"keeps?|kept|confiscated|withheld|withholds?|holds|held|seized|hidden|away|afhandig gemaakt|in beslag genomen"
)
_PAPERS = (
    r"paspoort(?:en)?|identiteits(?:kaart|bewijs|papieren|document(?:en)?)|id-?(?:kaart|bewijs|card)"
    r"|papieren|(?:reis|verblijfs)?documenten|verblijfs(?:document|pas|kaart)|passports?|identity "
    r"(?:card|papers|documents)|documents|papers"
)
_EARNINGS = (
    r"verdiensten|verdiende geld|verdiend\w*|inkomsten|opbrengst(?:en)?|al het geld|haar geld"
    r"|zijn geld|hun geld|geld dat|earnings|her money|his money|their money|all the money|income"
)
_PAY = r"loon|salaris|vakantiegeld|uitbetaling|wages?|salary|pay"
_FAMILY = (
    r"famil\w+|ouders|kind(?:eren)?|dochter(?:tje)?|zoon(?:tje)?|moeder|vader|zus(?:je)?|broer"
    r"(?:tje)?|family|parents|children|child|daughter|son|mother|father|sister|brother"
)
_THREAT = r"bedreig\w*|dreig(?:t|de|den|en|ement\w*)|gedreigd|dreiging\w*|threat\w*"
_FORCED = (
    r"gedwongen|dwingt|dwong\w*|dwingen|verplicht\w*|onder druk gezet|onder druk|moest(?:en)?|moet"
    r"|aangezet tot|forced|forces|coerced|made to|had to|has to|must"
)

TRIGGERS: Mapping[Indicator, tuple[Trigger, ...]] = MappingProxyType(
    {
        Indicator.SCHULDBINDING: (
            _one(r"schuldbinding|schuldslavernij|debt bondage|bonded labou?r", "schu debt bond"),
            _both(
                r"schuld(?:en)?|reissom|reiskosten|reisschuld|smokkelschuld|debts?",
                r"af ?(?:te )?(?:betalen|lossen|werken)|(?:terug|af)(?:betalen|betaalt|betaald|werken|lossen)"
                r"|aflossen|afgelost|inlossen|pay(?:ing)? (?:off|back)|paid off|repay\w*|work(?:ing)? off"
                r"|in rekening",
                "schu reis smok debt",
            ),
            _both(
                r"schuld(?:en)?|debt",
                r"(?:loopt|liep|lopen) (?:steeds |alleen maar )?op|opgelegd|(?:hoge|enorme|grote"
                r"|torenhoge) schuld(?:en)?|bij (?:haar|zijn|de) (?:handelaar|smokkelaar|baas|werkgever)|owes?"
                r"|owed",
                "schu debt owe",
                SHORT,
            ),
        ),
        Indicator.VERDIENSTEN_AFGENOMEN: (
            _both(
                _EARNINGS,
                rf"{_TAKEN}|afdragen|afgedragen|draagt|droeg|afstaan|hand over|handed over|give up|geven aan",
                "verd inko opbr geld earn mone inco",
            ),
            _one(
                r"(?:moet|moest|moesten|moeten)(?:[^\w.;!?]+[\w'-]{1,20}){0,5}[^\w.;!?]+(?:geld|helft|deel"
                r"|alles)[^\w.;!?]+(?:[\w'-]{1,20}[^\w.;!?]+){0,3}(?:afdragen|afstaan|afgeven|inleveren)",
                "afdr afst afge inle",
            ),
        ),
        Indicator.FINANCIEN_BEHEERST: (
            _both(
                r"bankpas(?:je)?|pinpas|bankrekening|rekening|bank ?card|bank account|debit card",
                rf"{_TAKEN}|beheert|beheerde|beheren|controls?|controlled|gebruikt|toegang tot",
                "bank pinp reke debi",
            ),
            _one(
                r"(?:geen|nooit) (?:toegang tot|beschikking over|zeggenschap over|eigen)(?: [\w'-]{1,15}){0,2} "
                r"(?:geld|rekening|bankrekening|financien|inkomsten)|no access to (?:her|his|their|any) (?:money"
                r"|bank account|account)",
                "geld reke bank fina inko acce",
                negative=True,
            ),
            _both(r"beheert|beheerde|controls|controlled", r"financien|geld|money|finances", "behe cont", SHORT),
        ),
        Indicator.BEDREIGING_FAMILIE: (_both(_THREAT, _FAMILY, "bedr drei gedr thre"),),
        Indicator.BEDREIGING: (
            _one(
                r"(?:bedreig(?:t|d|de|den|en|ing|ingen)|gedreigd|dreigt|dreigde|dreigden|dreigementen|dreigement"
                r"|doodsbedreiging\w*|bedreigde|threatened|threatens|threats?|threatening)",
                "bedr gedr drei dood thre",
            ),
        ),
        Indicator.PSYCHISCH_GEWELD: (
            _one(
                r"(?:vernederd|vernedert|vernederingen|vernedering|gekleineerd|kleineert|uitgescholden|scheldt"
                r"|gemanipuleerd|manipuleert|manipulatie|geestelijk mishandeld|psychisch (?:geweld|mishandeld"
                r"|misbruik|onder druk)|geintimideerd|intimideert|intimidatie|gehersenspoeld|humiliat\w+"
                r"|psychological abuse|manipulated|intimidat\w+|verbally abused)",
                "vern gekl klei uitg sche gema mani gees psyc gein inti gehe humi verb",
            ),
        ),
        Indicator.FYSIEK_GEWELD: (
            _one(
                r"(?:mishandel(?:d|t|de|den|ing|ingen)|geslagen|slaat|sloeg|sloegen|geschopt|schopt|schopte"
                r"|gewurgd|gestompt|in elkaar geslagen|verwond|gestoken|fysiek geweld|lichamelijk geweld"
                r"|blauwe plekken|brandwonden|beaten|beats?|hit her|hit him|kicked|punched|bruises|physical"
                r"(?:ly)? (?:abuse|abused|violence)|choked|slapped)",
                "mish gesl slaa sloe gesc scho gewu gest verw fysi lich blau bran beat hit kick punc brui phys ch"
                "ok slap elka",
            ),
        ),
        Indicator.SEKSUEEL_GEWELD: (
            _one(
                r"(?:verkracht(?:t|e|en|ing|ingen)?|aangerand|aanranding|seksueel (?:misbruik|misbruikt|geweld"
                r"|mishandeld)|groepsverkrachting|raped?|sexual(?:ly)? (?:abuse|abused|assault|assaulted"
                r"|violence))",
                "verk aang aanr seks groe rape sexu",
            ),
        ),
        Indicator.VALSE_BELOFTEN: (
            _both(
                r"beloofd|beloofde|beloofden|belofte|beloften|beloftes|voorgespiegeld|voorgehouden|gelokt|lokte"
                r"|promised|promise|promises|lured|offered",
                r"baan|werk|werkplek|baantje|opleiding|studie|beter leven|mooi leven|geld|salaris|huis|woning"
                r"|toekomst|huwelijk|verblijfs\w+|loon|contract|job|work|better life|education|school|marriage"
                r"|money|salary|cleaner|waitress",
                "belo voor gelo lokt prom lure offe",
            ),
            _one(
                r"(?:valse|onware|loze|mooie) (?:belofte|beloften|beloftes|voorstelling van zaken)"
                r"|false promises?|fake job",
                "vals onwa loze mooi fals fake",
            ),
        ),
        Indicator.MIDDELEN_TOEGEDIEND: (
            _both(
                r"drugs|alcohol|cocaine|coke|heroine|pillen|slaappillen|lachgas|xtc|ghb|medicijnen|medicatie"
                r"|pills",
                r"toegediend|gedrogeerd|gegeven|kreeg|krijgt|verslaafd gemaakt|laat gebruiken|liet gebruiken"
                r"|gevoerd|dwong\w*|gedwongen|moest|onder invloed|gave|given|forced|drugged",
                "drug alco coca coke hero pill slaa lach xtc ghb medi",
            ),
            _one(r"gedrogeerd|verslaafd gemaakt|drogeert|drogeerde|drugged", "gedr vers drog drug"),
        ),
        Indicator.BEWEGINGSVRIJHEID_BEPERKT: (
            _one(
                r"(?:opgesloten|opsluiten|sluit (?:haar|hem|hen) op|vastgehouden|ingesloten|deur (?:was |is "
                r"|zat )?op slot|achter slot|locked (?:up|in)|confined|held captive|imprisoned)",
                "opge opsl slui vast inge deur slot lock conf capt impr held",
            ),
            _one(
                r"(?:mag|mocht|mochten|mogen|kan|kon|konden)(?: [\w'-]{1,15}){0,4}? (?:niet|nooit)"
                r"(?: [\w'-]{1,15}){0,4}? (?:naar buiten|de deur uit|weg|alleen (?:weg|naar buiten|de straat op)"
                r"|verlaten|het huis uit|vertrekken)|(?:niet|nooit)(?: [\w'-]{1,15}){0,2} naar buiten (?:mag"
                r"|mocht|mogen|mochten)|not (?:allowed|permitted|free) to (?:leave|go out(?:side)?|go anywhere)|"
                r"(?:could|can|may)(?: not|n't|not) leave|never allowed (?:out|to leave)",
                "mag moch moge kan kon buit allo perm free leav neve",
                negative=True,
            ),
            _one(
                r"bewegingsvrijheid (?:is |was |wordt |werd )?(?:beperkt|ingeperkt|ontnomen)|(?:beperkt|beperkte"
                r"|ingeperkt|ontnomen) (?:in )?(?:haar |zijn |hun |de )?(?:bewegings)?vrijheid|restrict(?:s|ed) "
                r"(?:her|his|their) (?:movement|freedom)",
                "bewe beper bepe inge ontn rest",
            ),
        ),
        Indicator.ZORG_ONTHOUDEN: (
            _one(
                r"(?:mag|mocht|mochten|mogen|kreeg|krijgt)(?: [\w'-]{1,15}){0,4}? (?:niet|geen|nooit)"
                r"(?: [\w'-]{1,15}){0,3}? (?:naar (?:een |de |het )?(?:dokter|arts|huisarts|ziekenhuis|tandarts)"
                r"|medische (?:zorg|hulp|behandeling))|(?:medische zorg|medische hulp|zorg) (?:is |wordt |werd )?"
                r"(?:onthouden|geweigerd)|not allowed to see a doctor|denied medical (?:care|help|treatment)"
                r"|medical (?:care|help) (?:was )?(?:denied|refused|withheld)",
                "dokt arts huis ziek tand medi zorg doct",
                negative=True,
            ),
        ),
        Indicator.EXTREME_WERKTIJDEN: (
            _one(
                r"(?:1[1-9]|2[0-4]|twaalf|dertien|veertien|vijftien|zestien|achttien) (?:tot (?:1[0-9]|2[0-4]"
                r"|\w{4,9}) )?uur (?:per dag|achter elkaar|achtereen|lang (?:werken|gewerkt))|(?:1[1-9]|2[0-4]"
                r"|twelve|fourteen|sixteen) hours (?:a|per|each) day|(?:zeven|7) dagen (?:per|in de) week"
                r"|seven days a week|7 days a week|dag en nacht (?:werk\w*|beschikbaar)|(?:zonder|geen) "
                r"(?:vrije dag(?:en)?|pauzes?|rustdag(?:en)?)|no days? off|excessive (?:working )?hours"
                r"|extreem lange (?:werk)?dagen",
                "uur hour dage days dag vrij pauz rust exce extr off",
                negative=True,
            ),
        ),
        Indicator.KINDEREN_ALS_DRUKMIDDEL: (
            _both(
                r"kind(?:eren)?|baby|dochter(?:tje)?|zoon(?:tje)?|children|child|son|daughter|baby",
                r"afgepakt|afgenomen|afpakken|pakken|weggehaald|weghalen|als drukmiddel|als chantagemiddel|take "
                r"(?:away|her|his)|taken (?:away|from)|as leverage|ontvoer\w*|bij (?:haar|hem) weg",
                "kind baby doch zoon chil son daug",
                SHORT,
            ),
        ),
        Indicator.DREIGING_AUTORITEITEN: (
            _both(
                _THREAT,
                r"politie|uitzetting|uitzetten|uitgezet|deportatie|vreemdelingenpolitie|immigratiedienst|ind"
                r"|justitie|aangeven|aan te geven|police|deport\w*|immigration|authorities",
                "poli uitz uitg depo vree immi ind just aang gev auth",
            ),
        ),
        Indicator.BEHOEFTEN_ONTHOUDEN: (
            _one(
                r"(?:kreeg|krijgt|kregen|krijgen|had|hadden)(?: [\w'-]{1,15}){0,4}? (?:geen|nauwelijks|amper"
                r"|te weinig|onvoldoende|bijna geen)(?: [\w'-]{1,15}){0,2}? (?:eten|voedsel|drinken|water|slaap"
                r"|kleding|warm water)|(?:eten|voedsel|slaap) (?:is |wordt |werd )?(?:onthouden|geweigerd)|(?:no"
                r"|little|hardly any|not enough|without) (?:food|water|sleep)|deprived of (?:food|sleep|water)"
                r"|uitgehongerd|starved",
                "eten voed drin wate slaa kled food slee depr uitg star",
                negative=True,
            ),
        ),
        Indicator.DOCUMENTEN_INGENOMEN: (
            _both(_PAPERS, _TAKEN, "pasp iden id papi docu reis verb pass pape"),
            _one(
                r"(?:niet|geen)(?: [\w'-]{1,15}){0,3} (?:beschik\w+ over|toegang tot|in het bezit van) (?:haar"
                r"|zijn|hun|eigen) (?:eigen )?(?:paspoort|papieren|documenten|identiteitsbewijs)|no (?:access"
                r"|control)(?: [\w'-]{1,10}){0,2} (?:her|his|their)(?: own)? (?:passport|documents|papers)",
                "pasp papi docu iden pass pape",
                negative=True,
            ),
        ),
        Indicator.DWANG: (
            _one(
                r"dwang|(?:werd|wordt|is|was|werden|worden|zijn|waren)(?: [\w'-]{1,15}){0,4} gedwongen"
                r"|gedwongen om|gedwongen (?:te|tot)|onder dwang|dwong (?:haar|hem|hen)|dwingt (?:haar|hem|hen)"
                r"|coercion|coerced|forced (?:to|her|him|them|into)|was forced|under duress",
                "dwan gedw dwon dwin coer forc dure",
            ),
        ),
        Indicator.MISLEIDING: (
            _one(
                r"misleid(?:ing|en|t|de|den)?|misleiding|bedrogen|bedrog|om de tuin geleid"
                r"|onder valse voorwendselen|deceived|deception|deceit|misled|tricked|false pretences"
                r"|false pretenses",
                "misl bedr tuin voor dece tric pret",
            ),
        ),
        Indicator.KWETSBARE_POSITIE: (
            _one(
                r"kwetsbare (?:positie|situatie|persoon|vrouw|man|jongen|meisje|groep|omstandigheden|doelgroep)"
                r"|misbruik van (?:een |haar |zijn )?kwetsba\w+|licht verstandelijk beperkt\w*"
                r"|verstandelijke beperking|lvb|kwetsbaarheid|afhankelijke positie|position of vulnerability"
                r"|vulnerable (?:position|situation|person|woman|girl|man)|intellectual disability|dakloos"
                r"|homeless|weggelopen (?:uit|van)|runaway",
                "kwet misb lich vers lvb afha posi vuln inte dakl home wegg runa",
            ),
        ),
        Indicator.LOON_INGEHOUDEN: (
            _both(
                _PAY,
                r"inhoudt|ingehouden|hield|houdt|inhield|inhouden|achtergehouden|niet uitbetaald|niet betaald"
                r"|nooit betaald|nooit uitbetaald|niet uitgekeerd|withheld|withholds?|unpaid|not paid|never paid"
                r"|kept",
                "loon sala vaka uitb wage pay",
                negative=True,
            ),
            _one(
                r"(?:krijgt|kreeg|kregen|ontvangt|ontving|heeft|had)(?: [\w'-]{1,15}){0,4}? (?:geen|nooit)"
                r"(?: [\w'-]{1,15}){0,2}? (?:loon|salaris|geld voor (?:haar|zijn|het) werk)|(?:wordt|werd|werden"
                r"|is)(?: [\w'-]{1,15}){0,4}? (?:niet|nooit) (?:uit)?betaald|onbetaald (?:werk\w*|arbeid)|(?:was"
                r"|were|is|are)(?: not|n't| never) paid|no (?:wages|salary)|without (?:pay|being paid)|unpaid",
                "loon sala geld beta uitb onbe paid wage unpa pay",
                negative=True,
            ),
        ),
        Indicator.ONDERBETALING: (
            _one(
                r"onderbetaald|onderbetaling|onderbetaalt|onder het minimumloon|minder dan het minimumloon|"
                r"(?:slechts|maar) (?:[€$] ?)?\d{1,2}(?:[,.]\d\d)? ?(?:euro )?per (?:uur|dag)|underpaid|below "
                r"(?:the )?minimum wage|less than (?:the )?minimum wage|(?:[€$] ?)?\d (?:euros? )?(?:an hour"
                r"|per hour)|hongerloon",
                "onde mini unde hour uur slec maar dag hong",
            ),
        ),
        Indicator.GEEN_CONTRACT: (
            _one(
                r"(?:zonder|geen)(?: [\w'-]{1,15}){0,2}? (?:arbeids)?(?:contract|arbeidsovereenkomst|overeenkomst"
                r"|papieren gewerkt)|zwart (?:werken|gewerkt|werkt|werkte|betaald|uitbetaald)|without (?:a "
                r"|any )?(?:written )?contract|no (?:written |employment )?contract|contract in een taal die",
                "cont arbe over papi zwar",
                negative=True,
            ),
        ),
        Indicator.SLECHTE_HUISVESTING: (
            _one(
                r"(?:slechte|erbarmelijke|mensonterende|onhygienische|gevaarlijke|ondermaatse|beroerde) "
                r"(?:huisvesting|woonomstandigheden|leefomstandigheden|omstandigheden|woonruimte)|overbewoning"
                r"|overbewoond|slaapt in (?:een |de )?(?:schuur|kelder|loods|garage|stal|auto|busje)|(?:sliep"
                r"|slapen|sliepen) in (?:een |de )?(?:schuur|kelder|loods|garage|stal|auto|busje)"
                r"|matrassen op de (?:grond|vloer)|met (?:\d{1,2}|zes|zeven|acht|negen|tien|twaalf) (?:personen"
                r"|man|mensen|anderen|vrouwen|mannen) (?:op|in) (?:een|1) (?:kamer|slaapkamer|woning)|(?:poor"
                r"|appalling|squalid|overcrowded|inhumane) (?:housing|living conditions|accommodation|conditions)"
                r"|overcrowd\w+|mattresses on the floor",
                "slec erba mens onhy geva onde bero over slaa slie slap matr pers man mens vrou ande poor appa sq"
                "ua inhu",
            ),
        ),
        Indicator.WOONT_OP_WERKPLEK: (
            _one(
                r"(?:woont|woonde|wonen|woonden|slaapt|sliep|slapen|sliepen|verblijft|verbleef|verblijven"
                r"|overnacht\w*)(?: [\w'-]{1,15}){0,4}? (?:op|in|boven|bij|achter) (?:het|de|haar|zijn|hun) "
                r"(?:werk|werkplek|werkplaats|bedrijf|restaurant|salon|massagesalon|club|keuken|winkel|kas"
                r"|fabriek|zaak|nagelstudio)|(?:lives?|lived|sleeps?|slept|living|sleeping)"
                r"(?: [\w'-]{1,10}){0,3}? (?:at|in|above) (?:the|her|his|their) (?:work ?place|work|restaurant"
                r"|salon|shop|factory|kitchen|club)",
                "werk bedr rest salo mass club keuk wink kas fabr zaak nage work shop fact kitc",
            ),
        ),
        Indicator.TELEFOON_AFGENOMEN: (
            _both(
                r"telefoon(?:s)?|mobiel(?:tje)?|gsm|simkaart|smartphone|phone|mobile|sim card",
                _TAKEN,
                "tele mobi gsm simk smar phon sim",
            ),
        ),
        Indicator.CONTROLE_EN_TOEZICHT: (
            _one(
                r"(?:wordt|werd|werden|worden|is|was)(?: [\w'-]{1,15}){0,4}? (?:voortdurend |constant |continu "
                r"|altijd )?(?:gecontroleerd door|in de gaten gehouden|gevolgd door|bewaakt|gevolgd met)|(?:houdt"
                r"|hield|hielden|houden) (?:haar|hem|hen|het slachtoffer|client\w*)"
                r"(?: [\w'-]{1,15}){0,3} in de gaten|gebracht en (?:weer )?(?:op)?gehaald|wordt (?:altijd "
                r"|steeds )?(?:gebracht|begeleid) door|camera'?s (?:in|hangen)|altijd iemand bij|antwoordt "
                r"(?:steeds |altijd )?(?:namens|voor) (?:haar|hem)|voert het woord|(?:is|was) (?:constantly "
                r"|always )?(?:watched|monitored|followed|guarded|escorted)|under (?:constant )?surveillance"
                r"|speaks for (?:her|him)",
                "gaten gate gecontr geco bewa gevo gebr came alti antw voer watc moni foll guar esco unde spea",
            ),
        ),
        Indicator.ISOLATIE: (
            _one(
                r"geisoleerd|isoleert|isolatie|isoleerde|afgesneden van|mag (?:geen|niet)"
                r"(?: [\w'-]{1,15}){0,3} contact\w*|mocht (?:geen|niet)(?: [\w'-]{1,15}){0,3} contact\w*"
                r"|geen contact (?:hebben|met (?:haar|zijn|hun) (?:familie|ouders|vrienden|buitenwereld)"
                r"|met de buitenwereld)|isolated|cut off from|not allowed (?:to contact|contact|to (?:talk"
                r"|speak))|no contact with (?:her|his|their) (?:family|friends|parents)",
                "geis isol afge cont cut allo talk",
                negative=True,
            ),
        ),
        Indicator.LIEFDESRELATIE_MISBRUIKT: (
            _one(
                r"loverboys?|lover ?boy|pooierboy|verliefd (?:gemaakt|op (?:de verdachte|hem|haar pooier))|deed "
                r"(?:zich voor als|alsof hij) (?:haar )?(?:vriend|vriendje|verliefd)|zogenaamde? (?:vriend"
                r"|vriendje|relatie)|pretended to (?:love|be her boyfriend)|boyfriend (?:forced|made|sold)"
                r"|romeo ?pimp",
                "love pooi verl deed zoge pret boyf rome vrie",
            ),
        ),
        Indicator.CHANTAGE_BEELDMATERIAAL: (
            _both(
                r"naakt\w*|seks(?:filmpje|video|beelden|tape)\w*|foto'?s|filmpjes?|beelden|video'?s"
                r"|beeldmateriaal|nude\w*|photos|pictures|videos|footage|images",
                rf"chant\w*|gechanteerd|afgeperst|{_THREAT}|openbaar|verspreid\w*|rondgestuurd|online (?:te )?"
                r"(?:zetten|plaatsen)|blackmail\w*|publish|spread|leak\w*|share",
                "naak seks foto film beel vide nude phot pict foot imag",
            ),
            _one(r"sextortion|wraakporno|revenge porn", "sext wraa reve"),
        ),
        Indicator.RITUEEL_DRUKMIDDEL: (
            _one(
                r"voodoo|juju|ju-ju|winti|zwarte magie|vloek (?:over|uitgesproken)|eed (?:afgelegd|gezworen"
                r"|moeten zweren)|black magic|curse|oath (?:ceremony|taken)|swore an oath|sworn an oath",
                "vood juju ju wint zwar vloe eed blac curs oath swor",
            ),
        ),
        Indicator.INGESTUDEERD_VERHAAL: (
            _one(
                r"ingestudeerd\w*|van tevoren (?:afgesproken|ingefluisterd) verhaal|voorgezegd|geinstrueerd "
                r"(?:wat|om)|opgedragen (?:om )?te (?:zeggen|liegen|verklaren)|moest (?:van hem |van haar )?"
                r"(?:zeggen|liegen|verklaren) dat|rehearsed|coached|told (?:her|him|them) what to say"
                r"|instructed to (?:say|lie)|scripted (?:story|answers)",
                "inge teve voor gein opge moes rehe coac told inst scri",
            ),
        ),
        Indicator.ANGST_VOOR_REPRESAILLES: (
            _one(
                r"(?:bang|angst|angstig|vreest|vrees|doodsbang|beducht|afraid|scared|fear|fears|fearful)"
                r"(?: [\w'-]{1,15}){0,5}? (?:represailles?|wraak|vergelding|verdachte|handelaar|pooier|dader\w*"
                r"|mensenhandelaar|hem|reprisals?|retaliation|revenge|the trafficker|her pimp|wat (?:hij|zij|ze) "
                r"(?:haar|hem|haar familie) zullen? aandoen)",
                "bang angs vree dood bedu afra scar fear",
            ),
            _one(
                r"durft? (?:geen aangifte|niet (?:te praten|te verklaren|naar de politie|aangifte))|too (?:scared"
                r"|afraid) to (?:talk|speak|report|testify)",
                "durf too",
                negative=True,
            ),
        ),
        Indicator.GEDWONGEN_PROSTITUTIE: (
            _both(
                _FORCED,
                r"prostitutie|prostitu\w+|sekswerk|seks te hebben|seks met klanten|seks hebben|achter het raam"
                r"|de escort|in de escort|zich te prostitueren|klanten (?:te )?(?:ontvangen|bedienen)|tippel\w*"
                r"|prostitution|sex work|sex with (?:men|clients|customers)|escort work",
                "pros seks raam esco klan tipp sex",
            ),
            _one(
                r"ended up in prostitution|in de prostitutie (?:gedwongen|beland|gebracht|terechtgekomen|gezet)"
                r"|gedwongen prostitutie|forced prostitution|prostitueert haar|verkocht aan (?:klanten|mannen)"
                r"|sold (?:her )?(?:to|for sex)",
                "pros verk sold forc gedw",
            ),
        ),
        Indicator.GEDWONGEN_CRIMINALITEIT: (
            _both(
                _FORCED,
                r"stelen|te stelen|winkeldiefstal\w*|diefstal\w*|inbreken|inbraken|zakkenrollen|drugs (?:te )?"
                r"(?:dealen|smokkelen|vervoeren|verkopen|ophalen|bezorgen|uithalen)|dealen|drugskoerier|uithaler"
                r"|hennep\w*|wietplant\w*|wiet (?:te )?knippen|bedelen|te bedelen|katvanger|steal\w*|shoplift\w*"
                r"|sell drugs|deal drugs|beg|begging|courier|criminal (?:acts|offences|activities)"
                r"|strafbare feiten",
                "stel wink dief inbr zakk drug deal uith henn wiet bede katv stea shop sell beg cour crim stra",
            ),
        ),
        Indicator.MISBRUIK_IDENTITEIT: (
            _one(
                r"(?:lening(?:en)?|bv'?s?|bedrijf|bedrijven|abonnement(?:en)?|rekening(?:en)?|bankrekening(?:en)?"
                r"|auto'?s?|kentekens?|telefoonabonnement(?:en)?|contracten)(?: [\w'-]{1,15}){0,3}? op (?:haar"
                r"|zijn|diens|hun) naam|op (?:haar|zijn|diens|hun) naam(?: [\w'-]{1,15}){0,4}? (?:afgesloten"
                r"|gezet|geopend|gesloten|aangevraagd)|geldezel|katvanger|money mule|identiteitsfraude met|"
                r"(?:loan|account|phone contract|company)s? in (?:her|his|their) name|misbruik van (?:haar|zijn) "
                r"(?:identiteit|digid)|digid (?:afgepakt|gebruikt)",
                "naam geld katv mule mone iden name digi misb",
            ),
        ),
    }
)
