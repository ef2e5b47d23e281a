python := .venv/bin/python
installed := .venv/.installed

.PHONY: help demo test check bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s  %s\n", $$1, $$2 }' Makefile

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

clean: ## Remove what tests and builds left; .venv stays
	rm -rf build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(installed): pyproject.toml
	python3 -m venv .venv && .venv/bin/pip install --quiet -e '.[dev]'
	@touch $@
