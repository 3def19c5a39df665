"""The digest: equal for equal numbers in other words, different for each other number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import timecone as tc
from edits import ABSENT, content_of, edited
from timecone.inputs.distributions import Distribution
from timecone.scenario.digest import digest
from timecone.scenario.file import parse

P = "parameters"
HALVING = f"{P}.algorithms.halving_time"
GAP = f"{P}.automation.gap"
TRUNCATED = {"distribution": "normal", "mean": 3, "sd": 1, "truncate": {"low": 1, "high": 9}}
SOURCE = {"source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}
YEAR = {"distribution": "point", "value": 1.0, "unit": "year"} | SOURCE
CORRELATIONS = [
    {"between": ["threshold.requirement", "automation.gap"], "rho": 0.5} | SOURCE,
    {"between": ["hardware.headroom", "automation.gap"], "rho": 0.3} | SOURCE,
]


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


def _digest(content: dict[str, Any], changes: dict[str, Any] | None = None) -> str:
    return digest(parse(edited(content, changes or {})))


def _numbers(place: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, float]]:
    """Yield every number of a file's content with its path; what concerns a run is no scenario."""
    items = place.items() if isinstance(place, dict) else enumerate(place) if isinstance(place, list) else ()
    for key, value in items:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield ".".join([*path, str(key)]), value
        elif not path and key == "run":
            continue
        else:
            yield from _numbers(value, (*path, str(key)))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other", "title": "other", "conditions": "other"},
        {"run.draws": 5, "run.seed": 99},
        {f"{GAP}.source": "s", f"{GAP}.note": "n", f"{GAP}.basis": "guess", f"{GAP}.as_of": date(2020, 1, 1)},
        {"choices.threshold.title": "other", "choices.threshold.source": "other"},
        {"correlations.0.source": "other", "correlations.0.basis": "data"},
        {"not_yet.rule": "remove"},
        {"time.start": 2026},
        # The same distribution in other words.
        {f"{P}.economy.growth.unit": "1/year", f"{P}.economy.growth.p05": 0.015,
         f"{P}.economy.growth.p95": 0.045},
        {f"{P}.investment.cap_share.unit": "1", f"{P}.investment.cap_share.p05": 0.0005,
         f"{P}.investment.cap_share.p95": 0.02},
        {f"{P}.investment.largest_run.unit": "GUSD", f"{P}.investment.largest_run.p05": 0.4,
         f"{P}.investment.largest_run.p95": 1.5},
        {f"{HALVING}.unit": "year", f"{HALVING}.p05": 3 / 12, f"{HALVING}.p50": 8 / 12,
         f"{HALVING}.p95": 22 / 12},
        {f"{P}.investment.trend_lifetime.age": ABSENT, f"{P}.investment.trend_lifetime.p50": 120,
         f"{P}.investment.trend_lifetime.unit": "month"},
    ],
    ids=["names", "run", "provenance", "choice's words", "correlation's words", "default not_yet",
         "whole number", "percent", "share", "billion", "months in a table", "another form"],
)  # fmt: skip
def test_other_words_for_the_same_numbers_leave_the_digest(changes: dict, content: dict[str, Any]) -> None:
    assert _digest(content, changes) == _digest(content)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tc.Point(value=9, unit="month"), tc.Point(value=0.75, unit="year")),
        (tc.LogNormal(p05=3, p95=12, unit="month"), tc.LogNormal(p05=0.25, p95=1, unit="year")),
        (tc.LogNormal(median=9, sigma=1, unit="month"), tc.LogNormal(median=0.75, sigma=1, unit="year")),
        # A median of exactly a year: its logarithm is 0, or what rounding leaves of it.
        (tc.LogNormal(p05=6, p95=24, unit="month"), tc.LogNormal(p05=0.5, p95=2, unit="year")),
        (tc.LogNormal(median=12, sigma=1, unit="month"), tc.LogNormal(median=1, sigma=1, unit="year")),
        (
            tc.Normal(mean=9, sd=1, truncate={"low": 3}, unit="month"),
            tc.Normal(mean=0.75, sd=1 / 12, truncate={"low": 0.25}, unit="year"),
        ),
    ],
    ids=["point", "quantiles", "moments", "quantiles about a year", "a median of a year", "truncated"],
)
def test_months_and_years_give_one_digest(
    one: Distribution, other: Distribution, baseline: tc.Scenario
) -> None:
    # A point has no rank to correlate.
    alone = baseline.independent()
    digests = {digest(alone.replace({"algorithms.halving_time": given})) for given in (one, other)}
    assert len(digests) == 1


