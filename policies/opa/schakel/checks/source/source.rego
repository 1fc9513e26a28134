# METADATA
# title: Checks on what the source may hand over
# custom:
#   source: policy.md, How a question is judged
package schakel.checks.source

import data.schakel.checks.federation
import data.schakel.checks.person
import data.schakel.question
import data.schakel.tables.vocabulary

proven contains "NIET_BRONHOUDER" if {
	question.action in {"records_indienen", "tellingen_indienen", "intrekken", "bronverstrekking_beslissen"}
	question.resource.bron_oin == question.subject.oin
	question.resource.bron_domein == question.subject.domein
}

proven contains "VRIJE_TEKST_NIET_TOEGESTAAN" if question.resource.vrije_tekst == false

proven contains "BSN_GEEN_GRONDSLAG" if question.resource.bsn_aanwezig == false

proven contains "BSN_GEEN_GRONDSLAG" if {
	question.resource.bsn_aanwezig == true
	federation.party_has("bsn_recht")
}

proven contains "BSN_GEEN_GRONDSLAG" if {
	question.action != "records_indienen"
	question.absent("bsn_aanwezig")
}

proven contains "BEROEPSGEHEIM_GEEN_GROND" if question.resource.beroepsgeheim == false

proven contains "BEROEPSGEHEIM_GEEN_GROND" if {
	question.resource.beroepsgeheim == true
	question.action != "doorgeleiden"
	secrecy_lifted
}

proven contains "BEROEPSGEHEIM_GEEN_GROND" if {
	secrecy_out_of_scope
	question.absent("beroepsgeheim")
}

proven contains "WPG_NIET_DEELBAAR" if {
	police_data_shareable
	police_data_released
}

proven contains "STRAFGEGEVENS_NIET_AAN_ZORG" if {
	question.action == "bronverstrekking_beslissen"
	receiver_admitted
}

# Consent: given, dated on or before the question, not withdrawn.
secrecy_lifted if {
	question.resource.doorbrekingsgrond == "toestemming"
	question.resource.toestemming_geldig == true
}

# Legal duty and right to report: no row grants these yet.
secrecy_lifted if {
	question.resource.doorbrekingsgrond in {"wettelijke_plicht", "meldrecht"}
	is_string(question.resource.bewijs_ref)
}

secrecy_lifted if {
	question.resource.doorbrekingsgrond == "conflict_van_plichten"
	question.resource.status == "casus"
	is_string(question.resource.professional_ref)
	is_string(question.resource.consult_ref)
	person.four_eyes
}

secrecy_out_of_scope if {
	count(object.keys(vocabulary.groups.geheimacties) & {question.action}) == 0
	question.action != "bronverstrekking_beslissen"
}

secrecy_out_of_scope if {
	question.action == "bronverstrekking_beslissen"
	count(object.keys(vocabulary.groups.geheimhouders) & {question.subject.partnertype}) == 0
}

police_data_shareable if vocabulary.wpg_deelbaar[question.resource.wpg_artikel]

police_data_shareable if {
	police_data_out_of_scope
	question.absent("wpg_artikel")
}

police_data_released if question.resource.embargo == false

police_data_released if {
	police_data_out_of_scope
	question.absent("embargo")
}

police_data_out_of_scope if {
	count({"bronverstrekking_beslissen", "records_indienen"} & {question.action}) == 0
}

police_data_out_of_scope if {
	question.action == "records_indienen"
	question.subject.domein != "opsporing"
}

receiver_admitted if {
	receiver := question.resource.ontvanger_partnertype
	count(object.keys(vocabulary.geen_strafgegevens) & {receiver}) == 0
}

receiver_admitted if question.resource.strafrechtelijk == false

receiver_admitted if question.resource.veiligheid_slachtoffer == true
