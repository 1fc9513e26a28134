"""Triggers of HTCDS's means of control, Dutch and English.

Texts are matched folded (lower case, no diacritics), one sentence at a time.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pseudonymizer.narrative.signal import (
    EARNINGS,
    FAMILY,
    PAPERS,
    SEIZED,
    SHORT,
    TAKEN,
    THREAT,
    Indicator,
    Trigger,
    both,
    one,
)

MEANS_OF_CONTROL: Mapping[Indicator, tuple[Trigger, ...]] = MappingProxyType(
    {
        Indicator.SCHULDBINDING: (
            one(
                r"schuld(?: [\w'-]{1,20}){0,3} open ?(?:staan|staat|staande)|openstaande schuld|kosten"
                r"(?: [\w'-]{1,20}){0,4} (?:van (?:haar|zijn|hun|het) (?:loon|salaris) )?(?:afgehouden|ingehouden"
                r"|verrekend)|re ?pay(?: [\w'-]{1,20}){0,5} \d[\d,]{0,9}|pay (?:back|off)(?: [\w'-]{1,20}){0,4} "
                r"(?:debt|loan)|in de schuld(?: [\w'-]{1,20}){0,3} bij",
                "schu kost repa pay",
            ),
            one(
                r"owe[sd]?(?: [\w'-]{1,15}){0,4} (?:[€$]? ?\d[\d,]{0,12}|thousands|money)|(?:reiskosten|reissom|reis"
                r"|schuld(?:en)?)(?: [\w'-]{1,15}){0,4} terug ?(?:te )?verdien(?:en|d)|(?:moet|moest)"
                r"(?: [\w'-]{1,15}){0,5} (?:reis|schuld(?:en)?)(?: [\w'-]{1,15}){0,3} (?:afbetalen|terugbetalen"
                r"|aflossen|afwerken|inlossen)",
                "owe owes owed reis schu",
            ),
            one(r"schuldbinding|schuldslavernij|debt bondage|bonded labou?r", "schu debt bond"),
            both(
                r"schuld(?:en)?|reissom|reiskosten|reisschuld|smokkelschuld|debts?",
                r"af ?(?:te )?(?:betalen|lossen|werken)|(?:terug|af)(?:betalen|betaalt|betaald|werken|lossen)"
                r"|aflossen|afgelost|inlossen|pay(?:ing)? (?:off|back)|paid off|repay\w{0,20}|work(?:ing)? off"
                r"|in rekening",
                "schu reis smok debt",
            ),
            both(
                r"schuld(?:en)?|debt",
                r"(?:loopt|liep|lopen) (?:steeds |alleen maar )?op|opgelegd|(?:hoge|enorme|grote"
                r"|torenhoge) schuld(?:en)?|bij (?:haar|zijn|de) (?:handelaar|smokkelaar|baas|werkgever)|owes?"
                r"|owed",
                "schu debt owe",
                SHORT,
            ),
        ),
        Indicator.VERDIENSTEN_AFGENOMEN: (
            one(
                r"(?:geld|opbrengst(?:en)?|inkomsten|verdiensten)[^.;!?\n]{1,40} (?:ging|gaat|gingen|gaan|kwam)"
                r"(?: [\w'-]{1,20}){0,2} (?:naar|bij|aan) (?:de|het|haar|zijn|hem|een)",
                "geld opbr inko verd",
            ),
            one(
                r"geld(?: [\w'-]{1,15}){0,4} (?:verdien(?:t|de|den)|verdiend)(?: [\w'-]{1,20}){0,6} (?:geven"
                r"|afstaan|afgeven|afdragen|inleveren)|(?:verdiensten|inkomsten|opbrengst)"
                r"(?: [\w'-]{1,15}){0,3} af\b|(?:earnings|money)(?: [\w'-]{1,10}){0,3} (?:went|goes|go) to"
                r"|inkomsten[^.;!?]{1,40} (?:nam|neemt|pakt) (?:hij|zij|ze) alles|(?:hij|zij|ze) (?:nam|neemt"
                r"|pakt) alles",
                "geld verd inko opbr earn mone alle",
            ),
            both(
                EARNINGS,
                rf"{TAKEN}|afdragen|afgedragen|draagt|droeg|afstaan|hand over|handed over|give up|geven aan",
                "verd inko opbr geld earn mone inco",
            ),
            one(
                r"(?:moet|moest|moesten|moeten)(?:[^\w.;!?]{1,6}[\w'-]{1,20}){0,5}[^\w.;!?]{1,6}(?:geld|helft|deel"
                r"|alles)[^\w.;!?]{1,6}(?:[\w'-]{1,20}[^\w.;!?]{1,6}){0,3}(?:afdragen|afstaan|afgeven|inleveren)",
                "afdr afst afge inle",
            ),
        ),
        Indicator.FINANCIEN_BEHEERST: (
            one(
                r"(?:bankpas(?:je)?|pinpas|pincode|bankrekening)(?: [\w'-]{1,20}){0,3} (?:zijn|is|was|ligt|lag"
                r"|liggen) bij",
                "bank pinp pinc",
            ),
            one(
                r"(?:bankpas(?:je)?|pinpas|bankrekening|rekening)(?: [\w'-]{1,15}){0,4} in (?:handen|het bezit"
                r"|beheer) (?:van|bij)",
                "bank pinp reke",
            ),
            both(
                r"bankpas(?:je)?|pinpas|bankrekening|rekening|bank ?card|bank account|debit card",
                rf"{TAKEN}|beheert|beheerde|beheren|controls?|controlled|gebruikt|toegang tot",
                "bank pinp reke debi",
            ),
            one(
                r"(?:geen|nooit) (?:toegang tot|beschikking over|zeggenschap over|eigen)(?: [\w'-]{1,15}){0,2} "
                r"(?:geld|rekening|bankrekening|financien|inkomsten)|no access to (?:her|his|their|any) (?:money"
                r"|bank account|account)",
                "geld reke bank fina inko acce",
                negative=True,
            ),
            both(r"beheert|beheerde|controls|controlled", r"financien|geld|money|finances", "behe cont", SHORT),
        ),
        Indicator.BEDREIGING_FAMILIE: (both(THREAT, FAMILY, "bedr drei gedr thre"),),
        Indicator.BEDREIGING: (
            one(
                r"dreigende (?:berichten|taal|appjes|sms\w{0,5}|telefoontjes|brieven|houding|woorden)"
                r"|doodsbedreiging\w{0,5}|threatening (?:messages|calls|texts)",
                "drei dood thre",
            ),
            one(
                r"(?:bedreig(?:t|d|de|den|en|ing|ingen)|gedreigd|dreigt|dreigde|dreigden|dreigementen|dreigement"
                r"|doodsbedreiging\w{0,20}|bedreigde|threatened|threatens|threats?|threatening)",
                "bedr gedr drei dood thre",
            ),
        ),
        Indicator.PSYCHISCH_GEWELD: (
            one(
                r"psychische (?:mishandeling|druk|dwang)|geestelijke mishandeling|emotional(?:ly)? abuse[d]?",
                "psyc gees emot",
            ),
            one(
                r"(?:vernederd|vernedert|vernederingen|vernedering|gekleineerd|kleineert|uitgescholden|scheldt"
                r"|gemanipuleerd|manipuleert|manipulatie|geestelijk mishandeld|psychisch (?:geweld|mishandeld"
                r"|misbruik|onder druk)|geintimideerd|intimideert|intimidatie|gehersenspoeld|humiliat\w{1,20}"
                r"|psychological abuse|manipulated|intimidat\w{1,20}|verbally abused)",
                "vern gekl klei uitg sche gema mani gees psyc gein inti gehe humi verb",
            ),
        ),
        Indicator.FYSIEK_GEWELD: (
            one(
                r"(?:(?<!psychische )(?<!geestelijke )mishandel(?:d|t|de|den|ing|ingen)|geslagen|slaat|sloeg"
                r"|sloegen|geschopt|schopt|schopte"
                r"|gewurgd|gestompt|in elkaar geslagen|verwond|gestoken|fysiek geweld|lichamelijk geweld"
                r"|blauwe plekken|brandwonden|beaten|beats?|hit her|hit him|kicked|punched|bruises|physical"
                r"(?:ly)? (?:abuse|abused|violence)|choked|slapped)",
                "mish gesl slaa sloe gesc scho gewu gest verw fysi lich blau bran beat hit kick punc brui phys ch"
                "ok slap elka",
            ),
        ),
        Indicator.SEKSUEEL_GEWELD: (
            one(
                r"rand(?:de|den|t) (?:haar|hem|hen)(?: [\w'-]{1,20}){0,3} aan|(?:tegen haar wil|ongewenst)"
                r"(?: [\w'-]{1,20}){0,3} (?:betast|aangeraakt|seks)|seksueel (?:geweld"
                r"|grensoverschrijdend)\w{0,5}|groped",
                "rand wil onge seks grop",
            ),
            one(
                r"(?:verkracht(?:t|e|en|ing|ingen)?|aangerand|aanranding|seksueel (?:misbruik|misbruikt|geweld"
                r"|mishandeld)|groepsverkrachting|raped?|sexual(?:ly)? (?:abuse|abused|assault|assaulted"
                r"|violence))",
                "verk aang aanr seks groe rape sexu",
            ),
        ),
        Indicator.VALSE_BELOFTEN: (
            both(r"spiegel(?:t|de|den)", r"voor", "spie"),
            one(
                r"(?:was|werd|is|had)(?: [\w'-]{1,15}){0,3} (?:beloofd|voorgespiegeld|voorgehouden)|beloofde?n? "
                r"(?:haar|hem|hen)|promised (?:her|him|them)|(?:been|was|were) promised",
                "belo voor prom",
            ),
            both(
                r"beloofd|beloofde|beloofden|belofte|beloften|beloftes|voorgespiegeld|voorgehouden|gelokt|lokte"
                r"|promised|promise|promises|lured|offered",
                r"baan|werk|werkplek|baantje|opleiding|studie|beter leven|mooi leven|geld|salaris|huis|woning"
                r"|toekomst|huwelijk|verblijfs\w{1,20}|loon|contract|job|work|better life|education|school|marriage"
                r"|money|salary|cleaner|waitress",
                "belo voor gelo lokt prom lure offe",
            ),
            one(
                r"(?:valse|onware|loze|mooie) (?:belofte|beloften|beloftes|voorstelling van zaken)"
                r"|false promises?|fake job",
                "vals onwa loze mooi fals fake",
            ),
        ),
        Indicator.MIDDELEN_TOEGEDIEND: (
            one(
                r"(?:laat|liet|lieten|laten)(?: [\w'-]{1,20}){1,3} (?:drugs|cocaine|coke|alcohol|pillen|lachgas"
                r"|ghb) (?:gebruiken|slikken|snuiven|drinken|roken)",
                "drug coca coke alco pill lach ghb",
            ),
            one(
                r"(?:moest|moeten|moet|dwong(?:en)?(?: haar| hem)?)(?: [\w'-]{1,15}){0,4} (?:drugs|cocaine|coke"
                r"|alcohol|pillen|lachgas|ghb)(?: te)? (?:gebruiken|slikken|snuiven|nemen|drinken|roken)|forced "
                r"(?:her|him|them) to (?:take|use) (?:drugs|alcohol|pills)",
                "drug coca coke alco pill lach ghb",
            ),
            both(
                r"drugs|alcohol|cocaine|coke|heroine|pillen|slaappillen|lachgas|xtc|ghb|medicijnen|medicatie"
                r"|pills",
                r"toegediend|gedrogeerd|gegeven|kreeg|krijgt|verslaafd gemaakt|laat gebruiken|liet gebruiken"
                r"|gevoerd|onder invloed|gave|given|drugged",
                "drug alco coca coke hero pill slaa lach xtc ghb medi",
            ),
            one(r"gedrogeerd|verslaafd gemaakt|drogeert|drogeerde|drugged", "gedr vers drog drug"),
        ),
        Indicator.BEWEGINGSVRIJHEID_BEPERKT: (
            one(
                r"(?:mag|mocht|mochten|mogen|kan|kon|konden)(?: [\w'-]{1,20}){0,4} (?:kamer|huis|woning|pand"
                r"|terrein|hotel\w{0,5}|boerderij) niet (?:uit|af|verlaten)|niet vrij om te gaan|hield(?:en)? "
                r"(?:haar|hem|hen) gevangen|gevangen (?:gehouden|gezet)",
                "kame huis woni pand terr hote boer vrij geva",
                negative=True,
            ),
            one(
                r"deur(?:en)?(?: [\w'-]{1,15}){0,4} op slot|sl(?:uit|oot|uiten|oten) (?:haar|hem|hen|de "
                r"(?:meisjes|vrouwen|mannen|jongens))(?: [\w'-]{1,15}){0,3} op|hield(?:en)? (?:haar|hem|hen)"
                r"(?: [\w'-]{1,15}){0,3} (?:vast|binnen)",
                "deur slui sloo slot hiel",
            ),
            one(
                r"(?:opgesloten|opsluiten|sluit (?:haar|hem|hen) op|vastgehouden|ingesloten|deur (?:was |is "
                r"|zat )?op slot|achter slot|locked (?:up|in)|confined|held captive|imprisoned)",
                "opge opsl slui vast inge deur slot lock conf capt impr held",
            ),
            one(
                r"(?:mag|mocht|mochten|mogen|kan|kon|konden)(?: [\w'-]{1,15}){0,4}? (?:niet|nooit)"
                r"(?: [\w'-]{1,15}){0,4}? (?:naar buiten|de deur uit|weg|alleen (?:weg|naar buiten|de straat op)"
                r"|verlaten|het huis uit|vertrekken)|(?:niet|nooit)(?: [\w'-]{1,15}){0,2} naar buiten (?:mag"
                r"|mocht|mogen|mochten)|not (?:allowed|permitted|free) to (?:leave|go out(?:side)?|go anywhere)|"
                r"(?:could|can|may)(?: not|n't|not) leave|never allowed (?:out|to leave)",
                "mag moch moge kan kon buit allo perm free leav neve",
                negative=True,
            ),
            one(
                r"bewegingsvrijheid (?:is |was |wordt |werd )?(?:beperkt|ingeperkt|ontnomen)|(?:beperkt|beperkte"
                r"|ingeperkt|ontnomen) (?:in )?(?:haar |zijn |hun |de )?(?:bewegings)?vrijheid|restrict(?:s|ed) "
                r"(?:her|his|their) (?:movement|freedom)",
                "bewe beper bepe inge ontn rest",
            ),
        ),
        Indicator.ZORG_ONTHOUDEN: (
            one(
                r"(?:weiger\w{0,20}|geweigerd|onthield\w{0,20}|onthouden)(?: [\w'-]{1,15}){0,3} (?:medische "
                r"(?:hulp|zorg"
                r"|behandeling)|een (?:arts|dokter)|(?:een )?ziekenhuis\w{0,20})|(?:was|were|is|are)(?:n't| not"
                r"| never) allowed (?:to )?(?:see |visit |go to )?(?:a |the )?(?:doctor|hospital|dentist)",
                "weig gewe onth doct hosp dent",
                negative=True,
            ),
            one(
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
            one(
                r"never (?:had|got|has) (?:a|any) (?:single )?days? off|nooit (?:een )?vrije? dag\w{0,3}"
                r"|nooit vrij|van vroeg tot laat (?:werk\w{0,4}|gewerkt)|(?:60|70|80|90|100) uur per week",
                "off vrij vroe uur",
                negative=True,
            ),
            one(
                r"(?:1[1-9]|2[0-4]|twaalf|dertien|veertien|vijftien|zestien|achttien) (?:tot (?:1[0-9]|2[0-4]"
                r"|\w{4,9}) )?uur (?:per dag|achter elkaar|achtereen|lang (?:werken|gewerkt))|(?:1[1-9]|2[0-4]"
                r"|twelve|fourteen|sixteen) hours (?:a|per|each) day|(?:zeven|7) dagen (?:per|in de) week"
                r"|seven days a week|7 days a week|dag en nacht (?:werk\w{0,20}|beschikbaar)|(?:zonder|geen) "
                r"(?:vrije dag(?:en)?|pauzes?|rustdag(?:en)?)|no days? off|excessive (?:working )?hours"
                r"|extreem lange (?:werk)?dagen",
                "uur hour dage days dag vrij pauz rust exce extr off",
                negative=True,
            ),
        ),
        Indicator.KINDEREN_ALS_DRUKMIDDEL: (
            one(
                r"(?:took|take|takes|taken) (?:away )?(?:her|his|their) (?:baby|child|children|son|daughter)|als "
                r"(?:drukmiddel|chantagemiddel)",
                "baby chil son daug druk chan",
            ),
            both(
                r"kind(?:eren)?|baby|dochter(?:tje)?|zoon(?:tje)?|children|child|son|daughter|baby",
                r"afgepakt|afgenomen|afpakken|pakken|weggehaald|weghalen|als drukmiddel|als chantagemiddel|take "
                r"(?:away|her|his)|taken (?:away|from)|as leverage|ontvoer\w{0,20}|bij (?:haar|hem) weg",
                "kind baby doch zoon chil son daug",
                SHORT,
            ),
        ),
        Indicator.DREIGING_AUTORITEITEN: (
            both(
                THREAT,
                r"politie|uitzetting|uitzetten|uitgezet|deportatie|vreemdelingenpolitie|immigratiedienst|ind"
                r"|justitie|aangeven|aan te geven|police|deport\w{0,20}|immigration|authorities",
                "poli uitz uitg depo vree immi ind just aang gev auth",
            ),
        ),
        Indicator.BEHOEFTEN_ONTHOUDEN: (
            one(
                r"(?:nauwelijks|amper|bijna niets|niets|te weinig) te (?:eten|drinken)|(?:honger|dorst) (?:lijden"
                r"|leed|geleden)",
                "eten drin hong dors",
            ),
            one(
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
            both(
                PAPERS,
                r"bewaard|beheerd|(?:worden|wordt|werd|werden) (?:door|bij)(?: [\w'-]{1,20}){1,3} (?:bewaard"
                r"|gehouden)|weggehouden",
                "pasp iden id papi docu reis verb pass pape",
            ),
            both(
                PAPERS,
                r"in de kluis|in beheer van|in handen van|bij de (?:werkgever|baas|handelaar|eigenaar|madam)",
                "pasp iden id papi docu reis verb pass pape",
            ),
            one(
                r"(?:werkgever|baas|handelaar|eigenaar|pooier|madam|verdachte|vriend|partner|employer|boss"
                r"|trafficker) (?:heeft|had|has|have) (?:nog |steeds |still )?(?:haar|zijn|hun|her|his|their) "
                rf"(?:{PAPERS})",
                "pasp iden id papi docu reis verb pass pape",
            ),
            both(PAPERS, TAKEN, "pasp iden id papi docu reis verb pass pape", unless=SEIZED),
            one(
                r"(?:niet|geen)(?: [\w'-]{1,15}){0,3} (?:beschik\w{1,20} over|toegang tot|in het bezit van) (?:haar"
                r"|zijn|hun|eigen) (?:eigen )?(?:paspoort|papieren|documenten|identiteitsbewijs)|no (?:access"
                r"|control)(?: [\w'-]{1,10}){0,2} (?:her|his|their)(?: own)? (?:passport|documents|papers)",
                "pasp papi docu iden pass pape",
                negative=True,
            ),
        ),
    }
)
