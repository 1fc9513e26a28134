# METADATA
# title: The answer
# description: >-
#   Allow only when every required code is proven and a row applies. A code that is not proven is a reason, so that a
#   missing attribute can only ever add a reason.
# custom:
#   source: policy.md, Two facts that decide the style
package schakel.decision

import data.schakel.checks.disclosure.proven as disclosure_proven
import data.schakel.checks.federation.proven as federation_proven
import data.schakel.checks.person.proven as person_proven
import data.schakel.checks.purpose.proven as purpose_proven
import data.schakel.checks.source.proven as source_proven
import data.schakel.question.action
import data.schakel.rows.applying
import data.schakel.rows.obligations
import data.schakel.rows.row_numbers
import data.schakel.rows.shown as admitted
import data.schakel.tables.reasons
import data.schakel.tables.release
import data.schakel.tables.scope

# Every code is required. A check that is about other actions than this one is proven, hence left out here; an action
# that is not known leaves none out.
required := {code | some code in object.get(scope.in_scope, question_action, scope.all)}

default question_action := ""

question_action := action if is_string(action)

# One union of sets in five rooms: an embedded engine that reads a rule over several files saw only one of them.
proven := (((federation_proven | purpose_proven) | person_proven) | source_proven) | disclosure_proven

unproven := required - proven

allow if {
	count(required) > 0
	count(unproven) == 0
	proven == required
	count(applying) > 0
}

default allowed := false

allowed if allow

default shown := "geen"

shown := admitted if allow

given_reasons := [reason |
	some code in unproven
	reason := object.union({"code": code}, object.get(reasons.codes, code, {}))
]

# METADATA
# title: Answer to one AuthZEN question
# description: >-
#   The whole answer object: decision, reasons in Dutch and English with legal basis, obligations, what the answer may
#   show, and which rows of the table applied. Always defined.
# entrypoint: true
# custom:
#   source: >-
#     RIEC-convenant and its privacy protocol, Veiligheidshuis convenant, Wgs, Bgs, AVG, UAVG, Wpg, Wjsg, WGBO,
#     Jeugdwet; per reason in tables/reasons
answer := {
	"decision": allowed,
	"context": {
		"reden": given_reasons,
		"verplichtingen": obligations,
		"reikwijdte": shown,
		"beleid": {"revisie": release.versie, "matrix_rijen": row_numbers},
	},
}
