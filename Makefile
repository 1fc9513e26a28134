# Two commands do all the set-up: `make demo` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.requirements-dev

.PHONY: setup demo demo-serve test bench check-full opa spark peers overlap schemas requirements clean

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
	$(UV_COMPILE) --extra connector --extra custodian --extra gateway --extra aggregator --extra fast --extra series \
	    --extra dev pyproject.toml -o requirements-dev.txt
	$(UV_COMPILE) --extra spark --constraints requirements-dev.txt pyproject.toml -o requirements-spark.txt
	$(UV_COMPILE) --extra peers --constraints requirements-dev.txt pyproject.toml -o requirements-peers.txt

demo: setup
	$(PY) -m deploy.demo.run

demo-serve: setup
	$(PY) -m deploy.demo.run --serve

# The published Dutch overlap table through the whole chain: 8,234 people, 432 on more than one list.
overlap: setup
	$(PY) -m deploy.demo.overlap

test: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m pytest -m "not full" -n 2 --dist loadfile

# Everything, the exhaustive proofs too.
check-full: setup
	$(PY) -m pytest -n 2 --dist loadfile

bench: setup
	@for file in tests/bench/bench_*.py; do echo "== $$file"; $(PY) $$file || exit 1; done

# JSON Schemas of the wire, after a change in connectors/contract/.
schemas: setup
	$(PY) -m connectors.contract.schemas

# The OPA server that decides and the linter of its rules, pinned in deploy/opa and deploy/regal.
opa:
	sh deploy/opa/build.sh
	sh deploy/regal/build.sh

# The second engine of `link`; half a gigabyte, so not in `make setup`.
spark: setup
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-spark.txt

# What the benchmarks compare with; they say "not installed" without it.
peers: setup
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-peers.txt

clean:
	rm -rf $(VENV) .tools demo-run
