# crossfoot: every target makes its own environment in .venv; nothing else needs to be installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test test-live lint check bench bench-batch live plain placement eval-repair agreement fresh clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ —/'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crossfoot needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,local]'
	@touch $@

demo: $(READY)  ## structure the five example disclosures and show what was found; MODEL=no does without the model
	@mkdir -p out
ifeq ($(MODEL),no)
	@$(BIN)/crossfoot structure examples --db out/demo.db --force --reader grid || [ $$? -eq 1 ]
	@$(BIN)/crossfoot structure demo --db out/demo.db --force --reader grid || [ $$? -eq 1 ]
else
	@echo "a small model reads what columns do not tell; it is fetched once, 1.1 GB, and kept. Without it: make demo MODEL=no"
	@$(BIN)/crossfoot model pull >out/model || echo "crossfoot: going on without the model; code alone reads the rest"
	@$(BIN)/crossfoot structure examples --db out/demo.db --force --max-tokens 20000 || [ $$? -eq 1 ]
	@echo
	@echo "two invented texts whose columns are lost or have names that no form knows, read by the model where it is there:"
	@if [ -s out/model ]; then reader=llm; else reader=grid; fi; \
	  $(BIN)/crossfoot structure demo --db out/demo.db --force --reader $$reader || [ $$? -eq 1 ]
endif
	@echo
	@echo "kept in out/demo.db; next: $(BIN)/crossfoot show 灞桥 表4 --db out/demo.db"

test: $(READY)  ## run the tests
	$(BIN)/python -m pytest -n 2

test-bench-batch: $(READY)  ## a batch over 2,000 made documents: speed, memory, store, `get`; ARGS="--documents 100 --memory 20,100" for fewer
	$(BIN)/python eval/bench_batch.py $(ARGS)

live: $(READY)  ## run the tests that ask the real local model; minutes, and 1.1 GB once
	$(BIN)/python -m pytest -m live tests/live tests/test_localmodel.py

lint: $(READY)  ## ruff and mypy, both strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test  ## everything that CI runs

bench: $(READY)  ## documents per second, memory, growth with length, start-up times
	$(BIN)/python eval/bench.py

live: $(READY)  ## measure reading with the local model; hours, and goes on where it was stopped
	$(BIN)/python eval/live.py $(ARGS)

plain: $(READY)  ## measure the plain way, one instructor call per table, against it
	$(BIN)/python eval/plain.py $(ARGS)

placement: $(READY)  ## how numerals without columns are placed, on tables whose truth is known
	$(BIN)/python eval/placement.py

eval-repair: $(READY)  ## locating and repairing on 11,000 damaged tables whose truth is known; ARGS="--tables 1000" for fewer
	$(BIN)/python eval/repair.py $(ARGS)

agreement: $(READY)  ## how far two labellings of the same tables agree
	$(BIN)/python eval/agreement.py

fresh: $(READY)  ## write the generated JSON Schemas anew
	$(BIN)/crossfoot schema json
	$(BIN)/python eval/case_schema.py

clean:  ## remove the environment and what was generated
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .hypothesis
