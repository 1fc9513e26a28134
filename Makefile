# Two commands do all the set-up: `make demo` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.requirements-dev

.PHONY: setup demo demo-serve test bench check check-full opa overlap requirements clean

setup: $(STAMP)

# The stamp makes a second call free; a changed requirements file installs again.
$(STAMP): requirements-dev.txt pyproject.toml
	python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

# After a change in pyproject.toml (needs uv): hashes, no addresses.
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
requirements:
	$(UV_COMPILE) --extra connector --extra custodian --extra gateway --extra aggregator pyproject.toml -o requirements.txt
	$(UV_COMPILE) --all-extras pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) .tools demo-run
