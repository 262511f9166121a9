# Two commands matter: `make run` starts LayerLoom, `make test` proves it. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEVREADY := $(VENV)/.dev-ready
FRONTEND := builder/ui/canvas/frontend
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
.PHONY: help run test check fmt lint types arch e2e canvas canvas-test bench docs nightly clean browser screenshots

help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "LayerLoom needs Python 3.11 or newer; '$(PYTHON)' is older. Try: make PYTHON=python3.12 run"; exit 1; }
	@echo "Creating .venv ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)."; exit 1; }

$(READY): $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing LayerLoom and what it needs (a few minutes the first time) ..."
	@$(PIP) install -c constraints.txt -e '.[export]'
	@touch $@

$(DEVREADY): $(READY)
	@echo "Installing the tools for tests ..."
	@$(PIP) install -c constraints.txt -e '.[export,dev]'
	@touch $@

run: $(READY) ## start the app (http://127.0.0.1:8501, or the next free port)
	@exec $(BIN)/python -m builder.cli app $(ARGS)

browser: $(DEVREADY)
	@$(BIN)/python tests/install_browser.py

test: $(DEVREADY) browser ## run every test, the browser ones included
	@rooms=0; OMP_NUM_THREADS=1 $(BIN)/python -m pytest --ignore tests/e2e -m "not nightly" -n auto --maxprocesses 8 --dist worksteal $(ARGS) || rooms=$$?; \
	$(BIN)/python -m pytest tests/e2e -m "not nightly" $(ARGS) && exit $$rooms

e2e: $(DEVREADY) browser ## only the browser tests
	@$(BIN)/python -m pytest tests/e2e -m "not nightly" $(ARGS)

nightly: $(DEVREADY) browser ## long soaks
	@$(BIN)/python -m pytest -m nightly --timeout 7200 $(ARGS)

check: lint types arch canvas-test test ## what CI runs

lint: $(DEVREADY) ## ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

fmt: $(DEVREADY) ## format and fix
	@$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q .

types: $(DEVREADY) ## mypy strict
	@$(BIN)/mypy

arch: $(DEVREADY) ## the one-way rule between rooms
	@$(BIN)/lint-imports

canvas: ## rebuild the canvas bundle (needs Node 20)
	@cd $(FRONTEND) && npm ci --no-audit --no-fund && npm run build

canvas-test: ## unit tests of the canvas, and that the committed bundle is its source's
	@if command -v npm >/dev/null; then cd $(FRONTEND) && npm ci --no-audit --no-fund --silent && npm test --silent && npm run --silent build >/dev/null && git -C ../../../.. diff --exit-code --stat -- assets/canvas assets/charts || { echo "The canvas' tests failed, or assets/canvas and assets/charts are not what their source builds; run 'make canvas' and commit them."; exit 1; }; \
	else echo "Node is missing: the canvas' own unit tests were not run (install Node 20; the app does not need it)."; fi

bench: $(DEVREADY) ## speed against hand-written code
	@$(BIN)/python -m builder.cli bench $(ARGS)

docs: $(DEVREADY) ## regenerate docs/layers.md
	@$(BIN)/python -m builder.layers.document

screenshots: $(DEVREADY) browser ## pictures of every page into docs/screenshots
	@$(BIN)/python tests/take_screenshots.py

clean: ## remove the environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache $(FRONTEND)/node_modules
