"""The joint fit itself: its density, its calibration, what it recovers, and that it repeats.

Slow: the sampler compiles the model for tens of seconds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from timecone.history.evidence import gather
from timecone.history.joint.censored import log_inside
from timecone.history.joint.fit import fit, sample
from timecone.history.joint.model import build
from timecone.history.joint.observations import observe
from timecone.history.joint.posterior import draws_of, forecast_of, stacked
from timecone.history.joint.priors import CENSORED_PRIORS, PRIORS, draw_priors
from timecone.history.joint.replicate import as_observed, chip_trend, frontier, replicate, replicate_bounds

from history_records import END, bounds, made_up, near_truth, truth  # isort: skip

# The sampler's own packages warn of each other.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

CALIBRATIONS, THINNED, BOUNDED = 60, 20, 20


def reference(drawn, seen):
    """Return the log posterior density of draws, from SciPy's distributions and the prose of the model."""
    total = np.zeros(len(drawn["spending_level"]))
    for name, prior in PRIORS.items():
        law = {
            "normal": stats.norm(prior.location(seen.end), prior.arguments[-1]),
            "half_normal": stats.halfnorm(scale=prior.arguments[0]),
            "gamma": stats.gamma(prior.arguments[0], scale=1.0 / prior.arguments[-1]),
        }[prior.family]
        total += law.logpdf(drawn[name]).reshape(len(total), -1).sum(axis=1)
    cost, efficiency = frontier(drawn, seen.run_date, seen.end)
    cost = cost - drawn["runner_up_gap"][:, None] * ~seen.is_record
    chips = drawn["chip_level"][:, seen.is_tensor.astype(int)] + chip_trend(drawn, seen.chip_date, seen.end)
    for i in range(len(total)):
        own, thrift, alone = (
            drawn[n][i] ** 2 for n in ("spending_spread", "efficiency_spread", "cost_error")
        )
        label = (drawn["label_scale"][i] * seen.compute_error) ** 2
        freedom = drawn["run_tail"][i] + 2.0
        for j in range(len(seen.compute)):
            if seen.priced[j]:
                shape = [[own + label[j] + alone, -alone], [-alone, thrift + alone]]
                law = stats.multivariate_t([cost[i, j], efficiency[i, j]], shape, freedom)
                total[i] += law.logpdf([seen.cost[j], seen.compute[j] - seen.cost[j]])
            else:
                scale = np.sqrt(own + thrift + label[j])
                total[i] += stats.t.logpdf(seen.compute[j], freedom, cost[i, j] + efficiency[i, j], scale)
        total[i] += stats.t.logpdf(
            seen.performance, drawn["chip_tail"][i] + 2.0, chips[i], drawn["chip_spread"][i]
        ).sum()
        spread = np.hypot(drawn["halving_spread"][i], seen.halving_error)
        total[i] += stats.norm.logpdf(seen.halving, drawn["halving_centre"][i], spread).sum()
    return total


def test_the_density_is_that_of_the_prose():
    seen = made_up()
    seen = as_observed(replicate(truth(), seen, np.random.default_rng(1)), seen, 0)
    drawn = near_truth(20)
    model = build(seen)
    density = model.compile_logp(jacobian=False)
    point = model.initial_point()
    found = []
    for i in range(20):
        given = {name: drawn[name][i] for name in PRIORS}
        logs = {f"{name}_log__": np.log(np.abs(value)) for name, value in given.items()}
        found.append(density({key: (given | logs)[key] for key in point}))
    np.testing.assert_allclose(found, reference(drawn, seen), rtol=1e-9)


def test_the_density_of_bounds_is_that_of_the_prose():
    seen = replace(made_up(), censored=bounds())
    seen = as_observed(replicate(truth(), seen, np.random.default_rng(1)), seen, 0)
    drawn = near_truth(10)
    generator = np.random.default_rng(2)
    drawn["bound_error"] = generator.standard_normal(10)
    drawn["bound_run"] = generator.standard_normal((10, 3)) - 1.0
    drawn["unknown_run"] = generator.standard_normal((10, 5)) - 1.0
    expected = reference(drawn, seen) + stats.norm.logpdf(drawn["bound_error"])
    scale = np.hypot(drawn["spending_spread"], drawn["efficiency_spread"])[:, None]
    freedom, gap = drawn["run_tail"][:, None] + 2.0, drawn["runner_up_gap"][:, None]
    trend = {}
    for name, dates in (("bound", seen.censored.bound_date), ("unknown", seen.censored.unknown_date)):
        cost, efficiency = frontier(drawn, dates, seen.end)
        trend[name] = cost + efficiency
        drawn[f"{name}_compute"] = trend[name] + scale * drawn[f"{name}_run"]
    # Densities of the standardised deviations: those of the compute times its scale.
    expected += (stats.t.logpdf(drawn["bound_compute"], freedom, trend["bound"], scale) + np.log(scale)).sum(
        1
    )
    share = seen.censored.record_share
    mixed = share * stats.t.pdf(drawn["unknown_compute"], freedom, trend["unknown"], scale)
    mixed += (1.0 - share) * stats.t.pdf(drawn["unknown_compute"], freedom, trend["unknown"] - gap, scale)
    expected += np.log(mixed * scale).sum(1)
    for inside in log_inside(seen.censored, drawn):
        expected += inside.sum(1)
    model = build(seen)
    density, point = model.compile_logp(jacobian=False), model.initial_point()
    found = []
    for i in range(10):
        given = {name: values[i] for name, values in drawn.items()}
        logs = {f"{name}_log__": np.log(np.abs(value)) for name, value in given.items()}
        found.append(density({key: (given | logs)[key] for key in point}))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def ranks_of(prior, seen, *, seed, draws=400, thinned=THINNED):
    """Return the ranks of true parameters in posteriors of data simulated from them, scaled to (0, 1)."""
    records = replicate(prior, seen, np.random.default_rng(seed + 1))
    ranks: dict[str, list[float]] = {}
    for i in range(len(prior["spending_level"])):
        drawn = stacked(sample(as_observed(records, seen, i), seed=i, draws=draws)["posterior"].to_dataset())
        for name in prior:
            below = np.atleast_1d(np.sum(drawn[name][::thinned] < prior[name][i], axis=0))
            for k, rank in enumerate(below):
                ranks.setdefault(f"{name}[{k}]", []).append(float(rank))
    steps = len(drawn["chip_spread"][::thinned]) + 1
    jitter = np.random.default_rng(seed + 2)
    return {name: (np.array(values) + jitter.random(len(values))) / steps for name, values in ranks.items()}


