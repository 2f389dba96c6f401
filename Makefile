# Everything a person does here. Python 3.11 with venv and make are enough on a fresh Debian machine.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo run test check live-check proof bench bench-engines bench-cpv bench-linking bench-pages lock catalogues reference clean

help:  ## Say what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make .venv with the tenders command and the development tools

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)  ## Run the main job on sample notices: crawl, index, serve, alert (ARGS=--once ends by itself)
	$(BIN)/python -m infra.demo $(ARGS)

run: $(STAMP)  ## Run the service on the live platform, until Ctrl-C
	$(BIN)/tenders run $(ARGS)

test: $(STAMP) check  ## Run the checks and the tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(STAMP)  ## Run the linters, the types and the import contracts
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/mypy --cache-dir=/dev/null
	$(BIN)/lint-imports --no-cache

live-check: $(STAMP)  ## Ask a source for one page, politely, and say what was understood (SOURCE=ebourgogne, ARGS=--details)
	$(BIN)/python -m crawlers.live_check $(SOURCE) $(ARGS)

proof: $(STAMP)  ## Run the long proofs (minutes to an hour); TENDERS_REAL_DATA names a folder of real notices
	$(BIN)/python -m pytest -m proof --timeout 3600 $(ARGS)

bench: $(STAMP)  ## Measure import, build and search on the real days in TENDERS_REAL_DATA
	$(BIN)/python -m benchmarks.main_job $(ARGS)

bench-engines: $(STAMP)  ## Measure tantivy beside a real Elasticsearch (ARGS: sizes, such as 100000; needs mvn and java)
	$(BIN)/python -m benchmarks.engines $(ARGS)

bench-cpv: $(STAMP)  ## Measure CPV classifiers side by side on texts in TENDERS_REAL_DATA (ARGS=--upm: the Spanish benchmark)
	$(BIN)/python -m benchmarks.cpv $(ARGS)

bench-linking: $(STAMP)  ## Measure what linking costs a notice in small and large stores (ARGS: sizes, such as 10000 230000)
	$(BIN)/python -m benchmarks.linking $(ARGS)

bench-pages: $(STAMP)  ## Measure how soon pages come, beside the API (ARGS: a folder with a filled store and index)
	$(BIN)/python -m benchmarks.pages $(ARGS)

lock: $(STAMP)  ## Resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-annotate \
		--python-version 3.11 --custom-compile-command "make lock" --upgrade -o requirements.lock

catalogues: $(STAMP)  ## Bring the French catalogue up to what code and templates say
	$(BIN)/python -m infra.catalogues

reference: $(STAMP)  ## Build the tables of codes anew (needs mvn and npm)
	$(BIN)/python infra/reference/build_tables.py

clean:  ## Remove the environment and what the tools left; var/ stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
