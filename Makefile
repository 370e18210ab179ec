# Every target does its own set-up. Needs Python 3.11 or later with venv and pip, and nothing else.
PYTHON ?= python3
BIN := .venv/bin
DATA ?= data
# Test files run side by side; the slowest run the command, which waits for disks and other processes part of the time.
TEST_PROCESSES ?= 2

SUPERSET := .venv-superset
SUPERSET_LOCK := pipelines/publish/superset/requirements.lock
SUPERSET_PORT ?= 8088
CLIENTS := .venv-clients
FOCUS := .venv-focus
CONTRACTS := .venv-contracts
SBOM := .venv-sbom
SPARK := .venv-spark
DUCKLAKE := .venv-ducklake
DUCKLAKE_LOCK := pipelines/publish/ducklake/requirements.lock
# The FOCUS validator needs a newer Python than this project does; where there is none its tests skip.
FOCUS_PYTHON ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.12.*/bin/python) python3.12)
PIN := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --annotation-style line
# What is locked for every system, and what only for the one on which the tests of neighbours' tools run.
ANY := --universal --python-version 3.11
LINUX := --python-version 3.12 --python-platform x86_64-manylinux_2_28

.PHONY: install demo test test-all unit rule golden mutate torture check dev docs bench scoreboard superset superset-dashboard bi-install clients-install focus-install contracts-install ducklake ducklake-install spark test-spark sbom lock clean

# What a parsed dbt project is made of; a change of it is parsed once here and not in every new data folder.
PROJECT := $(shell find dbt_project -type f -not -path '*/target/*' \( -name '*.sql' -o -name '*.py' -o -name '*.yml' -o -name '*.csv' \))

install: .venv/.installed .venv/.prepared

.venv/.installed: requirements.lock pyproject.toml pipelines/defs/dagster_dev.pth
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the locked packages into .venv"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@cp pipelines/defs/dagster_dev.pth "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@touch $@

.venv/.prepared: .venv/.installed pipelines/run/prepare.py pipelines/run/dbt_call.py $(PROJECT)
	@$(BIN)/python -m pipelines.run.prepare
	@touch $@

# A virtual environment beside .venv: $(call environment,FOLDER,LOCK FILE,PYTHON,WHAT IT IS FOR).
define environment
$(1)/.installed: $(2)
	@test -x $(1)/bin/python || $(3) -m venv $(1)
	@echo "installing $(4) into $(1)"
	@$(1)/bin/pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r $(2)
	@touch $$@
endef
$(eval $(call environment,$(SUPERSET),$(SUPERSET_LOCK),$(PYTHON),Superset))
$(eval $(call environment,$(CLIENTS),tests/bi/clients.lock,$(PYTHON),older DuckDB clients))
$(eval $(call environment,$(CONTRACTS),tests/bi/contracts.lock,$(FOCUS_PYTHON),datacontract-cli))
$(eval $(call environment,$(FOCUS),tests/bi/focus.lock,$(FOCUS_PYTHON),the FOCUS validator))
$(eval $(call environment,$(DUCKLAKE),$(DUCKLAKE_LOCK),$(PYTHON),DuckDB with the DuckLake extension))
$(eval $(call environment,$(SBOM),tests/packaging/sbom.lock,$(PYTHON),cyclonedx-py))
$(eval $(call environment,$(SPARK),pipelines/spark/requirements.lock,$(PYTHON),PySpark and dbt-spark))

demo: install
	$(BIN)/selfaudit --data $(DATA) demo

check: install
	$(BIN)/ruff format --check pipelines tests benchmarks docs dbt_project .ci
	$(BIN)/ruff check pipelines tests benchmarks docs dbt_project .ci
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/yamllint --strict .
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models

# CHECKED=yes where `make check` has just passed.
test: $(if $(CHECKED),install,check)
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile

# Those that `make test` leaves out too: every field case, faults at many moments, any order of arrival, Superset,
# datacontract-cli. About as long again.
test-all: check bi-install contracts-install
	$(BIN)/python -m pytest -m "" --numprocesses $(TEST_PROCESSES) --dist loadfile

# The tests that run no review: under a minute.
unit: install
	$(BIN)/python -m pytest -m "not slow and not thorough" --numprocesses $(TEST_PROCESSES) tests/unit tests/contracts tests/architecture

# One rule: its unit tests, and what it finds in the demo of DATA now against what is published there. `make rule RULE=USE-01`
rule: install
	$(BIN)/python -m tests.rule $(RULE) --data $(DATA)

# The rows of the demo that tests compare with, written anew: commit the difference if it is meant.
golden: install
	$(BIN)/python -m tests.golden.rows

