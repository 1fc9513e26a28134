# METADATA
# title: Checks on the person who asks and the one who agrees
# custom:
#   source: policy.md, How a question is judged
package schakel.checks.person

import data.schakel.question.absent
import data.schakel.question.action
import data.schakel.question.analyst
import data.schakel.question.autorisatie
import data.schakel.question.context
import data.schakel.question.individual
import data.schakel.question.motivering
import data.schakel.question.resource
import data.schakel.question.subject
import data.schakel.question.subject_id
import data.schakel.question.time_ns
import data.schakel.question.vierogen
import data.schakel.rows.asked
import data.schakel.tables.thresholds
import data.schakel.tables.vocabulary

proven contains "AUTORISATIE_VERLOPEN" if {
	analyst
	time.parse_rfc3339_ns(autorisatie.van) <= time_ns
	time_ns < time.parse_rfc3339_ns(autorisatie.tot)
	autorisatie.subject == subject_id
}

proven contains "AUTORISATIE_ANDERE_CASUS" if {
	analyst
	context.casus_id == autorisatie.casus_id
	context.doel == autorisatie.doel
}

proven contains "MFA_VEREIST" if subject.rol == "partner_it"

proven contains "MFA_VEREIST" if {
	subject.mfa == true
	vocabulary.loa_voldoende[subject.loa]
}

proven contains "VIER_OGEN_ZELFDE_PERSOON" if four_eyes

proven contains "VIER_OGEN_ZELFDE_PERSOON" if {
	count(asked & {"4E"}) == 0
	ordinary_subject
}

proven contains "GOEDKEURING_PRIVACY_OFFICER" if {
	action == "aggregaat_vrijgeven"
	vierogen.goedkeurder_rol == "privacy_officer"
}

proven contains "MOTIVERING_ONTBREEKT" if {
	is_string(motivering.noodzaak)
	is_string(motivering.proportionaliteit)
	is_string(motivering.subsidiariteit)
}

proven contains "MOTIVERING_ONTBREEKT" if {
	count(asked & {"MOT"}) == 0
	own_region
}

ns_per_hour := 3600000000000

# METADATA
# description: Another person than the asker agreed, before the question and not too long ago.
four_eyes if {
	vierogen.aanvrager == subject_id
	vierogen.goedkeurder != subject_id
	age := time_ns - time.parse_rfc3339_ns(vierogen.tijd)
	age >= 0
	age <= thresholds.vierogen_uren * ns_per_hour
}

ordinary_subject if {
	is_string(action)
	individual == false
}

ordinary_subject if {
	resource.bijzonder == false
	resource.minderjarig == false
}

own_region if action != "records_indienen"

own_region if absent("regio_raakvlak")

own_region if resource.regio_raakvlak == false
