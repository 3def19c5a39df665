"""Whatever a scenario file holds, it loads into finite draws or is refused in one line that names a place."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import timecone as tc
import timecone.inputs.sampler
from altered import Broken, broken, corrupted, shuffled
from examples import examples
from generated import FAMILIES, scenarios
from timecone.errors import UsageError
from timecone.scenario.file import dumps, load

FILE = "fuzz.toml"
type Reader = Callable[[bytes], tc.Scenario | UsageError]

ordinary = settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
# The whole of it, FUZZ_EXAMPLES=10000, takes a quarter of an hour on two cores.
thorough = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "1000")), suppress_health_check=list(HealthCheck)
)


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
def read(expert_folder: Path) -> Reader:
    path = expert_folder / FILE

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
    checked_by_draw = scenario.compiled.computed
    asks_for_never = "= inf" in dumps(scenario)
    for parameter in scenario.definition.parameters:
        if parameter.name not in drawn:
            continue  # read by nothing that is switched on
        values = drawn[parameter.name].to_numpy()
        if parameter.name in scenario.parameters and parameter.name not in checked_by_draw:
            never = asks_for_never & parameter.includes_high & (values == parameter.high)
            assert np.all(np.isfinite(values) | never), parameter.name
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
        question = ".".join(map(str, path[3:5])) or item
        return [item, "choices.expert", question, str(path[-1]), repr(path[-1])]
    key = path[-1]
    return [item.removeprefix("parameters."), *([str(key), repr(key)] if isinstance(key, str) else [])]


def has_no_answer(outcome: tc.Scenario | UsageError) -> bool:
    """Return whether a file is refused because a generated formula fails in every draw, as it may."""
    return isinstance(outcome, UsageError) and "trial draws" in str(outcome)


def check(given_: Broken, read: Reader) -> None:
    outcome = read(tomli_w.dumps(given_.content).encode())
    if not isinstance(outcome, UsageError):
        check_draws(outcome)
        return
    check_refusal(outcome)
    if has_no_answer(outcome):
        return
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


TIME = "parameters.hardware.doubling_time"
_BIG = 10**400


def _time(**table: Any) -> dict[str, Any]:
    about = {"unit": "year", "source": "a trial", "as_of": date(2026, 8, 22), "basis": "guess"}
    return {TIME: table | about}


def _expert(name: str = "ann", **answer: Any) -> dict[str, Any]:
    (table,) = _time(**answer).values()
    return {name: {"weight": 1.0, "parameters": {"hardware": {"doubling_time": table}}}}


#: The smallest files that once ended in another exception or in more than one line: what is changed in the
#: baseline, and what the error must name.
MINIMAL: dict[str, tuple[dict[str, Any], str]] = {
    "line feed in a key": ({"a\nb": 1}, repr("a\nb")),
    "line feed in a parameter's key": ({"parameters.hardware.a\nb": {}}, repr("a\nb")),
    "line separator in a key": ({"a\u2028b": 1}, "unprintable"),
    "unit of brackets": ({f"{TIME}.unit": "(" * 300}, f"{TIME}.unit"),
    "unit that is a power of powers": ({f"{TIME}.unit": "year ** 9 ** 9 ** 9"}, f"{TIME}.unit"),
    "unit with a null": ({f"{TIME}.unit": "\0"}, f"{TIME}.unit"),
    "quantiles by nested integrals": (_time(distribution="scipy.levy_stable", alpha=1.5, beta=0.5), TIME),
    "quantiles by double integrals": (_time(distribution="scipy.studentized_range", k=3, df=10), TIME),
    "gamma far too narrow": (_time(distribution="gamma", mean=1e301, sd=0.5), TIME),
    "gamma far too wide": (_time(distribution="gamma", mean=1e-300, sd=1e300), TIME),
    "percentiles too far apart": (_time(distribution="percentiles", p01=-1e308, p50=1.0, p99=1e308), TIME),
    "log percentiles too far apart": (
        _time(distribution="percentiles", space="log", p01=5e-324, p50=1.0, p99=1e308), TIME
    ),
    "a number too large for a float": (_time(distribution="lognormal", median=_BIG, sigma=1.0), TIME),
    "extends nothing": ({"extends": " "}, "extends"),
    "extends a name of two lines": ({"extends": "a\nb"}, "extends"),
    "extends a null": ({"extends": "\0"}, "extends"),
    "extends a folder": ({"extends": "."}, "extends"),
    "experts beside a list of choices": (
        {"experts": _expert(distribution="point", value=1.0), "choices": ["a"]}, "choices"
    ),
    "experts beside a list of parameters": (
        {"experts": _expert(distribution="point", value=1.0), "parameters": [1]}, "parameters"
    ),
    "an expert's date is text": (
        {"experts": _expert(distribution="point", value=1.0)
         | {"bob": {"weight": 0.5, "parameters": {"hardware": {"doubling_time": {"as_of": "x"}}}}}},
        "bob",
    ),
    "t copula without tails": ({"copula": {"kind": "t", "df": 5e-324}}, "t copula"),
    "a seed of 400 digits": ({"run.seed": _BIG}, "run.seed"),
    "a year without end": ({"time.horizon": 1e308}, "time.horizon"),
    "a name of two lines": ({"name": "baseline\n"}, "name"),
}  # fmt: skip


def _changed(content: dict[str, Any], changes: dict[str, Any]) -> bytes:
    """Return the file with some dotted keys changed."""
    result = copy.deepcopy(content)
    for dotted, value in changes.items():
        *way, last = dotted.split(".")
        holder = result
        for step in way:
            holder = holder.setdefault(step, {})
        holder[last] = value
    return tomli_w.dumps(result).encode()


@pytest.mark.parametrize("case", MINIMAL)
def test_minimal_files_are_refused(content: dict[str, Any], read: Reader, case: str) -> None:
    changes, name = MINIMAL[case]
    outcome = read(_changed(content, changes))
    assert isinstance(outcome, UsageError), "accepted"
    check_refusal(outcome)
    assert name in str(outcome), outcome


#: Corrupted text that once ended in another exception than ours.
TEXTS = {
    "an integer of 5000 digits": b"x = " + b"9" * 5000,
    "brackets without end": b"x = " + b"[" * 3000,
    "lists in lists": b"x = " + b"[" * 3000 + b"]" * 3000,
    "a key of 3000 parts": b".".join([b"a"] * 3000) + b" = 1",
    "a null": b"\0",
    "UTF-16": "name = 'x'".encode("utf-16"),
    "nothing": b"",
}


@pytest.mark.parametrize("case", TEXTS)
def test_minimal_texts_are_refused(read: Reader, case: str) -> None:
    outcome = read(TEXTS[case])
    assert isinstance(outcome, UsageError)
    check_refusal(outcome)


#: What once kept a processor busy for minutes or for ever; a process of its own can be ended.
ENDLESS = {
    "a power of powers in a unit": {f"{TIME}.unit": "year ** 9 ** 9 ** 9"},
    "a power of powers in an expression": _time(expression="9 ** 9 ** 9 ** 9"),
    "quantiles by nested integrals": _time(distribution="scipy.levy_stable", alpha=1.5, beta=0.5),
    "quantiles by double integrals": _time(distribution="scipy.studentized_range", k=3, df=10),
}
_ATTEMPT = """
import sys, timecone, timecone.errors
try:
    timecone.sample(timecone.load(sys.argv[1]), 64)
