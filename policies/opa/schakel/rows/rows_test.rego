package schakel.rows_test

import data.schakel.rows
import data.schakel.samples_test as samples

test_the_row_of_a_match if rows.row_numbers == [12] with input as samples.matching

test_a_match_asks_four_eyes if "4E" in rows.asked with input as samples.matching

test_candidates_ask_when_no_row_applies if {
	care_route := samples.about(samples.matching, {"route": "zorg"})
	rows.applying == [] with input as care_route
	"4E" in rows.asked with input as care_route
}

test_conditions_hold_a_row_back if {
	victim := samples.about(samples.matching, {"categorie": "slachtoffer"})
	rows.covered == set() with input as victim
	protected := samples.about(victim, {"noodzaak_bescherming": true})
	rows.row_numbers == [62] with input as protected
}

test_a_double_role_takes_the_rows_of_both if {
	double := samples.about(samples.matching, {"dubbelrol": true, "noodzaak_bescherming": true})
	rows.row_numbers == [12, 62] with input as double
	rows.covered == {"slachtoffer", "verdachte_dader"} with input as double
}

test_scope_is_that_of_the_row if rows.shown == "bekend_onbekend" with input as samples.matching

test_scope_is_nothing_for_a_submission if rows.shown == "geen" with input as samples.submission

test_brackets_become_params if {
	{"code": "R", "params": ["signaal"]} in rows.obligations with input as samples.submission
}

test_every_answer_is_logged if {
	logged := [{"code": "LOG", "params": []}]
	logged == rows.obligations with input as {}
}

test_minors_and_special_data_bring_duties if {
	young := samples.about(samples.submission, {"minderjarig": true, "bijzonder": true})
	codes := {duty.code | some duty in rows.obligations} with input as young
	{"VT", "4E"} - codes == set()
}

test_a_record_that_touches_the_region_is_motivated if {
	touching := samples.about(samples.submission, {"regio_raakvlak": true})
	codes := {duty.code | some duty in rows.obligations} with input as touching
	"MOT" in codes
}
