# Everything runs from .venv, which this file makes from uv.lock: no root, nothing outside the clone
# but the engine (fetched once into the user's data directory). Node comes with .venv too.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=
# Of the tests, which wait for a third of their time: two cores keep three of them busy.
WORKERS ?= 3
SITE := src/hookswitch/console/index.html
STAMPS := console/.stamps
UNFETCHED := { echo "packages could not be fetched: check the network (behind a proxy: HTTPS_PROXY), then run make again"; exit 1; }
TOOLS := console/node_modules/.ready
PAGES := site/index.html
# Our commands are started hundreds of times by the tests; not compiled, each takes a second longer.
unexport PYTHONDONTWRITEBYTECODE
# A company's own authority is in the system's store, not in the tools'.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
CERTIFICATES := NODE_OPTIONS=--use-system-ca
endif
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(CERTIFICATES) npm --prefix console
SOURCES := $(shell find console/src console/public examples/standalone -type f -not -name schema.d.ts) \
  $(wildcard console/*.ts console/*.js console/*.html console/package.json console/tsconfig.json)

CHECKS := formatted linted typed layered docs $(STAMPS)/checked
TOGETHER := $(MAKE) --no-print-directory -j2 --output-sync=target

.PHONY: demo run test check formatted linted typed layered chaos wheel console docs reference clean
demo: $(READY) $(SITE)
	@$(BIN)/hookswitch demo $(ARGS)

run: $(READY) $(SITE)
	@$(BIN)/hookswitch serve $(ARGS)

test: $(READY)
	@$(TOGETHER) $(CHECKS) $(SITE) $(STAMPS)/tested
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(READY)
	@$(TOGETHER) $(CHECKS)

formatted: $(READY)
	$(BIN)/ruff format --check .

linted: $(READY)
	$(BIN)/ruff check .

typed: $(READY)
	$(BIN)/mypy
	MYPYPATH=src:tests $(BIN)/mypy bench/*.py

layered: $(READY)
	$(BIN)/lint-imports

bench-pages: $(SITE)

# each prints one line of JSON last; ARGS are its own options (ARGS=--help)
bench-%: $(READY)
	@$(BIN)/python bench/$(subst -,_,$*).py $(ARGS)

# Our processes killed -9 a thousand times at random moments (KILLS=), on both databases.
chaos: $(READY)
	HOOKSWITCH_CHAOS=$(or $(KILLS),1000) $(BIN)/pytest -q -n 0 tests/faults/test_chaos.py $(ARGS)

# Strict: a link or an anchor that leads nowhere fails it.
docs: $(PAGES)
	@echo "the documentation: site/index.html"

# The pages that are made from the program: commands, fields, settings, events.
reference: $(READY)
	@$(BIN)/python docs/generate.py

wheel: $(READY) $(SITE)
	$(BIN)/uv build --wheel --out-dir dist

console: $(SITE)

clean:
	rm -rf $(VENV) dist site var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	rm -rf console/node_modules console/openapi.json $(STAMPS) console/src/api/schema.d.ts \
	  src/hookswitch/console

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Hookswitch needs Python 3.11 or later with venv: apt-get install python3 python3-venv"; exit 1; }
	@echo "setting up $(VENV) (about a minute the first time)"
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q --disable-pip-version-check uv; } || $(UNFETCHED)
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen -q || $(UNFETCHED)
	@touch $@

$(TOOLS): console/package.json console/package-lock.json | $(READY)
	@echo "setting up console/node_modules"
	@$(NPM) ci --loglevel error --no-progress --no-audit --no-fund --ignore-scripts >/dev/null || $(UNFETCHED)
	@touch $@

# The client's types are made from the API's description; both are made anew only when they differ.
$(STAMPS)/described: console/describe.py $(shell find src/hookswitch/api src/hookswitch/model -name '*.py') | $(READY)
	@mkdir -p $(STAMPS)
	@$(BIN)/python console/describe.py > $(STAMPS)/openapi.json
	@cmp -s $(STAMPS)/openapi.json console/openapi.json || mv $(STAMPS)/openapi.json console/openapi.json
	@touch $@

console/openapi.json: $(STAMPS)/described
	@:

console/src/api/schema.d.ts: console/openapi.json $(TOOLS)
	@$(NPM) run -s api >/dev/null
	@touch $@

$(SITE): $(SOURCES) console/src/api/schema.d.ts
	@echo "building the console"
	@$(NPM) run -s build -- --logLevel warn
	@touch $@

$(STAMPS)/checked: $(SOURCES) console/src/api/schema.d.ts
	$(NPM) run -s check
	@touch $@

$(STAMPS)/tested: $(SOURCES) console/src/api/schema.d.ts
	$(NPM) run -s test
	@touch $@

$(PAGES): $(shell find docs examples -type f -not -name '*.pyc') pyproject.toml | $(READY)
	@$(BIN)/sphinx-build -b html -E -W --keep-going -q -d $(STAMPS)/doctrees docs site
	@$(BIN)/hookswitch openapi > site/openapi.json
	@touch $@
