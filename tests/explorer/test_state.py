"""State of the explorer: addresses and files lead back to the same state, and strangers' ones are refused."""

from __future__ import annotations

import math
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

import timecone as tc
from hostile_addresses import ADDRESSES, FILES
from refusals import refused
from timecone.errors import TimeconeError
from timecone.explorer.ends import ends_of, moved
from timecone.explorer.scenario_file import Base, file_text, scenario_of, state_of_file
from timecone.explorer.session import Session, one_line
from timecone.explorer.state import State, address_of, from_address, scenario_in
from timecone.inputs.distributions import Distribution


@pytest.fixture(scope="module")
def base() -> Base:
    return Base.open("baseline")


def _state(address: str, base: Base) -> State:
    return from_address(address, base.name, base.controls)


MOVED = (
    "hardware.headroom=1.2~5&investment.cap_share=0.1~1.5&threshold.requirement@bio_anchors=22~41",
    "choice:threshold=bio_anchors:0.5,direct_approach:0.25,full_takeoff:0.25&component:pause=off",
    "shocks.pause_hazard=2.5&investment.trend_lifetime=20&algorithms.headroom@bio_anchors=2~6",
    "hardware.headroom=lognormal(p05=1,p95=6)&automation.gap=percentiles(space=log,p05=1,p50=3,p95=9)",
    "threshold.reference_year@full_takeoff=2021&data.binding@escaped=0.5&feedback.substitution=0.2~0.9",
)


@pytest.mark.parametrize("address", MOVED)
def test_an_address_and_a_file_lead_back_to_the_same_state(address: str, base: Base) -> None:
    state = _state(address, base)
    assert len([*state.sliders, *state.weights, *state.switches]) == address.count("&") + 1
    assert _state(address_of(state), base) == state
    text = file_text(state, base, 5000)
    assert state_of_file(text, lambda _: base) == state
    assert tomllib.loads(text)["run"]["draws"] == 5000


def test_the_file_is_the_scenario_of_the_state(base: Base, tmp_path: Path) -> None:
    state = _state("&".join(MOVED[:2]), base)
    path = tmp_path / "moved.toml"
    path.write_text(file_text(state, base, 5000), encoding="utf-8")
    loaded = tc.load(path)
    assert loaded.digest == scenario_of(state, base).digest != base.scenario.digest
    assert loaded.run.draws == 5000
    assert "explorer" in str(loaded.conditions)
    # What was only moved belongs together with what stays: nothing else is gone.
    assert set(loaded.parameters) == set(base.scenario.parameters)
    assert {c.between for c in loaded.correlations} == {c.between for c in base.scenario.correlations}
    untouched = set(base.scenario.parameters) - {key.partition("@")[0] for key in state.sliders}
    assert all(loaded.parameters[name] == base.scenario.parameters[name] for name in untouched)


def test_what_is_where_it_was_is_not_moved(base: Base) -> None:
    ends = base.controls.sliders["hardware.headroom"].ends
    assert ends is not None
    weights = ",".join(f"{v}:{w}" for v, w in base.controls.weights["threshold"].weights.items())
    address = f"hardware.headroom={ends.low}~{ends.high}&choice:threshold={weights}&component:pause=on"
    assert _state(address, base) == State("baseline")
    assert scenario_of(State("baseline"), base) is base.scenario


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ({"distribution": "lognormal", "p05": 1.7, "p95": 6}, 1.0, 8.0),
        ({"distribution": "normal", "mean": 3.0, "sd": 1.0}, 2.0, 5.0),
        ({"distribution": "uniform", "low": 0.3, "high": 0.9}, 0.2, 0.7),
        ({"distribution": "triangular", "low": 0.0, "mode": 1.0, "high": 3.0}, 1.0, 7.0),
        ({"distribution": "loguniform", "low": 1.0, "high": 100.0}, 10.0, 1000.0),
        ({"distribution": "percentiles", "space": "log", "p05": 1, "p50": 4, "p95": 8}, 2.0, 9.0),
        ({"distribution": "percentiles", "space": "logit", "p05": 0.2, "p50": 0.7, "p95": 0.99}, 0.1, 0.8),
        ({"distribution": "cdf", "values": [1, 3, 30], "cumulative": [0, 0.5, 1], "space": "log"}, 2.0, 40.0),
        (
            {
                "distribution": "mixture",
                "components": [
                    {"weight": 0.9, "distribution": "percentiles", "p05": 20.0, "p50": 32.0, "p95": 42.0},
                    {"weight": 0.1, "distribution": "point", "value": math.inf},
                ],
            },
            22.0,
            40.0,
        ),
    ],
)
def test_a_moved_distribution_has_its_ends_there_and_all_else_on_the_same_scale(
    table: dict[str, Any], low: float, high: float
) -> None:
    before = ends_of(table)
    after = moved(table, low, high)
    assert before is not None
    there = ends_of(after)
    assert there is not None
    assert (there.low, there.high) == pytest.approx((low, high), rel=2e-6)
    # Quantiles between: the affine change of the scale, computed here by itself.
    scale = {
        "linear": (lambda x: x, lambda y: y),
        "log": (math.log, math.exp),
        "logit": (lambda x: math.log(x / (1 - x)), lambda y: 1 / (1 + math.exp(-y))),
    }[before.scale]
    to, back = scale
    first, second = (
        Distribution(t["distribution"], {k: v for k, v in t.items() if k != "distribution"})
        for t in (table, after)
    )
    for p in (0.1, 0.3, 0.5, 0.7, 0.85):
        x = float(first.ppf(p))
        y = to(low) + (to(x) - to(before.low)) * (to(high) - to(low)) / (to(before.high) - to(before.low))
        assert float(second.ppf(p)) == pytest.approx(back(y), rel=1e-5)


