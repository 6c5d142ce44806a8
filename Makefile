# Two commands on a fresh machine with Python ≥ 3.11 and make: `make run`, `make test`.
PYTHON ?= python3
UV ?= uv
TESTS ?= tests
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PEERS := $(VENV)/openfisca
CODE := mobilite matching geo web seeds
COMPILE := $(UV) pip compile pyproject.toml --group construction --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help run test check format lock bench bench-geo bench-matching bench-reservation bench-dossiers proof clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 11

run: $(VENV)/installe ## start the demonstration at http://127.0.0.1:5000
	$(BIN)/mobilite servir --demonstration

test: check ## run every check and every test (TESTS=tests/unit for some of them)
	$(BIN)/python -m pytest $(TESTS) --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(VENV)/installe-essais ## style, types, architecture, templates, security
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web/templates --lint --quiet
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(CODE)

format: $(VENV)/installe-essais ## put the code in the form that check wants
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## write both lock files anew (needs uv)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra test --output-file requirements-test.lock

bench: $(VENV)/installe-essais ## print how long things take
	@for banc in $(filter-out %/bench_geo.py %/bench_matching.py %/bench_covoiturage.py %/bench_parc.py %/bench_reservation.py %/bench_dossiers.py,$(wildcard tests/benchmarks/bench_*.py)); do \
		echo "── $$banc"; $(BIN)/python -m tests.benchmarks.$$(basename $$banc .py) || exit 1; done

bench-geo: $(VENV)/installe-pairs ## compare the road engine with its peers (EXTRAITS=file.osm.pbf for a real network)
	$(BIN)/python -m tests.benchmarks.bench_geo $(EXTRAITS)
	$(BIN)/python -m tests.benchmarks.bench_demarrage $(EXTRAITS)

bench-matching: $(VENV)/installe-essais ## time the engine against its naive pass, carpool and the sharing of a fleet
	$(BIN)/python -m tests.benchmarks.bench_matching
	$(BIN)/python -m tests.benchmarks.bench_covoiturage
	$(BIN)/python -m tests.benchmarks.bench_parc

bench-reservation: $(VENV)/installe-essais ## time the site under fifty users with 200 000 bookings, on both databases
	$(BIN)/python -m tests.benchmarks.bench_reservation

bench-dossiers: $(VENV)/installe-essais ## time the desk of an adviser over 50 000 dossiers, on both databases
	$(BIN)/python -m tests.benchmarks.bench_dossiers

proof: $(VENV)/installe-essais $(PEERS)/installe ## compare our figures with others' (downloads openfisca), kill and freeze our processes
	$(BIN)/python -m tests.proof.preuve_openfisca $(PEERS)/bin/python
	$(BIN)/python -m tests.proof.preuve_taches
	$(BIN)/python -m tests.proof.preuve_reservation
	$(BIN)/python -m tests.proof.preuve_coupure
	MOBILITE_PREUVE=1 $(BIN)/python -m pytest -q tests/integration/test_reseau_oracle.py tests/integration/test_reseau_osmnx.py \
		tests/property/test_reservation_machine.py

clean: ## forget the installation, keep the data of instance/
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Stamp files: a second run installs nothing again.
$(VENV)/cree:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 run"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installe: requirements.lock pyproject.toml | $(VENV)/cree
	$(PIP) install --compile --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/installe-essais: requirements-test.lock $(VENV)/installe
	$(PIP) install --compile --require-hashes -r requirements-test.lock
	@touch $@

# Its pins fight ours: a venv of its own, and JSON between the two.
$(PEERS)/installe: tests/proof/openfisca.txt | $(VENV)/cree
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install -r $<
	@touch $@

# One by one, and never at the price of what the lock says: the report names those that could not come.
$(VENV)/installe-pairs: pyproject.toml $(VENV)/installe-essais
	@$(PIP) freeze --exclude-editable > $(VENV)/en-place.txt
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["bench"], sep="\n")' \
		| while read -r pair; do $(PIP) install --constraint $(VENV)/en-place.txt "$$pair" \
		|| echo "$$pair: not installed"; done
	@touch $@
