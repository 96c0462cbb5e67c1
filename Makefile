# `make demo` and `make test` need Python 3.11 with venv and pip, nothing else.
# Another interpreter: make demo PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

# An empty file each: what was installed, and when.
READY := $(VENV)/ready
DEV_READY := $(VENV)/ready-dev
BENCH_READY := $(VENV)/ready-bench
BENCH_ENVIRONMENTS := $(patsubst benchmarks/environments/%.txt,.venv-bench/%/ready,\
	$(wildcard benchmarks/environments/*.txt))

DEMOS := $(filter-out __init__ article digits names,$(basename $(notdir $(wildcard demos/*.py))))

.PHONY: demo test slow setup lint types check fix golden gallery demos bench bench-setup clean

demo: $(READY)
	$(PY) -m demos.article_network

# On all cores; `pytest -n 0` runs in one process, for a debugger.
test: $(READY)
	$(PY) -m pytest -n auto

slow: $(READY)
	$(PY) -m pytest -n auto -m slow

setup: $(READY)

lint: $(DEV_READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(DEV_READY)
	$(PY) -m mypy

check: lint types test

fix: $(DEV_READY)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# Redraw the expected pictures of tests/viz/golden; read the diff before you commit.
golden: $(READY)
	REFRESH_GOLDEN=1 $(PY) -m pytest tests/viz

# Draw the pictures of the README and of docs/gallery.md.
gallery: $(READY)
	$(PY) -m docs.build_gallery

# One BLAS thread: two wait for each other where the products are small.
demos: $(READY)
	set -e; for demo in $(DEMOS); do \
		OPENBLAS_NUM_THREADS=1 $(PY) -m demos.$$demo; done

# Everything, a quarter of an hour, into benchmarks/RESULTS.md; QUICK=1: a look, three minutes.
bench: $(BENCH_READY)
	$(PY) -m benchmarks $(if $(QUICK),--quick)

# One environment for each library, of pinned versions; some gigabytes, once.
bench-setup:
	$(MAKE) --keep-going $(BENCH_ENVIRONMENTS)

clean:
	rm -rf $(VENV) .venv-bench out dist

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("chalkgrad needs Python 3.11 or newer, $(PYTHON) is " + sys.version.split()[0] + ". Try: make $(MAKECMDGOALS) PYTHON=python3.11")'
	@echo "Installing chalkgrad into $(VENV): a minute or two, once."
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --editable ".[cluster,demos,test]"
	@touch $@

$(DEV_READY): $(READY)
	$(PIP_INSTALL) --editable ".[dev]"
	@touch $@

$(BENCH_READY): $(READY)
	$(PIP_INSTALL) --editable ".[bench]"
	@touch $@

.venv-bench/%/ready: benchmarks/environments/%.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