# Plants the mistakes of tests/mutations in copies of the project, and writes docs/mutations.md: which test sees which.
mutate: install
	$(BIN)/python -m tests.mutations

# Mutates valid files of every kind and looks at what becomes of them (100,000 take a night), and rewrites a signed data
# folder without its key (1,000 take ten minutes); `make torture FILES=2000 TRIES=100 SEED=7`
FILES ?= 100000
TRIES ?= 1000
SEED ?= 1
torture: install
	$(BIN)/python -m benchmarks.torture --files $(FILES) --seed $(SEED)
	$(BIN)/python -m benchmarks.attacker --tries $(TRIES) --seed $(SEED)

dev: install
	SELFAUDIT_DATA=$(DATA) $(BIN)/python -m pipelines.defs.dev

# The documentation as a site, without a network; a dead link is an error. Its pictures are of the demo.
docs: install
	@test -f build/demo/published/pages/index.html || $(BIN)/selfaudit --data build/demo demo > /dev/null
	$(BIN)/python docs/site/build.py build/site --pages build/demo/published/pages

bench: install
	$(BIN)/python -m benchmarks month

# Reviews the demo estate and writes docs/scoreboard.md anew.
scoreboard: install
	$(BIN)/python -m tests.scoreboard

# What Superset imports: Dashboards, Import. It names the published file of DATA as this machine sees it.
superset-dashboard: install
	$(BIN)/python -m pipelines.publish.superset.bundle --database $(DATA)/published/selfaudit.duckdb --to build/superset_dashboard.zip

# Superset for one machine, on loopback, with the dashboard imported; its secret, password and metadata are under DATA.
superset: $(SUPERSET)/.installed superset-dashboard
	SUPERSET_HOME=$(abspath $(DATA))/state/superset $(SUPERSET)/bin/python pipelines/publish/superset/serve.py --bundle build/superset_dashboard.zip --port $(SUPERSET_PORT)

# Environments of their own for the BI tools; without them the tests of tests/bi that need them skip and say so.
bi-install: $(SUPERSET)/.installed clients-install focus-install

clients-install: $(CLIENTS)/.installed

focus-install: $(if $(shell command -v $(FOCUS_PYTHON) 2> /dev/null),$(FOCUS)/.installed)
	@test -e $(FOCUS)/.installed || echo "no Python 3.12 for the FOCUS validator; its tests will skip"

# A DuckLake catalogue over the folders of Parquet of DATA, for clients with that extension: build/selfaudit.ducklake.
ducklake: ducklake-install
	$(DUCKLAKE)/bin/python pipelines/publish/ducklake/catalogue.py --published $(DATA)/published --to build/selfaudit.ducklake

ducklake-install: $(DUCKLAKE)/.installed

# Lints the data contracts and holds them against the published file; large, so it is no part of bi-install.
contracts-install: $(CONTRACTS)/.installed

# What the locked environment is made of, with versions and licences, in CycloneDX form: build/sbom.cdx.json.
sbom: install $(SBOM)/.installed
	@mkdir -p build
	$(SBOM)/bin/cyclonedx-py environment --output-reproducible --validate --pyproject pyproject.toml --output-file build/sbom.cdx.json $(BIN)/python

# What the models need on Spark, in an environment of its own; about 1.1 GB (docs/scale.md).
spark: $(SPARK)/.installed
	@command -v java > /dev/null || { echo "Spark needs Java 17: on Debian, apt-get install -y openjdk-17-jre-headless"; exit 1; }

# Two estates through both engines: every table of `calendar` and `marts`, row by row.
test-spark: install spark
	$(BIN)/python -m pytest -m "" -n 0 -s tests/spark

# Names, versions and hashes only; run it after a change of dependencies in pyproject.toml or of an .in file.
lock:
	$(PIN) $(ANY) --extra dev pyproject.toml -o requirements.lock
	$(PIN) $(ANY) pipelines/publish/superset/requirements.in -o $(SUPERSET_LOCK)
	$(PIN) $(ANY) pipelines/publish/ducklake/requirements.in -o $(DUCKLAKE_LOCK)
	$(PIN) $(ANY) tests/bi/clients.in -o tests/bi/clients.lock
	$(PIN) $(ANY) pipelines/spark/requirements.in -o pipelines/spark/requirements.lock
	$(PIN) $(ANY) tests/packaging/sbom.in -o tests/packaging/sbom.lock
	$(PIN) $(LINUX) tests/bi/focus.in -o tests/bi/focus.lock
	$(PIN) $(LINUX) tests/bi/contracts.in -o tests/bi/contracts.lock

clean:
	rm -rf .venv $(SUPERSET) $(CLIENTS) $(FOCUS) $(CONTRACTS) $(SBOM) $(SPARK) $(DUCKLAKE) build *.egg-info
