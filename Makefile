# make app      start the page on http://localhost:8501
# make quick    lint, then the tests without a server or a browser: after each change
# make test     check format and lint, then the tests; in a browser too if there is one
# make full     the slow group: types, hostile messages, faults, nginx, image, wheel, every tool, a soak
# make figures  every view of every scenario on every screen, and short attacks: half an hour
# make bench    print the speeds, beside their targets and beside a bare Streamlit app
# make load     print what a crowd of sessions waits for, beside the same on two small apps
# make attack   attack a server on this machine, print what two honest visitors wait meanwhile
# make lock     write the pins with hashes anew; newer versions too: make lock UPGRADE=--upgrade
# make audit    name known faults in the packages, where a database of them answers
# make documents  write the parts of the documents that are made from the code
# make format   put the code into the project's format
# make clean    remove the environment and everything else that was made
#
# The first run makes .venv. To use a Python other than python3: make app PYTHON=python3.12
PYTHON ?= python3
VERSION := $(shell $(PYTHON) -c "import sys; v = sys.version_info; print('%d.%d' % v[:2] if v >= (3, 11) else '-old')")
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ENVIRONMENT := $(BIN)/python$(VERSION)
APP := .venv/installed-app-$(VERSION)
TESTS := .venv/installed-tests-$(VERSION)
FULL := .venv/installed-full-$(VERSION)
# One process a core, at most four. Tests in a browser and the full group come two at a time: they
# mostly wait for a page to come to rest.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist worksteal
PAIRS := --numprocesses 2 --dist worksteal

.PHONY: help app quick test full figures bench load attack lock audit documents format clean

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

app: $(APP)
	$(BIN)/python -m model compile
	$(BIN)/python -m streamlit run deploy/serve.py --server.address localhost --server.port 8501 --server.showEmailPrompt false

quick: $(TESTS)
	$(BIN)/python -m model compile
	$(BIN)/ruff check
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow and not browser and not full and not figures"

test: $(TESTS)
	$(BIN)/python -m model compile
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/python -m pytest $(PARALLEL) -m "not browser and not full and not figures"
	$(BIN)/python -m pytest $(PAIRS) -m "browser and not full and not figures"

full: $(FULL)
	$(BIN)/mypy
	$(BIN)/python -m pytest $(PAIRS) -m full

figures: $(FULL)
	$(BIN)/python -m pytest -m figures

bench: $(TESTS)
	$(BIN)/python -m tests.bench

load: $(TESTS)
	$(BIN)/python -m tests.load

attack: $(TESTS)
	$(BIN)/python -m tests.attack

# for Python 3.11 and newer, on Linux, macOS and Windows
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock: $(FULL)
	$(PIP) uv==0.13.9
	$(LOCK) $(UPGRADE) --output-file deploy/requirements.txt requirements.txt
	$(LOCK) $(UPGRADE) --output-file tests/requirements-locked.txt \
		--constraints deploy/requirements.txt tests/requirements-full.txt

# in an environment of its own: the packages that are checked stay as they are
AUDIT := .venv/audit
audit: $(TESTS)
	@test -x $(AUDIT)/bin/pip-audit || { $(PYTHON) -m venv $(AUDIT) && \
		$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1; }
	@$(AUDIT)/bin/pip-audit --path .venv/lib/python*/site-packages || \
		{ echo "A fault is named above; or no database answers from here, and nothing was checked."; exit 1; }

documents: $(TESTS)
	$(BIN)/python -m cogapp -r README.md CONTRIBUTING.md deploy/README.md

format: $(TESTS)
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

clean:
	rm -rf .venv .compiled .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The interpreter in .venv is named with its version, so another PYTHON makes a new environment.
$(ENVIRONMENT):
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('This needs Python 3.11 or newer; $(PYTHON) is \
	%d.%d. Another one: make PYTHON=python3.12' % sys.version_info[:2])"
	$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }

$(APP): requirements.txt | $(ENVIRONMENT)
	$(PIP) -r requirements.txt
	@touch $@

$(TESTS): tests/requirements.txt $(APP)
	$(PIP) -r tests/requirements.txt
	@touch $@

$(FULL): tests/requirements-full.txt $(TESTS)
	$(PIP) -r tests/requirements-full.txt
	@touch $@
