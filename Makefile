python := .venv/bin/python
installed := .venv/.installed

.PHONY: help demo test check bench screenshot clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s  %s\n", $$1, $$2 }' Makefile

demo: $(installed) ## A short session with the program, on a file of its own
	@$(python) tests/demo.py

test: $(installed) ## Run the tests
	$(python) -m pytest

check: $(installed) ## Check style, format and types
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy

bench: $(installed) ## Measure speed, memory and requests beside their limits; some minutes
	@$(python) -m tests.benchmark

screenshot: $(installed) ## Make docs/design.png, the picture in the README, with chromium
	$(python) -m tests.screenshot

clean: ## Remove what tests and builds left; .venv stays
	rm -rf build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(installed): pyproject.toml
	python3 -m venv .venv && .venv/bin/pip install --quiet -e '.[dev]'
	@touch $@
