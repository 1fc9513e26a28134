"""The 45 checks of the design page as predicates over one reading; see oracle.py."""

from tests.policy.oracle import (
    ANALYST,
    CATEGORIES,
    DAY,
    LISTED,
    LOOSE,
    PARTNERS,
    PERSONAL,
    PURPOSES,
    SECRET_KEEPERS,
    TABLES,
    admits,
    nanoseconds,
)

CHECKS = {}


def check(code, *actions):
    """Register a check; about `actions`, proven for every other known action. None: about all."""

    def keep(function):
        def proven(q):
            if actions and q.action is not None and q.action not in actions:
                return True
            if actions and q.action is None:
                return False
            return bool(function(q))

        CHECKS[code] = proven
        return function

    return keep


@check("ONBEKENDE_WAARDE")
def known(q):
    return (
        "properties" in q.ok["resource"]
        and q.id is not None
        and q.action is not None
        and all(set(q.raw[name]) == set(q.ok[name]) for name in LISTED)
    )


@check("GEEN_REGEL_VAN_TOEPASSING")
def rule(q):
    return all(q.applying[c] for c in q.categories)


@check("BELEID_ONGELDIG")
def rules_in_force(q):
    beleid = q.ok["context.beleid"]
    if beleid.get("ondertekend") is not True:
        return False
    return q.action == "beleid_activeren" or ("ouderdom_uren" in beleid and 0 <= beleid["ouderdom_uren"] <= 24)


@check("LOGGING_NIET_BESCHIKBAAR")
def logging(q):
    return q.ok["context.logging"].get("ldv") is True and q.ok["context.logging"].get("adl") is True


@check("GEEN_ROL_VOOR_ACTIE")
def role_for_action(q):
    rol = q.sub.get("rol")
    return rol and q.action and any(admits(r["rol"], rol) and admits(r["actie"], q.action) for r in q.tables.rows)


@check("BEHEER_GEEN_INHOUD")
def no_administrator(q):
    return q.sub.get("rol", "beheerder") != "beheerder"


@check("REGISSEUR_ALLEEN_PROCES")
def no_coordinator(q):
    return q.sub.get("rol", "regisseur") != "regisseur" or q.action == "aggregaat_vrijgeven"


@check("GEEN_PARTIJ_CONVENANT")
def party(q):
    return any(
        p["partnertype"] == q.sub.get("partnertype")
        and any(admits(row["partnertype"], p["partnertype"]) for row in q.candidates)
        for p in q.party
    )


@check("PARTNER_UITGETREDEN")
def active(q):
    return q.action == "intrekken" or q.active


@check("BUITEN_REGIO")
def region(q):
    if not q.party or not all(q.in_region(p["gemeente"]) for p in q.party if "gemeente" in p):
        return False
    if q.absent("gemeente"):
        return True
    police = (
        q.sub.get("partnertype") == "politie"
        and q.action == "records_indienen"
        and q.conv == "RIEC"
        and q.res.get("regio_raakvlak") is True
    )
    return "gemeente" in q.res and (police or q.in_region(q.res["gemeente"]))


@check("ZORGROUTE_NIET_CENTRAAL", "tellingen_indienen", *PERSONAL)
def care_route(q):
    if q.action == "tellingen_indienen":
        return q.res.get("bevat_tokens") is False
    return q.res.get("route") in ("zorg_straf", "ondermijning")


@check("ANDER_CONVENANT_LEIDEND", *PERSONAL)
def route(q):
    fitting = {"RIEC": ("ondermijning",), "ZVH": ("zorg_straf",), "MONITOR": ("zorg_straf", "ondermijning")}
    return q.res.get("route") in fitting.get(q.conv, ())


@check("THEMA_NIET_GEDEKT")
def theme(q):
    return q.conv in ("ZVH", "MONITOR") or (q.conv == "RIEC" and q.ctx.get("thema") == "mensenhandel_en_smokkel")


@check("DOELVERSCHUIVING")
def purpose(q):
    doel = q.ctx.get("doel")
    if q.action is None or doel is None:
        return False
    if not (doel == "audit" if q.action in LOOSE else doel in PURPOSES.get(q.conv, ())):
        return False
    if q.absent("verzameldoel"):
        return q.action not in ANALYST
    return q.res.get("verzameldoel") == doel


@check("SLACHTOFFER_NIET_IN_DADERSPOOR", *PERSONAL)
def victim(q):
    if q.conv in ("ZVH", "MONITOR"):
        return True
    if q.res.get("status") == "casus" and q.res.get("noodzaak_bescherming") is True:
        return True
    return all(c in CATEGORIES and c != "slachtoffer" for c in q.categories)


