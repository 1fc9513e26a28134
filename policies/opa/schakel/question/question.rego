# METADATA
# title: The question, with only what can be trusted
# description: >-
#   Splits the AuthZEN question into sections and keeps of each section the attributes that are listed in the
#   vocabulary, have the right type and a known value. Checks read these kept attributes only, so that a missing
#   attribute, null, a wrong type and an unknown value are all the same to them: absent, hence no proof.
# related_resources:
#   - ref: https://openid.net/specs/authorization-api-1_0.html
# custom:
#   source: policy.md, Vocabulary and Rego traps
package schakel.question

import data.schakel.tables.attributes
import data.schakel.tables.vocabulary

# Every section that is given as an object. One that is given as anything else is refused by its parent's count.
raw := {
	"question": root,
	"subject": subject_given,
	"subject_properties": given(subject_given, "properties"),
	"action": action_given,
	"action_properties": given(action_given, "properties"),
	"resource": resource_given,
	"resource_properties": given(resource_given, "properties"),
	"context": context_given,
	"autorisatie": given(context_given, "autorisatie"),
	"vierogen": given(context_given, "vierogen"),
	"motivering": given(context_given, "motivering"),
	"logging": given(context_given, "logging"),
	"beleid": given(context_given, "beleid"),
}

default root := {}

root := input if is_object(input)

subject_given := given(root, "subject")

action_given := given(root, "action")

resource_given := given(root, "resource")

context_given := given(root, "context")

default given(_, _) := {}

given(parent, key) := parent[key] if is_object(parent[key])

# What is kept of each section, by kind of test. Look-ups go one step at a time and each test runs once over all
# sections: the embedded engine is ten times slower on a reference with two variables and on a call per attribute.
# The type comes first: in Rego "veel" >= 10 and null <= 900 are true.
typed := {name: part |
	some name, section in raw
	types := attributes.sections[name].types
	part := {key: value | some key, value in section; types[key] == type_name(value)}
}

enumerated := {name: part |
	some name, section in raw
	values := attributes.sections[name].values
	part := {key: value | some key, value in section; known := values[key]; known[value]}
}

written := {name: part |
	some name, section in raw
	texts := attributes.sections[name].texts
	part := {key: value | some key, form in texts; value := section[key]; spelled(form, value)}
}

patterned := {name: part |
	some name, section in raw
	patterns := attributes.sections[name].patterns
	part := {key: value | some key, pattern in patterns; value := section[key]; matches(pattern, value)}
}

listed := {key: value |
	some key, members in attributes.sections.resource_properties.lists
	value := raw.resource_properties[key]
	list_of(members, value)
}

kept(name) := object.union_n([typed[name], enumerated[name], written[name], patterned[name]])

clean := {
	"subject": kept("subject"),
	"subject_properties": kept("subject_properties"),
	"action": kept("action"),
	"resource": kept("resource"),
	"resource_properties": object.union(kept("resource_properties"), listed),
	"context": kept("context"),
	"autorisatie": kept("autorisatie"),
	"vierogen": kept("vierogen"),
	"motivering": kept("motivering"),
	"logging": kept("logging"),
	"beleid": kept("beleid"),
}

# All characters are in the set (trim leaves nothing) and the length fits.
spelled(form, value) if {
	is_string(value)
	trim(value, form.chars) == ""
	count(value) >= form.min
	count(value) <= form.max
}

matches(pattern, value) if {
	is_string(value)
	regex.match(pattern, value)
}

list_of(members, value) if {
	is_object(members)
	is_array(value)
	count([member | some member in value; members[member]]) == count(value)
}

list_of("handtekeningen", value) if {
	is_array(value)
	count([entry | some entry in value; proper_signature(entry)]) == count(value)
}

proper_signature(entry) if {
	is_object(entry)
	count([key | some key, value in entry; proper_signature_part(key, value)]) == count(entry)
}

proper_signature_part("eigenaar_oin", value) if spelled(vocabulary.texts.oin, value)

proper_signature_part("digest", value) if spelled(vocabulary.texts.code, value)

proper_signature_part("geldig", value) if is_boolean(value)

# METADATA
# description: Every given attribute is listed with the right type and a known value (ONBEKENDE_WAARDE).
all_known if {
	given_count := sum([count(section) | some section in raw])
	kept_count := sum([count(part) | some parts in [typed, enumerated, written, patterned]; some part in parts])
	given_count == kept_count + count(listed)
	given_count > 0
}

subject_id := clean.subject.id

subject := clean.subject_properties

action := clean.action.name

resource := clean.resource_properties

context := clean.context

time_ns := time.parse_rfc3339_ns(context.time)

# Empty where the question does not say; the tables match "" only where their cell admits anything.
convenant := object.get(context, "convenant", "")

# METADATA
# description: The action concerns records of persons (group persoonsacties).
default individual := false

individual if vocabulary.groups.persoonsacties[action]

default double_role := false

double_role if {
	individual
	resource.dubbelrol == true
}

# METADATA
# description: >-
#   The categories that must each be admitted: the given one, or both roles of a person who is offender and victim.
effective_categories := {"slachtoffer", "verdachte_dader"} if double_role

effective_categories := {object.get(resource, "categorie", "")} if double_role == false

# METADATA
# description: The names given in resource.properties, right or wrong; undefined when that is not an object.
resource_keys := object.keys(clean.resource.properties)

# METADATA
# description: The attribute is not given at all; given with a wrong value is not absent.
absent(key) if count(resource_keys & {key}) == 0
