# METADATA
# title: Questions for the unit tests
# description: One allowed question per kind of action, and functions that change them.
package schakel.samples_test

rules_in_force := {"revisie": "2026.11.2", "ondertekend": true, "ouderdom_uren": 3}

common_context := {
	"time": "2026-11-23T10:00:00Z",
	"thema": "mensenhandel_en_smokkel",
	"casus_id": "RR-1",
	"vierogen": {"aanvrager": "psn:a", "goedkeurder": "psn:b", "tijd": "2026-11-23T09:00:00Z"},
	"motivering": {"noodzaak": "N1", "proportionaliteit": "P1", "subsidiariteit": "S1"},
	"logging": {"ldv": true, "adl": true},
	"beleid": rules_in_force,
}

ordinary := {
	"bijzonder": false,
	"minderjarig": false,
	"dubbelrol": false,
	"vrije_tekst": false,
	"bewaren_tot": "2027-05-01T00:00:00Z",
}

asked(rol, partnertype, oin, domein, action) := {
	"subject": {"id": "psn:a", "properties": {
		"oin": oin,
		"domein": domein,
		"partnertype": partnertype,
		"rol": rol,
		"loa": "hoog",
		"mfa": true,
	}},
	"action": {"name": action},
	"resource": {"properties": ordinary},
	"context": common_context,
}

under(question, convenant, doel) := object.union(question, {"context": {"convenant": convenant, "doel": doel}})

# METADATA
# description: The question with other values in resource.properties.
about(question, properties) := object.union(question, {"resource": {"properties": properties}})

# METADATA
# description: The question with other values in subject.properties.
by(question, properties) := object.union(question, {"subject": {"properties": properties}})

# METADATA
# description: The question with other values in its context.
given(question, context) := object.union(question, {"context": context})

# METADATA
# description: The question without the attributes at these paths.
without(question, paths) := json.remove(question, paths)

submission := about(
	under(
		asked("partner_it", "politie", "00000099000000020000", "opsporing", "records_indienen"),
		"RIEC",
		"aanpak_georganiseerde_criminaliteit",
	),
	{
		"categorie": "verdachte_dader",
		"route": "ondermijning",
		"status": "vermoeden",
		"bron_oin": "00000099000000020000",
		"bron_domein": "opsporing",
		"beroepsgeheim": false,
		"bsn_aanwezig": true,
		"wpg_artikel": "8",
		"embargo": false,
	},
)

analyst(action) := given(
	about(
		under(
			asked("riec_analist", "riec_bureau", "00000099000000050000", "bureau", action),
			"RIEC",
			"aanpak_georganiseerde_criminaliteit",
		),
		{
			"categorie": "verdachte_dader",
			"route": "ondermijning",
			"status": "casus",
			"verzameldoel": "aanpak_georganiseerde_criminaliteit",
		},
	),
	{"autorisatie": {
		"id": "A-1",
		"casus_id": "RR-1",
		"subject": "psn:a",
		"doel": "aanpak_georganiseerde_criminaliteit",
		"van": "2026-11-01T00:00:00Z",
		"tot": "2026-12-01T00:00:00Z",
	}},
)

matching := about(analyst("match_aanvragen"), {"aantal_subjecten": 1})

hit := about(analyst("hits_inzien"), {
	"sterkte": "sterk",
	"mens_gevalideerd": true,
	"eigen_verzoek": true,
	"hit_ouderdom_dagen": 3,
	"opsporingsbelang": false,
})

release := given(
	about(
		under(
			asked("regisseur", "regisseur_bureau", "00000099000000095000", "bureau", "aggregaat_vrijgeven"),
			"MONITOR",
			"monitor",
		),
		{
			"tabel_id": "vorm_geslacht_leeftijd",
			"beschermd": true,
			"min_cel": 10,
			"min_verschil": 10,
			"dominantie_promille": 400,
			"uitsplitsing": ["uitbuitingsvorm", "geslacht"],
		},
	),
	{"vierogen": {"goedkeurder_rol": "privacy_officer"}},
)

audit := about(
	under(
		asked("privacy_officer", "riec_bureau", "00000099000000050000", "bureau", "audit_inzien"),
		"RIEC",
		"audit",
	),
	{"herleiding": false},
)

activation := about(object.union(audit, {"action": {"name": "beleid_activeren"}}), {
	"bundel_digest": "sha256:ab",
	"handtekeningen": [
		{"eigenaar_oin": "00000099000000050000", "digest": "sha256:ab", "geldig": true},
		{"eigenaar_oin": "00000099000000060000", "digest": "sha256:ab", "geldig": true},
	],
})

counts := about(
	under(
		asked("partner_it", "zorg_ngo", "00000099000000070000", "zorg", "tellingen_indienen"),
		"MONITOR",
		"monitor",
	),
	{"route": "zorg", "bevat_tokens": false, "bron_oin": "00000099000000070000", "bron_domein": "zorg"},
)

withdrawal := about(
	under(
		asked("partner_it", "gemeente_veiligheid", "00000099000000012000", "veiligheid", "intrekken"),
		"RIEC",
		"aanpak_georganiseerde_criminaliteit",
	),
	{"bron_oin": "00000099000000012000", "bron_domein": "veiligheid"},
)

care := object.union(submission, {
	"subject": {"properties": {
		"oin": "00000099000000070000",
		"domein": "zorg",
		"partnertype": "zorg_ngo",
	}},
	"resource": {"properties": {
		"bron_oin": "00000099000000070000",
		"bron_domein": "zorg",
		"categorie": "slachtoffer",
		"route": "zorg_straf",
		"bsn_aanwezig": false,
	}},
	"context": {"convenant": "ZVH", "doel": "zvh_casus"},
})
