"""The names that users type resolve, are documented, and are all there is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest

import timecone as tc
from timecone.inputs import constructors
from timecone.inputs.families import FAMILIES

NAMES = [name for name in tc.__all__ if name != "__version__"]


def test_every_public_name_resolves_and_is_documented() -> None:
    for name in NAMES:
        public = getattr(tc, name)
        # An instance of partial or the like shows its class's docstring, which says nothing of the name.
        assert public.__doc__, name
        assert public.__doc__ != type(public).__doc__, name
        assert "timecone" in str(inspect.getmodule(public)) or inspect.ismodule(public), name


def _constructors(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, set[str]]]:
    """Return the family that each public constructor builds, and the arguments that it passes on."""
    built = {}
    functions = [
        getattr(tc, name)
        for name in NAMES
        if inspect.isfunction(getattr(tc, name)) and getattr(tc, name).__module__ == constructors.__name__
    ]
    with monkeypatch.context() as patch:
        patch.setattr(constructors, "Distribution", lambda name, arguments, unit: (name, arguments, unit))
        for make in functions:
            names = [*inspect.signature(make).parameters]
            stated: dict[str, Any] = {name: name for name in names if name != "quantiles"}
            further = {"quantiles": {0.375: "p37_5"}} if "quantiles" in names else {}
            family, arguments, unit = make(**stated, **further)
            assert unit == "unit"
            assert all(key == value for key, value in arguments.items())
            built[make.__name__] = family, set(arguments)
    return built


def test_every_family_has_a_public_constructor_that_passes_every_argument_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built = _constructors(monkeypatch)
    families = [family for family, _ in built.values()]
    assert sorted(families) == sorted(FAMILIES)
    for name, (_, arguments) in built.items():
        signature = {*inspect.signature(getattr(tc, name)).parameters}
        assert arguments == signature - {"unit", "quantiles"} | (
            {"p37_5"} if "quantiles" in signature else set()
        )


def test_public_names_are_sorted_and_listed_by_dir() -> None:
    assert sorted(tc.__all__) == list(tc.__all__)
    assert set(tc.__all__) <= set(dir(tc))


def test_a_star_import_gives_exactly_the_public_names() -> None:
    namespace: dict[str, object] = {}
    exec("from timecone import *", namespace)  # noqa: S102
    assert set(namespace) - {"__builtins__"} == set(tc.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        tc.simulat  # noqa: B018


def test_a_function_stays_itself_after_its_room_is_imported() -> None:
    # A subpackage of the same name would take the function's place on import.
    rooms = {module.name for module in pkgutil.iter_modules(tc.__path__)}
    assert rooms & set(tc.__all__) == {"plots"}
    for room in rooms:
        importlib.import_module(f"timecone.{room}")
    for name in ("simulate", "sample", "load", "cdf", "reproduce", "percentiles"):
        assert inspect.isfunction(getattr(tc, name))


def test_every_figure_is_documented() -> None:
    assert not [name for name in tc.plots.__all__ if not inspect.getdoc(getattr(tc.plots, name))]
