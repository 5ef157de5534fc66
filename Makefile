# Every target says what it is for; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup demo run check test scenarios integration reference lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamp is newer than the lock only if the whole set was installed.
$(VENV)/.ready: requirements.lock pyproject.toml deploy/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" deploy/setup.sh
	@touch $@

setup: $(VENV)/.ready ## make the virtual environment from the hash-locked set

demo: setup ## run the main job: four songs, one generation, every cent and every proof (AUDIO=folder for your own)
	@$(BIN)/liner demo $(if $(AUDIO),--audio "$(AUDIO)") --out out

run: setup ## start the service on the demo's ledger
	@$(BIN)/liner serve --home out/ledger

check: setup ## linters, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

test: setup ## all tests
	@$(BIN)/python -m pytest

scenarios: setup ## only the scenarios that a lawyer can read
	@$(BIN)/python -m pytest tests/scenarios

integration: setup ## only the tests with real c2pa, real files and real processes
	@$(BIN)/python -m pytest tests/integration tests/e2e

reference: setup ## write the generated parts of the documentation afresh
	@$(BIN)/python -m service.reference

lock: ## resolve the hash-locked set afresh
	@$(PYTHON) deploy/lock.py

clean: ## remove what can be made again
	@rm -rf $(VENV) .boot out build .pytest_cache .ruff_cache .mypy_cache .hypothesis
