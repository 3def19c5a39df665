"""Our numbers for published figures, and what a comparison says of them."""

from __future__ import annotations

import copy
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
import xarray as xr
from scipy.optimize import linprog

import timecone as tc
from refusals import refused
from timecone.forecasts import not_simulated, published_forecasts
from timecone.published.calculations import CALCULATIONS
from timecone.published.comparison import Verdict, compare_published
from timecone.published.corrections import non_scaling_delay
from timecone.published.facts import Facts
from timecone.published.file import published_files, read_published
from timecone.published.statistics import number_of
from timecone.scenario.published import FactInput, FigureInput
from timecone.simulation.limits import KEEP

pytestmark = pytest.mark.slow

PAST = [file.name for file in published_files() if file.scenario is None]
SIMULATED = [file.name for file in published_files() if file.scenario is not None]
#: Draws of the test of each preset; of the others as many as keep the whole test short.
DRAWS = {"davidson_2023": 4000, "davidson_2023_best_guess": 50, "ai_futures_2025_12_lifland": 10_000}
#: Of point inputs, where all draws are the same.
DRAWS |= {name: 8 for name in SIMULATED if name.startswith("ai_futures_2026")}
_DRAWS = 8_000


def fact(value: Any, unit: str) -> FactInput:
    return FactInput(value=value, unit=unit, source="a test")


# ------------------------------------------------------------------------------------------ numbers of a run


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return tc.simulate(tc.load("published/cotra_2020"), draws=3000, seed=4, threads=1, paths=3000)


def figure(**keys: Any) -> FigureInput:
    return FigureInput(**{"value": 0.0, **keys})


def test_numbers_are_those_of_the_draws(run: xr.DataTree) -> None:
    outcomes, inputs = run["outcomes"], run["inputs"]
    counted = outcomes["standing"].values == 0
    dates = outcomes["arrival"].sel(milestone="tai").values[counted]
    years = np.ceil(dates - 1e-9)
    requirement = inputs["requirement"].values[counted]
    wanted = {
        "percentile": (
            figure(statistic="percentile", level=30),
            np.quantile(years, 0.3, method="inverted_cdf"),
        ),
        "probability": (figure(statistic="probability", date=2045.0), np.mean(years <= 2045)),
        "reached": (figure(statistic="share"), np.mean(np.isfinite(dates))),
        "arrived": (
            figure(statistic="percentile", level=60, among="arrived"),
            np.quantile(years[np.isfinite(years)], 0.6, method="inverted_cdf"),
        ),
    }
    for name, (asked, expected) in wanted.items():
        number = number_of(run, asked, "tai", 1.0)
        assert number.value == pytest.approx(expected, abs=1e-12), name
        assert number.error >= 0.0
    drawn = number_of(run, figure(statistic="percentile", level=50), "requirement", 1.0)
    assert drawn.value == np.quantile(requirement, 0.5, method="inverted_cdf")
    spending = run["paths"]["spending"].sel(time=2040.0).values[counted]
    middle = number_of(run, figure(statistic="trajectory", level=50, date=2040.0), "spending", 1.0)
    assert middle.value == pytest.approx(np.quantile(spending, 0.5, method="inverted_cdf"), rel=1e-12)


def test_dates_are_rounded_up_only_where_theirs_are(run: xr.DataTree) -> None:
    dates = np.sort(run["outcomes"]["arrival"].sel(milestone="tai").values)
    asked = figure(statistic="percentile", level=50)
    exact = number_of(run, asked, "tai", None).value
    assert exact == dates[1499]
    assert exact != number_of(run, asked, "tai", 1.0).value == math.ceil(exact)


def test_a_map_counts_the_draws_whose_year_is_the_published_one(run: xr.DataTree) -> None:
    outcomes, requirement = run["outcomes"], run["inputs"]["requirement"].values
    years = np.ceil(outcomes["arrival"].sel(milestone="tai").values - 1e-9)
    asked = figure(statistic="map", by="requirement", points=((30.0, 2036.0), (30.3, 2037.0), (31.0, 2050.0)))
    covered = requirement > 29.95
    expected = np.select([requirement < 30.25, requirement < 30.95], [2036.0, 2037.0], 2050.0)
    share = np.mean(np.minimum(years, 2125.0)[covered] == expected[covered])
    assert 0.0 < share < 1.0
    assert number_of(run, asked, "tai", 1.0).value == pytest.approx(share, abs=1e-12)


def test_a_conditional_figure_is_of_those_draws(run: xr.DataTree) -> None:
    chosen = number_of(
        run,
        figure(statistic="percentile", level=50, where={"anchor": "medium"}),
        "published_requirement",
        None,
    )
    everyone = number_of(run, figure(statistic="percentile", level=50), "published_requirement", None)
    # Reference percentiles of the anchor and of the mixture, 2 million draws: 34.71 and 35.2.
    assert chosen.value == pytest.approx(34.71, abs=4.0 * chosen.error)
    assert everyone.value != chosen.value


# ---------------------------------------------------------------------------------------------- corrections


