# Everything runs from .venv, which this file makes from uv.lock: no root, nothing outside the clone
# but the engine (fetched once into the user's data directory).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.PHONY: demo run test check wheel clean
demo: $(READY)
	@$(BIN)/hookswitch demo $(ARGS)

run: $(READY)
	@$(BIN)/hookswitch serve $(ARGS)

test: check
	$(BIN)/pytest -n 2 --dist loadfile $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# each prints one line of JSON last; ARGS are its own options (ARGS=--help)
bench-%: $(READY)
	@$(BIN)/python bench/$(subst -,_,$*).py $(ARGS)

wheel: $(READY)
	$(BIN)/uv build --wheel --out-dir dist

clean:
	rm -rf $(VENV) dist var .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Hookswitch needs Python 3.11 or later with venv: apt-get install python3 python3-venv"; exit 1; }
	@echo "setting up $(VENV) (about a minute the first time)"
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q --disable-pip-version-check uv; }
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen -q
	@touch $@
