# Every goal makes .venv first where it is missing or older than what it is made from.
BIN := .venv/bin
READY := .venv/.ready
# Two test processes share the cores, so each computes with one thread.
TEST_ENV := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE QT_QPA_PLATFORM=offscreen

.PHONY: setup demo test lint docs languages screenshots attack

setup: $(READY)

$(READY): pyproject.toml constraints.txt setup.sh
	./setup.sh

demo: $(READY)
	$(BIN)/badcase demo

# mypy finds a package by its folders alone, so the installed shape of ours is laid out for it in links (see setup.py).
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build/types && mkdir -p build/types/badcase
	ln -s "$(CURDIR)"/badcase/* "$(CURDIR)/training" "$(CURDIR)/ui" build/types/badcase/
	cd build/types && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache

test: lint
	$(TEST_ENV) $(BIN)/pytest -n 2 --dist worksteal

# The examples first, for they say more; then the site, which fails on a broken link (with --quiet it would not). No network.
docs: $(READY)
	$(BIN)/python -m tests.docs.run_examples
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "build/site/index.html"

# Kills and spoilt inputs by the thousand; each prints what held, and the goal fails where anything got through.
attack: $(READY)
	$(TEST_ENV) $(BIN)/python -m tests.attacks

# Bring the catalogs in step with the texts and compile them. A language more: make languages NEW=pl
languages: $(READY)
	$(BIN)/python -m tests.catalogs $(NEW)

screenshots: $(READY)
	$(BIN)/python -m tests.screenshots
	$(BIN)/python -m tests.docs.pictures

benchmark-%: $(READY)
	$(BIN)/python -m tests.benchmarks.$(subst -,_,$*)
