python := .venv/bin/python
installed := .venv/.installed

.PHONY: help demo test check bench screenshot clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s  %s\n", $$1, $$2 }' Makefile

demo: $(installed) ## Run a short session on a temporary file
	@$(python) tests/demo.py

test: $(installed) ## Run the tests
	$(python) -m pytest

check: $(installed) ## Check style, format and types
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy

bench: $(installed) ## Measure speed, memory and requests, and print their limits; takes minutes
	@$(python) -m tests.benchmark

screenshot: $(installed) ## Create docs/design.png, the picture in the README, with Chromium
	$(python) -m tests.screenshot

clean: ## Remove the files of tests and builds, but not .venv
	rm -rf build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(installed): pyproject.toml
	python3 -m venv .venv && .venv/bin/pip install --quiet -e '.[dev]'
	@touch $@
