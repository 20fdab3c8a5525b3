# The commands of this project. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help setup up down compose-up compose-down demo check test test-containers sbom chaos bench bench-classify bench-merge bench-search eval eval-classify eval-merge races train

BIN := .venv/bin

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## install everything into .venv, as uv.lock says
	@deploy/setup.sh

up: setup ## start Tocsin on this machine and send the demo stories through
	@$(BIN)/tocsin up --demo

down: ## stop what `make up` started; the data stay
	@test ! -x $(BIN)/tocsin || $(BIN)/tocsin down

compose-up: ## start Tocsin in containers: passwords into .env, images, and what is wrong if something is
	@deploy/compose-up.sh

compose-down: ## stop the containers of every profile; the data stay in their volumes
	@deploy/compose-down.sh

sbom: ## what each image carries, from uv.lock, as CycloneDX into dist/sbom
	@deploy/sbom.sh

demo: setup ## serve the demo's news sites alone
	@$(BIN)/python deploy/demo/server.py

check: setup ## lint, format, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup ## all tests that need no container engine
	$(BIN)/pytest -n 3 --dist loadfile --ignore=tests/bench --ignore=tests/e2e \
		--cov --cov-report= --cov-fail-under=87
	$(BIN)/pytest tests/bench tests/e2e  # alone: one compares costs, the other starts the whole system

test-containers: setup ## the compose file on a container engine, borrowed from ../shared/containers where there is none
	@tests/containers.sh

chaos: setup ## kill, cut off and fill up everything under load, then audit; K=redis for some, SIZE=0.5 for less load
	$(BIN)/python -m tests.chaos -k '$(K)' --size $(or $(SIZE),1)

bench: setup ## what things cost, as ratios; TOCSIN_BENCH_ARTICLES=100000 draws Redis's memory in full
	$(BIN)/pytest tests/bench --capture=no

bench-classify: setup ## what the classifier costs, against the bare cost of its models
	$(BIN)/pytest tests/bench/test_classify.py --capture=no

bench-merge: setup ## what filing reports costs, against its writes alone; COUNT=10000 incidents instead of 100,000
	TOCSIN_BENCH_INCIDENTS=$(or $(COUNT),100000) TOCSIN_BENCH_REPORTS=1600 $(BIN)/pytest tests/bench/test_merging.py --capture=no

bench-search: setup ## what a search with all facets costs; COUNT=1000000 incidents instead of 100,000
	TOCSIN_BENCH_INCIDENTS=$(or $(COUNT),100000) $(BIN)/pytest tests/bench/test_search.py --capture=no

eval: setup ## the floors of accuracy, where the rulers and data lie beside the checkout
	$(BIN)/pytest tests/eval --capture=no

eval-classify: setup ## every figure of the classifier: interval, floor, target, best known; SETS="gold muc" for some
	$(BIN)/python -m tests.eval.classifying $(SETS)

eval-merge: setup ## how well reports of one incident are found; what was coded for it is kept in .eval
	$(BIN)/python -m tests.eval.merging

races: setup ## a hundred times: four indexers file 50 reports of one attack and 50 of a look-alike at once
	TOCSIN_RACES=$(or $(COUNT),100) $(BIN)/pytest tests/integration/indexer/test_concurrency.py -k race

train: setup ## make the classifier's weights anew from ../shared/data (DATA=...): an hour on two cores
	@deploy/train.sh $(or $(DATA),../shared/data)
