# make demo: install into .venv and watch the memory work. make test: the whole test suite.
#   PYTHON=python3.12      the Python the environment is made with (3.11 or newer)
#   TORCH_BACKEND=cpu      the small install: PyTorch without CUDA (any backend uv knows)
#   ARGS="-k search -x"    passed on to pytest by make test; names of ecosystems for make test-outside
#   MINUTES=20             how long make fuzz goes on; SEED=7 begins with the round of that seed
PYTHON ?= python3
VENV ?= .venv
TORCH_BACKEND ?=
ARGS ?=
MINUTES ?= 20
SEED ?=

BIN := $(VENV)/bin
# Machines that build things often forbid bytecode; without it every start takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

INSTALL = uv pip install --python $(BIN)/python --constraints constraints.txt --build-constraints constraints.txt \
	--compile-bytecode $(if $(TORCH_BACKEND),--torch-backend $(TORCH_BACKEND))
# An editable package is not compiled by the installer.
COMPILE = $(BIN)/python -m compileall -q coda_graphmem
# uv from the path, else the one in the environment.
WITH_UV = PATH="$$PATH:$(abspath $(BIN))"

HAS_NODE = command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'
# What `make inspector` builds.
PAGE = coda_graphmem/inspector/static/index.html
# What npm ci leaves behind last.
NODE_MODULES = inspector/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-lts test-outside fuzz test-page lint lint-page docs inspector reference install dev neo4j neo4j-stop constraints clean

help:
	@echo "make demo         install, then import a sample conversation and ask it questions"
	@echo "make test         install what tests need, then run the whole suite"
	@echo "make test-fast    the tests that need no server, no browser and no program of their own: about a minute"
	@echo "make test-lts     what make test asks of the present Neo4j, asked of Neo4j 5.26 LTS"
	@echo "make test-outside the tests that others wrote for their interfaces, fetched and run against our adapters"
	@echo "make fuzz         random files and texts for MINUTES=20, as many as there is time for"
	@echo "make inspector    build the page of coda-graphmem inspect (Node 20 or newer)"
	@echo "make lint         ruff, mypy and the layers; tsc and oxlint where Node 20 is there"
	@echo "make docs         build the documentation into site/"
	@echo "make reference    renew the pages that are made from the code"
	@echo "make neo4j        start Neo4j for development (Docker, else Java and Maven); make neo4j-stop ends it"
	@echo "make install      only make the environment in $(VENV)"
	@echo "make constraints  pin what pyproject.toml newly asks for; UPGRADE=1 renews all versions"
	@echo "make clean        remove the environment and what tools left behind"

demo: install
	@$(BIN)/coda-graphmem demo

test: dev
	@if $(HAS_NODE); then $(MAKE) --no-print-directory inspector test-page; else \
		echo "== Node 20 and npm are not installed, so the tests of the inspector's page are left out"; fi
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --neo4j 2026 $(ARGS)

# Of tests of Neo4j alone; both generations at once would make the suite a third longer.
test-lts: dev
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m neo4j --neo4j 5 $(ARGS)

# What neither a server nor a browser nor a program of its own is started for.
test-fast: dev
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -q \
		-m "not server and not browser and not slow" $(ARGS)

# Each ecosystem in an environment of its own in .outside; ARGS="langchain" for some of them.
test-outside: dev
	@$(BIN)/python -m tests_outside $(ARGS)

# One round of tests/fuzz after another, each with a seed of its own; the first failure ends it and says its seed.
fuzz: dev
	@end=$$(( $$(date +%s) + 60 * $(MINUTES) )); seed=$(or $(SEED),$$(date +%s)); rounds=0; \
	while [ $$(date +%s) -lt $$end ]; do \
		FUZZ_PROFILE=long $(BIN)/python -m pytest -q -n auto --hypothesis-seed=$$seed tests/fuzz $(ARGS) || { \
			echo "== Again with: make fuzz SEED=$$seed" >&2; exit 1; }; \
		rounds=$$((rounds + 1)); echo "== Round $$rounds, seed $$seed: nothing found"; seed=$$((seed + 1)); \
	done

lint: dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if $(HAS_NODE); then $(MAKE) --no-print-directory lint-page; else \
		echo "== Node 20 and npm are not installed, so the inspector's TypeScript is not checked"; fi

inspector: $(PAGE)

$(PAGE): $(wildcard inspector/*.* inspector/src/*) $(NODE_MODULES)
	@echo "== Building the inspector"
	@cd inspector && npm run --silent build -- --logLevel warn
	@touch $@

lint-page: $(NODE_MODULES)
	cd inspector && npm run --silent lint

test-page: $(NODE_MODULES)
	cd inspector && npm run --silent test

$(NODE_MODULES): inspector/package-lock.json inspector/package.json inspector/.npmrc
	@$(HAS_NODE) || { \
		echo "The inspector's page is built with Node 20 or newer and npm: install them first." >&2; exit 1; }
	@cd inspector && npm ci --silent
	@touch $@

docs: dev
	$(BIN)/mkdocs build --strict --quiet
	@echo "The documentation is in site/index.html"

reference: dev
	$(BIN)/python scripts/generate_reference.py
	$(BIN)/python scripts/generate_sync_stub.py
	$(BIN)/python scripts/generate_inspector_types.py

neo4j: dev
	@$(BIN)/python scripts/neo4j_server.py start

neo4j-stop: dev
	@$(BIN)/python scripts/neo4j_server.py stop

install: $(VENV)/.installed
dev: $(VENV)/.installed-dev

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "coda-graphmem needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; \
		exit 1; }
	@echo "== Making the environment in $(VENV)"
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --no-python-downloads --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); \
	else \
		$(PYTHON) -m venv $(VENV) && echo "== Fetching uv" && \
		$(BIN)/python -m pip install --quiet --constraint constraints.txt uv; \
	fi
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.python
	@echo "== Installing coda-graphmem with the versions of constraints.txt"
	@$(WITH_UV) $(INSTALL) --editable .
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/.python
	@echo "== Installing coda-graphmem and what its tests need, with the versions of constraints.txt"
	@$(WITH_UV) $(INSTALL) --editable . --group dev
	@$(COMPILE)
	@touch $@ $(VENV)/.installed

# Python 3.11 to 3.14 and all platforms in one file. Only names and versions are kept: it says what to
# install, and leaves where from to the machine that installs.
constraints: | $(VENV)/.python
	@$(WITH_UV) uv pip compile --quiet --universal --python-version 3.11 $(if $(UPGRADE),--upgrade) --all-extras --group dev \
		--no-annotate --no-header --no-emit-index-url --no-emit-find-links --output-file constraints.txt pyproject.toml
	@echo "constraints.txt: $$(wc -l < constraints.txt) versions"

clean:
	rm -rf $(VENV) .outside build dist inspector/node_modules coda_graphmem/inspector/static .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find coda_graphmem tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
