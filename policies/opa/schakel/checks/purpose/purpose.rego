# METADATA
# title: Checks on route, purpose, stage and category
# custom:
#   source: policy.md, How a question is judged
package schakel.checks.purpose

import data.schakel.checks.federation
import data.schakel.question
import data.schakel.rows
import data.schakel.tables.thresholds
import data.schakel.tables.vocabulary

proven contains "ZORGROUTE_NIET_CENTRAAL" if {
	question.individual
	vocabulary.tokenroutes[question.resource.route]
}

proven contains "ZORGROUTE_NIET_CENTRAAL" if {
	question.action == "tellingen_indienen"
	question.resource.bevat_tokens == false
}

proven contains "ANDER_CONVENANT_LEIDEND" if {
	question.individual
	routes := vocabulary.routes[question.context.convenant]
	routes[question.resource.route]
}

proven contains "THEMA_NIET_GEDEKT" if question.context.convenant in {"ZVH", "MONITOR"}

proven contains "THEMA_NIET_GEDEKT" if {
	themes := vocabulary.convenantthema[question.context.convenant]
	themes[question.context.thema]
}

proven contains "DOELVERSCHUIVING" if {
	belongs
	collected_for
}

proven contains "SLACHTOFFER_NIET_IN_DADERSPOOR" if {
	question.individual
	question.context.convenant in {"ZVH", "MONITOR"}
}

proven contains "SLACHTOFFER_NIET_IN_DADERSPOOR" if {
	question.individual
	count(question.effective_categories) > 0
	offenders := {category |
		some category in question.effective_categories
		vocabulary.enums.categorie[category]
		category != "slachtoffer"
	}
	offenders == question.effective_categories
}

proven contains "SLACHTOFFER_NIET_IN_DADERSPOOR" if {
	question.individual
	question.resource.status == "casus"
	question.resource.noodzaak_bescherming == true
}

proven contains "STADIUM_TE_VROEG" if {
	question.individual
	some row in rows.candidates
	row.status[question.resource.status]
}

proven contains "CASUS_GESLOTEN" if {
	question.individual
	question.resource.status != "afgesloten"
}

proven contains "BEWAARTERMIJN_VERSTREKEN" if {
	question.individual
	question.time_ns < time.parse_rfc3339_ns(question.resource.bewaren_tot)
}

proven contains "DUBBELROL_STRENGSTE" if {
	question.individual
	question.resource.dubbelrol == false
}

proven contains "DUBBELROL_STRENGSTE" if {
	question.double_role
	vocabulary.groups.dubbelrol_categorieen[question.resource.categorie]
	rows.covered == question.effective_categories
}

# Individuals never serve the monitor, but for the partner that has its records deduplicated by its own choice.
proven contains "MONITOR_GEEN_INDIVIDUEN" if question.context.doel != "monitor"

proven contains "MONITOR_GEEN_INDIVIDUEN" if {
	question.action in {"tellingen_indienen", "intrekken", "aggregaat_vrijgeven"}
}

proven contains "MONITOR_GEEN_INDIVIDUEN" if {
	question.action == "records_indienen"
	federation.party_has("ontdubbelen")
}

proven contains "SLEEPNET" if {
	subjects_bounded
	at_most("subjecten_casus_30d", thresholds.subjecten_casus_30d)
	at_most("subjecten_analist_30d", thresholds.subjecten_analist_30d)
}

belongs if {
	is_string(question.action)
	question.loose == false
	purposes := vocabulary.doelen[question.context.convenant]
	purposes[question.context.doel]
}

belongs if {
	question.loose
	question.context.doel == "audit"
}

collected_for if question.resource.verzameldoel == question.context.doel

collected_for if {
	is_string(question.action)
	question.analyst == false
	question.absent("verzameldoel")
}

subjects_bounded if {
	question.action == "match_aanvragen"
	question.resource.aantal_subjecten >= 1
	question.resource.aantal_subjecten <= thresholds.subjecten_per_vraag
}

subjects_bounded if {
	question.action != "match_aanvragen"
}

at_most(key, _) if question.absent(key)

at_most(key, bound) if question.resource[key] <= bound
