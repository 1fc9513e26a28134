# METADATA
# title: Which rows of the decision table speak about this question
# description: >-
#   Only ALLOW rows are in the table; they are indexed by role and action. A cell is an object of admitted values; a
#   cell that admits anything also admits "" (not given).
# custom:
#   source: policy.md, Reading matrix.csv; shared/policy/matrix.csv
package schakel.rows

import data.schakel.question.action
import data.schakel.question.context
import data.schakel.question.convenant
import data.schakel.question.effective_categories
import data.schakel.question.individual
import data.schakel.question.resource
import data.schakel.question.subject
import data.schakel.tables.rows as table
import data.schakel.tables.vocabulary

# METADATA
# description: Rows with the question's role, action and convenant.
candidates := [row |
	by_action := table.rows[subject.rol]
	some row in by_action[action]
	row.convenant[convenant]
]

doel := object.get(context, "doel", "")

partnertype := object.get(subject, "partnertype", "")

route := object.get(resource, "route", "")

status := object.get(resource, "status", "")

# Candidates that fit in everything but the category.
fitting := [row |
	some row in candidates
	row.doel[doel]
	row.partnertype[partnertype]
	row.route[route]
	row.status[status]
	object.subset(resource, row.voorwaarden)
]

# METADATA
# description: Effective categories for which at least one row applies.
covered := {category |
	some category in effective_categories
	some row in fitting
	row.categorie[category]
}

# METADATA
# description: Rows that apply for at least one effective category.
applying := [row |
	some row in fitting
	count([category | some category in effective_categories; row.categorie[category]]) > 0
]

# METADATA
# scope: document
# description: 4E and MOT are asked by the applying rows, or by any candidate when no row applies.
asking := applying if count(applying) > 0

asking := candidates if count(applying) == 0

asked := {duty.code | some row in asking; some duty in row.verplichtingen}

# What every answer carries: LOG, the duties of the rows that apply, and those that the subject itself brings.
duties contains {"code": "LOG", "params": []}

duties contains duty if {
	some row in applying
	some duty in row.verplichtingen
}

duties contains {"code": code, "params": []} if {
	individual
	resource.minderjarig == true
	some code in {"VT", "4E"}
}

duties contains {"code": "4E", "params": []} if {
	individual
	resource.bijzonder == true
}

duties contains {"code": "MOT", "params": []} if {
	action == "records_indienen"
	resource.regio_raakvlak == true
}

# METADATA
# description: One entry per obligation code, sorted, with the bracketed texts of the table as params.
obligations := [{"code": code, "params": params} |
	some code in {duty.code | some duty in duties}
	params := sort({param | some duty in duties; duty.code == code; some param in duty.params})
]

# METADATA
# description: The numbers of the rows that apply.
row_numbers := sort([row.rij | some row in applying])

# METADATA
# description: What the answer may show, the narrowest of the applying rows.
shown := name if {
	some name, rank in vocabulary.reikwijdte_rang
	rank == narrowest
}

narrowest := min([vocabulary.reikwijdte_rang[row.reikwijdte] | some row in applying])
