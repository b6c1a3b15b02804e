# The commands of this project. `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
PY     := $(VENV)/bin/python

REFERRALS_PORT ?= 8000
N ?= 20000
PYTEST_ARGS ?=
AUDIT_ARGS ?=

# Each stamp holds back a second installation until a requirements file changes.
VENV_STAMP := $(VENV)/.made
RUN_STAMP := $(VENV)/.run-requirements
DEV_STAMP := $(VENV)/.dev-requirements

# The tools that look at the packages from outside have an environment of their own, so that they are not among them.
AUDIT := $(VENV)/audit
AUDIT_STAMP := $(AUDIT)/.requirements

.PHONY: help run demo test test-long check bench pins audit sbom clean

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

pins: $(AUDIT_STAMP) ## work out requirements*.txt anew from requirements/*.in, with the fingerprint of every file
	@for set in run:requirements s3:requirements-s3 dev:requirements-dev audit:requirements/audit; do \
	  UV_CUSTOM_COMPILE_COMMAND="make pins" $(AUDIT)/bin/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes requirements/$${set%%:*}.in --output-file $${set##*:}.txt || exit 1; done

audit: $(AUDIT_STAMP) ## ask the index for known holes in what is pinned; fails where it cannot be asked
	@$(AUDIT)/bin/python scripts/audit_packages.py $(AUDIT_ARGS)

sbom: $(AUDIT_STAMP) ## write docs/sbom.json and docs/licenses.md: everything that runs in production
	$(AUDIT)/bin/uv venv --quiet --clear --python $(PYTHON) $(VENV)/sbom
	$(AUDIT)/bin/uv pip install --quiet --python $(VENV)/sbom --require-hashes -r requirements-s3.txt
	$(AUDIT)/bin/cyclonedx-py environment --output-reproducible --short-PURLs --output-file docs/sbom.json $(VENV)/sbom
	$(AUDIT)/bin/python scripts/list_licenses.py
	rm -rf $(VENV)/sbom

clean: ## remove what tools left behind; keeps .venv and instance/
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV_STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Referrals needs Python 3.11 or newer as $(PYTHON). Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUN_STAMP): requirements.txt $(VENV_STAMP)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(VENV_STAMP)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(RUN_STAMP) $@

$(AUDIT_STAMP): requirements/audit.txt $(VENV_STAMP)
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@touch $@
