"""Quantities that are computed: formulas, named quantities, tables of points, choices within choices."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

import timecone as tc
from edits import ABSENT, content_of, edited
from refusals import Refusal, refused
from timecone.scenario.file import parse
from timecone.schema import Inclusion

P = "parameters"
DOUBLING, HALVING = "hardware.doubling_time", "algorithms.halving_time"
HEADROOM, SOFTWARE, GROWTH = "hardware.headroom", "algorithms.headroom", "economy.growth"
SOURCE = {"source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}
YEARS = {"unit": "year"} | SOURCE
WORLD = {"weights": {"open": 0.25, "closed": 0.75}} | SOURCE
DRAWS = 2048


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


def drawn(content: dict[str, Any], changes: dict[str, Any], draws: int = DRAWS) -> xr.Dataset:
    return tc.sample(parse(edited(content, changes)), draws, seed=3)


def reasons(run: xr.DataTree) -> np.ndarray:
    """Return why each draw failed, in the words of the run."""
    failure = run["outcomes"]["failure"]
    return np.array(failure.attrs["flag_meanings"].split())[failure.values]


def pace(**form: Any) -> dict[str, Any]:
    """Return a named quantity of about two years."""
    return {"distribution": "lognormal", "median": 2, "sigma": 0.3, "unit": "year"} | SOURCE | form


def test_a_formula_is_its_arithmetic_draw_by_draw(content: dict[str, Any]) -> None:
    formula = {"expression": "min(sqrt(hardware.headroom), 2) + 0.5", "unit": "year"} | SOURCE
    found = drawn(content, {f"{P}.{DOUBLING}": formula})
    wanted = np.minimum(np.sqrt(found[HEADROOM].values), 2.0) + 0.5
    np.testing.assert_array_equal(found[DOUBLING].values, wanted)


def test_a_formula_sees_and_gives_numbers_in_the_authors_units(content: dict[str, Any]) -> None:
    # The halving time is written in months and stored in years; the formula's result is in quarters.
    formula = {"expression": "algorithms.halving_time * 2 + 1", "unit": "quarter"} | SOURCE
    found = drawn(content, {f"{P}.{DOUBLING}": formula})
    months = found[HALVING].values * 12.0
    np.testing.assert_allclose(found[DOUBLING].values, (months * 2.0 + 1.0) / 4.0, rtol=1e-14)


def test_a_formula_changes_no_other_draw(content: dict[str, Any], baseline: tc.Scenario) -> None:
    formula = {"expression": "algorithms.halving_time + 1", "unit": "month"} | SOURCE
    before, after = tc.sample(baseline, DRAWS, seed=3), drawn(content, {f"{P}.{DOUBLING}": formula})
    for name in set(before) - {DOUBLING}:
        np.testing.assert_array_equal(before[name], after[name])


def test_a_formula_may_compare_a_choice(content: dict[str, Any]) -> None:
    formula = {"expression": "where(threshold == 'bio_anchors', 1, 3)", "unit": "year"} | SOURCE
    found = drawn(content, {f"{P}.{DOUBLING}": formula})
    values = found["choice_threshold"].attrs["flag_meanings"].split()
    is_bio = found["choice_threshold"].values == values.index("bio_anchors")
    assert 0 < is_bio.sum() < DRAWS
    np.testing.assert_array_equal(found[DOUBLING].values, np.where(is_bio, 1.0, 3.0))


def test_a_named_quantity_is_drawn_once_for_all_its_uses(content: dict[str, Any]) -> None:
    found = drawn(content, {
        "quantities.pace": pace(),
        f"{P}.{DOUBLING}": {"expression": "pace", "unit": "year"} | SOURCE,
        f"{P}.{HALVING}": {"expression": "pace * 6", "unit": "month"} | SOURCE,
        "correlations": [],
    })  # fmt: skip
    assert len(np.unique(found["pace"].values)) == DRAWS
    np.testing.assert_array_equal(found[DOUBLING].values, found["pace"].values)
    np.testing.assert_allclose(found[HALVING].values, found["pace"].values / 2.0, rtol=1e-14)


def test_quantities_may_be_computed_from_quantities_in_any_order(content: dict[str, Any]) -> None:
    found = drawn(content, {
        "quantities.last": {"expression": "middle + 1"} | YEARS,
        "quantities.middle": {"expression": "pace * 2"} | YEARS,
        "quantities.pace": pace(),
        f"{P}.{DOUBLING}": {"expression": "last"} | YEARS,
    })  # fmt: skip
    np.testing.assert_array_equal(found[DOUBLING].values, found["pace"].values * 2.0 + 1.0)


def test_a_quantity_may_be_correlated_with_a_parameter(content: dict[str, Any]) -> None:
    pair = {"between": [HEADROOM, "pace"], "rho": -0.7} | SOURCE
    use = {"expression": "pace", "unit": "year"} | SOURCE
    changes = {"quantities.pace": pace(), f"{P}.{DOUBLING}": use, "correlations": [pair]}
    found = drawn(content, changes, 20_000)
    # The standard error of rho is below (1 - 0.49) / sqrt(20 000) = 0.0036: five of them.
    assert spearmanr(found[HEADROOM], found["pace"]).statistic == pytest.approx(-0.7, abs=0.018)
    assert spearmanr(found[HEADROOM], found[DOUBLING]).statistic == pytest.approx(-0.7, abs=0.018)


@pytest.mark.parametrize("kind", ["step", "linear"])
def test_a_table_of_points_is_read_in_the_authors_units(kind: str, content: dict[str, Any]) -> None:
    # By the halving time in months: the doubling time in months.
    points = [[4, 12], [8, 24], [16, 48]]
    table = {"of": HALVING, "interpolation": kind, "points": points, "unit": "month"} | SOURCE
    found = drawn(content, {f"{P}.{DOUBLING}": table})
    months = found[HALVING].values * 12.0
    assert months.min() < 4.0
    assert months.max() > 16.0
    if kind == "linear":
        wanted = np.interp(months, [4, 8, 16], [12, 24, 48])
    else:
        wanted = np.where(months >= 16.0, 48.0, np.where(months >= 8.0, 24.0, 12.0))
    np.testing.assert_allclose(found[DOUBLING].values, wanted / 12.0, rtol=1e-13)


def test_choices_may_be_nested_once(content: dict[str, Any]) -> None:
    def point(value: float) -> dict[str, Any]:
        return {"distribution": "point", "value": value}

    nested = {"by": "world", "values": {"open": point(1), "closed": point(2)}}
    form = {"by": "threshold", "values": {
        "bio_anchors": nested, "direct_approach": point(3), "full_takeoff": {"expression": "1 + 3"},
    }} | YEARS  # fmt: skip
    found = drawn(content, {"choices.world": WORLD, f"{P}.{DOUBLING}": form})
    threshold, world = (
        np.array(found[f"choice_{name}"].attrs["flag_meanings"].split())[found[f"choice_{name}"].values]
        for name in ("threshold", "world")
    )
    of_bio = np.where(world == "open", 1.0, 2.0)
    wanted = np.select([threshold == "bio_anchors", threshold == "direct_approach"], [of_bio, 3.0], 4.0)
    assert set(wanted) == {1.0, 2.0, 3.0, 4.0}
    np.testing.assert_array_equal(found[DOUBLING].values, wanted)


def test_choices_nested_twice_are_refused(content: dict[str, Any]) -> None:
    leaf = {"distribution": "point", "value": 1}
    third = {"by": "third", "values": {"a": leaf}}
    second = {"by": "world", "values": {"open": third, "closed": leaf}}
    form = {"by": "threshold", "values": {
        "bio_anchors": second, "direct_approach": leaf, "full_takeoff": leaf}} | YEARS  # fmt: skip
    choices = {"choices.world": WORLD, "choices.third": {"weights": {"a": 1.0}} | SOURCE}
    place = f"{P}.{DOUBLING}.values.bio_anchors.values.open.by"
    with refused("nested-choices", place, got="third"):
        parse(edited(content, choices | {f"{P}.{DOUBLING}": form}))


def formula(text: str) -> dict[str, Any]:
    return {f"{P}.{DOUBLING}": {"expression": text} | YEARS}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            formula("hardware.headrom + 1"),
            Refusal(
                "reference-unknown",
                f"{P}.hardware.doubling_time.expression",
                got="hardware.headrom",
                names="'hardware.headroom'",
            ),
        ),
        (
            {"quantities.pace": pace()} | formula("pase"),
            Refusal(
                "reference-unknown", f"{P}.hardware.doubling_time.expression", got="pase", names="'pace'"
            ),
        ),
        (
            {f"{P}.{DOUBLING}": {"of": "algorithms.halving_tme", "points": [[1, 2]]} | YEARS},
            Refusal(
                "reference-unknown",
                f"{P}.hardware.doubling_time.of",
                got="algorithms.halving_tme",
                names="'algorithms.halving_time'",
            ),
        ),
        (
            formula("threshold + 1"),
            Refusal("choice-in-arithmetic", f"{P}.hardware.doubling_time", got="threshold + 1"),
        ),
        (
            formula("threshold"),
            Refusal("choice-in-arithmetic", f"{P}.hardware.doubling_time", got="threshold"),
        ),
        (
            {f"{P}.{DOUBLING}": {"of": "threshold", "points": [[1, 2]]} | YEARS},
            Refusal(
                "reference-unknown",
                f"{P}.hardware.doubling_time.of",
                got="threshold",
                names="'threshold.requirement'",
            ),
        ),
        (
            formula("where(threshold == 'bio_anchor', 1, 2)"),
            Refusal(
                "unknown-choice-value", f"{P}.hardware.doubling_time", got="bio_anchor", names="'bio_anchors'"
            ),
        ),
        (
            formula("hardware.headroom +"),
            Refusal("expression-syntax", f"{P}.hardware.doubling_time", got="hardware.headroom +"),
        ),
        (
            formula("sqr(2)"),
            Refusal("unknown-function", f"{P}.hardware.doubling_time", got="sqr", names="'sqrt'"),
        ),
        (
            {f"{P}.{DOUBLING}": {"expression": "1", "vaue": 1} | YEARS},
            Refusal("unknown-key", f"{P}.hardware.doubling_time.vaue"),
        ),
        (
            {f"{P}.{DOUBLING}": {"of": HALVING, "points": [[2, 1], [1, 2]]} | YEARS},
            Refusal("table-not-increasing", f"{P}.hardware.doubling_time.points", got=[2.0, 1.0]),
        ),
        (
            {f"{P}.{DOUBLING}": {"of": HALVING, "points": [[1, "2"]]} | YEARS},
            Refusal("not-a-number", f"{P}.hardware.doubling_time.points.0.1", got="2"),
        ),
        (
            {"quantities.a-b": pace()},
            Refusal("unusable-name", "quantities.a-b", got="a-b"),
        ),
        (
            {"quantities.threshold": pace()},
            Refusal("quantity-name-taken", "quantities.threshold", got="threshold"),
        ),
        ({"quantities.draw": pace()}, Refusal("quantity-name-taken", "quantities.draw", got="draw")),
        (
            {"quantities.choice_threshold": pace()},
            Refusal("reserved-name-prefix", "quantities.choice_threshold", got="choice_threshold"),
        ),
        (
            {"correlations.0.between": [DOUBLING, "automation.gap"]} | formula("hardware.headroom"),
            Refusal("computed-quantity-correlated", "correlations[0].between", got="hardware.doubling_time"),
        ),
    ],
    ids=[
        "parameter",
        "quantity",
        "table",
        "text",
        "choice alone",
        "points of a choice",
        "misspelt value",
        "syntax",
        "function",
        "key",
        "order",
        "number in quotes",
        "hyphen",
        "taken",
        "coordinate",
        "prefix",
        "correlation",
    ],
)
def test_what_cannot_be_computed_is_refused(
    changes: dict[str, Any], refusal: Refusal, content: dict[str, Any]
) -> None:
    with refusal.expected():
        parse(edited(content, changes))


def test_quantities_in_a_circle_are_refused(content: dict[str, Any]) -> None:
    circle = {
        "quantities.a": {"expression": "b + 1"} | YEARS,
        "quantities.b": {"of": "a", "points": [[1, 2]]} | YEARS,
    }
    with refused("circular-formulas") as failure:
        parse(edited(content, circle))
    assert failure.value.got in {"a -> b -> a", "b -> a -> b"}


def test_a_formula_of_itself_is_a_circle(content: dict[str, Any]) -> None:
    with refused("circular-formulas", got=f"{DOUBLING} -> {DOUBLING}"):
        parse(edited(content, formula(f"{DOUBLING} * 2")))


def test_a_result_outside_the_support_is_a_failed_draw(content: dict[str, Any]) -> None:
    # Log(headroom / median) is below 0 in half of all draws, and a doubling time is above 0.
    text = "log(hardware.headroom / 3.19)"
    scenario = parse(edited(content, formula(text) | {"correlations": ABSENT}))
    run = tc.simulate(scenario, draws=DRAWS, seed=3, threads=1, paths=0)
    computed = run["inputs"][DOUBLING].values
    np.testing.assert_array_equal(computed, np.log(run["inputs"][HEADROOM].values / 3.19))
    failed = run["outcomes"]["standing"].values == Inclusion.FAILED
    outside = reasons(run) == f"outside_support@{DOUBLING}"
    assert 0.4 * DRAWS < outside.sum() < 0.6 * DRAWS
    np.testing.assert_array_equal(outside, computed <= 0.0)
    # A doubling time of days and a setback of years: price-performance falls beyond what a kernel represents.
    beyond = reasons(run) == "beyond_range"
    assert computed[beyond].size == 0 or computed[beyond].max() < 0.05
    np.testing.assert_array_equal(failed, outside | beyond)


def test_a_formula_of_a_part_that_is_off_is_not_tried(baseline: tc.Scenario) -> None:
    # Nothing reads these returns or what they are computed from, so their rows are 0.
    for part in ("software_feedback", "hardware_feedback"):
        returns = f"feedback.{part.partition('_')[0]}_returns"
        assert returns in baseline.compiled.computed
        assert returns not in baseline.without(part).compiled.computed


def test_a_distribution_outside_the_support_is_still_refused(content: dict[str, Any]) -> None:
    negative = {"distribution": "uniform", "low": -1, "high": 2}
    form = {"by": "threshold", "values": {
        "bio_anchors": {"expression": "1"}, "direct_approach": negative, "full_takeoff": {"expression": "2"},
    }} | YEARS  # fmt: skip
    with refused("distribution-outside-domain", f"{P}.{DOUBLING}.values.direct_approach"):
        parse(edited(content, {f"{P}.{DOUBLING}": form}))