def test_a_distribution_that_does_not_move_refuses() -> None:
    assert ends_of({"distribution": "point", "value": math.inf}) is None
    with refused("ends-not-increasing", got=(3.0, 2.0)):
        moved({"distribution": "normal", "mean": 0, "sd": 1}, 3.0, 2.0)
    with refused("quantile-outside-space", got=-1.0):
        moved({"distribution": "lognormal", "p05": 1, "p95": 2}, -1.0, 2.0)
    with refused("single-number-with-two-ends"):
        moved({"distribution": "point", "value": 1.0}, 1.0, 2.0)


def test_hostile_addresses_are_refused_in_one_line(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of them; nothing is executed, and no file is opened on the way."""
    _forbid_executing(monkeypatch)
    for address in ADDRESSES:
        try:
            name = scenario_in(address, "baseline")
            if name != "baseline":
                Base.open(name)
            scenario_of(_state(address, base), base)
        except TimeconeError as error:
            _require_one_line(error, address)
        else:
            pytest.fail(f"accepted: {address[:80]}")


def test_hostile_files_are_refused_in_one_line(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    _forbid_executing(monkeypatch)

    def base_of(name: str) -> Base:
        return base if name == "baseline" else Base.open(name)

    for text in FILES:
        try:
            state_of_file(text, base_of)
        except TimeconeError as error:
            _require_one_line(error, text)
        else:
            pytest.fail(f"accepted: {text[:120]}")


def test_there_are_a_hundred_of_them_and_more() -> None:
    assert len(set(ADDRESSES)) == len(ADDRESSES) >= 100
    assert len(set(FILES)) == len(FILES) >= 50


def _forbid_executing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("something was executed")

    for place, name in ((os, "system"), (subprocess, "Popen"), (os, "popen")):
        monkeypatch.setattr(place, name, never)
    for name in ("eval", "exec", "__import__"):
        if name != "__import__":
            monkeypatch.setattr("builtins." + name, never)


def _require_one_line(error: TimeconeError, stated: str) -> None:
    line = one_line(error.line)
    assert line.isprintable(), stated[:80]
    assert len(line) <= 610, stated[:80]
    assert "passwd" not in line or "passwd" in stated
    assert "root:" not in line, stated[:80]


def test_messages_that_are_not_of_the_page_are_refused() -> None:
    sent: list[dict[str, Any]] = []
    session = Session(sent.append, "baseline")
    for message in (None, 1, "x", [], {}, {"kind": 1}, {"kind": ["open"]}):
        session.receive(message)
    for message in (
        {"kind": "nothing"},
        {"kind": "ask", "address": 1},
        {"kind": "ask", "address": "", "draws": 10**9},
        {"kind": "ask", "address": "", "draws": True},
        {"kind": "file", "text": ["x"]},
        {"kind": "elicit"},
        {"kind": "elicit", "quantiles": [["a", "b"]]},
        {"kind": "elicit", "edges": [1, 2], "chips": [1] * 30},
        {"kind": "elicit", "edges": [1, 2, 3, 4], "chips": [1e9, 1, 1]},
        {"kind": "elicit", "quantiles": [[0.5, 1], [0.5, 2]]},
        {"kind": "elicit", "quantiles": [[2, 1], [0.5, 2]]},
    ):
        session.answer(message)
    session.close()
    assert [message["kind"] for message in sent] == ["error"] * len(sent)
    assert len(sent) == 18
    assert all("Internal" not in message["line"] for message in sent), sent
