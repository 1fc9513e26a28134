# METADATA
# title: Who may ask this OPA server what
# description: >-
#   Default deny. Open are the one decision path, with no other parameters than the gateway sends, and health.
#   Works only with --authorization=basic; policies and data arrive by bundle, never by this API.
# custom:
#   source: policy.md, Engines
package system.authz

default allow := false

allow if {
	input.method == "POST"
	input.path == ["v1", "data", "schakel", "decision", "answer"]
	count(object.keys(input.params) - {"strict-builtin-errors", "provenance"}) == 0
}

allow if {
	input.method == "GET"
	input.path == ["health"]
}
