# METADATA
# title: Checks on the question, the rules in force and the party that asks
# description: Each rule proves one code; a code that is not proven is a reason to refuse.
# custom:
#   source: policy.md, How a question is judged
package schakel.checks.federation

import data.schakel.question.absent
import data.schakel.question.action
import data.schakel.question.all_known
import data.schakel.question.beleid
import data.schakel.question.context
import data.schakel.question.convenant
import data.schakel.question.effective_categories
import data.schakel.question.logging
import data.schakel.question.loose
import data.schakel.question.resource
import data.schakel.question.subject
import data.schakel.question.subject_id
import data.schakel.question.time_ns
import data.schakel.question.typed
import data.schakel.rows.candidates
import data.schakel.rows.covered
import data.schakel.tables.municipalities
import data.schakel.tables.parties
import data.schakel.tables.rows as table
import data.schakel.tables.thresholds

proven contains "ONBEKENDE_WAARDE" if {
	is_object(typed.resource.properties)
	is_string(subject_id)
	is_string(action)
	all_known
}

proven contains "GEEN_REGEL_VAN_TOEPASSING" if {
	count(covered) > 0
	covered == effective_categories
}

proven contains "BELEID_ONGELDIG" if {
	beleid.ondertekend == true
	beleid.ouderdom_uren >= 0
	beleid.ouderdom_uren <= thresholds.beleid_ouderdom_uren
}

proven contains "BELEID_ONGELDIG" if {
	action == "beleid_activeren"
	beleid.ondertekend == true
}

proven contains "LOGGING_NIET_BESCHIKBAAR" if {
	logging.ldv == true
	logging.adl == true
}

proven contains "GEEN_ROL_VOOR_ACTIE" if {
	by_action := table.rows[subject.rol]
	count(by_action[action]) > 0
}

proven contains "BEHEER_GEEN_INHOUD" if subject.rol != "beheerder"

proven contains "REGISSEUR_ALLEEN_PROCES" if subject.rol != "regisseur"

proven contains "REGISSEUR_ALLEEN_PROCES" if action == "aggregaat_vrijgeven"

proven contains "GEEN_PARTIJ_CONVENANT" if {
	some entry in party
	entry.partnertype == subject.partnertype
	some row in candidates
	row.partnertype[entry.partnertype]
}

proven contains "PARTNER_UITGETREDEN" if count(in_force) > 0

proven contains "PARTNER_UITGETREDEN" if action == "intrekken"

proven contains "BUITEN_REGIO" if {
	count(party) > 0
	count([entry | some entry in party; entry_in_region(entry)]) == count(party)
	record_in_region
}

party_key := concat("/", [subject.oin, subject.domein])

# METADATA
# scope: document
# description: >-
#   The party: its entries under the asking convenant; for a losse actie under any. A partner that left and came back
#   has more than one.
entries := list if {
	is_string(action)
	loose == false
	members := parties.partijen[context.convenant]
	list := members[party_key]
}

entries := [entry | some list in parties.partijen; some entry in list[party_key]] if {
	loose
}

in_force := [entry |
	some entry in entries
	time.parse_rfc3339_ns(entry.van) <= time_ns
	time_ns < time.parse_rfc3339_ns(entry.tot)
]

# METADATA
# scope: document
# description: Rights are read from the entries in force, so that an old entry never lends its rights to a new one.
party := in_force if count(in_force) > 0

party := entries if count(in_force) == 0

party_has(right) if {
	count(party) > 0
	count([entry | some entry in party; entry[right] == true]) == count(party)
}

entry_in_region(entry) if entry.gemeente == ""

entry_in_region(entry) if in_region(entry.gemeente)

record_in_region if absent("gemeente")

record_in_region if in_region(resource.gemeente)

# A police unit outside the region may bring a record that touches the region (row 46).
record_in_region if {
	is_string(resource.gemeente)
	subject.partnertype == "politie"
	action == "records_indienen"
	convenant == "RIEC"
	resource.regio_raakvlak == true
}

in_region(code) if {
	municipality := municipalities.gemeenten[code]
	time.parse_rfc3339_ns(municipality.van) <= time_ns
	time_ns < time.parse_rfc3339_ns(municipality.tot)
}
