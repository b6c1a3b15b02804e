# The commands of this project. `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
PY     := $(VENV)/bin/python

REFERRALS_PORT ?= 8000
N ?= 20000
PYTEST_ARGS ?=

# Each stamp holds back a second installation until a requirements file changes.
VENV_STAMP := $(VENV)/.made
RUN_STAMP := $(VENV)/.run-requirements
DEV_STAMP := $(VENV)/.dev-requirements

.PHONY: help run demo test test-long check bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(RUN_STAMP) ## start everything on 127.0.0.1:$REFERRALS_PORT with demo data; Ctrl-C stops it
	@exec env REFERRALS_ENV=development REFERRALS_PORT=$(REFERRALS_PORT) $(PY) -m flask --app wsgi start --demo

demo: $(RUN_STAMP) ## load the demo data into an empty development database
	@REFERRALS_ENV=development $(PY) -m flask --app wsgi db upgrade
	@REFERRALS_ENV=development $(PY) -m flask --app wsgi demo

test: $(DEV_STAMP) ## run the whole suite on SQLite and on PostgreSQL
	REFERRALS_REQUIRE_POSTGRES=1 $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long" $(PYTEST_ARGS)

test-long: $(DEV_STAMP) ## run everything, the long tests too
	REFERRALS_REQUIRE_POSTGRES=1 $(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --hypothesis-profile long $(PYTEST_ARGS)

check: $(DEV_STAMP) ## ruff, mypy, import-linter, models and migrations agree
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	REFERRALS_ENV=test $(PY) -m flask --app wsgi db check --fresh

bench: $(DEV_STAMP) ## measure the real server with N referrals (N=20000)
	REFERRALS_ENV=test $(PY) -m flask --app wsgi bench --referrals $(N)

clean: ## remove what tools left behind; keeps .venv and instance/
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV_STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Referrals needs Python 3.11 or newer as $(PYTHON). Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUN_STAMP): requirements.txt $(VENV_STAMP)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt requirements-s3.txt requirements.txt $(VENV_STAMP)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(RUN_STAMP) $@
