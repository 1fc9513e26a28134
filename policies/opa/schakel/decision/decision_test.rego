package schakel.decision_test

import data.schakel.decision
import data.schakel.samples_test as samples

test_allowed if {
	every question in [
		samples.submission,
		samples.matching,
		samples.hit,
		samples.release,
		samples.audit,
		samples.activation,
		samples.counts,
		samples.withdrawal,
	] {
		answer := decision.answer with input as question
		answer.decision == true
	}
}

test_an_allow_has_no_reasons_and_its_scope if {
	answer := decision.answer with input as samples.matching
	answer.decision == true
	answer.context.reden == []
	answer.context.reikwijdte == "bekend_onbekend"
	answer.context.beleid.matrix_rijen == [12]
}

test_a_refusal_has_its_reason_in_two_languages if {
	answer := decision.answer with input as samples.about(samples.matching, {"vrije_tekst": true})
	answer.decision == false
	answer.context.reikwijdte == "geen"
	[reason] := answer.context.reden
	reason.code == "VRIJE_TEKST_NIET_TOEGESTAAN"
	count(object.keys(reason)) == 5
}

test_nothing_asked_is_refused_for_every_reason if {
	answer := decision.answer with input as {}
	answer.decision == false
	count(answer.context.reden) == 45
}

test_an_unknown_action_leaves_no_check_out if {
	count(decision.required) == 45 with input as object.union(samples.matching, {"action": {"name": "kijken"}})
}
