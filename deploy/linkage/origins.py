"""Syllables of names by origin, from which `deploy.linkage.generate` builds names; no list of real people."""

from typing import Final

ORIGINS: Final[dict[str, tuple[str, str, str, str]]] = {
    "NLD": (
        "jan piet klaas wil hen mar joh ger the ria san bas tim lot fem daan sem noor els ank",
        "a je ke ne tje ie us en ina ard bert o",
        "bak vis smi mul boer dek haan kuip prin scho ween koop post veen dij hoek berg wou bro groot kok mees",
        "ker ser t der man stra sen ma s huis aart ink els",
    ),
    "POL": (
        "an kat mag agn zof jol bar mon pio toma krz mar woj raf dar grz lukas bog wies stan",
        "a ina na ata ieszka ota ek szek ysztof cin ciech al iusz egorz slaw",
        "kow wis wojc kami lewan ziel szym dab kozl jan mazu kraw piotr grab paw mich now wrob jabl zajac",
        "alski niewski ik inska dowski yk czyk ak owicz ecki",
    ),
    "ROU": (
        "ion mih andr ele mar flor cris con dan gab rox sim alex nic ste vas luc raz cos vio",
        "a ai ei ena iana in tina ica ut el ana ion ius olae fan ile",
        "pop ion rad dum stan mun con mar dob cri ung mold nist gheo bar tud sto niti pan lup",
        "escu oiu a eanu itru teanu in ea ar achi",
    ),
    "BGR": (
        "ivan geor dimi niko pet hris sto yor kras vesel ras boy mari ele dani zlat tsve rosi",
        "a gi tar la ar to yan dan imir in en ko ana ena ela anka ka tana",
        "ivan geor dimit niko pet hrist stoy yord todor ang vasil ili marin atan zhiv kol dob tsan",
        "ov ova ev eva ski ska chev cheva",
    ),
    "HUN": (
        "istv lasz jozs zolt gab and fer tam bal erz kat mar zsu ild jud esz anna nor viv reka",
        "an lo ef an or ras enc as azs sebet alin ia zsanna iko it ter i a en",
        "nag kov tot szab hor var kis mol nem far bal pap tak juh lak mesz olah sim rac fek",
        "y acs h o vath ga s nar eth kas azs p acs asz atos aros on z ete",
    ),
    "NGA": (
        "ada chi emeka ngo obi uche ifeo ola tund fola ade bol kehi osa efe ese ngoz temi dami yemi",
        "eze nedu ka zi nna ma wale e ke bayo mide nde nde rere hosa oghene lola lope tayo",
        "oka ade oby eze nwo ola balo oko chuk igwe osag idah aki obas ogu umeh ehi omor iwu ojo",
        "for yemi inna kwu su tunji gun nkwo wu ze ie ro nola anjo nna bor osa uyi",
    ),
    "VNM": (
        "thi van minh duc thanh ngoc quoc hong thu hoai bao kim tuan hai lan mai phuong linh",
        " anh g h",
        "nguyen tran le pham hoang phan vu vo dang bui do ho ngo duong ly dinh truong lam",
        " ",
    ),
    "SYR": (
        "moham ahm mahm kha om yous ib abd fat rim lay nou ham sam tar bas hus zay rana dima",
        "mad ed oud lid ar ef rahim allah ima a la ra za er eq sel sein nab n",
        "al hass had kha sul dar naj mas said sha kas bak rif jab am bit hor aleppo issa dawo",
        "an dad lil eiman wish jar ri id ami ri sem our ai our in ar ani i ud",
    ),
    "UKR": (
        "oleks vol ser mykh andr iry oks nat tet lyud yul dmy vik yar bohd sol hal mar kat ihor",
        "andr odymyr hiy ailo iy na ana alia iana myla ia tro toriya oslav an omiya yna ina eryna",
        "shev kov bon tka krav oliy mels lys mar sav rud hry pon pet klym pav ivan dem yak zakh",
        "chenko alenko darenko chuk enko nyk nychuk iuk uk yshyn ivskyi ovskyi",
    ),
    "MAR": (
        "moha ahm yous ham rach fat kha aich zin nad sou said omar mou hass jam kari sal nou ily",
        "med ed sef za id ima dija a eb ia fiane ia stapha an ila m ma r as",
        "ben el ait bou ou al cher had ama tah ber lah kad idri fass mans zahr azz bak alao",
        "ali idrissi amar zian chaou ami kaoui dadi ziane iri khalifa cen douri ouzi oui ia",
    ),
    "TUR": (
        "meh mus ahm ali hus has ibr fat ays emi hat zey elif mer sul can yus osm mur oz",
        "met tafa et i eyin an ahim ma e ne ice nep yem tan uf at kan lem",
        "yil kay dem sah cel yildi yild arsl dog kil asl cet koc kur ozd simse pol akso ozt tas",
        "maz a ir in ik rim iz an an ic an in ak t emir k at y urk ci",
    ),
    "CHN": (
        "wei fang na xiu min jing li qiang lei jun yang yong jie juan tao ming chao xia gui hua",
        " ying lan hong mei",
        "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo",
        " ",
    ),
    "BRA": (
        "jose joao ant fran car paul ped luc luiz marc mar ana jul fer ama bru cam lar rafa tia",
        " onio cisco los o ro as iane ia nanda nda na ila issa el go",
        "sil sant oliv sou rod fer alv per lim gom cost rib mart carv alm lop soar vier nasc bar",
        "va os eira za rigues reira es eira a es a eiro ins alho eida es es imento ros",
    ),
    "IND": (
        "raj san ami vij sun ani pri kav nee poo dee man ra ash vik rahu ro laks dev anj",
        "esh jay t ay il ta ya ita lu ja pak oj vi ok ram l hit mi i ali",
        "sha kum sin gup ver pat red nai jos das meh ag bha cho yad mis pan tha rao cha",
        "rma ar gh ta ma el dy r hi gupta ta rwal tia pra av ra dey kur n uhan",
    ),
}
"""Per origin: starts and ends of given names, starts and ends of family names; a blank end is an empty one."""
