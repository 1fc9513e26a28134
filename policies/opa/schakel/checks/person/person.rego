# METADATA
# title: Checks on the person who asks and the one who agrees
# custom:
#   source: policy.md, How a question is judged
package schakel.checks.person

import data.schakel.question
import data.schakel.rows
import data.schakel.tables.thresholds
import data.schakel.tables.vocabulary

proven contains "AUTORISATIE_VERLOPEN" if {
	question.analyst
	authorisation := question.autorisatie
	time.parse_rfc3339_ns(authorisation.van) <= question.time_ns
	question.time_ns < time.parse_rfc3339_ns(authorisation.tot)
	authorisation.subject == question.subject_id
}

proven contains "AUTORISATIE_ANDERE_CASUS" if {
	question.analyst
	question.context.casus_id == question.autorisatie.casus_id
	question.context.doel == question.autorisatie.doel
}

proven contains "MFA_VEREIST" if question.subject.rol == "partner_it"

proven contains "MFA_VEREIST" if {
	question.subject.mfa == true
	vocabulary.loa_voldoende[question.subject.loa]
}

proven contains "VIER_OGEN_ZELFDE_PERSOON" if four_eyes

proven contains "VIER_OGEN_ZELFDE_PERSOON" if {
	count(rows.asked & {"4E"}) == 0
	ordinary_subject
}

proven contains "GOEDKEURING_PRIVACY_OFFICER" if {
	question.action == "aggregaat_vrijgeven"
	question.vierogen.goedkeurder_rol == "privacy_officer"
}

proven contains "MOTIVERING_ONTBREEKT" if {
	is_string(question.motivering.noodzaak)
	is_string(question.motivering.proportionaliteit)
	is_string(question.motivering.subsidiariteit)
}

proven contains "MOTIVERING_ONTBREEKT" if {
	count(rows.asked & {"MOT"}) == 0
	own_region
}

ns_per_hour := 3600000000000

# METADATA
# description: Another person than the asker agreed, before the question and not too long ago.
four_eyes if {
	pair := question.vierogen
	pair.aanvrager == question.subject_id
	pair.goedkeurder != question.subject_id
	age := question.time_ns - time.parse_rfc3339_ns(pair.tijd)
	age >= 0
	age <= thresholds.vierogen_uren * ns_per_hour
}

ordinary_subject if {
	is_string(question.action)
	question.individual == false
}

ordinary_subject if {
	question.resource.bijzonder == false
	question.resource.minderjarig == false
}

own_region if question.action != "records_indienen"

own_region if question.absent("regio_raakvlak")

own_region if question.resource.regio_raakvlak == false
