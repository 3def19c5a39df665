# Tasks for contributors; `just` lists them.

default:
    @just --list

# Run some tests at once: just test tests/results/test_quote.py
test *arguments:
    uv run pytest -n 0 -q {{arguments}}

# Run the default tests on all processors
fast:
    uv run pytest -q

# Run the long tests
slow:
    uv run pytest -q -m slow --dist load

# Run the default tests with all examples of the property tests
nightly:
    uv run pytest -q --hypothesis-profile thorough

# Check style, types and layers
lint:
    uv run ruff check
    uv run ruff format --check
    uv run codespell src docs configs benchmarks README.md CHANGELOG.md CONTRIBUTING.md
    uv run python docs/prose.py
    uv run mypy
    uv run lint-imports

# Build the documentation with warnings as errors
docs:
    uv run --group docs mkdocs build --strict

# Execute the notebooks
notebooks:
    uv run python notebooks/execute.py --keep build/notebooks

# Measure speed, as ratios in one run
bench:
    uv run python benchmarks/run.py

# Do everything that must hold before a change lands
check:
    bash .ci/run