@pytest.mark.slow
def test_every_number_of_the_scenario_counts(content: dict[str, Any]) -> None:
    full = edited(content, {f"{GAP}.{k}": v for k, v in TRUNCATED.items()} | {f"{GAP}.p05": ABSENT})
    full = edited(full, {f"{GAP}.space": ABSENT, f"{GAP}.p50": ABSENT})
    full = edited(full, {f"{GAP}.p95": ABSENT, f"{P}.investment.cap_usd": {
        "distribution": "pareto", "minimum": 1e11, "shape": 2.0, "unit": "USD"} | SOURCE})  # fmt: skip
    seen = {_digest(full): "nothing changed"}
    paths = [path for path, _ in _numbers(full) if not path.startswith("choices")]
    assert len(paths) > 50
    for path, number in _numbers(full):
        if path.startswith("choices") or number == float("inf"):
            continue  # weights must go on summing to 1: see below; and inf has no neighbour
        # Downwards, because a share may be 1; and 0 has no digits.
        found = _digest(full, {path: number * (1 - 1e-9) or 1e-9})
        assert found not in seen, f"{path} against {seen[found]}"
        seen[found] = path


@pytest.mark.parametrize(
    "changes",
    [
        {"choices.threshold.weights.bio_anchors": 0.4 + 1e-6,
         "choices.threshold.weights.full_takeoff": 0.3 - 1e-6},
        {"as_of": date(2026, 8, 23)},
        {"time.step": "month"},
        {"not_yet.rule": "off"},
        {"not_yet.milestones": ["automation_50"]},
        {"correlations": []},
        {"correlations.0.between": ["threshold.requirement", "hardware.headroom"]},
        {f"{P}.threshold.requirement.values.direct_approach.space": "log"},
        {f"{HALVING}.unit": "year"},
        {f"{P}.algorithms.halving_time_past.p50": 9.5},
        {f"{P}.investment.trend_lifetime": ABSENT},
        {f"{P}.hardware.headroom.distribution": "pareto"},
    ],
    ids=["weights", "as_of", "step", "rule", "milestone", "no correlation", "other pair", "space", "unit",
         "more", "less", "family"],
)  # fmt: skip
def test_whatever_else_changes_numbers_counts(changes: dict, content: dict[str, Any]) -> None:
    assert _digest(content, changes) != _digest(content)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"choices.threshold.weights": {"bio_anchors": 0.4, "direct_approach": 0.3, "full_takeoff": 0.3}},
            {"choices.threshold.weights": {"full_takeoff": 0.3, "direct_approach": 0.3, "bio_anchors": 0.4}},
        ),
        ({"correlations": CORRELATIONS}, {"correlations": CORRELATIONS[::-1]}),
        ({"correlations": CORRELATIONS[:1]},
         {"correlations": [CORRELATIONS[0] | {"between": CORRELATIONS[0]["between"][::-1]}]}),
    ],
    ids=["values of a choice", "correlations", "names of a pair"],
)  # fmt: skip
def test_one_digest_means_the_same_draws_whatever_the_order_in_the_file(
    one: dict, other: dict, content: dict[str, Any]
) -> None:
    scenarios = [parse(edited(content, changes)) for changes in (one, other)]
    if digest(scenarios[0]) == digest(scenarios[1]):
        first, second = (tc.sample(scenario, 256, seed=1) for scenario in scenarios)
        for name in ("threshold.requirement", "automation.gap", "hardware.headroom"):
            assert first[name].values.tolist() == second[name].values.tolist()


def test_the_digest_is_16_hex_digits(baseline: tc.Scenario) -> None:
    assert len(digest(baseline)) == 16
    assert int(digest(baseline), 16) >= 0
