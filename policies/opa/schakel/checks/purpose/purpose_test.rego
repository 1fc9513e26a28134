package schakel.checks.purpose_test

import data.schakel.checks.purpose
import data.schakel.samples_test as samples

proves(code, question) if code in purpose.proven with input as question

test_the_care_route_stays_local if {
	proves("ZORGROUTE_NIET_CENTRAAL", samples.submission)
	not proves("ZORGROUTE_NIET_CENTRAAL", samples.about(samples.submission, {"route": "zorg"}))
}

test_counts_hold_no_tokens if {
	proves("ZORGROUTE_NIET_CENTRAAL", samples.counts)
	not proves("ZORGROUTE_NIET_CENTRAAL", samples.about(samples.counts, {"bevat_tokens": true}))
}

test_the_route_fits_the_convenant if {
	proves("ANDER_CONVENANT_LEIDEND", samples.submission)
	proves("ANDER_CONVENANT_LEIDEND", samples.care)
	not proves("ANDER_CONVENANT_LEIDEND", samples.about(samples.submission, {"route": "zorg_straf"}))
}

test_the_theme if {
	proves("THEMA_NIET_GEDEKT", samples.submission)
	not proves("THEMA_NIET_GEDEKT", samples.given(samples.submission, {"thema": "vastgoed"}))
	proves("THEMA_NIET_GEDEKT", samples.given(samples.care, {"thema": "vastgoed"}))
}

test_the_purpose_of_collection if {
	proves("DOELVERSCHUIVING", samples.matching)
	proves("DOELVERSCHUIVING", samples.submission)
	not proves("DOELVERSCHUIVING", samples.without(samples.matching, ["resource/properties/verzameldoel"]))
	not proves("DOELVERSCHUIVING", samples.about(samples.submission, {"verzameldoel": "monitor"}))
	not proves("DOELVERSCHUIVING", samples.given(samples.submission, {"doel": "zvh_casus"}))
}

test_a_loose_action_is_for_audit if {
	proves("DOELVERSCHUIVING", samples.audit)
	not proves("DOELVERSCHUIVING", samples.given(samples.audit, {"doel": "zvh_casus"}))
	not proves("DOELVERSCHUIVING", samples.given(samples.matching, {"doel": "audit"}))
}

test_a_victim_in_the_offender_track if {
	proves("SLACHTOFFER_NIET_IN_DADERSPOOR", samples.submission)
	victim := samples.about(samples.submission, {"categorie": "slachtoffer"})
	not proves("SLACHTOFFER_NIET_IN_DADERSPOOR", victim)
	proves("SLACHTOFFER_NIET_IN_DADERSPOOR", samples.care)
	proves("SLACHTOFFER_NIET_IN_DADERSPOOR", samples.about(victim, {"status": "casus", "noodzaak_bescherming": true}))
	not proves("SLACHTOFFER_NIET_IN_DADERSPOOR", samples.about(victim, {"noodzaak_bescherming": true}))
}

test_the_stage if {
	proves("STADIUM_TE_VROEG", samples.submission)
	not proves("STADIUM_TE_VROEG", samples.about(samples.analyst("bronverstrekking_vragen"), {"status": "weging"}))
}

test_a_closed_case if {
	proves("CASUS_GESLOTEN", samples.submission)
	not proves("CASUS_GESLOTEN", samples.about(samples.submission, {"status": "afgesloten"}))
}

test_retention if {
	proves("BEWAARTERMIJN_VERSTREKEN", samples.submission)
	not proves("BEWAARTERMIJN_VERSTREKEN", samples.about(samples.submission, {"bewaren_tot": "2026-11-23T10:00:00Z"}))
}

test_both_roles_must_be_admitted if {
	proves("DUBBELROL_STRENGSTE", samples.matching)
	double := samples.about(samples.matching, {"dubbelrol": true})
	not proves("DUBBELROL_STRENGSTE", double)
	proves("DUBBELROL_STRENGSTE", samples.about(double, {"noodzaak_bescherming": true}))
	vehicle := samples.about(double, {"noodzaak_bescherming": true, "categorie": "voertuig"})
	not proves("DUBBELROL_STRENGSTE", vehicle)
}

test_the_monitor_knows_no_individuals if {
	proves("MONITOR_GEEN_INDIVIDUEN", samples.hit)
	proves("MONITOR_GEEN_INDIVIDUEN", samples.release)
	not proves("MONITOR_GEEN_INDIVIDUEN", samples.given(samples.hit, {"doel": "monitor"}))
	monitor := samples.given(samples.submission, {"convenant": "MONITOR", "doel": "monitor"})
	proves("MONITOR_GEEN_INDIVIDUEN", monitor)
	not proves("MONITOR_GEEN_INDIVIDUEN", samples.by(monitor, {"oin": "00000099000000095000", "domein": "bureau"}))
}

test_no_trawling if {
	proves("SLEEPNET", samples.matching)
	proves("SLEEPNET", samples.submission)
	not proves("SLEEPNET", samples.about(samples.matching, {"aantal_subjecten": 26}))
	not proves("SLEEPNET", samples.about(samples.matching, {"aantal_subjecten": 0}))
	not proves("SLEEPNET", samples.about(samples.matching, {"aantal_subjecten": "veel"}))
	proves("SLEEPNET", samples.about(samples.matching, {"subjecten_casus_30d": 25}))
	not proves("SLEEPNET", samples.about(samples.matching, {"subjecten_casus_30d": 26}))
	not proves("SLEEPNET", samples.about(samples.submission, {"subjecten_analist_30d": 101}))
}
