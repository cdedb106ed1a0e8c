# Jurygrid. `make grade` grades a sample, `make test` runs every test; both install what they need.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
SOURCE ?= sample
SAMPLE := $(CURDIR)/.cache/sample
HTML ?= grid.html
LANGUAGE ?= $(if $(filter fr%,$(LANG)),fr,en)
TAG ?= latest
ENGINE ?= /var/tmp/jurygrid-engine
WORKERS ?= 2

.PHONY: demo install dev system images root grade test service-image secrets attacks hostile faults compose-test check bench docs agreement lock clean

install: $(VENV)/.installed ## leaves .venv/bin/jurygrid ready

$(VENV)/bin/uv: requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -qq -y python3-venv && $(PYTHON) -m venv $(VENV); } \
	  || { echo "python3-venv is needed: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@touch $@

$(VENV)/.installed: requirements.lock requirements-service.lock pyproject.toml $(VENV)/bin/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock -r requirements-service.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q grader checks worker api
	@touch $@

dev: $(VENV)/.dev

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

system:
	@images/system.sh

images: install ## what submissions are opened in: two images for the Docker engine that answers, and a root for bubblewrap
	@if docker version >/dev/null 2>&1; then images/build.sh $(BIN)/python $(BIN)/uv $(TAG); else echo "no Docker engine answers: no images"; fi
	@images/root.sh $(BIN)/python $(BIN)/uv $(TAG)

service-image: install ## the image of the service, for docker-compose.yml
	@images/service.sh $(BIN)/python $(BIN)/uv $(TAG)

secrets: ## the secrets that docker-compose.yml reads, made once
	@umask 077; mkdir -p secrets; for name in jurygrid postgres grafana; do \
	  [ -s secrets/$$name ] || $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(48), end="")' >secrets/$$name; done; \
	[ -s secrets/pgpass ] || printf 'postgres:5432:jurygrid:jurygrid:%s\n' "$$(cat secrets/postgres)" >secrets/pgpass
	@[ "$$(id -u)" != 0 ] || chown 1000 secrets/jurygrid secrets/pgpass

root: install ## the root for bubblewrap alone
	@images/root.sh $(BIN)/python $(BIN)/uv $(TAG)

PORT ?= 8000
demo: install ## the service on this machine, with sample people and submissions
	@JURYGRID_DATA_FOLDER="$(CURDIR)/.cache/demo" $(BIN)/python -m api.demo --port $(PORT) --lang $(LANGUAGE)

grade: install ## grades the bundled sample, or SOURCE=…
	@if [ "$(SOURCE)" = sample ]; then $(BIN)/python -m grader.samples strong $(SAMPLE); fi
	@$(BIN)/jurygrid grade "$(if $(filter sample,$(SOURCE)),$(SAMPLE),$(SOURCE))" --lang $(LANGUAGE) --html $(HTML) && echo "$(HTML)"

test: dev system ## every test, on the real components
	@images/test.sh $(BIN) $(ENGINE) $(WORKERS)

# Attacks that do not starve the machine: what CI repeats each time. `make hostile` runs all of them, in a quarter of an hour.
ATTACKS := tests/running/test_escape.py tests/running/test_forgery.py tests/running/test_network.py tests/running/test_packages.py

attacks: dev system ## the hostile repositories that CI runs
	@PYTEST_ARGS="$(ATTACKS)" SLOW=1 images/test.sh $(BIN) $(ENGINE) $(WORKERS)

hostile: dev system ## repositories that attack, run for real in both sandboxes
	@PYTEST_ARGS="$(or $(PYTEST_ARGS),tests/running)" SLOW=1 images/test.sh $(BIN) $(ENGINE) $(WORKERS)

compose-test: dev system ## brings docker-compose.yml up for real
	@PYTEST_ARGS="tests/operations/test_compose.py" SLOW=1 images/test.sh $(BIN) $(ENGINE) 1

faults: dev system ## breaks a real installation while submissions are in flight
	@PYTEST_ARGS="$(or $(PYTEST_ARGS),tests/faults)" SLOW=1 images/test.sh $(BIN) $(ENGINE) 1

check: dev ## types and style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

docs: install ## the generated pages
	@$(BIN)/python -m docs.generate

bench: dev ## speed, beside yardsticks
	@$(BIN)/python -m benchmarks.speed $(BENCH)
	@$(BIN)/python -m benchmarks.execution_speed $(BENCH)
	@$(BIN)/python -m benchmarks.load
	@$(BIN)/python -m benchmarks.api_load

lock: ## pins anew what pyproject.toml asks for
	@$(BIN)/uv pip compile pyproject.toml -o requirements.lock --generate-hashes --no-annotate --no-header --python-version 3.11 --quiet
	@$(BIN)/uv pip compile pyproject.toml --extra service --extra s3 --extra tracing -c requirements.lock -o requirements-service.lock --generate-hashes --no-annotate --no-header --python-version 3.11 --quiet
	@$(BIN)/uv pip compile pyproject.toml --extra service --extra s3 --extra tracing --group dev -c requirements-service.lock -o requirements-dev.lock --generate-hashes --no-annotate --no-header --python-version 3.11 --quiet
	@$(BIN)/uv pip compile --group sandbox -o requirements-sandbox.lock --generate-hashes --no-annotate --no-header --python-version 3.11 --quiet

clean:
	rm -rf $(VENV) .cache grid.html grid.json
