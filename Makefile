# Every target says what it is for; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup browser demo run audit check test scenarios integration interop faults load bench reference lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamp is newer than the lock only if the whole set was installed.
$(VENV)/.ready: requirements.lock pyproject.toml deploy/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" deploy/setup.sh
	@touch $@

setup: $(VENV)/.ready ## make the virtual environment from the hash-locked set

browser: ## install what the tests in a browser need (Debian: chromium, node, npm)
	@deploy/browser.sh

demo: setup ## run the main job: four songs, one generation, every cent and every proof (AUDIO=folder for your own)
	@$(BIN)/liner demo $(if $(AUDIO),--audio "$(AUDIO)") --out out

run: setup ## start the service on the demo's ledger
	@$(BIN)/liner serve --home out/ledger

audit: setup ## check the demo's ledger: every signature, every leaf, every decision
	@$(BIN)/liner audit --home out/ledger

check: setup ## linters, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

test: setup browser ## all tests
	@$(BIN)/python -m pytest

scenarios: setup ## only the scenarios that a lawyer can read
	@$(BIN)/python -m pytest tests/scenarios

integration: setup ## the production engine with real servers: PostgreSQL, Kafka (Java, Maven), S3 (Go), one process a role
	@$(BIN)/python -m pytest tests/production

interop: setup browser ## tools of others read this log (needs Go and a network)
	@$(BIN)/python -m pytest tests/interop

faults: KILLS ?= 300
faults: setup ## kill every process and server under load, KILLS=300 times (SEED=n again): nothing lost, nothing doubled
	@LINERNOTES_FAULT_KILLS=$(KILLS) LINERNOTES_FAULT_SEED=$(SEED) $(BIN)/python -m pytest -s tests/production/faults

load: SECONDS ?= 300
load: CLIENTS ?= 4
load: setup ## drive a whole ledger over HTTP, SECONDS=300 long by CLIENTS=4 creators: how fast, what limits it, out/load.*
	@$(BIN)/python -m tests.load --seconds $(SECONDS) --creators $(CLIENTS)

bench: setup ## measure: each prints a ratio against a bound or a peer of the same run; all in out/bench.json
	@$(BIN)/python -m benchmarks

reference: setup ## write the generated parts of the documentation afresh
	@$(BIN)/python -m service.reference
	@$(BIN)/python -m service.examples

lock: setup ## resolve the hash-locked set afresh
	@$(BIN)/python deploy/lock.py

clean: ## remove what can be made again
	@rm -rf $(VENV) .boot out build .pytest_cache .ruff_cache .mypy_cache .hypothesis
