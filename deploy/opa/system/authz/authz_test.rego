package system.authz_test

import data.system.authz

decision_path := ["v1", "data", "schakel", "decision", "answer"]

test_decision_path_is_open if {
	authz.allow with input as {"method": "POST", "path": decision_path, "params": {"provenance": ["true"]}}
}

test_health_is_open if authz.allow with input as {"method": "GET", "path": ["health"], "params": {}}

test_other_parameters_are_closed if {
	not authz.allow with input as {"method": "POST", "path": decision_path, "params": {"explain": ["full"]}}
}

test_reading_is_closed if not authz.allow with input as {"method": "GET", "path": decision_path, "params": {}}

test_policies_are_closed if {
	not authz.allow with input as {"method": "PUT", "path": ["v1", "policies", "x"], "params": {}}
}

test_other_data_is_closed if {
	not authz.allow with input as {"method": "POST", "path": ["v1", "data"], "params": {}}
}

test_nothing_is_closed if not authz.allow with input as {}
