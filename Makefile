# The commands of this repository. `make run` and `make test` are the two that matter; README says what the rest do.
# Every step leaves a stamp, so that a second run does only what has changed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
PYTHON_WANTED := python3.13 python3.12 python3.11 python3 python3.14
WORKERS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

.PHONY: help run demo simulate prove test test-whole test-postgres chaos races tours crashes walks bench lint format assets docs assurance lock migration clean

help:
	@echo "make run        set up what is missing, then serve the desk and print its address"
	@echo "make demo       play the term of the contract until now in a folder of its own, then serve that"
	@echo "make simulate   play the whole term by SEED=1 and check what came of it; TICKETS=… for another number of tickets"
	@echo "make test       lint, then the tests, those in a browser included"
	@echo "make test-whole    the long forms of some of them: every state, action and person; every refusal by HTTP too"
	@echo "make test-postgres    every test of make test on PostgreSQL; nothing has to be installed for it"
	@echo "make prove      go through every configuration of every duty, hold every claim against it, and write the certificate"
	@echo "make chaos      kill the desk's processes and PostgreSQL under load, minutes long, and count what came of it"
	@echo "make races      press every two acts that are possible at once at one instant, on both databases; hours long"
	@echo "make tours      drive what is proved through the API, every edge and every refusal; hours long"
	@echo "make crashes    kill every act at every call that writes, fill its disk, cut its power; hours long"
	@echo "make walks      let people at random do thousands of steps, other ones each time; WALKS=300 says how many walks"
	@echo "make bench      measure what the clock costs; fails where it costs too much"
	@echo "make lint       ruff, mypy and import-linter"
	@echo "make format     let ruff lay out the code"
	@echo "make assets     build what a browser fetches"
	@echo "make docs       write diagrams, clause tables and screenshots anew"
	@echo "make assurance  write docs/assurance.md anew from the figures that the suites handed in"
	@echo "make migration  SAYS='what now holds': write a migration from the tables as they stand"
	@echo "make lock       resolve the requirements anew and hash them"
	@echo "make clean      remove all that these commands made, the database excepted"

run: .venv/.runtime static/built/manifest.json
	@exec $(FLASK) serve --prepare

# The rich demonstration lies beside the database of `make run` and is played once; without the folder it is played anew.
SEED ?= 1
RICH := instance/rich

demo: .venv/.runtime static/built/manifest.json
	@[ -e $(RICH)/.played ] || { $(FLASK) simulate --seed $(SEED) --until-now --tickets $(or $(TICKETS),120) --folder $(RICH) \
	  && touch $(RICH)/.played; }
	@COUNTERPART_INSTANCE=$(RICH) exec $(FLASK) serve

simulate: .venv/.runtime
	@$(FLASK) simulate --seed $(SEED) --year $(if $(TICKETS),--tickets $(TICKETS))

# What is killed call by call is counted call by call, so it is started by processes that have done nothing else before.
test: .venv/.development static/built/manifest.json lint
	@$(BIN)/python tests/prove/spin.py --install
	@chromium=$$($(BIN)/python tests/browser/chromium.py --install); \
	CHROMIUM="$$chromium" $(BIN)/pytest -n $(WORKERS) -m "not whole" --ignore=tests/crash $(PYTEST_ARGS)
	@$(BIN)/pytest -n $(WORKERS) -m "not whole" tests/crash

test-whole: .venv/.development static/built/manifest.json
	@chromium=$$($(BIN)/python tests/browser/chromium.py --install); \
	CHROMIUM="$$chromium" $(BIN)/pytest -n $(WORKERS) -m whole $(PYTEST_ARGS)

test-postgres: .venv/.development static/built/manifest.json
	@chromium=$$($(BIN)/python tests/browser/chromium.py --install); \
	CHROMIUM="$$chromium" TEST_DATABASE=postgresql $(BIN)/pytest -n $(WORKERS) -m "not whole" $(PYTEST_ARGS)

