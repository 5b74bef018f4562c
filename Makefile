# Every target makes what it needs: a virtual environment in $(VENV), installed again only when pyproject.toml changes.
# Nothing is expected of the machine but Python 3.11 or newer, make and a package index.

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
TEST_WORKERS ?= auto
BENCH_ARGS ?=
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint check bench docs clean

help:  ## List these targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: $(VENV)/.for-demo  ## One day of quote to cash, judged, with a report to open.
	$(BIN)/syncproof run quote-to-cash --seed 7 --report out/demo

test: $(VENV)/.for-test  ## All tests, on all processors.
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal $(PYTEST_ARGS)

lint: $(VENV)/.for-dev  ## Style, format and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy docs/*.py
	$(BIN)/mypy benchmarks/*.py

check: lint test  ## What has to pass before a change goes in: lint and test.

bench: $(VENV)/.for-test  ## Print the budgets of the product as they are on this machine.
	$(BIN)/python benchmarks/run_all.py $(BENCH_ARGS)

docs: $(VENV)/.for-test  ## Write the generated parts of docs/ again.
	$(BIN)/python docs/generate.py

clean:  ## Remove the virtual environment and everything that was built or written.
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find harness fake_crm fake_erp sync_engine tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# -- the virtual environment, in three sizes; a larger one serves for the smaller ones as well -------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "syncproof needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.for-demo: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.for-test: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[test]'
	@touch $(VENV)/.for-demo $@

$(VENV)/.for-dev: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $(VENV)/.for-demo $(VENV)/.for-test $@
