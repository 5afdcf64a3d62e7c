# `make` lists the targets. Everything is kept in .venv (what is installed) and .local (what is made: Airflow's home, the
# warehouse of the samples, logs). No environment has to be activated; each target sees to the set-up itself.

PYTHON ?= python3
PYTEST_ARGS ?=
LOCK_ARGS ?=
BENCH_ARGS ?=

BIN := .venv/bin

# Never ~/airflow: whatever imports Airflow finds its home here.
export AIRFLOW_HOME := $(CURDIR)/.local/airflow

.DEFAULT_GOAL := help
.PHONY: help setup run test check format e2e up down bench docs lock clean distclean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup:  ## install requirements.lock and the project into .venv (every target below does it first)
	@$(PYTHON) tools/setup.py

run: setup  ## build the sample days through Airflow, then print what came out
	@$(BIN)/python tools/run_samples.py

test: setup  ## the test suite without tests/e2e (PYTEST_ARGS="-k name")
	@$(BIN)/pytest -n logical --dist loadfile $(PYTEST_ARGS)

check: setup  ## lint, format and types, as CI checks them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup  ## let ruff mend and format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

e2e: setup  ## the tests that start a whole Airflow
	@$(BIN)/pytest -m e2e $(PYTEST_ARGS)

up: setup  ## start Airflow with its user interface on loopback
	@$(BIN)/python tools/standalone.py up

down: setup  ## stop it
	@$(BIN)/python tools/standalone.py down

bench: setup  ## load a day of more text than an Arrow column holds, and measure memory (BENCH_ARGS=--help)
	@$(BIN)/python benchmarks/big_day.py $(BENCH_ARGS)

docs: setup  ## write docs/data-dictionary.md and docs/settings.md anew
	@$(BIN)/python -m etl.documentation

# One file for Python 3.11 to 3.13 and every platform, with hashes and without addresses: pip and uv take it from any index.
lock: setup  ## resolve requirements.lock anew from pyproject.toml (LOCK_ARGS=--upgrade)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet --output-file requirements.lock $(LOCK_ARGS)

clean:  ## remove what was made: .local and caches (stop Airflow first: make down)
	rm -rf .local .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean  ## remove .venv too
	rm -rf .venv
