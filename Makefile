# Every target does its own set-up: the environment in .venv, the engines in the user's cache folder.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := sdk/src provider/src operator/src emulator/src lab/src
AREAS := $(patsubst bench/%/__main__.py,%,$(wildcard bench/*/__main__.py))
TALKING := tests/client tests/cli tests/contract tests/emulator tests/provider
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test fast faults crash soak variants contract check bench format engines lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/ready: requirements.lock setup.sh pyproject.toml $(wildcard */pyproject.toml)
	@PYTHON=$(PYTHON) ./setup.sh

setup: .venv/ready ## make the environment in .venv (every other target does this by itself)

engines: .venv/ready ## find or build the real engines: Pulumi CLI, etcd, Kubernetes control plane, kwok, helm
	@$(BIN)/python -m thegrid_lab.engines

demo: .venv/ready ## run the main job on real engines, and tell it in plain words
	@$(BIN)/python -m thegrid_lab.demo

test: fast engines ## run every test but those of `faults`, `crash` and `soak`: fast ones, real engines, examples, documents, wheels
	@$(BIN)/pytest -q -n 2 --dist loadfile --durations 20 \
	  -m "(engines or wheels or slow) and not faults"

fast: .venv/ready ## run the tests that need no real engine, in four minutes
	@$(BIN)/pytest -q -n 2 -m "not engines and not wheels and not slow and not faults"

faults: .venv/ready ## strike each changing call of the Pulumi provider with each fault, on the real CLI
	@$(BIN)/python -m thegrid_lab.engines
	@$(BIN)/pytest -q -n 2 -m faults tests/provider

crash: .venv/ready ## crash the operator at every effect, all pairs; longer than a gate may take (GATE=1 for what fits)
	@$(BIN)/python -m thegrid_lab.engines
	@$(if $(GATE),,$(BIN)/pytest -q -m faults tests/operator)
	@$(BIN)/python -m tests.crash --mutants --jobs 2
	@$(BIN)/python -m tests.crash --jobs 2 $(if $(GATE),--gate)

soak: .venv/ready ## rotate keys a thousand times while SDKs call with them: no call may fail; ten minutes
	@$(BIN)/python -m thegrid_lab.engines
	@$(BIN)/python -m tests.soak

variants: .venv/ready ## run the suites that talk to the emulator against its other variants: late answers, other words by TLS
	@for variant in lag alternate+tls; do echo "variant: $$variant"; THEGRID_TEST_EMULATOR=$$variant \
	  $(BIN)/pytest -q -n 2 -m "not engines and not wheels and not slow" $(TALKING) || exit; done

contract: .venv/ready ## hold the emulator, or an account's read-only routes, to the market's contract
	@$(BIN)/pytest -n 2 -m "not slow" tests/contract

check: .venv/ready ## format, lint, types, import contracts, documents, dependencies
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@MYPYPATH=.venv/apart $(BIN)/mypy --follow-imports=silent examples/keys-for-kubernetes/__main__.py
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q tests/docs tests/packaging -m "not engines and not wheels and not slow"

bench: .venv/ready ## measure, and print `figure` lines: ratios within one run (ONLY=market for one area)
	@for area in $(or $(ONLY),$(AREAS)); do $(BIN)/python -m bench.$$area || exit; done

format: .venv/ready ## format the code and mend what lint can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: .venv/ready ## resolve the dependencies anew into requirements.lock (hashes, no addresses)
	@$(BIN)/uv lock --quiet --upgrade
	@$(BIN)/uv export --quiet --no-header --no-emit-workspace --all-packages --all-extras --all-groups \
	  --output-file requirements.lock >/dev/null
	@rm -f uv.lock

clean: ## remove the environment and what tools left; the engines in the cache folder stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