@check("STADIUM_TE_VROEG", *PERSONAL)
def stage(q):
    return "status" in q.res and any(admits(row["status"], q.res["status"]) for row in q.candidates)


@check("CASUS_GESLOTEN", *PERSONAL)
def open_case(q):
    return q.res.get("status", "afgesloten") != "afgesloten"


@check("AUTORISATIE_VERLOPEN", *ANALYST)
def authorised(q):
    a = q.ok["context.autorisatie"]
    return q.id is not None and a.get("subject") == q.id and q.within(a.get("van"), a.get("tot"))


@check("AUTORISATIE_ANDERE_CASUS", *ANALYST)
def same_case(q):
    a = q.ok["context.autorisatie"]
    casus, doel = q.ctx.get("casus_id"), q.ctx.get("doel")
    return casus is not None and doel is not None and casus == a.get("casus_id") and doel == a.get("doel")


@check("MFA_VEREIST")
def second_factor(q):
    strong = q.sub.get("mfa") is True and q.sub.get("loa") in ("substantieel", "hoog")
    return q.sub.get("rol") == "partner_it" or strong


def four_eyes(q):
    pair = q.ok["context.vierogen"]
    then = nanoseconds(pair.get("tijd"))
    return (
        q.id is not None
        and pair.get("aanvrager") == q.id
        and pair.get("goedkeurder", q.id) != q.id
        and None not in (then, q.now)
        and 0 <= q.now - then <= DAY
    )


@check("VIER_OGEN_ZELFDE_PERSOON")
def second_person(q):
    if four_eyes(q):
        return True
    ordinary = q.res.get("bijzonder") is False and q.res.get("minderjarig") is False
    return "4E" not in q.asked and (ordinary or (q.action is not None and not q.personal))


@check("GOEDKEURING_PRIVACY_OFFICER", "aggregaat_vrijgeven")
def privacy_officer(q):
    return q.ok["context.vierogen"].get("goedkeurder_rol") == "privacy_officer"


@check("MOTIVERING_ONTBREEKT")
def motive(q):
    if len(q.ok["context.motivering"]) == 3:
        return True
    if "MOT" in q.asked:
        return False
    if q.action is not None and q.action != "records_indienen":
        return True
    return q.absent("regio_raakvlak") or q.res.get("regio_raakvlak") is False


@check("SLEEPNET")
def trawl(q):
    if q.action is None or (q.action == "match_aanvragen" and not q.between("aantal_subjecten", 1, 25)):
        return False
    bounds = {"subjecten_casus_30d": 25, "subjecten_analist_30d": 100}
    return all(q.absent(key) or (key in q.res and q.res[key] <= bound) for key, bound in bounds.items())


@check("BEROEPSGEHEIM_GEEN_GROND")
def secrecy(q):
    r = q.res
    if q.absent("beroepsgeheim"):
        if q.action is None or q.action in ("records_indienen", "doorgeleiden"):
            return False
        return q.action != "bronverstrekking_beslissen" or (
            q.sub.get("partnertype") in PARTNERS and q.sub["partnertype"] not in SECRET_KEEPERS
        )
    if r.get("beroepsgeheim") is False:
        return True
    if r.get("beroepsgeheim") is not True or q.action in (None, "doorgeleiden"):
        return False
    ground = r.get("doorbrekingsgrond")
    if ground == "toestemming":
        return r.get("toestemming_geldig") is True
    if ground in ("wettelijke_plicht", "meldrecht"):
        return "bewijs_ref" in r
    return (
        ground == "conflict_van_plichten"
        and r.get("status") == "casus"
        and "professional_ref" in r
        and "consult_ref" in r
        and four_eyes(q)
    )


@check("BSN_GEEN_GRONDSLAG")
def bsn(q):
    if q.absent("bsn_aanwezig"):
        return q.action not in (None, "records_indienen")
    given = q.res.get("bsn_aanwezig")
    return given is False or (given is True and q.has_right("bsn_recht"))


@check("VRIJE_TEKST_NIET_TOEGESTAAN")
def free_text(q):
    return q.res.get("vrije_tekst") is False


@check("BEWAARTERMIJN_VERSTREKEN", *PERSONAL)
def retention(q):
    until = nanoseconds(q.res.get("bewaren_tot"))
    return None not in (until, q.now) and q.now < until


