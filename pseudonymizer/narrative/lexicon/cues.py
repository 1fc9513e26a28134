"""Words beside which a name stands: titles, kinds of firm, prepositions of place, forms of a company."""

import re

LOCATIVE = frozenset(
    "in te uit naar nabij from to at near into rond richting bij via woonplaats plaats geboorteplaats gemeente".split()
)
"""Before a place."""

TITLES = frozenset(
    "mw mevr mevrouw dhr heer meneer mr mrs ms miss mama mamma madam madame uncle aunt auntie oma opa oom tante "
    "pastor zuster broeder broer zus zusje broertje dochter zoon nicht neef vriend vriendin collega drs dr ir "
    "prof genaamd heet naam alias bijnaam named called cliente client slo verd slachtoffer verdachte aangever "
    "getuige".split()
)
"""Before a person: titles, kin, and words like `genaamd`."""

RESPECT = frozenset(
    "mama mamma madam madame uncle aunt auntie oma opa oom tante mw mevr dhr meneer mevrouw drs".split()
)
"""Titles behind which even an ordinary word is a name (Mama Rose)."""

FIRMS = frozenset(
    "bureau politiebureau restaurant hotel bakkerij cafe bar club stichting uitzendbureau massagesalon "
    "massagestudio nagelstudio nagelsalon kapsalon kapper firma bedrijf opvang garage kwekerij wasserij slagerij "
    "supermarkt hostel pension casino salon shishalounge lounge transportbedrijf schoonmaakbedrijf bouwbedrijf "
    "slachthuis camping vakantiepark eetcafe pizzeria snackbar grillroom winkel company school ziekenhuis kliniek "
    "kerk moskee bordeel seksclub privehuis opvanghuis blijfhuis autobedrijf tuinderij tuinbouwbedrijf "
    "champignonkwekerij afhaalrestaurant sushi wok toko boerderij schip uitzendorganisatie agency spa".split()
)
"""Kinds of business; the capitalised words behind one are its name."""

FIRM_LINKS = frozenset("de het den der van la le du el al 't t en and the of".split())
"""Words inside the name of a business."""

ARABIC = frozenset("abu al el ibn bin ben umm".split())
"""Particles that begin a name even in lower case."""

NAME_WORDS = frozenset(
    "roos rosa storm mark frank bas bram daan jasmijn iris daisy lily rose cherry angel victor max tom jan "
    "blessing joy favour precious grace faith hope patience mercy glory comfort charity prince princess queen "
    "king sunday friday happy lucky gift success destiny victory peace sterre fleur merel lente linde mees luna "
    "stella bloem will jack bill".split()
)
"""Ordinary words that are given names as well; at the start of a sentence only with a name behind them."""

FIRM_TAIL = re.compile(
    r"\.?[ ]?(?:B\.?V\.?|N\.?V\.?|V\.?O\.?F\.?|GmbH|S\.?R\.?L\.?|Ltd|Sp\. z o\.o\.|EOOD|OOD|C\.?V\.?)(?!\w| ?- ?\w)"
)
"""A legal form behind the name of a business; not the letters of a plate (BV - 09 - 06)."""

PERSON_DATA = re.compile(r"(?:,| ?\()? ?(?:geb|geboren|born|bsn|v-?nr|alias|ook bekend als)\b", re.IGNORECASE)
"""What follows a person: (geb. …), BSN …"""
