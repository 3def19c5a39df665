"""Docstrings: complete for every name of the reference, and their examples print what stands below them."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from numpydoc.validate import validate

import timecone
from timecone.history.backtest.forecasts import save_backtest
from timecone.history.horizons.posterior import save_horizons
from timecone.history.joint.posterior import save_posterior
from timecone.history.supply.fit import save_supply

from history_records import fitted, scored  # isort: skip
from made_up_horizons import TABLE, fitted_horizons  # isort: skip
from made_up_supply import fitted_supply  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
#: Names of the reference: functions, classes and their public members.
REFERENCE = re.findall(
    r"^::: (timecone\.\S+)$", (ROOT / "docs" / "reference" / "api.md").read_text("utf-8"), re.MULTILINE
)
#: Of numpydoc's checks: a summary that is a sentence; parameters all there, typed and described; what is
#: returned or yielded; an example.
CHECKS = {"GL08", "SS02", "SS03", "PR01", "PR02", "PR03", "PR04", "PR07", "RT01", "RT03", "YD01", "EX01"}
#: Examples of these take minutes of sampling, so that they are shown and not run.
SHOWN = {"fit", "backtest", "DaskEngine"}


def _public_members(name: str) -> Iterator[tuple[str, object]]:
    module, _, attribute = name.rpartition(".")
    member = getattr(importlib.import_module(module), attribute)
    yield name, member
    if inspect.isclass(member):
        foreign = [base for base in member.__mro__ if not base.__module__.startswith("timecone")]
        for key, value in vars(member).items():
            if any(hasattr(base, key) for base in foreign):
                continue  # a hook of a library, not a name of ours
            if not key.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                yield f"{name}.{key}", value


def _offences(name: str, member: object) -> list[str]:
    errors = [(code, text) for code, text in validate(name)["errors"] if code in CHECKS]
    text = inspect.getdoc(member) or ""
    if inspect.isclass(member) and "Attributes\n---" in text:
        # A class that users do not construct documents its fields as attributes.
        described = re.findall(r"^(\w[\w, ]*) : ", text, re.MULTILINE)
        fields = {part for names in described for part in names.split(", ")}
        missing = set(inspect.signature(member).parameters) - fields
        errors = [(code, said) for code, said in errors if code != "PR01"]
        errors += [("PR01", f"attributes {sorted(missing)} not documented")] * bool(missing)
    if isinstance(member, property | cached_property):
        errors = [(code, said) for code, said in errors if code != "EX01"]
    return [f"{name}: {code} {said}" for code, said in errors]


def test_every_name_of_the_reference_has_a_complete_docstring() -> None:
    members = [member for name in REFERENCE if name != "timecone.errors" for member in _public_members(name)]
    assert len(members) > 100
    assert not [offence for name, member in members for offence in _offences(name, member)]


def _examples(room: str = "") -> list[doctest.DocTest]:
    """Return the examples of a room, or of all."""
    finder, inside = doctest.DocTestFinder(), f"timecone.{room}".rstrip(".")
    found = [module.name for module in pkgutil.walk_packages(timecone.__path__, "timecone.")]
    names = ["timecone", *(name for name in found if not name.endswith("__main__"))]
    modules = [importlib.import_module(name) for name in names if f"{name}.".startswith(f"{inside}.")]
    return [test for module in modules for test in finder.find(module) if test.examples]


@pytest.fixture
def example_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_figures: None) -> Path:
    """The folder in which examples run: with a posterior, a back-test and the shipped scenarios."""
    save_posterior(fitted(), tmp_path / "posterior.nc")
    save_backtest(scored(), tmp_path / "backtest.nc")
    save_horizons(fitted_horizons(), tmp_path / "horizons.nc")
    save_supply(fitted_supply(), tmp_path / "supply.nc")
    (tmp_path / "horizons.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)
    # Many examples begin with the same load and the same run, which take most of the time.
    monkeypatch.setattr(timecone, "load", cache(timecone.load), raising=False)
    simulate = timecone.simulate
    runs: dict[Any, Any] = {}

    def simulate_once(scenario: timecone.Scenario, **options: Any) -> Any:
        key = (id(scenario), repr(options))
        if key not in runs:
            runs[key] = scenario, simulate(scenario, **options)  # kept, so that its id stays its own
        return runs[key][1]

    monkeypatch.setattr(timecone, "simulate", simulate_once, raising=False)
    return tmp_path


SLOWEST = ("history", "plots")


@pytest.mark.slow
@pytest.mark.parametrize("room", [*SLOWEST, ""])
def test_every_example_prints_what_it_says(room: str, example_folder: Path) -> None:
    elsewhere = tuple(f"timecone.{name}" for name in SLOWEST if not room)
    examples = [test for test in _examples(room) if not test.name.startswith(elsewhere)]
    runner = doctest.DocTestRunner(verbose=False)
    assert len(examples) > 15
    for example in examples:
        runner.run(example)
    assert runner.failures == 0


def test_only_examples_that_sample_for_minutes_or_start_processes_are_not_run() -> None:
    shown = {
        test.name.rpartition(".")[2]
        for test in _examples()
        if any(example.options.get(doctest.SKIP) for example in test.examples)
    }
    assert shown <= SHOWN
