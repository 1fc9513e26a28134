package system.log_test

import data.system.log

test_persons_are_masked if {
	"/input/subject/id" in log.mask
	"/input/context/vierogen" in log.mask
	"/input/context/autorisatie" in log.mask
}

test_references_are_masked if {
	"/input/resource/properties/professional_ref" in log.mask
	"/input/resource/id" in log.mask
}

test_reasons_stay if not "/result" in log.mask