def test_delays_are_those_of_a_loop_over_draws() -> None:
    # Certain causes of a certain length: 2 years, then 3, then 1, combined as the description says.
    facts = {}
    for cause, length in (("algorithms", 2.0), ("infrastructure", 3.0), ("data", 1.0)):
        facts[f"{cause}_probability"] = fact((1.0, 1.0, 2030.0, 1.0, 1.0, 1.0), "1")
        facts[f"{cause}_length"] = fact((1.0, length, length), "year")
    delay = 2.0
    for further in (3.0, 1.0):
        delay = math.ceil(max(delay, further) + further / 4)
    dates = non_scaling_delay(np.array([2025.0, 2031.4, np.inf]), Facts(facts))
    np.testing.assert_array_equal(dates, [2025 + delay, 2032 + delay, np.inf])


def test_the_probability_of_a_delay_falls_from_its_start_to_its_end() -> None:
    facts = {
        "algorithms_probability": fact((0.2, 0.05, 2050, 2.79111215, 7.29176498, 0.02310948), "1"),
        "infrastructure_probability": fact((0.0, 0.0, 2026, 1.0, 1.0, 1.0), "1"),
        "data_probability": fact((0.0, 0.0, 2026, 1.0, 1.0, 1.0), "1"),
    } | {
        f"{cause}_length": fact((1.0, 1.0, 5.0), "year") for cause in ("algorithms", "infrastructure", "data")
    }
    # The published curve at its knots: 0.154 in 2027, 0.050 in 2030.
    for year, share in ((2025.0, 0.2), (2027.0, 0.154), (2030.0, 0.050), (2060.0, 0.05)):
        delayed = np.mean(non_scaling_delay(np.full(200_000, year), Facts(facts)) > year)
        assert delayed == pytest.approx(share, abs=0.0045), year


# ------------------------------------------------------------------------------------------------- verdicts


def _file(folder: Path, **changes: Any) -> Path:
    """Write a calculation with one figure: hardware gains 8 in six years of a doubling in two."""
    figure = {"statistic": "calculation", "of": "hardware", "value": 8.0} | changes
    facts = {
        "years": (6, "year"),
        "hardware_doubling_time": (2, "year"),
        "training_compute": (3e5, "x"),
        "algorithms": (44, "x"),
    }
    slower = {"years": {"value": 4, "unit": "year", "source": "a test"}}
    content = {
        "published": {
            "forecast": "A test",
            "citation": "none",
            "date": date(2026, 11, 27),
            "milestone": "a gain",
            "calculation": "effective_compute",
            "facts": {n: {"value": v, "unit": u, "source": "a test"} for n, (v, u) in facts.items()},
            "figures": [figure],
        }
        | ({"changes": {"shorter": {"text": "four years", "facts": slower}}} if "change" in changes else {}),
    }
    path = folder / "calculation.toml"
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "verdict", "difference"),
    [
        ({}, Verdict.AGREES, 0.0),
        ({"value": 7.5, "error": 0.5}, Verdict.AGREES, 0.5),
        ({"value": 7.4, "error": 0.5}, Verdict.DIFFERS, 0.6),
        ({"value": 7.4, "error": 0.5, "tolerance": 0.6}, Verdict.AGREES, 0.6),
        ({"value": 4.0, "cause": "time", "change": "shorter"}, Verdict.EXPLAINED, 4.0),
        ({"value": 5.0, "cause": "time", "change": "shorter"}, Verdict.DIFFERS, 3.0),
        ({"value": 7.0, "cause": "a slip", "corrected": 8.0}, Verdict.EXPLAINED, 1.0),
        ({"value": 7.0, "cause": "a slip", "corrected": 7.5}, Verdict.DIFFERS, 1.0),
        ({"value": 7.0, "error": 0.1, "open": "not public", "difference": 1.1}, Verdict.OPEN, 1.0),
        ({"value": 7.0, "error": 0.1, "open": "not public", "difference": 1.2}, Verdict.DIFFERS, 1.0),
        ({"value": 7.0, "error": 0.1, "open": "not public", "difference": -1.0}, Verdict.DIFFERS, 1.0),
        ({"value": 7.9, "error": 0.1, "open": "not public", "difference": 1.0}, Verdict.AGREES, 0.1),
    ],
)
def test_a_difference_is_explained_only_if_its_cause_closes_it(
    tmp_path: Path, changes: dict[str, Any], verdict: Verdict, difference: float
) -> None:
    (compared,) = compare_published(read_published(_file(tmp_path, **changes))).figures
    assert compared.verdict is verdict
    assert compared.difference == pytest.approx(difference)
    assert (compared.tested is not None) == ("cause" in changes)


@pytest.mark.parametrize(("bound", "agrees"), [(7.0, True), (9.0, False)])
def test_a_bound_is_met_by_what_lies_above_it(tmp_path: Path, bound: float, *, agrees: bool) -> None:
    path = _file(tmp_path)
    path.write_text(path.read_text("utf-8").replace("value = 8.0", f"above = {bound}"), encoding="utf-8")
    (compared,) = compare_published(read_published(path)).figures
    assert (compared.verdict is Verdict.AGREES) is agrees
    assert compared.difference == min(8.0 - bound, 0.0)


