# METADATA
# title: What OPA's own decision log may not hold
# description: >-
#   The ledger of the gateway is the decision log; OPA's copy keeps the codes and loses whoever and whatever was asked
#   about.
# custom:
#   source: policy.md, Engines
package system.log

mask contains "/input/subject/id"

mask contains "/input/resource/id"

mask contains "/input/resource/properties/hit_id"

mask contains "/input/resource/properties/bewijs_ref"

mask contains "/input/resource/properties/professional_ref"

mask contains "/input/resource/properties/consult_ref"

mask contains "/input/context/casus_id"

mask contains "/input/context/autorisatie"

mask contains "/input/context/vierogen"
