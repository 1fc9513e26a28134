package schakel.checks.disclosure_test

import data.schakel.checks.disclosure
import data.schakel.samples_test as samples

proves(code, question) if code in disclosure.proven with input as question

flips(code, question, changes) if {
	proves(code, question)
	not proves(code, samples.about(question, changes))
}

test_investigation if flips("OPSPORINGSBELANG", samples.hit, {"opsporingsbelang": true})

test_a_weak_match if flips("MATCH_TE_ZWAK", samples.hit, {"sterkte": "zwak"})

test_a_person_validates if flips("MENSELIJKE_TOETS_ONTBREEKT", samples.hit, {"mens_gevalideerd": false})

test_an_old_hit if flips("HIT_VERLOPEN", samples.hit, {"hit_ouderdom_dagen": 31})

test_a_future_hit if flips("HIT_VERLOPEN", samples.hit, {"hit_ouderdom_dagen": -1})

test_anothers_hit if flips("HIT_VERLOPEN", samples.hit, {"eigen_verzoek": false})

test_a_table_of_the_catalogue if flips("TABEL_NIET_GEREGISTREERD", samples.release, {"tabel_id": "alles"})

test_a_small_cell if flips("CEL_TE_KLEIN", samples.release, {"min_cel": 9})

test_a_small_difference if flips("CEL_TE_KLEIN", samples.release, {"min_verschil": 9})

test_an_unprotected_table if flips("CEL_TE_KLEIN", samples.release, {"beschermd": false})

test_text_is_no_cell if flips("CEL_TE_KLEIN", samples.release, {"min_cel": "veel"})

test_minors_by_municipality_and_form if {
	flips("MINDERJARIG_TE_SPECIFIEK", samples.release, {"uitsplitsing": ["gemeente", "uitbuitingsvorm", "minderjarig"]})
}

test_form_by_municipality if {
	proves("MINDERJARIG_TE_SPECIFIEK", samples.about(samples.release, {"uitsplitsing": ["gemeente", "uitbuitingsvorm"]}))
}

test_no_columns_named if {
	not proves("MINDERJARIG_TE_SPECIFIEK", samples.without(samples.release, ["resource/properties/uitsplitsing"]))
}

test_a_dominant_partner if flips("DOMINANTIE", samples.release, {"dominantie_promille": 801})

test_the_audit_log_of_ones_own_convenant if {
	proves("AUDIT_EIGEN_CONVENANT", samples.audit)
	not proves("AUDIT_EIGEN_CONVENANT", samples.given(samples.audit, {"convenant": "ZVH"}))
}

test_nobody_is_reidentified if flips("AUDIT_GEEN_HERLEIDING", samples.audit, {"herleiding": true})

test_an_identity_is_established if {
	question := samples.about(
		object.union(samples.audit, {"action": {"name": "betrokkene_verzoek"}}),
		{"identiteit_vastgesteld": true},
	)
	flips("IDENTITEIT_NIET_VASTGESTELD", question, {"identiteit_vastgesteld": false})
	not proves("IDENTITEIT_NIET_VASTGESTELD", samples.by(question, {"rol": "rac_lid"}))
}

signed_by(oins) := samples.about(samples.activation, {"handtekeningen": [signature |
	some oin in oins
	signature := {"eigenaar_oin": oin, "digest": "sha256:ab", "geldig": true}
]})

test_two_owners_sign if {
	proves("BELEID_TWEE_EIGENAREN", samples.activation)
	not proves("BELEID_TWEE_EIGENAREN", signed_by(["00000099000000050000", "00000099000000050000"]))
	not proves("BELEID_TWEE_EIGENAREN", signed_by(["00000099000000050000", "00000099000000070000"]))
	not proves("BELEID_TWEE_EIGENAREN", samples.about(samples.activation, {"bundel_digest": "sha256:cd"}))
}
