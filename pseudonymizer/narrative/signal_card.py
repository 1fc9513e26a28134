"""Triggers of the Dutch signal card beyond the means of control, Dutch and English.

Texts are matched folded (lower case, no diacritics), one sentence at a time.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pseudonymizer.narrative.signal import FORCED, PAY, SEIZED, TAKEN, THREAT, Indicator, Trigger, both, one

SIGNAL_CARD: Mapping[Indicator, tuple[Trigger, ...]] = MappingProxyType(
    {
        Indicator.DWANG: (
            one(
                r"dwang|(?:werd|wordt|is|was|werden|worden|zijn|waren)(?: [\w'-]{1,15}){0,4} gedwongen"
                r"|gedwongen om|gedwongen (?:te|tot)|onder dwang|dwong (?:haar|hem|hen)|dwingt (?:haar|hem|hen)"
                r"|coercion|coerced|forced (?:to|her|him|them|into)|was forced|under duress",
                "dwan gedw dwon dwin coer forc dure",
            ),
        ),
        Indicator.MISLEIDING: (
            one(
                r"misleid(?:ing|en|t|de|den)?|misleiding|bedrogen|bedrog|om de tuin geleid"
                r"|onder valse voorwendselen|deceived|deception|deceit|misled|tricked|false pretences"
                r"|false pretenses",
                "misl bedr tuin voor dece tric pret",
            ),
        ),
        Indicator.KWETSBARE_POSITIE: (
            one(
                r"kwetsbare (?:positie|situatie|persoon|vrouw|man|jongen|meisje|groep|omstandigheden|doelgroep)"
                r"|misbruik van (?:een |haar |zijn )?kwetsba\w{1,20}|licht verstandelijk beperkt\w{0,20}"
                r"|verstandelijke beperking|lvb|kwetsbaarheid|afhankelijke positie|position of vulnerability"
                r"|vulnerable (?:position|situation|person|woman|girl|man)|intellectual disability|dakloos"
                r"|homeless|weggelopen (?:uit|van)|runaway",
                "kwet misb lich vers lvb afha posi vuln inte dakl home wegg runa",
            ),
        ),
        Indicator.LOON_INGEHOUDEN: (
            one(
                r"(?:geen|nooit|zonder)(?: [\w'-]{1,15}){0,2} (?:loon|salaris|betaling)(?: [\w'-]{1,15}){0,3} "
                r"(?:uit)?(?:betaald|gekregen|ontvangen)|betaal(?:t|de|den) (?:haar|hem|hen)"
                r"(?: [\w'-]{1,15}){0,3} (?:niet|nooit)|(?:never|not|n't) (?:paid|pay|pays) (?:her|him|them)",
                "loon sala beta paid pay pays",
                negative=True,
            ),
            both(
                PAY,
                r"inhoudt|ingehouden|hield|houdt|inhield|inhouden|achtergehouden|niet uitbetaald|niet betaald"
                r"|nooit betaald|nooit uitbetaald|niet uitgekeerd|withheld|withholds?|unpaid|not paid|never paid"
                r"|kept",
                "loon sala vaka uitb wage pay",
                negative=True,
            ),
            one(
                r"(?:krijgt|kreeg|kregen|ontvangt|ontving|heeft|had)(?: [\w'-]{1,15}){0,4}? (?:geen|nooit)"
                r"(?: [\w'-]{1,15}){0,2}? (?:loon|salaris|geld voor (?:haar|zijn|het) werk)|(?:wordt|werd|werden"
                r"|is)(?: [\w'-]{1,15}){0,4}? (?:niet|nooit) (?:uit)?betaald|onbetaald (?:werk\w{0,20}|arbeid)|(?:was"
                r"|were|is|are)(?: not|n't| never) paid|no (?:wages|salary)|without (?:pay|being paid)|unpaid",
                "loon sala geld beta uitb onbe paid wage unpa pay",
                negative=True,
            ),
        ),
        Indicator.ONDERBETALING: (
            one(
                r"(?:ontvang(?:t|en|st)|ontving(?:en)?|betaal(?:t|de|den))(?: [\w'-]{1,15}){0,3} (?:€ ?)?[1-6]"
                r"(?:[,.]?\d\d)? ?(?:euro )?per uur",
                "uur",
            ),
            one(
                r"(?:verdien(?:t|de|den)|kr(?:ijgt|eeg|egen|ijgen)|betaald?|uurloon van)(?: [\w'-]{1,15}){0,3} "
                r"(?:€ ?)?[1-6](?:[,.]?\d\d)? ?(?:euro )?per uur|(?:ver |ruim |ver)?onder het "
                r"(?:wettelijk )?minimumloon|paid(?: [\w'-]{1,10}){0,2} (?:€ ?)?[1-6] (?:euros?|pounds?) an hour",
                "uur hour mini",
            ),
            one(
                r"onderbetaald|onderbetaling|onderbetaalt|onder het minimumloon|minder dan het minimumloon|"
                r"(?:slechts|maar) (?:[€$] ?)?\d{1,2}(?:[,.]\d\d)? ?(?:euro )?per (?:uur|dag)|underpaid|below "
                r"(?:the )?minimum wage|less than (?:the )?minimum wage|(?:[€$] ?)?\d (?:euros? )?(?:an hour"
                r"|per hour)|hongerloon",
                "onde mini unde hour uur slec maar dag hong",
            ),
        ),
        Indicator.GEEN_CONTRACT: (
            one(r"geen van (?:de|hen|het)(?: [\w'-]{1,20}){0,4} (?:arbeids)?contract", "cont arbe", negative=True),
            one(
                r"(?:geen|nooit|zonder)(?: [\w'-]{1,15}){0,3} (?:arbeids)?(?:contract|overeenkomst)|(?:werk(?:t"
                r"|te|en|ten)|gewerkt|betaald) (?:hij |zij |ze )?zwart",
                "cont arbe over zwar",
                negative=True,
            ),
            one(
                r"(?:zonder|geen)(?: [\w'-]{1,15}){0,2}? (?:arbeids)?(?:contract|arbeidsovereenkomst|overeenkomst"
                r"|papieren gewerkt)|zwart (?:werken|gewerkt|werkt|werkte|betaald|uitbetaald)|without (?:a "
                r"|any )?(?:written )?contract|no (?:written |employment )?contract|contract in een taal die",
                "cont arbe over papi zwar",
                negative=True,
            ),
        ),
        Indicator.SLECHTE_HUISVESTING: (
            one(
                r"met (?:zijn|z'n) (?:vijven|zessen|zevenen|achten|negenen|tienen|twaalven|\w{3,10}en) (?:op|in) "
                r"(?:een|1|dezelfde) (?:kamer|slaapkamer|ruimte|matras)|(?:on|op) (?:mattresses|matrassen"
                r"|the floor|de vloer|de grond)|slapen op de grond",
                "vijv zess zeve acht nege tien twaa zijn matt matr floo vloe gron",
            ),
            one(
                r"(?:\d{1,2}|vijf|zes|zeven|acht|negen|tien|elf|twaalf|vijftien|twintig) (?:personen|man|mensen"
                r"|vrouwen|mannen|arbeiders|werknemers|meisjes)(?: [\w'-]{1,15}){0,4} (?:in|op) (?:een|1"
                r"|dezelfde) (?:kamer|slaapkamer|ruimte|woning|huis)|(?:woning|kamer|huisvesting|slaapplaats"
                r"(?:en)?|pand|verblijf)(?: [\w'-]{1,15}){0,3} (?:vervuild|onhygienisch|schimmel\w{0,20}|vol schimmel"
                r"|onveilig|brandgevaarlijk)",
                "pers man mens vrou mann arbe werk meis woni kame huis slaa pand verb",
            ),
            one(
                r"(?:slechte|erbarmelijke|mensonterende|onhygienische|gevaarlijke|ondermaatse|beroerde) "
                r"(?:huisvesting|woonomstandigheden|leefomstandigheden|omstandigheden|woonruimte)|overbewoning"
                r"|overbewoond|slaapt in (?:een |de )?(?:schuur|kelder|loods|garage|stal|auto|busje)|(?:sliep"
                r"|slapen|sliepen) in (?:een |de )?(?:schuur|kelder|loods|garage|stal|auto|busje)"
                r"|matrassen op de (?:grond|vloer)|met (?:\d{1,2}|zes|zeven|acht|negen|tien|twaalf) (?:personen"
                r"|man|mensen|anderen|vrouwen|mannen) (?:op|in) (?:een|1) (?:kamer|slaapkamer|woning)|(?:poor"
                r"|appalling|squalid|overcrowded|inhumane) (?:housing|living conditions|accommodation|conditions)"
                r"|overcrowd\w{1,20}|mattresses on the floor",
                "slec erba mens onhy geva onde bero over slaa slie slap matr pers man mens vrou ande poor appa sq"
                "ua inhu",
            ),
        ),
        Indicator.WOONT_OP_WERKPLEK: (
            one(
                r"(?:woont|woonde|wonen|woonden|slaapt|sliep|slapen|sliepen|verblijft|verbleef|verblijven"
                r"|overnacht\w{0,20})(?: [\w'-]{1,15}){0,4}? (?:op|in|boven|bij|achter) (?:het|de|haar|zijn|hun) "
                r"(?:werk|werkplek|werkplaats|bedrijf|restaurant|salon|massagesalon|club|keuken|winkel|kas"
                r"|fabriek|zaak|nagelstudio)|(?:lives?|lived|sleeps?|slept|living|sleeping)"
                r"(?: [\w'-]{1,10}){0,3}? (?:at|in|above) (?:the|her|his|their) (?:work ?place|work|restaurant"
                r"|salon|shop|factory|kitchen|club)",
                "werk bedr rest salo mass club keuk wink kas fabr zaak nage work shop fact kitc",
            ),
        ),
        Indicator.TELEFOON_AFGENOMEN: (
            both(
                r"telefoon(?:s)?|mobiel(?:tje)?|gsm|simkaart|smartphone|phone|mobile|sim card",
                TAKEN,
                "tele mobi gsm simk smar phon sim",
                unless=SEIZED,
            ),
        ),
        Indicator.CONTROLE_EN_TOEZICHT: (
            one(
                r"(?:haar|hem|hen|ze)(?: [\w'-]{1,15}){0,2} in de gaten (?:hield|houdt|houden|hielden)|overal "
                r"(?:naartoe |heen )?(?:gebracht|gevolgd)",
                "gate over",
            ),
            one(
                r"(?:wordt|werd|werden|worden|is|was)(?: [\w'-]{1,15}){0,4}? (?:voortdurend |constant |continu "
                r"|altijd )?(?:gecontroleerd door|in de gaten gehouden|gevolgd door|bewaakt|gevolgd met)|(?:houdt"
                r"|hield|hielden|houden) (?:haar|hem|hen|het slachtoffer|client\w{0,20})"
                r"(?: [\w'-]{1,15}){0,3} in de gaten|gebracht en (?:weer )?(?:op)?gehaald|wordt (?:altijd "
                r"|steeds )?(?:gebracht|begeleid) door|camera'?s (?:in|hangen)|altijd iemand bij|antwoordt "
                r"(?:steeds |altijd )?(?:namens|voor) (?:haar|hem)|voert het woord|(?:is|was) (?:constantly "
                r"|always )?(?:watched|monitored|followed|guarded|escorted)|under (?:constant )?surveillance"
                r"|speaks for (?:her|him)",
                "gaten gate gecontr geco bewa gevo gebr came alti antw voer watc moni foll guar esco unde spea",
            ),
        ),
        Indicator.ISOLATIE: (
            one(
                r"geisoleerd|isoleert|isolatie|isoleerde|afgesneden van|mag (?:geen|niet)"
                r"(?: [\w'-]{1,15}){0,3} contact\w{0,20}|mocht (?:geen|niet)(?: [\w'-]{1,15}){0,3} contact\w{0,20}"
                r"|geen contact (?:hebben|met (?:haar|zijn|hun) (?:familie|ouders|vrienden|buitenwereld)"
                r"|met de buitenwereld)|isolated|cut off from|not allowed (?:to contact|contact|to (?:talk"
                r"|speak))|no contact with (?:her|his|their) (?:family|friends|parents)",
                "geis isol afge cont cut allo talk",
                negative=True,
            ),
        ),
        Indicator.LIEFDESRELATIE_MISBRUIKT: (
            one(r"lover ?boy\w{0,20}|vriendje(?: [\w'-]{1,15}){0,3} (?:dwong|bracht|verkocht|zette)", "love vrie"),
            one(
                r"loverboys?|lover ?boy|pooierboy|verliefd (?:gemaakt|op (?:de verdachte|hem|haar pooier))|deed "
                r"(?:zich voor als|alsof hij) (?:haar )?(?:vriend|vriendje|verliefd)|zogenaamde? (?:vriend"
                r"|vriendje|relatie)|pretended to (?:love|be her boyfriend)|boyfriend (?:forced|made|sold)"
                r"|romeo ?pimp",
                "love pooi verl deed zoge pret boyf rome vrie",
            ),
        ),
        Indicator.CHANTAGE_BEELDMATERIAAL: (
            one(
                r"(?:gechanteerd|chanteert|chanteerde|afgeperst|blackmailed|blackmails)(?: [\w'-]{1,15}){0,4} "
                r"(?:naakt|seks)?(?:foto'?s?|filmpjes?|beelden|video'?s?|pictures|photos|images)",
                "gech chan afge blac",
            ),
            both(
                r"naakt\w{0,20}|seks(?:filmpje|video|beelden|tape)\w{0,20}|foto'?s|filmpjes?|beelden|video'?s"
                r"|beeldmateriaal|nude\w{0,20}|photos|pictures|videos|footage|images",
                rf"chant\w{{0,20}}|gechanteerd|afgeperst|{THREAT}|openbaar|verspreid\w{{0,20}}|rondgestuurd"
                r"|online (?:te )?"
                r"(?:zetten|plaatsen)|blackmail\w{0,20}|publish|spread|leak\w{0,20}|share",
                "naak seks foto film beel vide nude phot pict foot imag",
            ),
            one(r"sextortion|wraakporno|revenge porn", "sext wraa reve"),
        ),
        Indicator.RITUEEL_DRUKMIDDEL: (
            one(
                r"voodoo|juju|ju-ju|winti|zwarte magie|vloek (?:over|uitgesproken)|eed (?:afgelegd|gezworen"
                r"|moeten zweren)|black magic|curse|oath (?:ceremony|taken)|swore an oath|sworn an oath",
                "vood juju ju wint zwar vloe eed blac curs oath swor",
            ),
        ),
        Indicator.INGESTUDEERD_VERHAAL: (
            one(
                r"ingestudeerd\w{0,20}|van tevoren (?:afgesproken|ingefluisterd) verhaal|voorgezegd|geinstrueerd "
                r"(?:wat|om)|opgedragen (?:om )?te (?:zeggen|liegen|verklaren)|moest (?:van hem |van haar )?"
                r"(?:zeggen|liegen|verklaren) dat|rehearsed|coached|told (?:her|him|them) what to say"
                r"|instructed to (?:say|lie)|scripted (?:story|answers)",
                "inge teve voor gein opge moes rehe coac told inst scri",
            ),
        ),
        Indicator.ANGST_VOOR_REPRESAILLES: (
            one(
                r"(?:bang|angst|angstig|vreest|vrees|doodsbang|beducht|afraid|scared|fear|fears|fearful)"
                r"(?: [\w'-]{1,15}){0,5}? (?:represailles?|wraak|vergelding|verdachte|handelaar|pooier|dader\w{0,20}"
                r"|mensenhandelaar|hem|reprisals?|retaliation|revenge|the trafficker|her pimp|wat (?:hij|zij|ze) "
                r"(?:haar|hem|haar familie) zullen? aandoen)",
                "bang angs vree dood bedu afra scar fear",
            ),
            one(
                r"durft? (?:geen aangifte|niet (?:te praten|te verklaren|naar de politie|aangifte))|too (?:scared"
                r"|afraid) to (?:talk|speak|report|testify)",
                "durf too",
                negative=True,
            ),
        ),
        Indicator.GEDWONGEN_PROSTITUTIE: (
            both(
                FORCED,
                r"prostitutie|prostitu\w{1,20}|sekswerk|seks te hebben|seks met klanten|seks hebben|achter het raam"
                r"|de escort|in de escort|zich te prostitueren|klanten (?:te )?(?:ontvangen|bedienen)|tippel\w{0,20}"
                r"|prostitution|sex work|sex with (?:men|clients|customers)|escort work",
                "pros seks raam esco klan tipp sex",
            ),
            one(
                r"ended up in prostitution|in de prostitutie (?:gedwongen|beland|gebracht|terechtgekomen|gezet)"
                r"|gedwongen prostitutie|forced prostitution|prostitueert haar|verkocht aan (?:klanten|mannen)"
                r"|sold (?:her )?(?:to|for sex)",
                "pros verk sold forc gedw",
            ),
        ),
        Indicator.GEDWONGEN_CRIMINALITEIT: (
            both(
                FORCED,
                r"stelen|te stelen|winkeldiefstal\w{0,20}|diefstal\w{0,20}|inbreken|inbraken|zakkenrollen|drugs "
                r"(?:te )?"
                r"(?:dealen|smokkelen|vervoeren|verkopen|ophalen|bezorgen|uithalen)|dealen|drugskoerier|uithaler"
                r"|hennep\w{0,20}|wietplant\w{0,20}|wiet (?:te )?knippen|bedelen|te bedelen|katvanger"
                r"|steal\w{0,20}|shoplift\w{0,20}"
                r"|sell drugs|deal drugs|beg|begging|courier|criminal (?:acts|offences|activities)"
                r"|strafbare feiten",
                "stel wink dief inbr zakk drug deal uith henn wiet bede katv stea shop sell beg cour crim stra",
            ),
        ),
        Indicator.MISBRUIK_IDENTITEIT: (
            one(
                r"op (?:haar|zijn|diens|hun) naam (?:zijn|is|werd|werden|staan|staat)(?: [\w'-]{1,15}){0,4} "
                r"(?:lening\w{0,20}|\w{0,20}abonnement\w{0,20}|bedrij\w{1,20}|bv'?s?|auto'?s?|rekening\w{0,20}"
                r"|kentekens?|contract\w{0,20}"
                r"|schulden)|(?:taken out|opened|registered)(?: [\w'-]{1,10}){0,2} in (?:her|his|their) name",
                "naam name",
            ),
            one(
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
