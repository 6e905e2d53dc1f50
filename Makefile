# Every target sets up what it needs: Python 3.11+, make and a package index are enough.
# PYTHON=python3.12 makes .venv with that one; otherwise uv chooses.
PYTHON ?= python3
UV := $(shell command -v uv || echo .uv/bin/uv)
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS = never
ifneq ($(origin PYTHON),file)
export UV_PYTHON = $(PYTHON)
endif
RUN := $(UV) run --frozen --no-sync
STAMP := .venv/.ready-$(subst /,-,$(PYTHON))
SYNC ?= # options of `uv sync`: the GitHub Action leaves the developers' tools out

.DEFAULT_GOAL := help
.PHONY: help setup generate check-generated contract test detection mock bench changes drift docs release lint static check clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.uv/bin/uv:
	$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(STAMP): $(filter .uv/%,$(UV)) pyproject.toml uv.lock generated_client/pyproject.toml
	$(UV) sync --frozen --quiet $(SYNC) && touch $@
	@echo "$$(.venv/bin/python --version) in .venv"

setup: $(STAMP) ## Install everything into .venv

generate: $(STAMP) ## Generate the client from openapi.yaml
	./generate.sh

check-generated: $(STAMP) ## Fail if the committed client is not what openapi.yaml generates
	./generate.sh --check

contract: $(STAMP) ## Run the conformance suite: BASE_URL=.. PROFILE=quick|full MAX_NUMBERS=N, the mock without BASE_URL
	$(RUN) vogent-contract test $(if $(filter undefined,$(origin BASE_URL)),,--base-url '$(BASE_URL)') $(if $(PROFILE),--profile $(PROFILE)) $(if $(MAX_NUMBERS),--max-numbers $(MAX_NUMBERS)) $(ARGS)

test: $(STAMP) ## Test the kit itself
	@echo 'Testing the kit: some 150 s on 2 cores'
	@$(RUN) pytest -n auto --dist worksteal $(ARGS)

detection: $(STAMP) ## Measure which broken servers the suite finds
	$(RUN) python -m tests.detection $(ARGS)

mock: $(STAMP) ## Start the mock server: PORT=8080
	$(RUN) vogent-contract mock $(if $(PORT),--port $(PORT)) $(ARGS)

bench: $(STAMP) ## Measure ratios against peers
	$(RUN) python -m benchmarks $(ARGS)

changes: $(STAMP) ## What openapi.yaml changes for callers: BASE=origin/main; fails if it breaks them without notice
	$(RUN) vogent-contract changes '$(or $(BASE),origin/main)' $(ARGS)

drift: $(STAMP) ## Compare the contract with what the vendor publishes: OPENAPI=file or URL, PAGES=folder or URL
	$(RUN) vogent-contract drift $(if $(OPENAPI),--openapi '$(OPENAPI)') $(if $(PAGES),--pages '$(PAGES)') $(ARGS)

docs: $(STAMP) ## Write the reference page to build/docs/index.html
	$(RUN) vogent-contract docs build/docs/index.html

release: check ## Check version, changelog and TAG, then build kit and client into dist/
	$(RUN) python scripts/release.py '$(TAG)'

lint: $(STAMP) ## Format, fix what can be fixed, then check
	$(RUN) ruff check --fix --quiet . && $(RUN) ruff format --quiet .
	@$(MAKE) --no-print-directory static

static: $(STAMP)
	$(RUN) ruff check . && $(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) openapi-spec-validator openapi.yaml

check: static check-generated ## All checks without a test run; edits nothing

clean: ## Remove what the targets made
	rm -rf .venv .uv .ruff_cache .mypy_cache .pytest_cache .import_linter_cache .hypothesis report build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
