# METADATA
# title: Checks on what the source may hand over
# custom:
#   source: policy.md, How a question is judged
package schakel.checks.source

import data.schakel.checks.federation.party_has
import data.schakel.checks.person.four_eyes
import data.schakel.question.absent
import data.schakel.question.action
import data.schakel.question.resource
import data.schakel.question.subject
import data.schakel.tables.vocabulary

proven contains "NIET_BRONHOUDER" if {
	action in {"records_indienen", "tellingen_indienen", "intrekken", "bronverstrekking_beslissen"}
	resource.bron_oin == subject.oin
	resource.bron_domein == subject.domein
}

proven contains "VRIJE_TEKST_NIET_TOEGESTAAN" if resource.vrije_tekst == false

proven contains "BSN_GEEN_GRONDSLAG" if resource.bsn_aanwezig == false

proven contains "BSN_GEEN_GRONDSLAG" if {
	resource.bsn_aanwezig == true
	party_has("bsn_recht")
}

proven contains "BSN_GEEN_GRONDSLAG" if {
	action != "records_indienen"
	absent("bsn_aanwezig")
}

proven contains "BEROEPSGEHEIM_GEEN_GROND" if resource.beroepsgeheim == false

proven contains "BEROEPSGEHEIM_GEEN_GROND" if {
	resource.beroepsgeheim == true
	action != "doorgeleiden"
	secrecy_lifted
}

proven contains "BEROEPSGEHEIM_GEEN_GROND" if {
	secrecy_out_of_scope
	absent("beroepsgeheim")
}

proven contains "WPG_NIET_DEELBAAR" if {
	police_data_shareable
	police_data_released
}

proven contains "STRAFGEGEVENS_NIET_AAN_ZORG" if {
	action == "bronverstrekking_beslissen"
	receiver_admitted
}

# Consent: given, dated on or before the question, not withdrawn.
secrecy_lifted if {
	resource.doorbrekingsgrond == "toestemming"
	resource.toestemming_geldig == true
}

# Legal duty and right to report: no row grants these yet.
secrecy_lifted if {
	resource.doorbrekingsgrond in {"wettelijke_plicht", "meldrecht"}
	is_string(resource.bewijs_ref)
}

secrecy_lifted if {
	resource.doorbrekingsgrond == "conflict_van_plichten"
	resource.status == "casus"
	is_string(resource.professional_ref)
	is_string(resource.consult_ref)
	four_eyes
}

secrecy_out_of_scope if {
	count(object.keys(vocabulary.groups.geheimacties) & {action}) == 0
	action != "bronverstrekking_beslissen"
}

secrecy_out_of_scope if {
	action == "bronverstrekking_beslissen"
	count(object.keys(vocabulary.groups.geheimhouders) & {subject.partnertype}) == 0
}

police_data_shareable if vocabulary.wpg_deelbaar[resource.wpg_artikel]

police_data_shareable if {
	police_data_out_of_scope
	absent("wpg_artikel")
}

police_data_released if resource.embargo == false

police_data_released if {
	police_data_out_of_scope
	absent("embargo")
}

police_data_out_of_scope if {
	count({"bronverstrekking_beslissen", "records_indienen"} & {action}) == 0
}

police_data_out_of_scope if {
	action == "records_indienen"
	subject.domein != "opsporing"
}

receiver_admitted if {
	receiver := resource.ontvanger_partnertype
	count(object.keys(vocabulary.geen_strafgegevens) & {receiver}) == 0
}

receiver_admitted if resource.strafrechtelijk == false

receiver_admitted if resource.veiligheid_slachtoffer == true
