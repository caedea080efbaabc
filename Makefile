# Needs Python 3.11 or newer, git and make. Everything else goes into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The first interpreter that is new enough and can make a virtual environment.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST_FLAGS ?=
# A worker a core, four at most: each holds torch. A file's tests stay together, they share what they set up.
WORKERS ?= -n auto --maxprocesses 4 --dist loadfile

.PHONY: help install demo docs test quick test-slow lint types bench constraints clean

# Installs what stands in brackets. pip's output is kept in a file and shown only if it fails.
define pip-install
@echo "Installing into $(VENV) ..." >&2
@$(PIP) install --constraint constraints.txt --editable '.[$(1)]' >$(VENV)/pip.log 2>&1 || { cat $(VENV)/pip.log >&2; exit 1; }
endef

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "relcli needs Python 3.11 or newer (with its venv module); none was found. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# Stamps: made again when what is asked for (pyproject.toml) or what is pinned (constraints.txt) changes.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(call pip-install,all)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(call pip-install,dev)
	@touch $(VENV)/.installed $@

install: $(VENV)/.installed ## a virtual environment in .venv with the relcli command
	@echo "relcli is installed: $(BIN)/relcli --help"

demo: $(VENV)/.installed ## ask the bundled model about colours in the bundled scenes and print the table
	@$(BIN)/relcli run --category recognition_color --name demo --resume

docs: $(VENV)/.installed-dev ## the documentation's pages, in site/
	$(BIN)/mkdocs build --strict

lint: $(VENV)/.installed-dev ## ruff
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev ## pyright
	$(BIN)/basedpyright --warnings

# Types are checked beside the suite: pyright keeps one core busy, the suite the others.
test: lint ## lint, types and the suite but for its slow tests
	@$(MAKE) --no-print-directory --jobs 2 quick types

quick: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(WORKERS) -m 'not slow' $(PYTEST_FLAGS)

test-slow: $(VENV)/.installed-dev ## the slow tests: simulations, stress, wheels, other versions; rules on fresh examples
	$(BIN)/python -m pytest $(WORKERS) -m slow $(PYTEST_FLAGS)
	$(BIN)/python -m pytest $(WORKERS) -m 'hypothesis and not slow' --hypothesis-profile=explore $(PYTEST_FLAGS)

bench: $(VENV)/.installed-dev ## the study's way and ours on the same questions, with the ratio
	@for script in $$(grep -l __main__ benchmarks/*.py); do echo "== $$script"; $(BIN)/python -m $$(echo $${script%.py} | tr / .); done

constraints: $(VENV)/.installed-dev ## pin what is installed now (do this in a fresh .venv)
	{ echo "# What was tested; make constraints writes this file."; \
	  $(PIP) freeze --exclude-editable | sed -E 's/\+[a-z0-9.]+$$//' | grep -vE '^(nvidia-|triton|cuda-|pip=|setuptools=)'; } > $(VENV)/constraints.new
	mv $(VENV)/constraints.new constraints.txt
	@touch $(VENV)/.installed $(VENV)/.installed-dev

clean: ## remove caches and builds, keep .venv and the warehouse
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