prove: .venv/.runtime
	@$(FLASK) prove --certify
	@$(BIN)/python -m docs.proof

chaos: .venv/.development static/built/manifest.json
	@$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

races: .venv/.development
	@TEST_DATABASE=sqlite $(BIN)/python -m tests.desk.every_race $(RACE_ARGS)
	@TEST_DATABASE=postgresql $(BIN)/python -m tests.desk.every_race $(RACE_ARGS)

tours: .venv/.development
	@$(BIN)/python -m tests.tour $(TOUR_ARGS)

crashes: .venv/.development
	@$(BIN)/python -m tests.crash $(CRASH_ARGS)

walks: .venv/.development
	@WALKS=$(or $(WALKS),300) $(BIN)/pytest -m whole tests/walked

bench: .venv/.development
	@$(BIN)/python -m bench.clock

lint: .venv/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-logo

format: .venv/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.development static/built/manifest.json
	@$(BIN)/python -m docs.write_workflows
	@$(BIN)/python docs/screenshot.py

assurance: | .venv/bin/python
	@$(BIN)/python -m docs.assurance

migration: .venv/.runtime
	@$(BIN)/python -m migrations "$(SAYS)"

# --- What the commands stand on -----------------------------------------------------------------------------------

# The first Python of 3.11 or later makes the environment; a name on PATH that does not run is passed over.
# Debian packs `venv` apart from Python: where it is absent an existing pip can do its part.
.venv/bin/python:
	@for name in $(PYTHON_WANTED); do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$name; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then echo "No Python 3.11 or later was found (looked for: $(PYTHON_WANTED))." >&2; exit 1; fi; \
	echo "environment: $$("$$found" --version) in .venv"; \
	found=$$("$$found" -c 'import sys; print(sys.executable)'); rm -rf .venv; \
	if command -v uv >/dev/null 2>&1; then uv venv --quiet --python "$$found" .venv; \
	elif "$$found" -c 'import venv, ensurepip' >/dev/null 2>&1; then "$$found" -m venv .venv; \
	elif "$$found" -c 'import venv, pip' >/dev/null 2>&1; then \
	  "$$found" -m venv --without-pip .venv && "$$found" -m pip --python .venv/bin/python install --quiet pip; \
	else \
	  echo "$$found has neither ensurepip nor pip, so no environment can be made. On Debian and Ubuntu:" >&2; \
	  echo "    apt-get install python3-venv        (as root)" >&2; \
	  echo "Elsewhere install uv or a complete Python 3.11, then run make again." >&2; \
	  rm -rf .venv; exit 1; \
	fi

# Only what the lock names, each file checked against its hash.
install = if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); \
	else $(BIN)/python -m pip install -qq --require-hashes -r $(1); fi

.venv/.runtime: requirements.lock | .venv/bin/python
	@echo "packages: requirements.lock"
	@$(call install,requirements.lock)
	@touch $@

.venv/.development: requirements-dev.lock .venv/.runtime | .venv/bin/python
	@echo "packages: requirements-dev.lock"
	@$(call install,requirements-dev.lock)
	@touch $@

node_modules/.installed: package-lock.json requirements-node.lock static/build.py | .venv/bin/python
	@$(BIN)/python static/build.py --install-only
	@touch $@

OUR_ASSETS := static/desk.css static/desk.js static/mark.svg

static/built/manifest.json: node_modules/.installed static/build.py $(OUR_ASSETS)
	@$(BIN)/python static/build.py --no-install

assets: static/built/manifest.json

# --- Upkeep -------------------------------------------------------------------------------------------------------

resolve = uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(2) $(1).in -o $(1).lock

lock: | .venv/bin/python
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv on PATH." >&2; exit 1; }
	@$(call resolve,requirements)
	@$(call resolve,requirements-dev,--constraints requirements.lock)
	@$(call resolve,requirements-node)
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved

clean:
	rm -rf .venv node_modules static/built translations/built .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