def test_too_few_draws_decide_nothing() -> None:
    (file,) = published_files(["kwa_2026"])
    compared = compare_published(file, draws=3)
    assert Verdict.UNDECIDED in {each.verdict for each in compared.figures}


def test_facts_are_asked_for_by_name_and_unit() -> None:
    with refused("missing-fact", "published.facts.years"):
        CALCULATIONS["effective_compute"](Facts({}))
    with refused("fact-in-another-unit", "published.facts.years.unit", got="month"):
        CALCULATIONS["effective_compute"](Facts({"years": fact(72, "month")}))
    with refused("fact-of-several", "published.facts.years"):
        CALCULATIONS["effective_compute"](Facts({"years": fact((1, 2), "year")}))


def test_the_longest_run_is_the_inverse_of_the_growth_rates() -> None:
    (file,) = published_files(["longest_training_run_2022"])
    numbers = CALCULATIONS["longest_run"](Facts(file.published.facts))
    # As the facts have it: ln 2 in 2.46 years, ln 44 in seven: months.
    hardware, algorithms = math.log(2.0) / 2.46, math.log(44.0) / 7.0
    assert numbers["hardware_alone"].value == pytest.approx(12.0 / hardware, rel=1e-4)
    assert numbers["with_algorithms"].value == pytest.approx(12.0 / (hardware + algorithms), rel=1e-4)


def test_figures_of_stored_draws_need_no_others_and_a_distribution_needs_all() -> None:
    (prior, cotra) = published_files(["direct_approach_2023_prior", "cotra_2020"])
    assert prior.scenario is not None
    compared = compare_published(prior, draws=101_000)
    assert compared.draws == KEEP
    whole = tc.simulate(prior.scenario, draws=101_000, paths=0)
    unchanged = [each for each in compared.figures if each.figure.variant is None]
    assert unchanged
    for each in unchanged:
        assert each.ours == number_of(whole, each.figure, each.of, None), each.of
    assert compare_published(cotra, draws=101_000).draws == 101_000


# ----------------------------------------------------------------------------------------- every shipped file


@pytest.mark.parametrize("name", PAST)
def test_figures_of_the_past_agree_or_are_explained(name: str) -> None:
    (file,) = published_files([name])
    for each in compare_published(file).figures:
        assert each.verdict.is_documented, (each.of, each.ours, each.difference)


@pytest.mark.slow
@pytest.mark.parametrize("name", SIMULATED)
def test_figures_of_a_preset_agree_or_are_explained(name: str) -> None:
    (file,) = published_files([name])
    for each in compare_published(file, draws=DRAWS.get(name, _DRAWS)).figures:
        assert each.verdict.is_documented, (each.figure, each.ours, each.difference, each.remaining)


def test_no_weights_of_the_anchors_lead_to_the_dates_of_cotra_2022() -> None:
    run = tc.simulate(tc.load("published/cotra_2022"), draws=20_000, keep=20_000, paths=0)
    years = np.ceil(run["outcomes"]["arrival"].sel(milestone="tai").values - 1e-9)
    anchor = run["outcomes"]["choice_anchor"].values

    def by(date: float) -> np.ndarray:
        return np.array([np.mean(years[anchor == k] <= date) for k in range(8)])

    # The weights w and the least t with |P(by each date) - hers| <= t, and a median of 2039 to 2041.
    hers = {2030: 0.15, 2036: 0.35, 2050: 0.6}
    bounds = [(sign * by(date), sign * share, -1) for date, share in hers.items() for sign in (1, -1)]
    bounds += [(-by(2041), -0.5, 0), (by(2038), 0.5, 0)]
    nearest = linprog(
        np.r_[np.zeros(8), 1.0],
        A_ub=np.array([np.r_[shares, room] for shares, _, room in bounds]),
        b_ub=[bound for _, bound, _ in bounds],
        A_eq=[np.r_[np.ones(8), 0.0]],
        b_eq=[1.0],
    )
    # Her shares are rounded to 0.05.
    assert nearest.success
    assert nearest.x[-1] == pytest.approx(0.08, abs=0.02)


def test_every_file_of_the_folder_is_repeated_and_no_forecast_stands_twice() -> None:
    assert {"ai_and_compute_2018", "three_eras_2022", "hernandez_2023"} <= set(PAST)
    assert {"cotra_2020", "wildeford_2025", "davidson_2023", "kwa_2026"} <= set(SIMULATED)
    unsimulated = {forecast.name for forecast in not_simulated()}
    assert len(unsimulated) == len(not_simulated())
    assert not unsimulated & {file.published.forecast for file in published_files()}
    assert len({forecast.name for forecast in published_forecasts()}) == len(published_forecasts())


def test_the_facts_of_a_file_are_not_changed_by_a_comparison() -> None:
    (file,) = published_files(["villalobos_2024"])
    before = copy.deepcopy({name: given.value for name, given in file.published.facts.items()})
    compare_published(file)
    assert {name: given.value for name, given in file.published.facts.items()} == before
