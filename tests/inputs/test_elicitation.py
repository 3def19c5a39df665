"""Distributions fitted to judgements: against closed forms, against SciPy, and round trips through a file."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

import timecone as tc
from refusals import refused
from timecone.inputs.elicitation import FITTED_FAMILIES, MOST_POINTS

LEVELS = np.array([0.1, 0.3, 0.5, 0.7, 0.9])

#: Distributions whose quantiles are stated, by the family that must find them again.
TRUE = {
    "normal": (stats.norm(5.0, 2.0), {"mean": 5.0, "sd": 2.0}),
    "student_t": (stats.t(3.0, 5.0, 2.0), {"df": 3.0, "location": 5.0, "scale": 2.0}),
    "skew_normal": (stats.skewnorm(2.0, 5.0, 2.0), {"skew": 2.0, "location": 5.0, "scale": 2.0}),
    "lognormal": (stats.lognorm(0.7, scale=3.0), {"median": 3.0, "sigma": 0.7}),
    "gamma": (stats.gamma(2.5, scale=3.0), {"shape": 2.5, "scale": 3.0}),
    "weibull": (stats.weibull_min(1.7, scale=4.0), {"shape": 1.7, "scale": 4.0}),
    "exponential": (stats.expon(scale=4.0), {"mean": 4.0}),
}


def _quantiles(distribution: Any) -> dict[float, float]:
    return dict(zip(LEVELS.tolist(), distribution.ppf(LEVELS).tolist(), strict=True))


def test_every_family_finds_the_distribution_again_whose_quantiles_are_stated() -> None:
    for name, (true, arguments) in TRUE.items():
        fit = tc.elicit(quantiles=_quantiles(true), families=[name]).best
        found = dict(fit.distribution.arguments)
        assert found.keys() == arguments.keys(), name
        for key, value in arguments.items():
            assert found[key] == pytest.approx(value, rel=2e-4), (name, key)
        assert fit.worst < 1e-6, name


def test_a_beta_between_bounds_finds_itself_again() -> None:
    true = stats.beta(2.0, 5.0, loc=10.0, scale=30.0)
    judgement = tc.elicit(quantiles=_quantiles(true), low=10, high=40)
    assert [fit.name for fit in judgement.fits] == ["beta", "percentiles"]
    assert judgement.best.distribution.arguments["alpha"] == pytest.approx(2.0, rel=1e-4)
    # The interpolation cannot leave the bounds either.
    ends = judgement.fit("percentiles").distribution.ppf([1e-9, 1.0 - 1e-9])
    assert 10.0 <= ends[0] < ends[1] <= 40.0


def test_the_fit_over_probabilities_is_that_of_a_general_optimiser() -> None:
    stated = {0.05: 1.0, 0.5: 3.0, 0.95: 11.0}
    levels, values = np.array(list(stated)), np.array(list(stated.values()))

    def loss(free: np.ndarray) -> float:
        return float(np.sum((stats.norm.cdf(values, free[0], np.exp(free[1])) - levels) ** 2))

    best = optimize.minimize(loss, [4.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-16})
    fit = tc.elicit(quantiles=stated, families=["normal"]).best
    assert fit.distribution.arguments["mean"] == pytest.approx(best.x[0], rel=1e-5)
    assert fit.distribution.arguments["sd"] == pytest.approx(math.exp(best.x[1]), rel=1e-5)
    assert fit.error == pytest.approx(math.sqrt(best.fun / 3.0), rel=1e-6)


def test_the_fit_over_quantiles_is_that_of_scenario_files() -> None:
    stated = {0.05: 1.0, 0.5: 3.0, 0.95: 11.0}
    fit = tc.elicit(quantiles=stated, families=["normal"], space="quantile").best
    same = tc.Normal(p05=1, p50=3, p95=11)
    assert dict(fit.distribution.arguments) == {"p05": 1.0, "p50": 3.0, "p95": 11.0}
    np.testing.assert_array_equal(fit.distribution.ppf([0.2, 0.9]), same.ppf([0.2, 0.9]))
    over_probabilities = tc.elicit(quantiles=stated, families=["normal"]).best
    assert over_probabilities.error < fit.error


def test_as_many_quantiles_as_parameters_are_met_and_stay_as_they_were_stated() -> None:
    judgement = tc.elicit(quantiles={0.1: 2, 0.9: 8}, unit="year")
    for name in ("normal", "student_t", "lognormal", "gamma", "weibull"):
        fit = judgement.fit(name)
        assert {k: v for k, v in fit.distribution.arguments.items() if k != "df"} == {"p10": 2.0, "p90": 8.0}
        np.testing.assert_allclose(fit.distribution.ppf([0.1, 0.9]), [2.0, 8.0], rtol=1e-6)
    assert judgement.fits[-1].is_exact
    assert "skew_normal" in judgement.refused


def test_the_interpolation_meets_every_judgement_and_comes_last() -> None:
    judgement = tc.elicit(quantiles={0.1: 1, 0.5: 20, 0.6: 21, 0.9: 500})
    assert judgement.fits[-1].name == "percentiles"
    assert judgement.fits[-1].distribution.arguments["space"] == "log"
    assert judgement.fits[-1].worst < 1e-9
    errors = [fit.error for fit in judgement.fits[:-1]]
    assert errors == sorted(errors)
    assert errors[0] > 0.0


def test_chips_state_the_shares_below_the_inner_edges() -> None:
    judgement = tc.elicit(bins=[2026, 2030, 2035, 2040, 2060], chips=[2, 5, 8, 5])
    assert judgement.stated["value"].tolist() == [2030.0, 2035.0, 2040.0]
    assert judgement.stated["probability"].tolist() == [0.1, 0.35, 0.75]
    histogram = judgement.fit("cdf").distribution
    # Evenly spread within a bin.
    np.testing.assert_allclose(histogram.ppf([0.05, 0.225, 0.875]), [2028.0, 2032.5, 2050.0], atol=1e-6)


def test_empty_outer_bins_are_outside_the_histogram_and_chips_of_a_family_find_it_again() -> None:
    edges = np.linspace(-1.0, 12.0, 27)
    chips = np.round(1e6 * np.diff(stats.norm.cdf(edges, 5.0, 1.0))).astype(int)
    chips[[0, -1]] = 0
    judgement = tc.elicit(bins=edges.tolist(), chips=chips.tolist())
    assert judgement.best.distribution.arguments == pytest.approx({"mean": 5.0, "sd": 1.0}, rel=1e-3)
    filled = np.flatnonzero(chips)
    ends = judgement.fit("cdf").distribution.ppf([1e-12, 1.0 - 1e-12])
    np.testing.assert_allclose(ends, [edges[filled[0]], edges[filled[-1] + 1]], atol=1e-6)


def test_never_is_kept_beside_every_family() -> None:
    judgement = tc.elicit(quantiles={0.1: 2030, 0.25: 2040, 0.5: 2060, 0.8: math.inf}, unit="calendar year")
    for fit in judgement.fits:
        assert np.isinf(fit.distribution.ppf(0.81))
        assert np.isfinite(fit.distribution.ppf(0.79))
        assert fit.table["fitted_probability"].iloc[-1] == 0.8
    text = judgement.fit("normal").toml("a.b", as_of=date(2026, 1, 1))
    assert tomllib.loads(text)["parameters"]["a"]["b"]["p80"] == math.inf


def test_what_is_printed_is_the_distribution_that_was_fitted() -> None:
    for judgement in (
        tc.elicit(quantiles={0.05: 0.5, 0.5: 2, 0.95: 9}, unit="year"),
        tc.elicit(bins=[0, 1, 2, 4, 8], chips=[1, 3, 4, 2], unit="year"),
    ):
        for fit in judgement.fits:
            text = fit.toml("deployment.delay", source='an "interview" = \\x', as_of=date(2026, 8, 1))
            table = tomllib.loads(text)["parameters"]["deployment"]["delay"]
            about = {key: table.pop(key) for key in ("unit", "source", "as_of", "basis")}
            assert about == {
                "unit": "year",
                "source": 'an "interview" = \\x',
                "as_of": date(2026, 8, 1),
                "basis": "expert",
            }
            again = tc.Distribution(table.pop("distribution"), table)
            np.testing.assert_array_equal(again.ppf(LEVELS), fit.distribution.ppf(LEVELS))


def test_the_table_compares_the_stated_with_the_fitted() -> None:
    fit = tc.elicit(quantiles={0.05: 1.0, 0.5: 3.0, 0.95: 11.0}, families=["normal"]).best
    arguments = fit.distribution.arguments
    expected = stats.norm.cdf([1.0, 3.0, 11.0], arguments["mean"], arguments["sd"])
    np.testing.assert_allclose(fit.table["fitted_probability"], expected, atol=1e-12)
    np.testing.assert_allclose(fit.table["fitted_value"], fit.distribution.ppf([0.05, 0.5, 0.95]))
    assert fit.worst == pytest.approx(np.max(np.abs(expected - [0.05, 0.5, 0.95])))
    assert tc.elicit(quantiles={0.1: 2, 0.9: 8}).table["family"].nunique() >= 6


def test_positive_families_say_why_they_do_not_take_negative_values() -> None:
    judgement = tc.elicit(quantiles={0.1: -2, 0.5: 1, 0.9: 8})
    assert {"lognormal", "gamma", "weibull", "exponential"} == set(judgement.refused)
    with refused("family-not-fitted", "family", got="gamma", names="positive"):
        judgement.fit("gamma")
    with refused("not-a-candidate", "family", got="pareto", names="normal"):
        judgement.fit("pareto")


def test_judgements_that_say_too_little_or_contradict_themselves_are_refused() -> None:
    good = {0.1: 1.0, 0.9: 2.0}
    cases: list[tuple[str, object, dict[str, Any]]] = [
        ("judgement-in-two-forms", "quantiles, bins, chips", {}),
        (
            "judgement-in-two-forms",
            "quantiles, bins, chips",
            {"quantiles": good, "bins": [1, 2], "chips": [1]},
        ),
        ("judgement-in-two-forms", "quantiles, bins, chips", {"bins": [1, 2]}),
        ("too-few-quantiles", "quantiles", {"quantiles": {0.5: 1.0}}),
        ("too-few-quantiles", "quantiles", {"quantiles": {0.5: 1.0, 0.9: math.inf}}),
        ("quantiles-not-increasing-in-level", None, {"quantiles": {0.1: 2.0, 0.9: 1.0}}),
        ("quantiles-not-increasing-in-level", None, {"quantiles": {0.1: 2.0, 0.9: 2.0}}),
        ("quantile-above-infinite-quantile", "p90", {"quantiles": {0.1: 1, 0.2: 2, 0.5: math.inf, 0.9: 3}}),
        ("not-a-probability", "quantiles", {"quantiles": {10.0: 1.0, 90.0: 2.0}}),
        ("not-a-probability", "quantiles", {"quantiles": {0.0: 1.0, 0.9: 2.0}}),
        ("argument-not-finite", None, {"quantiles": {0.1: math.nan, 0.9: 2.0}}),
        ("argument-not-finite", None, {"quantiles": {0.1: -math.inf, 0.9: 2.0}}),
        ("one-bound-alone", "low, high", {"quantiles": good, "low": 0.0}),
        ("bounds-not-increasing", None, {"quantiles": good, "low": 3.0, "high": 3.0}),
        ("quantile-outside-bounds", None, {"quantiles": good, "low": 1.5, "high": 3.0}),
        ("bins-and-chips-differ", "bins, chips", {"bins": [1, 2, 3], "chips": [1, 2, 3]}),
        ("bins-not-increasing", "bins", {"bins": [1, 3, 2, 4], "chips": [1, 2, 3]}),
        ("chips-not-whole", "chips", {"bins": [1, 2, 3, 4], "chips": [1, 2.5, 3]}),
        ("chips-not-whole", "chips", {"bins": [1, 2, 3, 4], "chips": [1, -2, 3]}),
        ("too-few-bins-with-chips", "chips", {"bins": [1, 2, 3, 4], "chips": [0, 5, 5]}),
        ("too-few-bins-with-chips", "chips", {"bins": [1, 2, 3, 4], "chips": [0, 0, 0]}),
        (
            "judgement-too-long",
            "chips",
            {"bins": [*range(MOST_POINTS + 2)], "chips": [1] * (MOST_POINTS + 1)},
        ),
        ("unknown-fit-space", "space", {"quantiles": good, "space": "log"}),
        ("family-not-elicited", "families", {"quantiles": good, "families": ["lognorml"]}),
        ("family-not-elicited", "families", {"quantiles": good, "families": ["cdf"]}),
        ("beta-without-bounds", "families", {"quantiles": good, "families": ["beta"]}),
        ("no-family-fits", None, {"quantiles": {0.1: -1.0, 0.9: 1.0}, "families": ["gamma"]}),
    ]
    for code, where, arguments in cases:
        with refused(code, where):
            tc.elicit(**arguments)
    with refused("not-a-parameter-name", "parameter", got="a b.c"):
        tc.elicit(quantiles=good).best.toml("a b.c")
    with refused("unknown-basis", "basis", got="hearsay"):
        tc.elicit(quantiles=good).best.toml(basis="hearsay")


def test_every_candidate_is_a_family_of_scenario_files() -> None:
    from timecone.inputs.families import FAMILIES

    assert set(FITTED_FAMILIES) <= set(FAMILIES)
