"""The compute model leads from a requirement to the date that the published timeline map leads to.

The map (Wildeford 2025, Rethink Priorities, future-assessment-model, notebook 2; inputs of Cotra 2020) goes
through the years 2025 ... 2124 and takes the first in which the requirement can be paid for. On the same
inputs the compute model's date, rounded up to the next whole year, is that year: the curves are the same
functions of time. What differs:

==================  ==============================================  =========================================
what                published map                                   here
==================  ==============================================  =========================================
time                the state at the beginning of each year         decimal dates
"by 2040"           the year that begins at 2040.0 or earlier       before 2041-01-01
not by 2124         coded as the year 2126                          +inf from 2125.0 on
gain of algorithms  held at 1 while the logistic is below it        from the first day, 0.004 OOM below
requirement         drawn from 10 000 stored samples                a fresh draw each time
delay               non-scaling causes, some years (2025 only)      none
==================  ==============================================  =========================================

The second row alone moves a published probability by a year of the curve. P(TAI by Y), Cotra 2020, percent;
theirs from 2 million draws, ours from a million (seed 2020), Monte Carlo error below 0.1:

===============================  =====  =====  =====  =====  =====  =====  =====  =====  =====
Y                                 2025   2030   2036   2040   2050   2060   2070   2080   2100
===============================  =====  =====  =====  =====  =====  =====  =====  =====  =====
published                          2.2    9.6   19.7   26.9   49.0   58.9   71.3   75.3   77.4
here, arrival at Y.0 or before     2.2    9.6   19.7   26.8   49.0   58.9   71.3   75.4   77.4
here, before the end of Y          3.2   11.2   21.2   29.2   50.3   59.5   71.8   75.8   77.4
===============================  =====  =====  =====  =====  =====  =====  =====  =====  =====
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from timecone.inputs.distributions import Distribution
from timecone.scenario.file import dumps, loads

ROOT = Path(__file__).resolve().parents[2]
#: Scenarios that state their model, not those that extend a preset of another family.
PUBLISHED = [
    path
    for path in sorted((ROOT / "configs" / "published").glob("*.toml"))
    if tc.presets().get(f"published/{path.stem}")
    and "/" not in tomllib.loads(path.read_text("utf-8")).get("extends", "")
]
NEVER = 2126
LAST_YEAR = 2124
DRAWS = 200_000

#: Requirement, log10 FLOP, and the year in which the published code reaches it with the inputs of 2020.
ARRIVALS_2020 = {25: 2025, 30: 2036, 32: 2041, 35: 2050, 36: 2056, 40: 2083, 50: NEVER}
#: P(TAI by year) of Cotra 2020 from 2 million draws through the published map, and P(never by 2124).
PROBABILITIES_2020 = {
    2025: 0.022,
    2030: 0.096,
    2036: 0.197,
    2040: 0.269,
    2050: 0.490,
    2060: 0.589,
    2070: 0.713,
    2080: 0.753,
    2100: 0.774,
    LAST_YEAR: 1.0 - 0.215,
}


def load(name):
    return tc.load(ROOT / "configs" / "published" / f"{name}.toml")


def arrivals(scenario, draws, seed):
    """Return a small run's inputs and its dates of TAI."""
    run = tc.simulate(scenario, draws=draws, seed=seed, paths=0, keep=draws)
    return run["inputs"], run["outcomes"]["arrival"].sel(milestone="tai").to_numpy()


def as_published(dates):
    """Return decimal dates as the published code gives them."""
    years = np.ceil(dates)
    return np.where(years <= LAST_YEAR, years, NEVER)


def published_pace(v):
    """Return halving time of algorithms, years, and possible reduction, OOM; halves rounded to even."""
    f = v["requirement"]
    slowest = np.maximum(v["longest_halving_time"], v["shortest_halving_time"])
    halving = np.clip(slowest - np.rint((f - 29.0) / 2.0) / 2.0, v["shortest_halving_time"], slowest)
    most = np.maximum(v["most_reduction"], v["least_reduction"])
    return halving, np.clip(v["least_reduction"] + np.rint((f - 32.0) / 4.0), v["least_reduction"], most)


def published_years(v):
    """Return the first year whose cost is at most its spending, by the published equations."""
    halving, reduction = published_pace(v)
    share, output = v["investment.cap_share"], v["economy.output"]
    pay = v["initial_pay"] / (1.0 + v["initial_pay"] / (share * output))
    first, limit = 10.0 ** v["price_performance_2025"], 10.0 ** v["price_performance_limit"]
    found = np.full(np.shape(pay), NEVER)
    for year in range(LAST_YEAR, 2024, -1):
        t = year - 2025
        trend = pay * 2.0 ** (t / v["spending_doubling_time"])
        spending = trend / (1.0 + trend / (share * output * (1.0 + v["economy.growth"]) ** t))
        grown = 2.0 ** (t / v["hardware.doubling_time"])
        price_performance = first * grown / (1.0 + first / limit * grown)
        saved = 2.0 ** (t / halving)
        gain = np.log10(saved) - np.log10(1.0 + 10.0**-reduction * saved)
        cost = np.maximum(1.0, 10.0 ** (v["requirement"] - np.maximum(0.0, gain)) / price_performance)
        # Each factor grows, so the earliest year that suffices is the last one found going back.
        found = np.where(cost <= spending, year, found)
    return found


