# Each target creates the environment it needs; a fresh machine needs Python 3.11+ with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
DEMO_AS_OF := 2026-08-01

# The native core is optional, but not for the gate; without Rust the Python reference runs.
NATIVE := $(wildcard native/Cargo.* native/src/*.rs native/src/*/*.rs)
define rust
	@if command -v cargo >/dev/null; then echo "$(1)"; cd native && $(1); \
	elif [ "$$CI" = true ]; then echo "needs cargo: $(1)" >&2; exit 1; \
	else echo "without cargo, not run: $(1)"; fi
endef

.DEFAULT_GOAL := help
.PHONY: help demo test peers docs fmt lint type check schema bench clean

help: ## Say what there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.run: requirements/run.txt pyproject.toml $(NATIVE)
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# Other people's programs that check what we write; PyICU among them is compiled and needs g++, pkg-config, libicu-dev.
$(VENV)/.peers: requirements/peers.txt $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.txt
	touch $@

# Another runner, half a gigabyte large; it also needs Java 17 or newer.
$(VENV)/.spark: requirements/spark.txt $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.txt
	touch $@

$(VENV)/.docs: requirements/docs.txt $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	touch $@

demo: $(VENV)/.run ## Run the main job on the invented operator in examples/northport
	$(BIN)/beholden scan examples/northport --as-of $(DEMO_AS_OF) --allow-incomplete \
	  -o $(DEMO)/report.html -o $(DEMO)/findings.json -o $(DEMO)/findings.sarif
	@echo "Written: $(DEMO)/report.html $(DEMO)/findings.json $(DEMO)/findings.sarif"

test: $(VENV)/.dev ## Run the whole test suite
	$(call rust,cargo test --quiet --locked --no-default-features)
	$(BIN)/pytest -n auto --dist loadgroup

peers: $(VENV)/.peers $(VENV)/.docs $(VENV)/.spark ## Install what the tests against other programs need (they skip without it)

docs: $(VENV)/.docs ## Build the documentation site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Written: build/site/index.html"

fmt: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format src tests benchmarks docs/_generate
	$(BIN)/ruff check --fix src tests benchmarks docs/_generate
	$(call rust,cargo fmt)

lint: $(VENV)/.dev ## Check format, style and import order
	$(BIN)/ruff format --check src tests benchmarks docs/_generate
	$(BIN)/ruff check src tests benchmarks docs/_generate
	$(BIN)/lint-imports
	$(call rust,cargo fmt --check)
	$(call rust,cargo clippy --quiet --locked --all-targets -- -D warnings)

type: $(VENV)/.dev ## Check types
	$(BIN)/mypy

schema: $(VENV)/.run ## Regenerate the published result schema
	$(BIN)/python -m beholden.report.schema docs/schema

check: test lint type ## Everything the gate runs

bench: $(VENV)/.dev ## Measure start-up, ownership of millions, and the HTML report of a large result in a browser
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/ownership.py
	$(BIN)/python benchmarks/report_open.py

clean: ## Remove what the other targets made
	rm -rf $(VENV) build native/target native/fuzz/target src/beholden/_native.*.so