def within_bounds(prior, censored, *, seed):
    """Return the draws of a prior whose simulated runs all lie within their bounds."""
    simulated = replicate_bounds(prior, censored, END, np.random.default_rng(seed))
    kept = simulated["bound_inside"].all(axis=1) & simulated["unknown_inside"].all(axis=1)
    return {name: values[kept] for name, values in prior.items()}


def test_ranks_with_bounds_are_uniform():
    """The prior of the calibration is that of parameters under which the bounds hold.

    A bound is an event, not a number, so parameters are drawn until simulated runs are within bounds.
    """
    seen = replace(made_up(runs=30, chips=20), censored=bounds(2, 2))
    prior = within_bounds(draw_priors(21, 400, END, censored=True), seen.censored, seed=22)
    prior = {name: values[:BOUNDED] for name, values in prior.items()}
    assert len(prior["bound_error"]) == BOUNDED
    assert prior.keys() == (PRIORS | CENSORED_PRIORS).keys()
    p = {
        name: stats.kstest(values, "uniform").pvalue
        for name, values in ranks_of(prior, seen, seed=23, draws=200, thinned=10).items()
    }
    assert min(p.values()) > 0.001 / len(p), sorted(p.items(), key=lambda item: item[1])[:3]


def test_ranks_of_true_parameters_are_uniform():
    """Simulation-based calibration (Talts et al. 2018): prior data, ranks of the truth in posteriors.

    Each parameter's ranks are tested against the uniform law by Kolmogorov and Smirnov, at a level that gives
    a false alarm once in a thousand runs over all of them.
    """
    seen = made_up(runs=30, chips=20)
    prior = draw_priors(11, CALIBRATIONS, END)
    p = {
        name: stats.kstest(values, "uniform").pvalue
        for name, values in ranks_of(prior, seen, seed=11).items()
    }
    assert min(p.values()) > 0.001 / len(p), sorted(p.items(), key=lambda item: item[1])[:3]


def test_known_parameters_are_recovered():
    """From many records, the truth lies within the posterior and near it."""
    seen = made_up(runs=300, chips=200)
    seen = as_observed(replicate(truth(), seen, np.random.default_rng(5)), seen, 0)
    drawn = draws_of(fit(seen, seed=1, draws=3000))
    for name, width in (
        ("spending_level", 0.2), ("efficiency_level", 0.1), ("spending_growth_now", 0.08),
        ("runner_up_gap", 0.15), ("chip_spread", 0.06), ("cost_error", 0.06),
    ):  # fmt: skip
        true, found = truth()[name][0], drawn[name]
        assert np.std(found) < width
        assert 0.001 < np.mean(found < true) < 0.999


@pytest.fixture(scope="module")
def own():
    evidence = gather()
    seen = observe(evidence.runs, evidence.chips, evidence.studies, as_of=2026.65)
    return fit(seen, seed=2026), fit(seen, seed=2026)


def test_the_same_records_and_seed_give_the_same_posterior(own):
    one, other = own
    assert one.attrs["fit_id"] == other.attrs["fit_id"]
    for name in one["posterior"].data_vars:
        np.testing.assert_array_equal(one["posterior"][name], other["posterior"][name])


def test_the_posterior_can_be_quoted(own):
    about = own[0].attrs
    assert about["rhat"] < 1.01
    assert min(about["ess_bulk"], about["ess_tail"]) > 1000
    assert own[0]["checks"]["p_value"].values.min() > 0.01
    assert own[0]["checks"]["p_value"].values.max() < 0.99


def test_the_identity_ties_spending_to_price_performance(own):
    """If runs cost more, a dollar bought less: compute is known better than its parts."""
    drawn = draws_of(own[0])
    growth = drawn["hardware_growth_now"] + drawn["efficiency_extra"]
    rho = stats.spearmanr(drawn["spending_growth_now"], growth).statistic
    assert rho < -0.15
    assert np.std(drawn["spending_growth_now"] + growth) < np.hypot(
        np.std(drawn["spending_growth_now"]), np.std(growth)
    )
    forecast = forecast_of(own[0])
    assert (
        stats.spearmanr(forecast["investment.largest_run"], forecast["hardware.price_performance"]).statistic
        < -0.2
    )
