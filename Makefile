# crm-sync: `make help` lists what there is. Everything is installed into .venv in this folder.

VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip --disable-pip-version-check install --quiet
ARGS ?=
# Test processes: one more than the machine has processors, because a fifth of the time they wait for
# disks and other processes. `make test WORKERS=0` runs in one.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1)
# The Python to make .venv with; without it the first that is 3.11 or newer.
PYTHON ?=

# A folder that was moved or copied has a .venv that points to the old place: install again.
ifneq ($(shell cat $(VENV)/made-in 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/runtime $(VENV)/dev
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check lint types bench bench-reading soak messages reference guards update clean

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/runtime  ## Show a working day with a spreadsheet (make demo ARGS="--lang ru")
	@$(VENV)/bin/crm-sync demo $(ARGS)

test: $(VENV)/dev  ## Run the tests (make test ARGS="-k phone")
	@$(PY) -m pytest -n $(WORKERS) --maxprocesses 8 --dist loadfile $(ARGS)

check: lint types test  ## All that CI runs: format, lint, types, tests

lint: $(VENV)/dev
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .

types: $(VENV)/dev
	@$(PY) -m mypy

bench: $(VENV)/dev  ## Measure speed and print the figures
	@$(PY) -m benchmarks $(ARGS)

bench-reading: $(VENV)/dev  ## Measure how fast the local server gives large tabs out
	@$(PY) -m benchmarks.reading $(ARGS)

reference: $(VENV)/dev  ## Write docs/cli.md anew from the commands' --help
	@$(PY) -m tests.docs.reference

messages: $(VENV)/dev  ## Bring the catalogue of messages up to date and list what to translate
	@$(PY) -m tests.catalogue

soak: $(VENV)/dev  ## Run the long tests: minutes to hours
	@$(PY) -m pytest -m soak --timeout 0 --hypothesis-profile soak $(ARGS)

guards: $(VENV)/dev  ## Switch the engine's guards off one by one: which histories miss them?
	@$(PY) -m tests.property.guards $(ARGS)

update: $(VENV)/dev  ## Take the newest versions of all libraries and note them in constraints.txt
	@$(PY) -m venv --clear $(VENV)/newest
	@$(VENV)/newest/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[dev]'
	@$(VENV)/newest/bin/python -m pip freeze --exclude-editable > constraints.txt
	@rm -rf $(VENV)/newest

clean:  ## Remove all that make and the tools have made (no data of yours)
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/runtime: pyproject.toml
	$(make_venv)
	@echo "Installing crm-sync and what it needs into $(VENV) ..."
	@$(PIP_INSTALL) --editable .
	@$(PY) -m compileall -q crm_sync
	@pwd -P > $(VENV)/made-in && touch $@

# The tests run with the versions in constraints.txt, so that a new edition of a library breaks
# them on the day that `make update` brings it in, and not on any other.
$(VENV)/dev: pyproject.toml constraints.txt
	$(make_venv)
	@echo "Installing crm-sync, what it needs and the tools for its tests into $(VENV) ..."
	@$(PIP_INSTALL) --constraint constraints.txt --editable '.[dev]'
	@$(PY) -m compileall -q crm_sync
	@pwd -P > $(VENV)/made-in && touch $(VENV)/runtime $@

# Takes the first Python that is new enough; a sentence says what to do when there is none.
define make_venv
@$(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && exit 0; \
old=; bare=; \
for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11); do \
    "$$python" -c '' 2>/dev/null || continue; \
    version=$$("$$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'); \
    if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
        old="$$old $$python is $$version;"; \
    elif ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
        bare=$$python; \
    else \
        echo "Making $(VENV) with $$python ($$version) ..."; \
        exec "$$python" -m venv --clear "$(VENV)"; \
    fi; \
done; \
if [ -n "$$bare" ]; then \
    echo "$$bare cannot make virtual environments: its venv package is not installed." >&2; \
    echo "On Debian and Ubuntu: sudo apt install python3-venv. Then run make again." >&2; \
else \
    echo "crm-sync needs Python 3.11 or newer, and found none here.$$old" >&2; \
    echo "Get it from https://www.python.org/downloads/ or the system's packages, then run" >&2; \
    echo "make again; or name the one you have: make demo PYTHON=/path/to/python3.11" >&2; \
fi; \
exit 1
endef
