# Chores. `make help` lists them.
# Settings, given as `make test PYTHON=python3.13`:
# PYTHON     the interpreter; another than the default has a virtual environment of its own
# PROCESSES  how many tests run at the same time; more than there are processors, since some wait
# HYPOTHESIS_PROFILE  `long` tries 4000 examples of each property test instead of 100
# SECONDS    for `make fuzz`: how long each target is fuzzed
# UPGRADE    for `make lock`: empty to add or remove a dependency and leave all others as they are
PYTHON ?= python3
PROCESSES ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() * 3 // 2)')
UPGRADE ?= --upgrade
SECONDS ?= 60

# Tests make some ten thousand small databases, which wait for the disk: they are kept in memory where it has the room
SHARED_MEMORY := $(shell df --output=avail --block-size=G /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 + 0 >= 4 {print "/dev/shm"}')

unexport PYTHONDONTWRITEBYTECODE # every process that a test starts would compile the whole service again

ifeq ($(origin PYTHON),file)
VENV := .venv
else
VENV := .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
PYTEST := $(if $(SHARED_MEMORY),TMPDIR=$(SHARED_MEMORY)) $(BIN)/pytest --quiet --numprocesses=$(PROCESSES) --dist=worksteal
COMPILE := uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help install demo --keep dev test quick lint types imports unit suite coverage matrix crash fuzz screenshots audit sbom site format bench lock clean

help: ## List the chores
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

install: $(VENV)/.run ## Make .venv with the service; the chores that test it add what they need

demo: $(VENV)/.run ## Watch real webhooks travel into a list and a journey; `make demo -- --keep` leaves the console open
	@$(BIN)/python -m bridge demo $(filter --keep,$(MAKECMDGOALS))

--keep:
	@:

dev: $(VENV)/.run ## Run the sandbox, the service and its console in the foreground, on the folder .dev (Ctrl-C ends all)
	@mkdir -p .dev/mappings
	@test -e .dev/mappings/form.yaml || printf '%s\n' 'preset: json' 'verify: none' 'consent: {not_asked: a trial}' \
	    'lead:' '  Lead Email: {answer: email}' 'actions:' '  - subscribe: {list: Newsletter}' > .dev/mappings/form.yaml
	@$(BIN)/python -m bridge sandbox --port 8090 >.dev/sandbox.log 2>&1 & sandbox=$$!; \
	trap 'kill $$sandbox' EXIT; trap : INT TERM; \
	echo 'Post to http://127.0.0.1:8080/hooks/form: {"email": "ada@example.com"}'; \
	echo 'See http://127.0.0.1:8081/healthz and http://127.0.0.1:8090/_sandbox/state'; \
	echo 'Open http://127.0.0.1:8082, name dev, password leadbridge-dev'; \
	cd .dev && LEADBRIDGE_MAPPINGS=mappings LEADBRIDGE_CONSOLE_BIND=127.0.0.1:8082 \
	    LEADBRIDGE_CONSOLE_USERS="$$(printf '%s\n%s\n' leadbridge-dev leadbridge-dev | ../$(BIN)/python -m bridge console-password dev --role admin 2>/dev/null)" \
	    ZOHO_ACCOUNTS_URL=http://127.0.0.1:8090 ZOHO_API_URL=http://127.0.0.1:8090 \
	    ZOHO_CLIENT_ID=sandbox ZOHO_CLIENT_SECRET=sandbox ZOHO_REFRESH_TOKEN=sandbox ../$(BIN)/python -m bridge serve

test: $(VENV)/.dev ## Run every check and every test
	@$(MAKE) --no-print-directory --jobs=2 lint imports types suite

quick: lint types unit ## Check style and types and run the unit tests, in about a minute

lint: $(VENV)/.dev ## Check style and form
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev ## Check the types, strictly
	$(BIN)/mypy

imports: $(VENV)/.dev ## Check that the architecture holds
	$(BIN)/lint-imports

unit: $(VENV)/.dev ## Run the unit tests
	$(PYTEST) tests/unit

suite: $(VENV)/.dev ## Run all tests, several at a time
	$(PYTEST)

coverage: $(VENV)/.dev ## Run all tests and say in one line how much of bridge/ they ran (child processes not counted)
	$(PYTEST) --cov=bridge --cov-report=
	@$(BIN)/coverage report --format=total | sed 's/.*/coverage: & % of the lines of bridge/'

matrix: ## Run the unit tests on each Python that is found, 3.11 to 3.14
	@for python in python3.11 python3.12 python3.13 python3.14; do \
	    if $$python -c '' 2>/dev/null; then $(MAKE) unit PYTHON=$$python || exit 1; else echo "$$python: not found"; fi; \
	done

crash: $(VENV)/.dev ## Kill every process a thousand times, fail the power 200 times (needs cc); takes half an hour
	$(BIN)/python -m tests.crash

fuzz: $(VENV)/.tools ## Fuzz every reader of foreign input for SECONDS each, and grow the corpus in tests/fuzz
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)
	$(BIN)/python -m tests.fuzz.framing --seconds $(SECONDS)
	$(BIN)/python -m tests.fuzz.sockets --seconds $(SECONDS)
	$(BIN)/python -m tests.fuzz.samples --seconds $(SECONDS)

screenshots: $(VENV)/.dev ## Take the pictures of docs/images, and of every page into dist/screenshots (needs Chromium)
	$(BIN)/python -m tests.browser.screenshots

reliability: $(VENV)/.tools ## Run the long version of what docs/reliability.md promises, and print its table; takes hours
	$(BIN)/python -m tests.reliability

audit: $(VENV)/.tools ## Ask the advisory database about every dependency that is installed (needs the network)
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements.txt

sbom: $(VENV)/.tools ## Write dist/sbom.json: what the service is made of, from the lock (CycloneDX)
	@mkdir -p dist
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-file dist/sbom.json

site: $(VENV)/.tools ## Write dist/site: the documentation as a site, with search; a broken link fails
	$(BIN)/python scripts/site.py dist/pages
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

format: $(VENV)/.dev ## Put the code in form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Measure receiving against a bare Flask handler
	$(BIN)/python -m benchmarks.receive

lock: ## Pin the newest allowed versions of everything; UPGRADE= pins what is new only (needs uv)
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.txt
	$(COMPILE) --group build --output-file requirements-build.txt
	$(COMPILE) --group tools --constraint requirements-dev.txt --output-file requirements-tools.txt

clean: ## Remove what the chores made
	rm -rf .venv .venv-* .dev .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Leadbridge needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt -r requirements-build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run

$(VENV)/.tools: requirements-tools.txt $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements-tools.txt
	@touch $@
