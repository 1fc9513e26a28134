package schakel.question_test

import data.schakel.question
import data.schakel.samples_test as samples

unknown(input_) if not question.all_known with input as input_

test_all_known if question.all_known with input as samples.activation

test_lists_are_known if question.all_known with input as samples.release

test_an_empty_question_is_not_known if unknown({})

test_what_is_no_object_is_not_known if unknown("vraag")

test_a_section_of_another_type_is_unknown if unknown(samples.given(samples.matching, {"vierogen": null}))

test_an_unlisted_attribute_is_unknown if unknown(samples.about(samples.matching, {"naam": "x"}))

test_null_is_unknown if unknown(samples.about(samples.matching, {"status": null}))

test_text_is_no_number if unknown(samples.about(samples.matching, {"aantal_subjecten": "veel"}))

test_a_value_outside_the_list_is_unknown if unknown(samples.about(samples.matching, {"status": "nieuw"}))

test_a_code_with_a_space_is_unknown if unknown(samples.given(samples.matching, {"thema": "a b"}))

test_a_long_code_is_unknown if {
	long := concat("", [letter | some _ in numbers.range(1, 129); letter := "a"])
	unknown(samples.given(samples.matching, {"thema": long}))
}

test_an_empty_code_is_unknown if unknown(samples.given(samples.matching, {"thema": ""}))

test_a_short_oin_is_unknown if unknown(samples.by(samples.matching, {"oin": "0099"}))

test_the_thirtieth_of_february_is_unknown if {
	unknown(samples.given(samples.matching, {"time": "2026-02-30T10:00:00Z"}))
}

test_the_year_9999_is_unknown if unknown(samples.given(samples.matching, {"time": "9999-01-01T00:00:00Z"}))

test_a_leap_day_is_known if {
	question.all_known with input as samples.given(samples.matching, {"time": "2028-02-29T10:00:00Z"})
}

test_no_leap_day_in_2100 if unknown(samples.given(samples.matching, {"time": "2100-02-29T10:00:00Z"}))

test_an_unknown_column_is_unknown if unknown(samples.about(samples.release, {"uitsplitsing": ["naam"]}))

test_columns_are_a_list if unknown(samples.about(samples.release, {"uitsplitsing": {"a": "geslacht"}}))

test_signatures_are_a_list if unknown(samples.about(samples.activation, {"handtekeningen": "x"}))

test_a_signature_is_an_object if unknown(samples.about(samples.activation, {"handtekeningen": ["x"]}))

test_a_signature_has_no_other_parts if {
	unknown(samples.about(samples.activation, {"handtekeningen": [{"wie": "x"}]}))
}

test_a_signature_part_has_its_type if {
	unknown(samples.about(samples.activation, {"handtekeningen": [{"geldig": "ja"}]}))
	unknown(samples.about(samples.activation, {"handtekeningen": [{"eigenaar_oin": 1}]}))
	unknown(samples.about(samples.activation, {"handtekeningen": [{"digest": ""}]}))
}

test_double_role_asks_both_categories if {
	double := samples.about(samples.matching, {"dubbelrol": true})
	question.effective_categories == {"slachtoffer", "verdachte_dader"} with input as double
}

test_one_role_asks_the_given_category if {
	question.effective_categories == {"verdachte_dader"} with input as samples.matching
}

test_counts_have_no_category if question.effective_categories == {""} with input as samples.counts

test_given_wrong_is_not_absent if {
	wrong := samples.about(samples.matching, {"gemeente": 1})
	not question.absent("gemeente") with input as wrong
	question.absent("gemeente") with input as samples.matching
}

test_absent_needs_an_object if not question.absent("gemeente") with input as {"resource": {"properties": []}}

test_convenant_is_empty_when_not_given if question.convenant == "" with input as {}

test_time_is_exact if {
	question.time_ns == 1795428000000000000 with input as samples.matching
}

test_counts_are_not_about_a_person if question.individual == false with input as samples.counts

test_sections_of_another_type_hold_nothing if {
	scalars := {"subject": {"properties": 1}, "resource": {"properties": "x"}, "context": []}
	question.subject == {} with input as scalars
	question.resource == {} with input as scalars
	question.context == {} with input as scalars
	unknown(scalars)
}
