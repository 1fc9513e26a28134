# METADATA
# title: Checks on what is shown, released, audited and activated
# custom:
#   source: policy.md, How a question is judged; disclosure.md
package schakel.checks.disclosure

import data.schakel.checks.federation.party_key
import data.schakel.question.action
import data.schakel.question.context
import data.schakel.question.resource
import data.schakel.question.subject
import data.schakel.tables.catalogue
import data.schakel.tables.parties
import data.schakel.tables.thresholds
import data.schakel.tables.vocabulary

# Outside the audit log this refusal must look like "geen hit".
proven contains "OPSPORINGSBELANG" if {
	action == "hits_inzien"
	resource.opsporingsbelang == false
}

proven contains "MATCH_TE_ZWAK" if {
	action == "hits_inzien"
	vocabulary.sterkte_toonbaar[resource.sterkte]
}

proven contains "MENSELIJKE_TOETS_ONTBREEKT" if {
	action == "hits_inzien"
	resource.mens_gevalideerd == true
}

proven contains "HIT_VERLOPEN" if {
	action == "hits_inzien"
	resource.eigen_verzoek == true
	resource.hit_ouderdom_dagen >= 0
	resource.hit_ouderdom_dagen <= thresholds.hit_ouderdom_dagen
}

proven contains "TABEL_NIET_GEREGISTREERD" if {
	action == "aggregaat_vrijgeven"
	is_object(catalogue.tabellen[resource.tabel_id])
}

# k comes from the catalogue; the k in the question is ignored.
proven contains "CEL_TE_KLEIN" if {
	action == "aggregaat_vrijgeven"
	resource.beschermd == true
	entry := catalogue.tabellen[resource.tabel_id]
	k := entry.k
	is_number(k)
	resource.min_cel >= k
	resource.min_verschil >= k
}

proven contains "MINDERJARIG_TE_SPECIFIEK" if {
	action == "aggregaat_vrijgeven"
	is_array(resource.uitsplitsing)
	not too_specific
}

proven contains "DOMINANTIE" if {
	action == "aggregaat_vrijgeven"
	resource.dominantie_promille >= 0
	resource.dominantie_promille <= thresholds.dominantie_promille
}

proven contains "AUDIT_EIGEN_CONVENANT" if {
	action == "audit_inzien"
	members := parties.partijen[context.convenant]
	count(members[party_key]) > 0
}

proven contains "AUDIT_GEEN_HERLEIDING" if {
	action == "audit_inzien"
	resource.herleiding == false
}

proven contains "IDENTITEIT_NIET_VASTGESTELD" if {
	action == "betrokkene_verzoek"
	resource.identiteit_vastgesteld == true
	subject.rol == "privacy_officer"
}

proven contains "BELEID_TWEE_EIGENAREN" if {
	action == "beleid_activeren"
	count(signing_owners) >= thresholds.eigenaren
}

too_specific if {
	columns := {column | some column in resource.uitsplitsing}
	count(columns & {"gemeente", "uitbuitingsvorm"}) == 2
	count(columns & {"minderjarig", "leeftijdsband"}) > 0
}

# Different owners that validly signed the very bundle that is to be activated.
signing_owners := {signature.eigenaar_oin |
	some signature in resource.handtekeningen
	signature.geldig == true
	signature.digest == resource.bundel_digest
	some owner in parties.beleid_eigenaren
	owner == signature.eigenaar_oin
}
