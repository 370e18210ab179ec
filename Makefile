# Every target does its own set-up. Needs Python 3.11 or later with venv and pip, and nothing else.
PYTHON ?= python3
BIN := .venv/bin
DATA ?= data

.PHONY: install demo test check dev docs bench scoreboard lock clean

install: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the locked packages into .venv"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install
	$(BIN)/selfaudit --data $(DATA) demo

check: install
	$(BIN)/ruff format --check pipelines tests benchmarks docs
	$(BIN)/ruff check pipelines tests benchmarks docs
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest

dev: install
	SELFAUDIT_DATA=$(DATA) $(BIN)/python -m pipelines.dev

# The documentation as a site, without a network; a dead link is an error.
docs: install
	$(BIN)/python -m pipelines.guide build/site

bench: install
	$(BIN)/python -m benchmarks

# Reviews the demo estate and writes docs/scoreboard.md anew.
scoreboard: install
	$(BIN)/python -m tests.scoreboard

# Names, versions and hashes only; run it after a change of dependencies in pyproject.toml.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --annotation-style line --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv build *.egg-info
