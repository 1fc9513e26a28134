package schakel.checks.source_test

import data.schakel.checks.source
import data.schakel.samples_test as samples

proves(code, question) if code in source.proven with input as question

secret(changes) := samples.about(samples.care, object.union({"beroepsgeheim": true}, changes))

decide := object.union(samples.submission, {"action": {"name": "bronverstrekking_beslissen"}})

test_the_holder_of_the_source if {
	proves("NIET_BRONHOUDER", samples.submission)
	not proves("NIET_BRONHOUDER", samples.about(samples.submission, {"bron_domein": "zorg"}))
	not proves("NIET_BRONHOUDER", samples.about(samples.submission, {"bron_oin": "00000099000000070000"}))
}

test_no_free_text if {
	proves("VRIJE_TEKST_NIET_TOEGESTAAN", samples.submission)
	not proves("VRIJE_TEKST_NIET_TOEGESTAAN", samples.without(samples.submission, ["resource/properties/vrije_tekst"]))
}

test_a_citizen_number_needs_a_right if {
	proves("BSN_GEEN_GRONDSLAG", samples.submission)
	proves("BSN_GEEN_GRONDSLAG", samples.care)
	not proves("BSN_GEEN_GRONDSLAG", samples.about(samples.care, {"bsn_aanwezig": true}))
	proves("BSN_GEEN_GRONDSLAG", samples.matching)
	not proves("BSN_GEEN_GRONDSLAG", samples.without(samples.submission, ["resource/properties/bsn_aanwezig"]))
}

test_secrecy_and_consent if {
	proves("BEROEPSGEHEIM_GEEN_GROND", samples.care)
	not proves("BEROEPSGEHEIM_GEEN_GROND", secret({}))
	proves("BEROEPSGEHEIM_GEEN_GROND", secret({"doorbrekingsgrond": "toestemming", "toestemming_geldig": true}))
	not proves("BEROEPSGEHEIM_GEEN_GROND", secret({"doorbrekingsgrond": "toestemming", "toestemming_geldig": false}))
}

test_secrecy_and_a_legal_duty if {
	proves("BEROEPSGEHEIM_GEEN_GROND", secret({"doorbrekingsgrond": "meldrecht", "bewijs_ref": "b-1"}))
	not proves("BEROEPSGEHEIM_GEEN_GROND", secret({"doorbrekingsgrond": "wettelijke_plicht"}))
}

test_secrecy_and_conflicting_duties if {
	weighed := secret({
		"doorbrekingsgrond": "conflict_van_plichten",
		"status": "casus",
		"professional_ref": "p-1",
		"consult_ref": "c-1",
	})
	proves("BEROEPSGEHEIM_GEEN_GROND", weighed)
	not proves("BEROEPSGEHEIM_GEEN_GROND", samples.without(weighed, ["context/vierogen"]))
	not proves("BEROEPSGEHEIM_GEEN_GROND", samples.without(weighed, ["resource/properties/consult_ref"]))
}

test_secret_data_is_never_passed_on if {
	passed_on := object.union(
		secret({"doorbrekingsgrond": "toestemming", "toestemming_geldig": true}),
		{"action": {"name": "doorgeleiden"}},
	)
	not proves("BEROEPSGEHEIM_GEEN_GROND", passed_on)
}

test_secrecy_outside_its_scope if {
	proves("BEROEPSGEHEIM_GEEN_GROND", samples.matching)
	unsaid := samples.without(decide, ["resource/properties/beroepsgeheim"])
	proves("BEROEPSGEHEIM_GEEN_GROND", unsaid)
	not proves("BEROEPSGEHEIM_GEEN_GROND", samples.by(unsaid, {"partnertype": "veilig_thuis"}))
}

test_police_data if {
	proves("WPG_NIET_DEELBAAR", samples.submission)
	not proves("WPG_NIET_DEELBAAR", samples.about(samples.submission, {"wpg_artikel": "10"}))
	not proves("WPG_NIET_DEELBAAR", samples.about(samples.submission, {"embargo": true}))
	not proves("WPG_NIET_DEELBAAR", samples.without(samples.submission, ["resource/properties/embargo"]))
}

test_police_data_outside_its_scope if {
	proves("WPG_NIET_DEELBAAR", samples.matching)
	not proves("WPG_NIET_DEELBAAR", samples.about(samples.matching, {"embargo": true}))
	proves("WPG_NIET_DEELBAAR", samples.without(samples.care, [
		"resource/properties/embargo",
		"resource/properties/wpg_artikel",
	]))
	not proves("WPG_NIET_DEELBAAR", samples.without(decide, ["resource/properties/wpg_artikel"]))
}

test_criminal_data_to_care if {
	proves("STRAFGEGEVENS_NIET_AAN_ZORG", criminal({"ontvanger_partnertype": "riec_bureau"}))
	not proves("STRAFGEGEVENS_NIET_AAN_ZORG", criminal({"ontvanger_partnertype": "comensha"}))
	proves("STRAFGEGEVENS_NIET_AAN_ZORG", criminal({"ontvanger_partnertype": "comensha", "strafrechtelijk": false}))
	proves("STRAFGEGEVENS_NIET_AAN_ZORG", criminal({
		"ontvanger_partnertype": "comensha",
		"veiligheid_slachtoffer": true,
	}))
}

criminal(changes) := samples.about(decide, object.union({"strafrechtelijk": true}, changes))
