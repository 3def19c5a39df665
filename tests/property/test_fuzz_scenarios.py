"""Whatever a scenario file holds, it loads into finite draws or is refused in one line that names a place."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import timecone as tc
import timecone.inputs.sampler
from timecone.errors import UsageError
from timecone.scenario.compile import computed
from timecone.scenario.file import load

from .generated import FAMILIES, Broken, broken, corrupted, scenarios

FILE = "fuzz.toml"
type Reader = Callable[[bytes], tc.Scenario | UsageError]

ordinary = settings(max_examples=150, suppress_health_check=list(HealthCheck))
thorough = settings(
    max_examples=10_000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def content(baseline_file: Path) -> dict[str, Any]:
    return tomllib.loads(baseline_file.read_text(encoding="utf-8"))


class _Poisoned:
    """NumPy whose fresh memory holds NaN: what is read before it is written shows."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def empty(self, shape: Any, dtype: Any = np.float64) -> Any:
        out = np.empty(shape, dtype)
        return np.full(shape, np.nan) if out.dtype.kind == "f" else out

    def empty_like(self, like: Any) -> Any:
        return self.empty(like.shape, like.dtype)


@pytest.fixture(scope="module", autouse=True)
def _no_lucky_memory() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timecone.inputs.sampler, "np", _Poisoned())
        yield


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    path = tmp_path_factory.mktemp("fuzz") / FILE

    def attempt(text: bytes) -> tc.Scenario | UsageError:
        path.write_bytes(text)
        try:
            return load(path)
        except UsageError as error:
            return error

    return attempt


def check_draws(scenario: tc.Scenario) -> None:
    """Every parameter that the file gives by distributions is a number in every draw."""
    draws = 64 if scenario.run.design == "random" else 64 * min(scenario.run.replicates, 16)
    try:
        drawn = tc.sample(scenario, draws)
    except UsageError as error:
        # Of the designs, which come in certain numbers of draws only.
        assert scenario.run.design != "random", error  # noqa: PT017
        assert error.where in ("draws", "replicates"), error  # noqa: PT017
        return
    checked_by_draw = computed(scenario)
    for parameter in scenario.definition.parameters:
        values = drawn[parameter.name].to_numpy()
        if parameter.name in scenario.parameters and parameter.name not in checked_by_draw:
            assert np.all(np.isfinite(values)), parameter.name
            assert np.all(parameter.admits(values)), parameter.name


def check_refusal(error: UsageError) -> None:
    """One line, but for the list of nearest valid correlations, that begins with the file."""
    text = str(error)
    if "positive definite" not in text:
        assert len(text.splitlines()) == 1, text
    assert text.startswith(FILE), text


def names_of(path: tuple[str | int, ...]) -> list[str]:
    """Return what an error may call a place: its key, or the dotted key of the item that it belongs to."""
    depth = {"parameters": 3, "quantities": 2, "choices": 2, "experts": 2}.get(str(path[0]), 1)
    item = ".".join(map(str, path[:depth]))
    if path[0] == "experts":
        return [item, "choices.expert", "hardware.doubling_time", str(path[-1])]
    key = path[-1]
    return [item.removeprefix("parameters."), *([str(key), repr(key)] if isinstance(key, str) else [])]


def check(given_: Broken, read: Reader) -> None:
    outcome = read(tomli_w.dumps(given_.content).encode())
    if not isinstance(outcome, UsageError):
        check_draws(outcome)
        return
    check_refusal(outcome)
    wanted = [name for path in given_.places for name in names_of(path)] + sorted(given_.before)
    assert any(name in str(outcome) for name in wanted), (str(outcome), wanted)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_loads_and_draws(content: dict[str, Any], read: Reader, family: str) -> None:
    changed = copy.deepcopy(content)
    before = changed["parameters"]["hardware"]["doubling_time"]
    about = {k: before[k] for k in ("unit", "source", "as_of", "basis")}
    table = {"distribution": family, **FAMILIES[family](2.0, 0.5), **about}
    changed["parameters"]["hardware"]["doubling_time"] = table
    outcome = read(tomli_w.dumps(changed).encode())
    assert isinstance(outcome, tc.Scenario), outcome
    check_draws(outcome)


@given(data=st.data())
@ordinary
def test_generated_files_load_and_draw(content: dict[str, Any], read: Reader, data: st.DataObject) -> None:
    outcome = read(tomli_w.dumps(data.draw(scenarios(content))).encode())
    assert isinstance(outcome, tc.Scenario), outcome
    check_draws(outcome)


@given(data=st.data())
@settings(ordinary, max_examples=250)
def test_broken_files_are_refused_by_name(content: dict[str, Any], read: Reader, data: st.DataObject) -> None:
    check(data.draw(broken(content)), read)


@given(data=st.data())
@ordinary
def test_corrupted_text_is_refused_in_one_line(
    content: dict[str, Any], read: Reader, data: st.DataObject
) -> None:
    outcome = read(data.draw(corrupted(tomli_w.dumps(content).encode())))
    if isinstance(outcome, UsageError):
        check_refusal(outcome)
    else:
        check_draws(outcome)
