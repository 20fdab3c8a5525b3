# The commands of this project. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help setup up down demo check test chaos bench bench-classify bench-search eval eval-classify eval-merge train

BIN := .venv/bin

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## install everything into .venv, as uv.lock says
	@deploy/setup.sh

up: setup ## start Tocsin on this machine and send the demo stories through
	@$(BIN)/tocsin up --demo

down: ## stop what `make up` started; the data stay
	@test ! -x $(BIN)/tocsin || $(BIN)/tocsin down

demo: setup ## serve the demo's news sites alone
	@$(BIN)/python deploy/demo/server.py

check: setup ## lint, format, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup ## all tests that need no container engine
	$(BIN)/pytest --cov --cov-report=term:skip-covered --cov-fail-under=87

chaos: setup ## kill, cut off and fill up everything under load, then audit; K=redis for some
	$(BIN)/python -m tests.chaos -k '$(K)'

bench: setup ## what things cost, as ratios; TOCSIN_BENCH_ARTICLES=100000 draws Redis's memory in full
	$(BIN)/pytest tests/bench --capture=no

bench-classify: setup ## what the classifier costs, against the bare cost of its models
	$(BIN)/pytest tests/bench/test_classify.py --capture=no

bench-search: setup ## what a search with all facets costs; COUNT=1000000 incidents instead of 100,000
	TOCSIN_BENCH_INCIDENTS=$(or $(COUNT),100000) $(BIN)/pytest tests/bench/test_search.py --capture=no

eval: setup ## the floors of accuracy, where the rulers and data lie beside the checkout
	$(BIN)/pytest tests/eval --capture=no

eval-classify: setup ## every figure of the classifier: interval, floor, target, best known; SETS="gold muc" for some
	$(BIN)/python -m tests.eval.classifying $(SETS)

eval-merge: setup ## how well reports of one incident are found; what was coded for it is kept in .eval
	$(BIN)/python -m tests.eval.merging

train: setup ## make the classifier's weights anew from ../shared/data (DATA=...): an hour on two cores
	@deploy/train.sh $(or $(DATA),../shared/data)
