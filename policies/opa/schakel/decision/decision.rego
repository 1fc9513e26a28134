# METADATA
# title: The answer
# description: >-
#   Allow only when every required code is proven and a row applies. A code that is not proven is a reason, so that a
#   missing attribute can only ever add a reason.
# custom:
#   source: policy.md, Two facts that decide the style
package schakel.decision

import data.schakel.checks.disclosure
import data.schakel.checks.federation
import data.schakel.checks.person
import data.schakel.checks.purpose
import data.schakel.checks.source
import data.schakel.question
import data.schakel.rows
import data.schakel.tables.reasons
import data.schakel.tables.release
import data.schakel.tables.scope

# Every code is required. A check that is about other actions than this one is proven, hence left out here; an action
# that is not known leaves none out.
required := {code | some code in object.get(scope.in_scope, question_action, scope.all)}

default question_action := ""

question_action := question.action

# One union of sets in five rooms: an embedded engine that reads a rule over several files saw only one of them.
proven := (((federation.proven | purpose.proven) | person.proven) | source.proven) | disclosure.proven

unproven := required - proven

allow if {
	count(required) > 0
	count(unproven) == 0
	proven == required
	count(rows.applying) > 0
}

default allowed := false

allowed if allow

default shown := "geen"

shown := rows.shown if allow

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
		"verplichtingen": rows.obligations,
		"reikwijdte": shown,
		"beleid": {"revisie": release.versie, "matrix_rijen": rows.row_numbers},
	},
}
