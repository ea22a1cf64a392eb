# Two commands matter: `make demo` and `make test`. Everything else is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_ARGS ?=
# Most tests wait for real servers most of the time, so more of them than cores can run side by side.
TEST_WORKERS ?= 3

# Where Python may not keep what it has compiled, every program here compiles all of its modules at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint format bench lock clean

demo: $(READY)
	@$(BIN)/evac lab demo $(DEMO_ARGS)

test: $(READY) lint
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY)
	@$(BIN)/python -m benchmarks

$(READY): requirements.lock requirements-model.lock pyproject.toml tools/venv.sh
	@PYTHON=$(PYTHON) sh tools/venv.sh $(VENV)
	@touch $@

# Pins every package with its hashes; the files hold no index address.
lock: $(READY)
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --extra lab --extra dev --extra serve --extra slack --extra notices --extra audit \
		--extra aws --extra azure --extra terraform --extra kubernetes pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --no-deps tools/model.in -o requirements-model.lock

clean:
	@rm -rf $(VENV) .evac .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
