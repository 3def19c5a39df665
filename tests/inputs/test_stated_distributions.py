"""Distributions stated by quantiles, tables or modes, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

import timecone as tc
from refusals import Refusal, refused
from timecone.errors import DistributionError
from timecone.inputs.distributions import Distribution

LEVELS = np.array([1e-6, 0.01, 0.1, 0.25, 0.5, 0.7, 0.749])


def test_a_quantile_that_is_never_ends_the_finite_part_there() -> None:
    found = Distribution("percentiles", {"p25": 2030, "p50": 2040, "p75": np.inf})
    # A line over the normal score through both, up to 75 %.
    z = special.ndtri(LEVELS)
    expected = 2040.0 + (2040.0 - 2030.0) / -special.ndtri(0.25) * z
    np.testing.assert_allclose(found.ppf(LEVELS), expected, rtol=1e-7)
    assert np.all(np.isinf(found.ppf([0.7501, 0.9, 1 - 1e-12])))
    assert found.mean() == np.inf
    assert found.misfit() < 1e-7
    assert found.family.remark == "never in 25 %"


def test_a_family_keeps_its_quantiles_where_its_top_is_never() -> None:
    found = tc.LogNormal(p05=3, p50=9, p90=np.inf, p95=np.inf)
    levels = LEVELS * 1.1
    np.testing.assert_allclose(found.ppf(levels), tc.LogNormal(p05=3, p50=9).ppf(levels), rtol=1e-6)
    assert np.isinf(found.ppf(0.901))


def test_never_from_a_quantile_keeps_a_bound_that_is_an_atom() -> None:
    found = Distribution("percentiles", {"p10": 1, "p50": 2, "p90": np.inf, "tails": "none"})
    np.testing.assert_array_equal(found.ppf([0.05, 0.6, 0.8999]), [1.0, 2.0, 2.0])
    assert np.isinf(found.ppf(0.9001))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"p50": np.inf, "p75": 3.0, "p25": 1.0}, "quantile-above-infinite-quantile"),
        ({"p25": 1.0, "p50": np.inf}, "undetermined-distribution"),
        ({"p25": -np.inf, "p50": 2.0}, "argument-not-finite"),
    ],
)
def test_quantiles_that_do_not_fit_never_are_refused(arguments: dict[str, float], code: str) -> None:
    with refused(code):
        Distribution("percentiles", arguments)


@pytest.mark.parametrize(
    ("low", "mode", "high"), [(0.0, 1.0, 3.0), (-5.0, -4.9, 10.0), (2.0, 2.0, 3.0), (0, 4, 4)]
)
def test_a_triangular_is_found_from_two_quantiles_and_its_mode(low: float, mode: float, high: float) -> None:
    defined = stats.triang((mode - low) / (high - low), loc=low, scale=high - low)
    p10, p90 = defined.ppf([0.1, 0.9])
    found = tc.Triangular(p10=p10, mode=mode, p90=p90)
    np.testing.assert_allclose(found.ppf([0.1, 0.9]), [p10, p90], rtol=1e-6)
    np.testing.assert_allclose(found.ppf(LEVELS), defined.ppf(LEVELS), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("weight", [4.0, 2.0])
def test_a_pert_is_found_from_two_quantiles_and_its_mode(weight: float) -> None:
    defined = tc.Pert(low=1, mode=2, high=6, weight=weight)
    p05, p80 = defined.ppf([0.05, 0.8])
    found = tc.Pert(p05=p05, p80=p80, mode=2, weight=weight)
    np.testing.assert_allclose(found.ppf(LEVELS), defined.ppf(LEVELS), rtol=1e-5)
    assert found.misfit() < 1e-6


def test_a_symmetric_triangular_by_quantiles_has_the_closed_form_width() -> None:
    # P(X < mode - d) = (w - d)^2 / (2 w^2) = 0.1 for d = 0.15.
    width = 0.15 / (1.0 - np.sqrt(0.2))
    found = tc.Triangular(p10=0.85, mode=1, p90=1.15)
    np.testing.assert_allclose(found.ppf([1e-12, 1 - 1e-12]), [1.0 - width, 1.0 + width], rtol=1e-5)


@pytest.mark.parametrize("family", [tc.Triangular, tc.Pert])
def test_a_mode_far_outside_the_quantiles_is_refused(family) -> None:
    with refused("mode-and-quantiles-not-matched", None):
        family(p10=1, mode=9, p90=2)


@pytest.mark.parametrize(
    ("name", "arguments", "defined"),
    [
        ("gumbel_r", {}, stats.gumbel_r(2, 3)),
        ("gumbel_r", {"loc": 2.0}, stats.gumbel_r(2, 3)),
        ("genextreme", {}, stats.genextreme(-0.2, 5, 2)),
        ("genextreme", {"c": 0.3}, stats.genextreme(0.3, 5, 2)),
        ("fisk", {"loc": 0.0}, stats.fisk(2.5, 0, 7)),
        ("expon", {"loc": 0.0}, stats.expon(0, 4)),
    ],
)
def test_any_scipy_distribution_is_found_from_its_quantiles(name, arguments, defined) -> None:
    free = {"genextreme": 3, "fisk": 3, "gumbel_r": 2, "expon": 2}[name] - len(arguments)
    levels = {1: ["p50"], 2: ["p10", "p90"], 3: ["p10", "p50", "p90"]}[free]
    quantiles = {key: float(defined.ppf(int(key[1:]) / 100)) for key in levels}
    found = Distribution(f"scipy.{name}", quantiles | arguments)
    np.testing.assert_allclose(found.ppf(LEVELS[1:]), defined.ppf(LEVELS[1:]), rtol=1e-4)


def test_too_few_quantiles_of_a_scipy_distribution_are_refused() -> None:
    with refused("undetermined-distribution", None, got=["p10", "p90"]):
        Distribution("scipy.genextreme", {"p10": 1, "p90": 2})


YEARS, BY = [2027, 2030, 2040, 2060], [0.1, 0.25, 0.5, 0.75]


def _cdf(**options) -> Distribution:
    return Distribution("cdf", {"values": YEARS, "cumulative": BY} | options)


def test_a_table_of_a_cdf_is_linear_between_its_points() -> None:
    found = _cdf(below="point", above="never")
    levels = np.array([0.1001, 0.2, 0.3, 0.5, 0.6, 0.7499])
    np.testing.assert_allclose(found.ppf(levels), np.interp(levels, BY, YEARS), rtol=1e-7)
    np.testing.assert_array_equal(found.ppf([1e-9, 0.05, 0.0999]), 2027.0)
    assert np.all(np.isinf(found.ppf([0.7501, 0.99])))


def test_the_tails_of_a_table_are_lines_over_the_score() -> None:
    found = _cdf(below="tail", above="tail")
    z, levels = special.ndtri(BY), np.array([1e-6, 0.01, 0.05, 0.8, 0.95, 1 - 1e-6])
    slopes = np.diff(YEARS) / np.diff(z)
    low = 2027.0 + slopes[0] * (special.ndtri(levels[:3]) - z[0])
    high = 2060.0 + slopes[-1] * (special.ndtri(levels[3:]) - z[-1])
    np.testing.assert_allclose(found.ppf(levels), [*low, *high], rtol=1e-6)


def test_201_points_of_a_forecast_on_an_even_grid_are_met() -> None:
    grid = np.linspace(2025.0, 2125.0, 201)
    cumulative = 0.001 + 0.9 * stats.gamma(3, scale=8).cdf(grid - 2025.0)
    found = tc.CumulativeTable(
        low=2025, high=2125, cumulative=cumulative.tolist(), below="point", above="never"
    )
    middle = 0.5 * (cumulative[1:150] + cumulative[:149])
    np.testing.assert_allclose(found.ppf(middle), 0.5 * (grid[1:150] + grid[:149]), rtol=1e-7)
    assert found.family.share == pytest.approx(1.0 - cumulative[-1], rel=1e-12)


def test_steps_and_gaps_of_a_table_are_atoms_and_jumps() -> None:
    found = tc.CumulativeTable(values=[0, 1, 1, 5, 9], cumulative=[0, 0.2, 0.6, 0.6, 1.0])
    np.testing.assert_array_equal(found.ppf([0.21, 0.4, 0.59]), 1.0)
    np.testing.assert_allclose(found.ppf([0.1, 0.8]), [0.5, 7.0], rtol=1e-6)
    assert found.mean() == pytest.approx(0.2 * 0.5 + 0.4 + 0.4 * 7.0, rel=1e-6)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"below": "point"}, Refusal("cdf-tail-probability", "above")),
        ({"above": "never"}, Refusal("cdf-tail-probability", "below")),
        ({"below": "never", "above": "tail"}, Refusal("cdf-tail-probability", "below", got="never")),
        ({"values": [1, 2, 3], "below": "point", "above": "never"}, Refusal("cdf-size", None, got=(3, 4))),
        (
            {"cumulative": [0.1, 0.3, 0.2, 0.5], "below": "point", "above": "never"},
            Refusal("cdf-not-increasing", "cumulative[2]", got=0.2),
        ),
        (
            {"cumulative": [0.1, 0.3, 0.4, 1.5], "below": "point"},
            Refusal("probability-out-of-range", "cumulative", got=(0.1, 1.5)),
        ),
        (
            {"cumulative": [0.0, 0.3, 0.4, 1.0], "above": "tail"},
            Refusal("cdf-tail-empty", "above", got="tail"),
        ),
    ],
)
def test_what_a_table_leaves_open_is_refused(options, refusal) -> None:
    with refusal.expected():
        _cdf(**options)


@pytest.mark.parametrize(
    ("values", "options", "forward", "back"),
    [
        ((3, 5.2, 7), {"space": "log"}, np.log, np.exp),
        ((-2, -0.5, -0.2), {"space": "log"}, lambda x: np.log(-x), lambda y: -np.exp(y)),
        ((0.1, 0.2, 0.35), {"space": "logit"}, special.logit, special.expit),
        (
            (1.001, 30, 1000),
            {"space": "log", "origin": 1.0},
            lambda x: np.log(x - 1),
            lambda y: 1 + np.exp(y),
        ),
    ],
)
def test_a_table_is_linear_on_its_scale(values, options, forward, back) -> None:
    found = Distribution("cdf", {"values": list(values), "cumulative": [0.0, 0.5, 1.0]} | options)
    levels = np.array([1e-9, 0.02, 0.3, 0.5, 0.6, 0.97, 1 - 1e-9])
    expected = back(np.interp(levels, [0.0, 0.5, 1.0], forward(np.array(values, dtype=float))))
    np.testing.assert_allclose(found.ppf(levels), expected, rtol=1e-7)
    middle = 0.5 * (levels[1:] + levels[:-1])
    score = found.family.compiled().normal_score(found.ppf(middle))
    np.testing.assert_allclose(special.ndtr(score), middle, atol=1e-7)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"space": "cubic"}, "unknown space"),
        ({"space": "logit"}, "outside the logit scale"),
        ({"origin": 1.0}, "goes with space"),
        ({"space": "log", "origin": 2035.0}, "on one side of the origin"),
    ],
)
def test_a_scale_that_does_not_fit_a_table_is_refused(options, message) -> None:
    with pytest.raises(DistributionError, match=message):
        _cdf(below="point", above="never", **options)


def test_the_scale_of_a_table_counts_in_its_digest_and_the_default_one_does_not() -> None:
    table = {"values": [1, 2, 4], "cumulative": [0.0, 0.5, 1.0]}
    plain, log = Distribution("cdf", table).family, Distribution("cdf", table | {"space": "log"}).family
    assert plain.digest_key() == ["cdf", ["1", "2", "4"], ["0", "0.5", "1"], "point", "point"]
    assert log.digest_key() != plain.digest_key()
    assert log.scaled(10.0) == Distribution("cdf", table | {"values": [10, 20, 40], "space": "log"}).family
