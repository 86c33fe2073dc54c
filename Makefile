# make demo    set everything up, index the sample corpus, answer a query
# make test    set everything up, run the tests
# make check   format, lint, types, spelling, tests with their coverage: the same as CI
# make bench   compare with other engines, side by side
# Only python3 (3.11 or newer) and a package index are assumed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .demo/index
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Sizes of the benchmark; the long run is: make bench SIZES=1000,10000,100000
SIZES ?= 1000,10000

.PHONY: demo test check format lint types spelling coverage bench clean

demo: $(VENV)/installed
	@rm -rf .demo
	$(BIN)/search-index corpus/sample --index $(DEMO)
	$(BIN)/search "脑机接口" --limit 3 --index $(DEMO)
	@echo
	@echo "Open the web page:   $(BIN)/search-web --index $(DEMO)   →   http://127.0.0.1:8000/"
	@echo "Index your own:      $(BIN)/search-index FOLDER          then: $(BIN)/search \"…\""

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest

check: format lint types spelling coverage

format: $(VENV)/installed-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

spelling: $(VENV)/installed-dev
	$(BIN)/codespell

coverage: $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --cov

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Kesou needs Python 3.11 or newer; set PYTHON=python3.x"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is missing (on Debian: apt install python3-venv)"; exit 1; }

$(VENV)/installed: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable '.[fast]' || $(PIP) --editable .
	@touch $@

$(VENV)/installed-dev: setup.cfg pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable '.[fast,dev]' || $(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/installed

bench: $(VENV)/installed
	$(PIP) --editable '.[fast,bench]'
	$(BIN)/python -m benchmarks --documents $(SIZES) --out benchmarks.md
	$(BIN)/python -m benchmarks.cold

clean:
	rm -rf $(VENV) .demo build *.egg-info
