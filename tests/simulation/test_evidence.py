"""Evidence about the share of tasks that AI has taken over: its likelihood, and the draws that it keeps."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from refusals import Refusal
from timecone.results.run_file.accounts import contradictions, effective_draws
from timecone.results.tables.accounts import account_lines
from timecone.scenario.evidence import EvidenceInput
from timecone.scenario.file import dumps, loads
from timecone.schema import Inclusion, Status

ABOUT = {"source": "a survey", "as_of": date(2025, 2, 28), "basis": "data"}
DRAWS = 4_000


def evidence(**changes):
    return {"observable": "adopted_share", "date": 2026.5, "p50": 0.05, "p95": 0.3, **ABOUT, **changes}


def measured(baseline, **changes):
    return baseline.replace({}, not_yet={"rule": "off"}, evidence=evidence(**changes))


@pytest.fixture(scope="module")
def scenario(baseline):
    return measured(baseline)


@pytest.fixture(scope="module")
def run(scenario):
    return tc.simulate(scenario, draws=DRAWS, seed=3, paths=DRAWS)


@pytest.mark.parametrize("space", ["linear", "logit"])
def test_the_likelihood_is_that_of_a_split_normal(space):
    found = EvidenceInput(**evidence(space=space, p05=0.02))
    scale = (lambda x: x) if space == "linear" else (lambda x: np.log(x / (1.0 - x)))
    values = np.linspace(0.001, 0.9, 50)
    middle = scale(0.05)
    z95 = stats.norm.ppf(0.95)
    below, above = (middle - scale(0.02)) / z95, (scale(0.3) - middle) / z95
    sd = np.where(values < 0.05, below, above)
    expected = stats.norm.pdf(scale(values), middle, sd) * sd * np.sqrt(2.0 * np.pi)
    np.testing.assert_allclose(found.likelihood(values), expected, rtol=1e-12)


def test_an_upper_bound_leaves_what_lies_below_it():
    found = EvidenceInput(**evidence())
    assert (found.likelihood(np.array([0.0, 0.01, 0.05])) == 1.0).all()
    assert found.likelihood(np.array([0.3]))[0] == pytest.approx(np.exp(-0.5 * stats.norm.ppf(0.95) ** 2))
    logit = EvidenceInput(**evidence(space="logit", p05=0.01))
    assert logit.likelihood(np.array([0.0, 1.0])).tolist() == [0.0, 0.0]


def test_the_likelihood_is_that_of_the_share_on_the_date(scenario, run):
    """The tracer's share at the end of the second quarter, which the kernel gives on its own."""
    share = run["paths"]["adopted_share"].sel(time=2026.5).values
    expected = scenario.evidence.likelihood(share)
    np.testing.assert_allclose(run["outcomes"]["likelihood"].values, expected, rtol=0.0, atol=1e-7)
    assert 0.05 < (expected < 0.5).mean() < 0.8


def test_what_is_kept_is_a_sample_of_the_weighted_draws(run):
    outcomes = run["outcomes"]
    weight = outcomes["likelihood"].values
    kept = outcomes["standing"].values == Inclusion.COUNTED
    assert set(outcomes["standing"].values) == {Inclusion.COUNTED, Inclusion.REMOVED_EVIDENCE}
    assert kept[weight == 1.0].all()
    # Binomial with a probability of its own for each draw: five standard deviations.
    assert abs(kept.sum() - weight.sum()) < 5.0 * np.sqrt((weight * (1.0 - weight)).sum())
    arrival = outcomes["arrival"].sel(milestone="tai").values
    for year in (2030.0, 2035.0, 2045.0):
        weighted = weight[arrival < year].sum() / weight.sum()
        error = np.sqrt(weighted * (1.0 - weighted) / kept.sum())
        assert abs((arrival[kept] < year).mean() - weighted) < 5.0 * error


def test_the_effective_draws_are_kishs(run):
    weight = run["outcomes"]["likelihood"].values
    assert effective_draws(run) == pytest.approx(weight.sum() ** 2 / (weight**2).sum(), rel=1e-4)
    text = " ".join(account_lines(run))
    removed = int((run["outcomes"]["standing"] == Inclusion.REMOVED_EVIDENCE).sum())
    assert f"{removed:,}" in text


def test_it_does_not_depend_on_threads_or_blocks(scenario, run):
    other = tc.simulate(scenario, draws=DRAWS, seed=3, paths=0, threads=3, block=192)
    for name in ("standing", "likelihood", "arrival"):
        np.testing.assert_array_equal(other["outcomes"][name].values, run["outcomes"][name].values)
    np.testing.assert_array_equal(other["summary"]["likelihood_sum"], run["summary"]["likelihood_sum"])


def test_each_rule_says_what_it_removes_by_itself(baseline):
    names = ("tai", "automation_50", "taken_over_20")
    run = tc.simulate(
        baseline.replace({}, not_yet={"rule": "remove", "milestones": names}), draws=2_000, paths=0
    )
    arrival, status = run["outcomes"]["arrival"], run["outcomes"]["status"]
    limit = 2026.0 + 233.0 / 365.0  # 2026-08-22
    for name, removed in contradictions(run).items():
        early = (arrival.sel(milestone=name) < limit) | (status.sel(milestone=name) == Status.BEFORE_START)
        assert removed == int(early.sum()) > 0
    either = (arrival.sel(milestone=list(names)) < limit).any("milestone").values
    np.testing.assert_array_equal(run["outcomes"]["standing"].values == Inclusion.REMOVED_NOT_YET, either)


def test_it_counts_in_the_digest_and_comes_back_from_a_file(scenario, baseline):
    assert loads(dumps(scenario)) == scenario
    others = [measured(baseline, p95=0.31), measured(baseline, p05=0.01), measured(baseline, date=2026.75)]
    assert len({one.digest for one in (scenario, *others)}) == 4


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"observable": "automation_share"},
            Refusal("evidence-not-comparable", "evidence.observable", got="automation_share"),
        ),
        ({"date": 2026.6}, Refusal("evidence-between-steps", "evidence.date", got=2026.6)),
        ({"date": 2025.0}, Refusal("evidence-between-steps", "evidence.date", got=2025.0)),
        ({"p95": 0.04}, Refusal("quantiles-not-increasing", "evidence.p50", got=(None, 0.05, 0.04))),
        ({"p95": 1.2}, Refusal("not-a-share", "evidence.p50", got=(0.05, 1.2))),
        ({"p05": 0.0, "space": "logit"}, Refusal("not-a-share", "evidence.p50", got=(0.0, 0.05, 0.3))),
    ],
)
def test_evidence_that_says_nothing_is_refused(baseline, changes, refusal):
    with refusal.expected():
        measured(baseline, **changes)


def test_a_takeoff_that_began_before_the_start_is_not_counted(run):
    outcomes = run["outcomes"]
    early = outcomes["status"].sel(milestone="automation_20").values == Status.BEFORE_START
    chosen = (outcomes["standing"].values == Inclusion.COUNTED) & ~early
    assert (early & (outcomes["standing"].values == Inclusion.COUNTED)).sum() > 0
    durations = np.sort(outcomes["takeoff_duration"].values[chosen])
    found = tc.percentiles(run, "takeoff_duration", [10, 50]).values
    np.testing.assert_array_equal(
        found, [durations[int(np.ceil(p * durations.size)) - 1] for p in (0.1, 0.5)]
    )
    counts = run["summary"]["duration_count"].sum() + run["summary"]["duration_beyond"].sum()
    assert int(counts) == chosen.sum()
