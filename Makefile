# Chores. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
COMPILE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types imports unit crash format bench lock clean

help: ## List the chores
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

install: $(VENV)/.dev ## Make .venv with everything: the service, its tests and its checks

demo: $(VENV)/.run ## Watch real webhooks travel into a list and a journey (no account needed)
	@$(BIN)/python -m bridge demo

test: lint types imports unit ## Run every check and every test

lint: $(VENV)/.dev ## Check style and form
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev ## Check the types, strictly
	$(BIN)/mypy

imports: $(VENV)/.dev ## Check that the architecture holds
	$(BIN)/lint-imports

unit: $(VENV)/.dev ## Run the tests
	$(BIN)/pytest

crash: $(VENV)/.dev ## Kill every process a thousand times, fail the power 200 times (needs cc); takes half an hour
	$(BIN)/python -m tests.crash

format: $(VENV)/.dev ## Put the code in form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Measure receiving against a bare Flask handler
	$(BIN)/python -m benchmarks.receive

lock: ## Pin the newest allowed versions of everything (needs uv)
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.txt
	$(COMPILE) --group build --output-file requirements-build.txt

clean: ## Remove what the chores made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Leadbridge needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run
