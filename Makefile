PYTHON ?= python3

.PHONY: help run test fast wordpress check texts lock

help:  ## What can be made
	@sed -n 's/^\([a-z]*\):.*##/make \1\t/p' Makefile

run:  ## Start everything here, and say what to open; Ctrl-C ends it
	@$(PYTHON) bin/install.py run
	@.venv/bin/postroom up

test:  ## Every test, with all they need
	@$(PYTHON) bin/install.py dev
	@$(PYTHON) bin/wordpress.py
	.venv/bin/pytest -n 2 --dist loadfile

wordpress:  ## The tests of the WordPress plugin, in WordPress
	@$(PYTHON) bin/install.py dev
	@$(PYTHON) bin/wordpress.py
	.venv/bin/pytest -n 2 --dist loadfile tests/contrib

fast:  ## The everyday part of the tests: on SQLite, without the slow ones
	@$(PYTHON) bin/install.py dev
	.venv/bin/pytest -n 2 --dist loadfile -m "not slow" --database sqlite

check:  ## Format, lint, types, import contracts, dependencies
	@$(PYTHON) bin/install.py dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/deptry .

texts:  ## Bring the catalogues in mailer/locale up to the sentences in the code
	@$(PYTHON) bin/install.py dev
	.venv/bin/python bin/texts.py

LOCK = .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --only-binary :all: \
       --generate-hashes --no-header --no-annotate pyproject.toml

lock:  ## Write both locks anew from pyproject.toml, with the newest versions it allows
	@$(PYTHON) bin/install.py dev
	$(LOCK) --group install --output-file requirements.lock
	$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock
