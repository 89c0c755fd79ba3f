PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=
DEMO_ARGS ?=
CHAOS_ARGS ?=
PROOFS_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGE := $(VENV)/package
EXTRAS := encodings xlsx

.PHONY: help demo test test-fast test-postgres lint messages package bench chaos proofs release screenshots clean

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)  ## Run the example: Redis, worker, web server, a first import (DEMO_ARGS=--exit to end after it)
	$(BIN)/python -m example_project.demo $(DEMO_ARGS)

test: $(READY)  ## Run the whole suite, with a real Redis and real workers
	$(BIN)/pytest $(PYTEST_ARGS)

test-fast: $(READY)  ## Run the units only, in parallel: no worker, no browser
	$(BIN)/pytest -n auto -m 'not journey and not browser' $(PYTEST_ARGS)

test-postgres: $(READY)  ## Run the same suite on a temporary PostgreSQL
	.ci/postgres $(BIN)/pytest $(PYTEST_ARGS)

lint: $(READY)  ## Check style, floors and migrations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/python -m example_project.manage makemigrations --check --dry-run

messages: $(READY)  ## Collect what is to be translated and compile the translations (needs gettext)
	set -e; for folder in akeneo_jobs example_project; do \
		cd $(CURDIR)/$$folder; \
		$(abspath $(BIN))/django-admin makemessages --locale fr --no-obsolete --no-wrap --add-location file --ignore var; \
		$(abspath $(BIN))/django-admin compilemessages --locale fr; \
	done

package: $(READY)  ## Build the wheel, check the example with it in an empty environment, and each extra alone
	rm -rf $(PACKAGE) build
	$(BIN)/python -m build --quiet --wheel --outdir $(PACKAGE)/dist
	$(BIN)/python -m venv $(PACKAGE)/venv
	$(PACKAGE)/venv/bin/pip install --quiet dj-database-url $(PACKAGE)/dist/*.whl
	diff -r -x __pycache__ akeneo_jobs $(PACKAGE)/venv/lib/python*/site-packages/akeneo_jobs
	mkdir $(PACKAGE)/host
	cp -r example_project $(PACKAGE)/host/
	cd $(PACKAGE)/host && ../venv/bin/python -m example_project.manage check
	set -e; for extra in $(EXTRAS); do \
		$(BIN)/python -m venv $(PACKAGE)/$$extra; \
		$(PACKAGE)/$$extra/bin/pip install --quiet "$$(echo $(PACKAGE)/dist/*.whl)[$$extra]"; \
		$(PACKAGE)/$$extra/bin/python -P .ci/extras.py $$extra; \
	done

bench: $(READY)  ## Measure what the app costs and saves (BENCH_ARGS='imports --rows 5000' for a part, --write into docs)
	.ci/postgres $(BIN)/python -m benchmarks $(BENCH_ARGS)

chaos: $(READY)  ## Kill, restart and fill what executions depend on (CHAOS_ARGS=--short for a few runs)
	.ci/postgres $(BIN)/python -m chaos $(CHAOS_ARGS)

proofs: $(READY)  ## List the tables older than the code that they prove (PROOFS_ARGS=--strict to fail then)
	@$(BIN)/python -m proofs $(PROOFS_ARGS)

release: $(READY)  ## Build what is uploaded and check it; refused while a table is older than its code
	$(BIN)/python -m proofs --strict
	rm -rf dist build
	$(BIN)/python -m build --quiet --outdir dist
	$(BIN)/twine check --strict dist/*

screenshots: $(READY)  ## Make the screenshots of the documentation from the running example
	$(BIN)/python -m example_project.screenshots

clean:  ## Remove all that was made here
	rm -rf $(VENV) build dist *.egg-info .*_cache example_project/var
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): setup.cfg
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, $(PYTHON) is older: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@
