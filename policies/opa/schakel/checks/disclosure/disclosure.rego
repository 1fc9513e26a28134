# METADATA
# title: Checks on what is shown, released, audited and activated
# custom:
#   source: policy.md, How a question is judged; disclosure.md
package schakel.checks.disclosure

import data.schakel.checks.federation
import data.schakel.question
import data.schakel.tables.catalogue
import data.schakel.tables.parties
import data.schakel.tables.thresholds
import data.schakel.tables.vocabulary

# Outside the audit log this refusal must look like "geen hit".
proven contains "OPSPORINGSBELANG" if {
	question.action == "hits_inzien"
	question.resource.opsporingsbelang == false
}

proven contains "MATCH_TE_ZWAK" if {
	question.action == "hits_inzien"
	vocabulary.sterkte_toonbaar[question.resource.sterkte]
}

proven contains "MENSELIJKE_TOETS_ONTBREEKT" if {
	question.action == "hits_inzien"
	question.resource.mens_gevalideerd == true
}

proven contains "HIT_VERLOPEN" if {
	question.action == "hits_inzien"
	question.resource.eigen_verzoek == true
	question.resource.hit_ouderdom_dagen >= 0
	question.resource.hit_ouderdom_dagen <= thresholds.hit_ouderdom_dagen
}

proven contains "TABEL_NIET_GEREGISTREERD" if {
	question.action == "aggregaat_vrijgeven"
	is_object(catalogue.tabellen[question.resource.tabel_id])
}

# k comes from the catalogue; the k in the question is ignored.
proven contains "CEL_TE_KLEIN" if {
	question.action == "aggregaat_vrijgeven"
	question.resource.beschermd == true
	entry := catalogue.tabellen[question.resource.tabel_id]
	k := entry.k
	is_number(k)
	question.resource.min_cel >= k
	question.resource.min_verschil >= k
}

proven contains "MINDERJARIG_TE_SPECIFIEK" if {
	question.action == "aggregaat_vrijgeven"
	is_array(question.resource.uitsplitsing)
	not too_specific
}

proven contains "DOMINANTIE" if {
	question.action == "aggregaat_vrijgeven"
	question.resource.dominantie_promille >= 0
	question.resource.dominantie_promille <= thresholds.dominantie_promille
}

proven contains "AUDIT_EIGEN_CONVENANT" if {
	question.action == "audit_inzien"
	members := parties.partijen[question.context.convenant]
	count(members[federation.party_key]) > 0
}

proven contains "AUDIT_GEEN_HERLEIDING" if {
	question.action == "audit_inzien"
	question.resource.herleiding == false
}

proven contains "IDENTITEIT_NIET_VASTGESTELD" if {
	question.action == "betrokkene_verzoek"
	question.resource.identiteit_vastgesteld == true
	question.subject.rol == "privacy_officer"
}

proven contains "BELEID_TWEE_EIGENAREN" if {
	question.action == "beleid_activeren"
	count(signing_owners) >= thresholds.eigenaren
}

too_specific if {
	columns := {column | some column in question.resource.uitsplitsing}
	count(columns & {"gemeente", "uitbuitingsvorm"}) == 2
	count(columns & {"minderjarig", "leeftijdsband"}) > 0
}

# Different owners that validly signed the very bundle that is to be activated.
signing_owners := {signature.eigenaar_oin |
	some signature in question.resource.handtekeningen
	signature.geldig == true
	signature.digest == question.resource.bundel_digest
	some owner in parties.beleid_eigenaren
	owner == signature.eigenaar_oin
}
