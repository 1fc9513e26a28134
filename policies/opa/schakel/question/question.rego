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

# The sections that are given as an object; one that is not given is empty, and one that is given as anything else is
# left out and counted against its parent. object.get over a path is safe on scalars, where nested calls raise.
raw := {name: section |
	is_object(input)
	some name, path in attributes.paths
	section := object.get(input, path, {})
	is_object(section)
}

# What is kept of each section, by kind of test. Look-ups go one step at a time and each test runs once over all
# sections: the embedded engine is ten times slower on a reference with two variables and on a call per attribute.
# The type comes first: in Rego "veel" >= 10 and null <= 900 are true.
typed := {name: part |
	some name, types in attributes.types
	section := raw[name]
	part := {key: value | some key, value in section; types[key] == type_name(value)}
}

enumerated := {name: part |
	some name, values in attributes.values
	section := raw[name]
	part := {key: value | some key, value in section; known := values[key]; known[value]}
}

# All characters are in the set (trim leaves nothing) and the length fits.
written := {name: part |
	some name, texts in attributes.texts
	section := raw[name]
	part := {key: value |
		some key, form in texts
		value := section[key]
		is_string(value)
		trim(value, form.chars) == ""
		count(value) >= form.min
		count(value) <= form.max
	}
}

patterned := {name: part |
	some name, patterns in attributes.patterns
	section := raw[name]
	part := {key: value |
		some key, pattern in patterns
		value := section[key]
		is_string(value)
		regex.match(pattern, value)
	}
}

listed := {key: value |
	some key, members in attributes.lists.resource_properties
	value := raw.resource_properties[key]
	all_members(members, value)
}

all_members(members, value) if {
	is_object(members)
	is_array(value)
	count([member | some member in value; members[member]]) == count(value)
}

all_members("handtekeningen", value) if {
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

spelled(form, value) if {
	is_string(value)
	trim(value, form.chars) == ""
	count(value) >= form.min
	count(value) <= form.max
}

# METADATA
# description: Every given attribute is listed with the right type and a known value (ONBEKENDE_WAARDE).
all_known if {
	given_count := sum([count(section) | some section in raw])
	kept_count := sum([count(part) | some parts in [typed, enumerated, written, patterned]; some part in parts])
	given_count == kept_count + count(listed)
	given_count > 0
}

subject_id := written.subject.id

action := enumerated.action.name

default subject := {}

subject := object.union_n([typed.subject_properties, enumerated.subject_properties, written.subject_properties])

default resource := {}

resource := object.union_n([
	typed.resource_properties,
	enumerated.resource_properties,
	written.resource_properties,
	patterned.resource_properties,
	listed,
])

default context := {}

context := object.union_n([enumerated.context, written.context, patterned.context])

autorisatie := object.union_n([enumerated.autorisatie, written.autorisatie, patterned.autorisatie])

vierogen := object.union_n([enumerated.vierogen, written.vierogen, patterned.vierogen])

motivering := written.motivering

logging := typed.logging

beleid := typed.beleid

time_ns := time.parse_rfc3339_ns(context.time)

# Empty where the question does not say; the tables match "" only where their cell admits anything.
convenant := object.get(context, "convenant", "")

# METADATA
# scope: document
# description: The action concerns records of persons (group persoonsacties).
default individual := false

individual if vocabulary.groups.persoonsacties[action]

# METADATA
# description: The action is one of an analyst (group analistacties, any role).
# scope: document
default analyst := false

analyst if vocabulary.groups.analistacties[action]

# METADATA
# description: The action stands apart from the convenants' purposes (group losse_acties).
# scope: document
default loose := false

loose if vocabulary.groups.losse_acties[action]

default double_role := false

double_role if {
	individual
	resource.dubbelrol == true
}

# METADATA
# scope: document
# description: >-
#   The categories that must each be admitted: the given one, or both roles of a person who is offender and victim.
effective_categories := {"slachtoffer", "verdachte_dader"} if double_role

effective_categories := {object.get(resource, "categorie", "")} if double_role == false

# METADATA
# description: The names given in resource.properties, right or wrong; undefined when that is not an object.
resource_keys := object.keys(typed.resource.properties)

# METADATA
# description: The attribute is not given at all; given with a wrong value is not absent.
absent(key) if count(resource_keys & {key}) == 0