@pytest.fixture(scope="module")
def requirement_to_date():
    """Return requirements on a grid of 0.1 OOM from 20 to 72, each in several draws, and their dates."""
    scenario = load("cotra_2020")
    grid = Distribution("uniform", {"low": 19.96, "high": 72.04})
    anyone = scenario.quantities["updated_requirement"].model_copy(update={"form": grid})
    every = scenario.replace({}, quantities={**scenario.quantities, "updated_requirement": anyone})
    inputs, dates = arrivals(every, 20_000, seed=5)
    return inputs["requirement"].to_numpy(), dates


@pytest.mark.parametrize(("requirement", "year"), ARRIVALS_2020.items())
def test_requirement_leads_to_the_published_year(requirement_to_date, requirement, year):
    requirements, dates = requirement_to_date
    chosen = dates[requirements == requirement]
    assert chosen.size > 0
    assert np.all(as_published(chosen) == year)


def test_every_requirement_leads_to_the_published_year(requirement_to_date):
    requirements, dates = requirement_to_date
    # The published years of all 521 requirements, as the file itself states them.
    (points,) = {figure.points for figure in load("cotra_2020").published.figures if figure.points}
    begins, years = np.array(points).T
    tenths = np.rint(10.0 * requirements).astype(int)
    assert set(tenths.tolist()) == set(range(200, 721))
    place = np.searchsorted(np.rint(10.0 * begins), tenths, side="right") - 1
    assert np.array_equal(as_published(dates), years[place])


@pytest.mark.parametrize("name", ["cotra_2020", "cotra_2022", "wildeford_2025"])
def test_every_draw_arrives_in_the_year_of_the_published_equations(name):
    inputs, dates = arrivals(load(name), 20_000, seed=6)
    v = {quantity: inputs[quantity].to_numpy() for quantity in inputs.data_vars}
    ours, theirs = as_published(dates), published_years(v)
    halving, reduction = published_pace(v)
    # In its first weeks the published gain of algorithms is held at 1 where the logistic lies below.
    held = halving * -np.log2(1.0 - 10.0**-reduction)
    differ = ours != theirs
    assert np.all(theirs[differ] == 2025)
    assert np.all(dates[differ] - 2025.0 <= held[differ])
    assert np.unique(ours).size > 50
    assert np.mean(differ) < 0.01


@pytest.mark.slow
def test_probability_by_year_of_2020():
    _, dates = arrivals(load("cotra_2020"), DRAWS, seed=7)
    years = as_published(dates)
    most = stats.norm.isf(1e-6 / (2 * len(PROBABILITIES_2020)))
    for year, p in PROBABILITIES_2020.items():
        error = most * np.sqrt(p * (1.0 - p) * (1.0 / DRAWS + 1.0 / 2_000_000))
        assert abs(np.mean(years <= year) - p) <= error + 0.0005, year


@pytest.mark.parametrize("path", PUBLISHED, ids=[p.stem for p in PUBLISHED])
def test_a_published_scenario_is_whole(path):
    scenario = tc.load(path)
    assert scenario.name == path.stem
    assert scenario.title
    assert loads(dumps(scenario)).digest == scenario.digest
    by_name = {node.name: node for node in scenario.compiled.nodes}
    wanted = [name for name in by_name if name in scenario.parameters]
    reached = set()
    while wanted:
        name = wanted.pop()
        if name not in reached:
            reached.add(name)
            wanted += [other for other in by_name[name].depends_on if other in by_name]
    assert set(scenario.quantities) <= reached, "a quantity that no parameter rests on"


def test_2022_changes_the_anchors_and_price_performance_of_2020():
    before, after = load("cotra_2020"), load("cotra_2022")
    changed = {name for name, given in after.inputs().items() if given != before.inputs()[name]}
    assert changed == {"price_performance_2025"}
    assert before.choices["anchor"].weights != after.choices["anchor"].weights


def test_the_fan_of_cotra_2020_is_that_of_its_draws() -> None:
    # Most draws share one level until 2045's spending cap: the 5th percentile lies at it, 32.755.
    scenario = tc.load(ROOT / "configs" / "published" / "cotra_2020.toml")
    run = tc.simulate(scenario, draws=1000, seed=1, threads=1, paths=1000)
    counted = run["outcomes"]["standing"].values == 0
    paths = run["paths"]["effective_compute"].sel(time=2045.0).values[counted]
    q = [5.0, 25.0, 50.0, 75.0, 95.0]
    stored = run["summary"]["fan_effective_compute"].sel(time=2045.0, percentile=q).values
    expected = np.quantile(paths, np.array(q) / 100.0, method="inverted_cdf")
    np.testing.assert_allclose(stored, expected, rtol=0.0, atol=0.02)
    assert stored[0] == pytest.approx(32.755, abs=0.02)
