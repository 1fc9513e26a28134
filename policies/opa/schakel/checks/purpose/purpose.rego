# METADATA
# title: Checks on route, purpose, stage and category
# custom:
#   source: policy.md, How a question is judged
package schakel.checks.purpose

import data.schakel.checks.federation.party_has
import data.schakel.question.absent
import data.schakel.question.action
import data.schakel.question.analyst
import data.schakel.question.context
import data.schakel.question.double_role
import data.schakel.question.effective_categories
import data.schakel.question.individual
import data.schakel.question.loose
import data.schakel.question.resource
import data.schakel.question.time_ns
import data.schakel.rows.candidates
import data.schakel.rows.covered
import data.schakel.tables.thresholds
import data.schakel.tables.vocabulary

proven contains "ZORGROUTE_NIET_CENTRAAL" if {
	individual
	vocabulary.tokenroutes[resource.route]
}

proven contains "ZORGROUTE_NIET_CENTRAAL" if {
	action == "tellingen_indienen"
	resource.bevat_tokens == false
}

proven contains "ANDER_CONVENANT_LEIDEND" if {
	individual
	routes := vocabulary.routes[context.convenant]
	routes[resource.route]
}

proven contains "THEMA_NIET_GEDEKT" if context.convenant in {"ZVH", "MONITOR"}

proven contains "THEMA_NIET_GEDEKT" if {
	themes := vocabulary.convenantthema[context.convenant]
	themes[context.thema]
}

proven contains "DOELVERSCHUIVING" if {
	belongs
	collected_for
}

proven contains "SLACHTOFFER_NIET_IN_DADERSPOOR" if {
	individual
	context.convenant in {"ZVH", "MONITOR"}
}

proven contains "SLACHTOFFER_NIET_IN_DADERSPOOR" if {
	individual
	count(effective_categories) > 0
	offenders := {category |
		some category in effective_categories
		vocabulary.enums.categorie[category]
		category != "slachtoffer"
	}
	offenders == effective_categories
}

proven contains "SLACHTOFFER_NIET_IN_DADERSPOOR" if {
	individual
	resource.status == "casus"
	resource.noodzaak_bescherming == true
}

proven contains "STADIUM_TE_VROEG" if {
	individual
	some row in candidates
	row.status[resource.status]
}

proven contains "CASUS_GESLOTEN" if {
	individual
	resource.status != "afgesloten"
}

proven contains "BEWAARTERMIJN_VERSTREKEN" if {
	individual
	time_ns < time.parse_rfc3339_ns(resource.bewaren_tot)
}

proven contains "DUBBELROL_STRENGSTE" if {
	individual
	resource.dubbelrol == false
}

proven contains "DUBBELROL_STRENGSTE" if {
	double_role
	vocabulary.groups.dubbelrol_categorieen[resource.categorie]
	covered == effective_categories
}

# Individuals never serve the monitor, but for the partner that has its records deduplicated by its own choice.
proven contains "MONITOR_GEEN_INDIVIDUEN" if context.doel != "monitor"

proven contains "MONITOR_GEEN_INDIVIDUEN" if {
	action in {"tellingen_indienen", "intrekken", "aggregaat_vrijgeven"}
}

proven contains "MONITOR_GEEN_INDIVIDUEN" if {
	action == "records_indienen"
	party_has("ontdubbelen")
}

proven contains "SLEEPNET" if {
	subjects_bounded
	at_most("subjecten_casus_30d", thresholds.subjecten_casus_30d)
	at_most("subjecten_analist_30d", thresholds.subjecten_analist_30d)
}

belongs if {
	is_string(action)
	loose == false
	purposes := vocabulary.doelen[context.convenant]
	purposes[context.doel]
}

belongs if {
	loose
	context.doel == "audit"
}

collected_for if resource.verzameldoel == context.doel

collected_for if {
	is_string(action)
	analyst == false
	absent("verzameldoel")
}

subjects_bounded if {
	action == "match_aanvragen"
	resource.aantal_subjecten >= 1
	resource.aantal_subjecten <= thresholds.subjecten_per_vraag
}

subjects_bounded if {
	action != "match_aanvragen"
}

at_most(key, _) if absent(key)

at_most(key, bound) if resource[key] <= bound
