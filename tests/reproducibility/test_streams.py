"""A parameter's draws depend on the seed and its own name: other parameters may come, change and go."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from timecone.schema import DERIVED

DRAWS = 5000


@pytest.fixture(scope="module")
def before(baseline):
    return tc.simulate(baseline, draws=DRAWS, seed=5, threads=1, paths=0)


def changed(before, scenario):
    """Return the inputs whose draws differ from those of the first run, and the second run."""
    after = tc.simulate(scenario, draws=DRAWS, seed=5, threads=1, paths=0)
    # Dates of random events follow from inputs: they are stored beside these, and come and go.
    names, others = (
        {n for n, v in run["inputs"].data_vars.items() if DERIVED not in v.attrs} for run in (before, after)
    )
    assert names == others
    differ = {n for n in names if before["inputs"][n].values.tobytes() != after["inputs"][n].values.tobytes()}
    return differ, after


def test_an_added_parameter_shifts_no_other(baseline, before):
    far = tc.LogNormal(p05=1e60, p95=1e62, unit="USD")
    differ, after = changed(before, baseline.replace({"investment.cap_usd": far}))
    assert differ == {"investment.cap_usd"}
    np.testing.assert_array_equal(after["outcomes"]["status"], before["outcomes"]["status"])
    np.testing.assert_array_equal(after["outcomes"]["arrival"], before["outcomes"]["arrival"])


def test_a_changed_parameter_shifts_no_other(baseline, before):
    slower = tc.LogNormal(p05=3.0, p95=6.0, unit="year")
    differ, after = changed(before, baseline.replace({"hardware.doubling_time": slower}))
    assert differ == {"hardware.doubling_time"}
    # The same scores: the order of the draws stays.
    ranks = [np.argsort(run["inputs"]["hardware.doubling_time"].values) for run in (before, after)]
    np.testing.assert_array_equal(*ranks)


def test_a_parameter_without_uncertainty_shifts_no_other(baseline, before):
    fixed = tc.Point(value=8.0, unit="OOM")
    other = baseline.replace({"algorithms.headroom": fixed}, keep=["algorithms.headroom_year"])
    differ, _ = changed(before, other)
    assert differ == {"algorithms.headroom"}


PAST = "algorithms.halving_time_past"


def test_a_belief_about_the_pace_to_come_does_not_rewrite_the_past(baseline, before):
    slower = tc.LogNormal(p05=6.0, p95=24.0, unit="month")
    differ, _ = changed(before, baseline.replace({"algorithms.halving_time": slower}))
    assert differ == {"algorithms.halving_time"}


def test_a_default_repeats_the_draws_of_another_parameter(baseline):
    kept = {name: given for name, given in baseline.parameters.items() if name != PAST}
    pairs = tuple(pair for pair in baseline.correlations if PAST not in pair.between)
    without = baseline.replace({}, parameters=kept, correlations=pairs)
    drawn = tc.sample(without, DRAWS, seed=3)
    np.testing.assert_array_equal(drawn[PAST], drawn["algorithms.halving_time"])
    slower = tc.LogNormal(p05=6.0, p95=24.0, unit="month")
    changed = tc.sample(without.replace({"algorithms.halving_time": slower}), DRAWS, seed=3)
    differ = {str(name) for name in drawn if not np.array_equal(drawn[name], changed[name])}
    # The past halving time repeats the draws of the present one; what is correlated with it stays.
    assert differ == {"algorithms.halving_time", PAST}


def test_random_events_shift_no_parameter(baseline, before):
    rare = {
        "algorithms.breakthrough_rate": tc.Point(value=0.02, unit="1/year"),
        "algorithms.breakthrough_size": tc.Point(value=0.7, unit="OOM"),
    }
    differ, after = changed(before, baseline.replace(rare))
    assert differ == set(rare)
    sooner = after["outcomes"]["arrival"].values < before["outcomes"]["arrival"].values
    assert 0.01 < sooner.mean() < 0.9


def test_an_added_correlation_moves_only_its_second_parameter(baseline, before):
    new = baseline.correlations[0].model_copy(
        update={"between": ("hardware.headroom", "algorithms.headroom"), "rho": 0.6}
    )
    differ, _ = changed(before, baseline.replace({}, correlations=(*baseline.correlations, new)))
    assert differ == {"algorithms.headroom"}


def test_the_order_of_a_scenario_means_nothing(baseline, before):
    reordered = dict(reversed(baseline.parameters.items()))
    differ, after = changed(before, baseline.replace({}, parameters=reordered))
    assert differ == set()
    assert after.attrs["run_id"] == before.attrs["run_id"]


def test_no_two_parameters_share_a_stream(baseline, before):
    inputs = before["inputs"].dataset
    stated = {**baseline.parameters, **baseline.quantities}
    uncertain = [
        name
        for name, each in stated.items()
        if each.mentioned <= each.choices and len(np.unique(inputs[name])) > DRAWS // 2
    ]
    assert len(uncertain) > 10
    ranks = np.argsort(np.argsort([inputs[name].values for name in uncertain]))
    rho = np.abs(np.corrcoef(ranks))
    np.fill_diagonal(rho, 0.0)
    for known in baseline.correlations:
        one, other = (uncertain.index(name) for name in known.between)
        rho[one, other] = rho[other, one] = 0.0
    # What goes by the same choice is alike where the choice is.
    by = [stated[name].choices for name in uncertain]
    rho[[[bool(one & other) for other in by] for one in by]] = 0.0
    # Six standard errors of the rank correlation of independent draws.
    assert rho.max() < 6.0 / np.sqrt(DRAWS)
