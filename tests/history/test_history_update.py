"""New records added to a fit by weights: the density, the weights, and when they are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from refusals import Refusal, refused
from timecone.history.joint import update as updates
from timecone.history.joint.posterior import draws_of, forecast_of

from history_records import CHAINS, DRAWS, END, assembled, made_up, near_truth  # isort: skip

LIKELY = np.log10(10.0) / 1.6448536269514722


def new(compute=10**27.2, cost=10**9.0, date=2026.2, confidence="Likely"):
    return pd.DataFrame(
        {
            "name": ["next"],
            "date": [date],
            "training_compute": [compute],
            "cost": [cost],
            "confidence": [confidence],
        }
    )


@pytest.fixture(scope="module")
def tree():
    return assembled(made_up())


def test_the_density_of_a_record_is_the_bivariate_student_t():
    drawn = near_truth(5)
    spending, efficiency = np.linspace(8.5, 9.5, 5), np.linspace(18.0, 18.4, 5)
    row = new().iloc[0]
    found = updates._record(drawn, spending, efficiency, row)
    for i in range(5):
        own = drawn["spending_spread"][i] ** 2 + (drawn["label_scale"][i] * LIKELY) ** 2
        alone, thrift = drawn["cost_error"][i] ** 2, drawn["efficiency_spread"][i] ** 2
        law = stats.multivariate_t(
            [spending[i], efficiency[i]], [[own + alone, -alone], [-alone, thrift + alone]],
            df=drawn["run_tail"][i] + 2.0,
        )  # fmt: skip
        cost = np.log10(row["cost"])
        assert found[i] == pytest.approx(
            law.logpdf([cost, np.log10(row["training_compute"]) - cost]), abs=1e-10
        )


def test_the_density_without_a_cost_is_that_of_the_sum():
    drawn = near_truth(3)
    spending, efficiency = np.full(3, 9.0), np.full(3, 18.2)
    found = updates._record(drawn, spending, efficiency, new(cost=np.nan).iloc[0])
    label = drawn["label_scale"] * LIKELY
    scale = np.sqrt(drawn["spending_spread"] ** 2 + drawn["efficiency_spread"] ** 2 + label**2)
    np.testing.assert_allclose(found, stats.t.logpdf(0.0, drawn["run_tail"] + 2.0, scale=scale))


def test_a_larger_record_means_larger_runs(tree):
    small, large = (updates.update(tree, new(compute=10.0**c, cost=np.nan), seed=1) for c in (26.6, 27.6))
    sizes = [np.median(forecast_of(one)["investment.largest_run"]) for one in (small, large)]
    assert sizes[0] < np.median(forecast_of(tree)["investment.largest_run"]) < sizes[1]
    assert small.attrs["khat"] < 0.7
    assert 0.0 < small.attrs["effective_draws"] <= CHAINS * DRAWS


def test_weights_equal_rejection_sampling(tree):
    """Two ways to one posterior: weights, and keeping draws with a chance that is their likelihood's."""
    drawn = draws_of(tree)
    records = new(compute=10**27.0, cost=np.nan)
    likelihood, forecast = updates._carry(tree, drawn, records, 1)
    weights, _ = updates.smoothed(likelihood)
    keep = np.random.default_rng(9).random(len(likelihood)) < np.exp(likelihood - likelihood.max())
    run = np.log10(forecast["investment.largest_run"])
    by_weights, spread = np.sum(weights * run), run[keep].std() / np.sqrt(keep.sum())
    assert abs(by_weights - run[keep].mean()) < 4.0 * spread


def test_a_record_beyond_all_draws_is_refused(tree):
    records = pd.concat([new(compute=10.0 ** (28.5 + 0.1 * i), date=2026.2 + 0.1 * i) for i in range(8)])
    with refused("too-few-draws-foretold", "effective draws", names="at least 400"):
        updates.update(tree, records)


def test_smoothed_weights_of_a_normal_shift():
    """Weights from N(0, 1) to N(m, 1) recover the mean m."""
    draws = np.random.default_rng(4).normal(size=40_000)
    weights, khat = updates.smoothed(0.7 * draws - 0.245)
    assert khat < 0.5
    assert np.sum(weights * draws) == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("records", "refusal"),
    [
        (new()[:0], Refusal("no-new-records", "records")),
        (new(date=END - 1.0), Refusal("record-not-newer-than-evidence", "next", got=2024.5)),
        (new(compute=np.nan), Refusal("incomplete-record", "next")),
    ],
)
def test_records_that_cannot_be_used_are_told(tree, records, refusal):
    with refusal.expected():
        updates.update(tree, records)
