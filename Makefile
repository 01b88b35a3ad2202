# Everything a newcomer needs: `make demo` shows the product, `make test` proves it. Both build the environment first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo run test lint types contracts unit chaos bench requirements browser clean

demo: $(VENV)/.run
	$(BIN)/touchdesk demo

run: $(VENV)/.run
	$(BIN)/touchdesk run

test: lint types contracts unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

# Much of a test is waiting for a disk or a timer, so there is a worker more than cores.
unit: $(VENV)/.dev browser
	$(BIN)/pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist worksteal -m "not alone and not chaos"
	$(BIN)/pytest -m alone tests/benchmarks

# What takes long to break: kills by the hundred, restarts of the database, hours. Not part of `make test`.
chaos: $(VENV)/.dev
	$(BIN)/pytest -m chaos tests
	$(BIN)/python -m benchmarks.kills --database sqlite
	$(BIN)/python -m benchmarks.kills --database postgres
	$(BIN)/python -m benchmarks.faults --database sqlite
	$(BIN)/python -m benchmarks.faults --database postgres
	$(BIN)/python -m benchmarks.workers
	$(BIN)/python -m benchmarks.soak

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.throughput

browser:
	@sh tests/browser/ensure-chromium.sh

# The pinned, hashed requirements; needs uv. Nothing in them names a package index.
requirements:
	uv pip compile -q --generate-hashes --universal --python-version 3.11 pyproject.toml --extra postgres -o requirements/run.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 pyproject.toml --extra dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile -q --generate-hashes --universal --python-version 3.11 requirements/build.in -c requirements/dev.txt -o requirements/build.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Touchdesk needs Python 3.11: install it, or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run | $(BIN)/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .demo .pytest_cache .mypy_cache .ruff_cache
