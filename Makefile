# `make` lists the targets. Everything is kept in .venv (what is installed) and .local (what is made: Airflow's home, the
# warehouse of the samples, logs). No environment has to be activated; each target sees to the set-up itself.

PYTHON ?= python3
PYTEST_ARGS ?=
LOCK_ARGS ?=
BENCH_ARGS ?=
FUZZ_ARGS ?=
QUALITY_ARGS ?=
CORPUS ?= $(wildcard ../shared/corpus)
OUT ?= .local/predictions

BIN := .venv/bin
LOCK_FORM := --universal --python-version 3.11 --generate-hashes --no-header --quiet

# Never ~/airflow: whatever imports Airflow finds its home here.
export AIRFLOW_HOME := $(CURDIR)/.local/airflow
# Great Expectations takes three times as long to import where Python may not keep what it has compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test check check-deploy format e2e up down bench bench-parser bench-sources bench-drift bench-validate fuzz soak quality predictions peers train docs lock clean distclean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9_-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup:  ## install requirements.lock and the project into .venv (every target below does it first)
	@$(PYTHON) tools/setup.py

run: setup  ## build the sample days through Airflow, then print what came out
	@$(BIN)/python tools/run_samples.py

test: setup  ## the test suite without tests/e2e (PYTEST_ARGS="-k name")
	@$(BIN)/pytest -n logical --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: setup  ## lint, format and types, as CI checks them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check-deploy: setup .local/deploy-tools/installed  ## lint the Dockerfile, and have Compose resolve its file
	@$(BIN)/python -m tools.check_deploy .local/deploy-tools/bin

.local/deploy-tools/installed: deploy/tools.lock | setup
	@rm -rf $(@D)
	@$(BIN)/python $(wildcard tools/bootstrap/pip-*.whl)/pip install --quiet --no-cache-dir --disable-pip-version-check \
	    --no-deps --require-hashes --target $(@D) --requirement $<
	@touch $@

format: setup  ## let ruff mend and format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

e2e: setup  ## the tests that start a whole Airflow, a browser, databases (as root it installs what it lacks of these)
	@$(BIN)/python -m tools.e2e_packages
	@$(BIN)/pytest -m e2e $(PYTEST_ARGS)

up: setup  ## start Airflow with its user interface on loopback
	@$(BIN)/python tools/standalone.py up

down: setup  ## stop it
	@$(BIN)/python tools/standalone.py down

bench: setup  ## load a day of more text than an Arrow column holds, and measure memory (BENCH_ARGS=--help)
	@$(BIN)/python benchmarks/big_day.py $(BENCH_ARGS)

bench-parser: setup  ## CPU time of the parser beside Parquet and other extractors (BENCH_ARGS=--help)
	@$(BIN)/python -m benchmarks.parser_speed $(if $(CORPUS),--corpus $(CORPUS)) $(BENCH_ARGS)

bench-sources: setup  ## how fast each format is read, beside reading and decoding alone (BENCH_ARGS=--help)
	@$(BIN)/python -m benchmarks.sources $(BENCH_ARGS)

bench-drift: setup  ## drift alarms on synthetic sources: how many changes are found, how soon, how many are false (BENCH_ARGS=--help)
	@$(BIN)/python -m benchmarks.drift $(BENCH_ARGS)

bench-validate: setup  ## cost of validating a large day beside its rules as SQL, and exactness (BENCH_ARGS=--help)
	@$(BIN)/python -m benchmarks.validation $(BENCH_ARGS)

fuzz: setup  ## mutated files of every format through the readers and the parser (FUZZ_ARGS=--help)
	@$(BIN)/python -m benchmarks.fuzz $(FUZZ_ARGS)

soak: setup  ## long campaigns, by hand: a month through Airflow, 200 articles in every format, the whole fuzzing
	@$(BIN)/pytest -m soak tests/soak $(PYTEST_ARGS)
	@FORMATS_ARTICLES=200 $(BIN)/pytest tests/extract/test_formats_agree.py $(PYTEST_ARGS)
	@$(BIN)/python -m benchmarks.fuzz $(FUZZ_ARGS)

quality: setup  ## score the parser on the labelled pages, and on CORPUS=folder, beside others (QUALITY_ARGS=--help)
	@$(BIN)/python -m benchmarks.quality $(if $(CORPUS),--corpus $(CORPUS)) $(QUALITY_ARGS)

predictions: setup  ## write what the parser says of the pages of CORPUS=folder to OUT=folder, as rows for scorers
	@$(BIN)/python -m benchmarks.quality.predictions $(if $(CORPUS),--corpus $(CORPUS)) --out $(OUT)

# With .venv they would not be what requirements.lock names; what both have is of the same version.
peers: setup  ## install what `make quality` compares with, and what training needs, into .local/peers
	@rm -rf .local/peers
	@$(BIN)/python $(wildcard tools/bootstrap/pip-*.whl)/pip install --quiet --no-cache-dir --disable-pip-version-check \
	    --no-deps --require-hashes --target .local/peers --requirement benchmarks/requirements.lock

train: setup  ## train the labeller's network and heads on CORPUS="folder ...", write the weights (needs `make peers`)
	@PYTHONPATH=.local/peers $(BIN)/python tools/train_labeller.py $(CORPUS)
	@PYTHONPATH=.local/peers $(BIN)/python tools/train_heads.py $(CORPUS)

docs: setup  ## write docs/data-dictionary.md and docs/settings.md anew
	@$(BIN)/python -m etl.documentation

# One file for Python 3.11 to 3.13 and every platform, with hashes and without addresses: pip and uv take it from any index.
lock: setup  ## resolve all lock files anew from pyproject.toml (LOCK_ARGS=--upgrade)
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK_FORM) --output-file requirements.lock $(LOCK_ARGS)
	$(BIN)/uv pip compile pyproject.toml --extra deploy --group build --constraint requirements.lock $(LOCK_FORM) \
	    --output-file deploy/requirements.lock $(LOCK_ARGS)
	$(BIN)/uv pip compile --group deploy-tools --constraint requirements.lock $(LOCK_FORM) \
	    --output-file deploy/tools.lock $(LOCK_ARGS)
	$(BIN)/uv pip compile --group peers --group train --constraint requirements.lock --override benchmarks/overrides.txt \
	    $(LOCK_FORM) --output-file benchmarks/requirements.lock $(LOCK_ARGS)

clean:  ## remove what was made: .local and caches (stop Airflow first: make down)
	rm -rf .local .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean  ## remove .venv too
	rm -rf .venv
