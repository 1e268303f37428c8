# What is done with this project, by hand and by CI. `make help` lists it. Needs Python 3.11 or newer
# with pip, and make; everything else is installed into $(VENV).

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo console docs quick test test-browser check types lint layers compiled proof mutants fuzz bench bench-against interop clean

VENV ?= .venv

# The first of these that is new enough, unless PYTHON says which.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$python -c '$(NEW_ENOUGH)' 2>/dev/null; then echo $$python; break; fi; done)
endif

BIN := $(VENV)/bin
EXTRAS := cli console docs dev fuzz mutants
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet

help: ## List what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.cli ## Pay a list of 300 on a simulated WeChat, whatever breaks on the way.
	@$(BIN)/hongbao demo

console: $(VENV)/.cli $(VENV)/.console ## Open the console over a demo campaign, half of it paid, with two people to sign in as.
	@$(BIN)/hongbao console demo

docs: $(VENV)/.docs ## Build the manual as a site, into build/site.
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet --fresh-env --write-all \
		--doctree-dir build/doctrees docs build/site
	@echo "Open build/site/index.html"

# What was compiled once is kept, whatever the surroundings say: to compile all tests anew, in each of
# three workers, takes longer than to run half of them.
unexport PYTHONDONTWRITEBYTECODE

# Three at once on two cores, because one of them always waits for a process or for a time-out.
PYTEST := $(BIN)/python -m pytest -n 3

quick: $(VENV)/.dev ## Run what takes a minute: SQLite alone, no processes, no long walks, 20 seeds.
	PROOF_SEEDS=20 PROOF_TRANSFER_SEEDS=8 $(PYTEST) -m 'not postgres and not processes and not long and not browser'

test: $(VENV)/.dev ## Run the tests.
	$(PYTEST)

test-browser: $(VENV)/.dev ## Run the tests of pages in a real Chromium (installs Debian's, if it may).
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; } || { \
		echo "Chromium was not found. Install it: apt-get install chromium fonts-noto-cjk" >&2; exit 1; }
	HONGBAO_TEST_CHROMIUM=required $(BIN)/python -m pytest -n 2 -m browser

check: lint types layers compiled ## Run all that CI runs: format, lint, types, layers, tests.
	$(PYTEST)

# Each takes one core: `make -j 2 check` has two of them at once, before the tests.
types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/mypy fuzz
	$(BIN)/mypy tests/*.py
	set -e; for part in tests/[a-z]*/; do $(BIN)/mypy $$part; done

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

layers: $(VENV)/.dev
	$(BIN)/lint-imports

# What pytest makes of the tests is kept; three workers at once would each make it anew.
compiled: $(VENV)/.dev
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null || $(BIN)/python -m pytest --collect-only -qq

proof: $(VENV)/.dev ## Prove at length what the tests prove in short: 5,000 seeds of each rail with four kinds of books, 20,000 payouts.
	PROOF_SEEDS=5000 PROOF_TRANSFER_SEEDS=5000 PROOF_LIVES=all PROOF_SECONDS=3600 HONGBAO_PROOF_PAYOUTS=20000 \
		$(BIN)/python -m pytest -n 2 tests/proof tests/processes \
		tests/ledger/test_each_column.py tests/cli/test_every_command.py

mutants: $(VENV)/.mutants ## Change the code where money hangs on it; fails where tests notice too little. ONLY=wire/transfer names a part.
	$(BIN)/python tests/mutation.py $(ONLY)

FUZZ_SECONDS ?= 300

fuzz: $(VENV)/.fuzz ## Throw hostile bytes at every reader, for FUZZ_SECONDS (300) together.
	$(BIN)/python fuzz/run.py --seconds $(FUZZ_SECONDS)

bench: $(VENV)/.dev ## Measure speed and memory against the goals; ONLY names some parts.
	$(BIN)/python benchmarks/run.py $(if $(ONLY),--only $(ONLY))

REV ?= 9dd4890

bench-against: $(VENV)/.dev ## Measure revision REV and this one side by side.
	$(BIN)/python benchmarks/against.py $(REV) $(if $(ONLY),--only '$(ONLY)')

interop: $(VENV)/.dev ## Let SDKs that others wrote talk to the simulator (installs them).
	$(BIN)/python -m interop.run

clean: ## Remove the environment, caches and builds.
	rm -rf $(VENV) mutants .interop .make .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis \
		.fuzz build dist
	find src tests benchmarks fuzz examples interop -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps stand in the environment, so that whoever removes it removes them too. What an extra
# holds is not installed again.
$(VENV)/.dev: HOLDS := cli console
$(VENV)/.fuzz $(VENV)/.mutants: HOLDS := dev cli console
$(VENV)/.fuzz: NEEDS := (CPython up to 3.13 on Linux)
$(EXTRAS:%=$(VENV)/.%): $(VENV)/.%: pyproject.toml | $(BIN)/python
	@echo "Installing hongbao[$*] into $(VENV)$(if $(NEEDS), $(NEEDS)) ..."
	@$(PIP_INSTALL) --editable '.[$*]'
	@touch $@ $(HOLDS:%=$(VENV)/.%)

# Some systems ship Python without the part that puts pip into an environment: then the pip that is
# there installs a new one into it.
$(BIN)/python:
	@if ! "$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null; then \
		echo "Python 3.11 or newer was not found. Install it, or say where it is:" >&2; \
		echo "  make PYTHON=/path/to/python3.12 ..." >&2; exit 1; fi
	@"$(PYTHON)" -m venv $(VENV) >/dev/null 2>&1 || { \
		rm -rf $(VENV) && "$(PYTHON)" -m venv --without-pip $(VENV) && \
		"$(PYTHON)" -m pip install --quiet --target "$$($(BIN)/python -c \
			'import sysconfig; print(sysconfig.get_path("purelib"))')" pip; } || { \
		rm -rf $(VENV); echo "No environment could be made in $(VENV): see above." >&2; exit 1; }
