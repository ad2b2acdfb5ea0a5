# crossfoot: every target makes its own environment in .venv; nothing else needs to be installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PROMPTS ?= rows-1 rows-2

.PHONY: help demo test test-live lint check eval prompts grid bench bench-batch plain placement eval-repair agreement fresh clean

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

test-live: $(READY)  ## run the tests that ask the real local model; minutes, and 1.1 GB once
	$(BIN)/python -m pytest -m live tests/live tests/test_localmodel.py

lint: $(READY)  ## ruff and mypy, both strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test eval  ## everything that CI runs

eval: $(READY)  ## the gate: labelled tables, degraded in every way, read without a model; fails where a score falls
	$(BIN)/crossfoot eval run --level 2 --level 4 --out out/eval/gate.jsonl
	$(BIN)/crossfoot eval check out/eval/gate.jsonl eval/baseline.json

# Small tables of every shape, ten of them held out, on which two prompt versions are measured within an hour on two cores.
PROMPT_CASES := 000_gpb_expenditure_by_function 000_project_performance_target_501 000_special_project_expenditure_list \
  001_project_performance_self_evaluation 002_gpb_basic_by_function 002_special_project_expenditure_list \
  003_fa_gpb_expenditure 003_fa_revenue 003_project_performance_self_evaluation_425 004_budget_fiscal_appropriation_summary \
  004_budget_revenue_summary 004_three_public_budget 100_budget_expenditure_summary 101_department_performance_target \
  101_project_performance_target 101_special_project_expenditure_list 102_fa_gov_fund 103_fa_gpb_expenditure \
  103_fa_three_public 104_gov_fund_expenditure_by_unit_and_function 104_three_public_budget

PROMPT_RUN := eval run --scope tables $(PROMPT_CASES:%=--case %) --degrade none --degrade ocr_confusions \
  --degrade tabs_to_spaces --level 3 --out out/eval/prompts.jsonl

prompts: $(READY)  ## two prompt versions on the local model, compared; PROMPTS="rows-1 objects-1" for others
	$(BIN)/crossfoot $(PROMPT_RUN)
	$(BIN)/crossfoot $(PROMPT_RUN) --reader llm $(PROMPTS:%=--prompt %)
	$(BIN)/crossfoot eval report out/eval/prompts.jsonl --title "Two prompt versions" --out eval/reports/prompts.md
	$(BIN)/crossfoot eval compare out/eval/prompts.jsonl:$(word 1,$(PROMPTS)) out/eval/prompts.jsonl:$(word 2,$(PROMPTS)) \
	  >eval/reports/prompts-compared.txt
	cat eval/reports/prompts-compared.txt

grid: $(READY)  ## every document in every degradation at every level, read without a model; the page and the summary
	$(BIN)/crossfoot eval run --out out/eval/grid.jsonl
	$(BIN)/crossfoot eval report out/eval/grid.jsonl --title "Reading by columns alone" --out eval/reports/grid.html
	$(BIN)/crossfoot eval report out/eval/grid.jsonl --title "Reading by columns alone" --out eval/reports/grid.md

bench: $(READY)  ## documents per second, memory, growth with length, start-up times
	$(BIN)/python eval/bench.py

bench-batch: $(READY)  ## a batch over 2,000 made documents: speed, memory, store, `get`; ARGS="--documents 100 --memory 20,100" for fewer
	$(BIN)/python eval/bench_batch.py $(ARGS)

plain: $(READY)  ## measure the plain way, one instructor call per table, against reading with the local model; hours, and goes on
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
