# make demo    set everything up, index the sample corpus, answer a query
# make test    set everything up, run the tests
# make test-opensearch    start a real OpenSearch cluster, run the tests that need one, stop it
# make check   format, lint, types, spelling, judged queries, tests with their coverage: the same as CI
# make test-oldest    run the tests with the lowest versions that setup.cfg allows
# make test-pythons   run the tests on every Python of PYTHONS that is installed
# make bench   compare with other engines, side by side
# Only python3 (3.11 or newer) and a package index are assumed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .demo/index
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Sizes of the benchmark; the long run is: make bench SIZES=1000,10000,100000
SIZES ?= 1000,10000

# What no figure of the judged queries over corpus/sample may fall below
FLOORS := ndcg@10=0.97 recall@10=0.975 nil_ok=1

PARALLEL := --numprocesses 2 --dist loadfile

.PHONY: demo test test-opensearch test-oldest test-pythons check format lint types spelling relevance coverage bench clean

demo: $(VENV)/installed
	@rm -rf .demo
	$(BIN)/search-index corpus/sample --index $(DEMO)
	$(BIN)/search "脑机接口" --limit 3 --index $(DEMO)
	@echo
	@echo "Open the web page:   $(BIN)/search-web --index $(DEMO)   →   http://127.0.0.1:8000/"
	@echo "Index your own:      $(BIN)/search-index FOLDER          then: $(BIN)/search \"…\""

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

test-opensearch: $(VENV)/installed-dev
	$(BIN)/python tools/opensearch_cluster.py --port 9520 run $(BIN)/python -m pytest -m opensearch $(PYTEST_OPTIONS)

OLDEST := .oldest
test-oldest:
	$(PYTHON) -m venv --clear $(OLDEST)
	$(PYTHON) tools/oldest_requirements.py > $(OLDEST)/requirements.txt
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $(OLDEST)/requirements.txt
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(OLDEST)/bin/python -m pytest

PYTHONS ?= python3.11 python3.12 python3.13
test-pythons:
	@for python in $(PYTHONS); do \
		if $$python --version >/dev/null 2>&1; then \
			$(MAKE) test PYTHON=$$python VENV=.pythons/$$python || exit 1; \
		else \
			echo "$$python is not installed: skipped"; \
		fi; \
	done

check: format lint types spelling relevance coverage

format: $(VENV)/installed-dev
	$(BIN)/ruff format --check .

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

spelling: $(VENV)/installed-dev
	$(BIN)/codespell

relevance: $(VENV)/installed
	$(BIN)/search-index corpus/sample --index $(DEMO)
	$(BIN)/search --eval tests/data/judged_sample --index $(DEMO) $(FLOORS:%=--fail-below %)

# The engine of OpenSearch is not measured here: most of its tests need a cluster.
coverage:
	$(MAKE) test PYTEST_OPTIONS="$(PARALLEL) -m 'not opensearch' --cov --durations 15"

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
	rm -rf $(VENV) $(OLDEST) .pythons .demo build *.egg-info
