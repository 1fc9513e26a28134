"""The old address of the policy room's door."""

from gateway.policy.opening import open_rules as open_rules
