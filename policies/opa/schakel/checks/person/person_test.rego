package schakel.checks.person_test

import data.schakel.checks.person
import data.schakel.samples_test as samples

proves(code, question) if code in person.proven with input as question

authorised(changes) := samples.given(samples.matching, {"autorisatie": changes})

eyes(changes) := samples.given(samples.matching, {"vierogen": changes})

test_an_authorisation_in_time if {
	proves("AUTORISATIE_VERLOPEN", samples.matching)
	not proves("AUTORISATIE_VERLOPEN", authorised({"tot": "2026-11-23T10:00:00Z"}))
	not proves("AUTORISATIE_VERLOPEN", authorised({"van": "2026-11-23T10:00:01Z"}))
	not proves("AUTORISATIE_VERLOPEN", authorised({"subject": "psn:b"}))
}

test_an_authorisation_for_this_case_and_purpose if {
	proves("AUTORISATIE_ANDERE_CASUS", samples.matching)
	not proves("AUTORISATIE_ANDERE_CASUS", authorised({"casus_id": "RR-2"}))
	not proves("AUTORISATIE_ANDERE_CASUS", authorised({"doel": "audit"}))
}

test_a_second_factor if {
	proves("MFA_VEREIST", samples.by(samples.submission, {"mfa": false}))
	proves("MFA_VEREIST", samples.matching)
	not proves("MFA_VEREIST", samples.by(samples.matching, {"mfa": false}))
	not proves("MFA_VEREIST", samples.by(samples.matching, {"loa": "laag"}))
}

test_four_eyes if {
	proves("VIER_OGEN_ZELFDE_PERSOON", samples.matching)
	not proves("VIER_OGEN_ZELFDE_PERSOON", eyes({"goedkeurder": "psn:a"}))
	not proves("VIER_OGEN_ZELFDE_PERSOON", eyes({"aanvrager": "psn:b"}))
	not proves("VIER_OGEN_ZELFDE_PERSOON", eyes({"tijd": "2026-11-22T09:59:59Z"}))
	not proves("VIER_OGEN_ZELFDE_PERSOON", eyes({"tijd": "2026-11-23T10:00:01Z"}))
}

test_two_eyes_where_four_are_not_asked if {
	alone := samples.without(samples.submission, ["context/vierogen"])
	proves("VIER_OGEN_ZELFDE_PERSOON", alone)
	not proves("VIER_OGEN_ZELFDE_PERSOON", samples.about(alone, {"minderjarig": true}))
	not proves("VIER_OGEN_ZELFDE_PERSOON", samples.without(alone, ["resource/properties/bijzonder"]))
	proves("VIER_OGEN_ZELFDE_PERSOON", samples.without(samples.counts, ["context/vierogen"]))
}

test_the_privacy_officer_agrees_to_a_release if {
	proves("GOEDKEURING_PRIVACY_OFFICER", samples.release)
	other := samples.given(samples.release, {"vierogen": {"goedkeurder_rol": "regisseur"}})
	not proves("GOEDKEURING_PRIVACY_OFFICER", other)
}

test_a_motive if {
	proves("MOTIVERING_ONTBREEKT", samples.matching)
	silent := samples.without(samples.submission, ["context/motivering"])
	proves("MOTIVERING_ONTBREEKT", silent)
	proves("MOTIVERING_ONTBREEKT", samples.about(silent, {"regio_raakvlak": false}))
	not proves("MOTIVERING_ONTBREEKT", samples.about(silent, {"regio_raakvlak": true}))
	proves("MOTIVERING_ONTBREEKT", samples.without(samples.matching, ["context/motivering"]))
	asked := samples.about(samples.analyst("bronverstrekking_vragen"), {"partners_in_casus": true})
	not proves("MOTIVERING_ONTBREEKT", samples.without(asked, ["context/motivering"]))
}