@check("DUBBELROL_STRENGSTE", *PERSONAL)
def double_role(q):
    if q.res.get("dubbelrol") is False:
        return True
    given = q.res.get("categorie") in ("slachtoffer", "verdachte_dader")
    return q.double and given and all(q.applying[c] for c in q.categories)


@check("OPSPORINGSBELANG", "hits_inzien")
def investigation(q):
    return q.res.get("opsporingsbelang") is False


@check("MATCH_TE_ZWAK", "hits_inzien")
def strength(q):
    return q.res.get("sterkte") in ("sterk", "middel")


@check("MENSELIJKE_TOETS_ONTBREEKT", "hits_inzien")
def validated(q):
    return q.res.get("mens_gevalideerd") is True


@check("HIT_VERLOPEN", "hits_inzien")
def own_hit(q):
    return q.res.get("eigen_verzoek") is True and q.between("hit_ouderdom_dagen", 0, 30)


@check("NIET_BRONHOUDER", "records_indienen", "tellingen_indienen", "intrekken", "bronverstrekking_beslissen")
def source_holder(q):
    return None not in (q.sub.get("oin"), q.sub.get("domein")) and (
        (q.res.get("bron_oin"), q.res.get("bron_domein")) == (q.sub["oin"], q.sub["domein"])
    )


@check("WPG_NIET_DEELBAAR")
def police_data(q):
    demanded = (
        q.action is None
        or q.action == "bronverstrekking_beslissen"
        or (q.action == "records_indienen" and q.sub.get("domein", "opsporing") == "opsporing")
    )
    article = q.res.get("wpg_artikel") in ("8", "9", "12", "13", "geen")
    released = q.res.get("embargo") is False
    return (article or (q.absent("wpg_artikel") and not demanded)) and (
        released or (q.absent("embargo") and not demanded)
    )


@check("STRAFGEGEVENS_NIET_AAN_ZORG", "bronverstrekking_beslissen")
def criminal_data(q):
    receiver = q.res.get("ontvanger_partnertype", "zorg_ngo")
    return (
        receiver not in ("zorg_ngo", "zorg_medisch", "comensha")
        or q.res.get("strafrechtelijk") is False
        or q.res.get("veiligheid_slachtoffer") is True
    )


@check("MONITOR_GEEN_INDIVIDUEN")
def monitor(q):
    if q.ctx.get("doel", "monitor") != "monitor":
        return True
    if q.action in ("tellingen_indienen", "intrekken", "aggregaat_vrijgeven"):
        return True
    return q.action == "records_indienen" and q.has_right("ontdubbelen")


@check("TABEL_NIET_GEREGISTREERD", "aggregaat_vrijgeven")
def catalogue(q):
    return q.res.get("tabel_id") in TABLES


@check("CEL_TE_KLEIN", "aggregaat_vrijgeven")
def cells(q):
    k = TABLES.get(q.res.get("tabel_id"))
    large = k is not None and all(key in q.res and q.res[key] >= k for key in ("min_cel", "min_verschil"))
    return large and q.res.get("beschermd") is True


@check("MINDERJARIG_TE_SPECIFIEK", "aggregaat_vrijgeven")
def minors(q):
    columns = q.res.get("uitsplitsing")
    if columns is None:
        return False
    return not ({"gemeente", "uitbuitingsvorm"} <= set(columns) and {"minderjarig", "leeftijdsband"} & set(columns))


@check("DOMINANTIE", "aggregaat_vrijgeven")
def dominance(q):
    return q.between("dominantie_promille", 0, 800)


@check("AUDIT_EIGEN_CONVENANT", "audit_inzien")
def own_audit(q):
    return q.listed_here


@check("AUDIT_GEEN_HERLEIDING", "audit_inzien")
def audit_unlinked(q):
    return q.res.get("herleiding") is False


@check("IDENTITEIT_NIET_VASTGESTELD", "betrokkene_verzoek")
def identity(q):
    return q.res.get("identiteit_vastgesteld") is True and q.sub.get("rol") == "privacy_officer"


@check("BELEID_TWEE_EIGENAREN", "beleid_activeren")
def two_owners(q):
    wanted = q.res.get("bundel_digest")
    return (
        wanted is not None
        and len(
            {
                entry["eigenaar_oin"]
                for entry in q.res.get("handtekeningen", [])
                if entry.get("geldig") is True
                and entry.get("digest") == wanted
                and entry.get("eigenaar_oin") in q.tables.owners
            }
        )
        >= 2
    )
