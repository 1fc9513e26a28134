package schakel.checks.federation_test

import data.schakel.checks.federation
import data.schakel.samples_test as samples

proves(code, question) if code in federation.proven with input as question

test_all_proven_for_a_submission if {
	every code in [
		"ONBEKENDE_WAARDE", "GEEN_REGEL_VAN_TOEPASSING", "BELEID_ONGELDIG", "LOGGING_NIET_BESCHIKBAAR",
		"GEEN_ROL_VOOR_ACTIE", "BEHEER_GEEN_INHOUD", "REGISSEUR_ALLEEN_PROCES", "GEEN_PARTIJ_CONVENANT",
		"PARTNER_UITGETREDEN", "BUITEN_REGIO",
	] {
		proves(code, samples.submission)
	}
}

test_unknown_value if not proves("ONBEKENDE_WAARDE", samples.about(samples.submission, {"naam": "x"}))

test_no_row_for_the_care_route if {
	not proves("GEEN_REGEL_VAN_TOEPASSING", samples.about(samples.submission, {"route": "zorg"}))
}

test_rules_unsigned if not proves("BELEID_ONGELDIG", samples.given(samples.hit, {"beleid": {"ondertekend": false}}))

test_rules_stale if not proves("BELEID_ONGELDIG", samples.given(samples.hit, {"beleid": {"ouderdom_uren": 25}}))

test_rules_from_the_future if {
	not proves("BELEID_ONGELDIG", samples.given(samples.hit, {"beleid": {"ouderdom_uren": -1}}))
}

test_stale_rules_may_be_replaced if {
	proves("BELEID_ONGELDIG", samples.given(samples.activation, {"beleid": {"ouderdom_uren": 400}}))
}

test_no_log_no_answer if {
	not proves("LOGGING_NIET_BESCHIKBAAR", samples.given(samples.hit, {"logging": {"adl": false}}))
}

test_a_role_without_the_action if not proves("GEEN_ROL_VOOR_ACTIE", samples.by(samples.hit, {"rol": "rac_lid"}))

test_an_administrator_sees_nothing if {
	not proves("BEHEER_GEEN_INHOUD", samples.by(samples.hit, {"rol": "beheerder"}))
}

test_a_coordinator_sees_aggregates_only if {
	not proves("REGISSEUR_ALLEEN_PROCES", samples.by(samples.hit, {"rol": "regisseur"}))
	proves("REGISSEUR_ALLEEN_PROCES", samples.release)
}

test_another_partner_type if {
	not proves("GEEN_PARTIJ_CONVENANT", samples.by(samples.submission, {"partnertype": "kmar"}))
}

test_a_stranger_is_no_party if {
	stranger := samples.by(samples.submission, {"oin": "00000099000000099999"})
	not proves("GEEN_PARTIJ_CONVENANT", stranger)
	not proves("PARTNER_UITGETREDEN", stranger)
	not proves("BUITEN_REGIO", stranger)
}

test_a_party_that_left_only_withdraws if {
	left := samples.by(samples.submission, {
		"oin": "00000099000000012000",
		"domein": "veiligheid",
		"partnertype": "gemeente_veiligheid",
	})
	not proves("PARTNER_UITGETREDEN", left)
	proves("PARTNER_UITGETREDEN", samples.withdrawal)
	proves("GEEN_PARTIJ_CONVENANT", samples.withdrawal)
}

test_a_loose_action_finds_the_party_anywhere if proves("GEEN_PARTIJ_CONVENANT", samples.audit)

test_the_region if {
	proves("BUITEN_REGIO", samples.about(samples.submission, {"gemeente": "GM0599"}))
	not proves("BUITEN_REGIO", samples.about(samples.submission, {"gemeente": "GM0363"}))
}

test_a_municipality_before_it_existed if {
	early := samples.given(samples.submission, {"time": "2022-12-31T23:59:59Z"})
	not proves("BUITEN_REGIO", samples.about(early, {"gemeente": "GM1992"}))
}

test_police_from_elsewhere_may_touch_the_region if {
	touching := {"gemeente": "GM0363", "regio_raakvlak": true}
	proves("BUITEN_REGIO", samples.about(samples.submission, touching))
	not proves("BUITEN_REGIO", samples.about(samples.hit, touching))
}

test_rights_of_a_party if {
	federation.party_has("bsn_recht") with input as samples.submission
	not federation.party_has("ontdubbelen") with input as samples.submission
}