except timecone.errors.UsageError:
    pass
"""


@pytest.mark.slow
@pytest.mark.parametrize("case", ENDLESS)
def test_reading_ends(content: dict[str, Any], tmp_path: Path, case: str) -> None:
    path = tmp_path / FILE
    path.write_bytes(_changed(content, ENDLESS[case]))
    # Compilation and SciPy's import included; what hangs takes many times longer.
    subprocess.run([sys.executable, "-c", _ATTEMPT, str(path)], check=True, timeout=60)


def test_a_choice_of_many_values_gives_each_its_own(content: dict[str, Any], read: Reader) -> None:
    # More values than a signed byte counts.
    values = {f"v{k}": {"distribution": "point", "value": k} for k in range(200)}
    about = {"source": "a trial", "as_of": date(2026, 8, 22), "basis": "guess"}
    many = {"weights": dict.fromkeys(values, 1 / 200), **about}
    changes = {
        "choices.many": many,
        "quantities.q": {"by": "many", "values": values, "unit": "year", **about},
    }
    outcome = read(_changed(content, changes))
    if isinstance(outcome, UsageError):
        check_refusal(outcome)
        assert "many" in str(outcome)
        return
    drawn = tc.sample(outcome, 4096)
    assert set(drawn["q"].to_numpy()) == set(range(200))


@pytest.mark.slow
@given(data=st.data())
@ordinary
def test_generated_files_load_and_draw(content: dict[str, Any], read: Reader, data: st.DataObject) -> None:
    outcome = read(tomli_w.dumps(data.draw(scenarios(content))).encode())
    if has_no_answer(outcome):
        return
    assert isinstance(outcome, tc.Scenario), outcome
    check_draws(outcome)


@pytest.mark.slow
@given(data=st.data())
@settings(ordinary, max_examples=examples(100))
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


@given(data=st.data())
@settings(ordinary, max_examples=examples(15))
def test_the_order_of_tables_is_no_matter(content: dict[str, Any], read: Reader, data: st.DataObject) -> None:
    made = data.draw(scenarios(content))
    one, other = read(tomli_w.dumps(made).encode()), read(tomli_w.dumps(data.draw(shuffled(made))).encode())
    assert isinstance(one, tc.Scenario)
    assert isinstance(other, tc.Scenario)
    before, after = tc.sample(one, 512), tc.sample(other, 512)
    assert set(before) == set(after)
    for name in before if one.run.design == "random" else ():
        np.testing.assert_array_equal(before[name], after[name])


@pytest.mark.slow
@given(data=st.data())
@settings(thorough, max_examples=300)
def test_any_generated_file_loads_and_draws(
    content: dict[str, Any], read: Reader, data: st.DataObject
) -> None:
    outcome = read(tomli_w.dumps(data.draw(scenarios(content))).encode())
    if has_no_answer(outcome):
        return
    assert isinstance(outcome, tc.Scenario), outcome
    check_draws(outcome)


@pytest.mark.slow
@given(data=st.data())
@thorough
def test_any_broken_file_is_refused_by_name(
    content: dict[str, Any], read: Reader, data: st.DataObject
) -> None:
    check(data.draw(broken(content)), read)


@pytest.mark.slow
@given(data=st.data())
@thorough
def test_any_corrupted_text_is_refused_in_one_line(
    content: dict[str, Any], read: Reader, data: st.DataObject
) -> None:
    outcome = read(data.draw(corrupted(tomli_w.dumps(content).encode())))
    if isinstance(outcome, UsageError):
        check_refusal(outcome)
    else:
        check_draws(outcome)
