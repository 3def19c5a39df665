"""Softer not-yet rules on a model with one uncertain parameter: every percentile has a closed form.

The toy model's headline comes when the required length is reached: at start + d log2(required / now). With
one hour now, a doubling time d of one year and log2(required) uniform from 0 to 8, its date is uniform from
2026 to 2034. A day's task comes at 2029 in every draw.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from timecone.results.run_file.accounts import accounts, effective_draws
from timecone.results.run_file.not_yet import percentiles_by_rule, rule_effect
from timecone.results.tables.accounts import account_lines
from timecone.scenario.file import dumps, loads, parse
from timecone.schema import CONTRADICTED, Inclusion, Status

DRAWS, SEED = 8_000, 5
START, SPAN, AS_OF = 2026.0, 8.0, 2028.0
EARLY = (AS_OF - START) / SPAN
ABOUT = {"source": "a test", "as_of": date(2026, 1, 1), "basis": "guess"}
LEVELS = (10.0, 50.0, 90.0)
MISS, DELAY = 0.4, 1.5


def content(**not_yet):
    point = {"distribution": "point", **ABOUT}
    return {
        "name": "uniform",
        "model": "toy",
        "as_of": date(2028, 1, 1),
        "conditions": "An example.",
        "time": {"start": START, "horizon": 2066.0},
        "not_yet": not_yet,
        "parameters": {
            "horizon": {
                "now": point | {"value": 1.0, "unit": "hour"},
                "doubling_time": point | {"value": 1.0, "unit": "year"},
                "required": {
                    "distribution": "loguniform", "low": 1.0, "high": 2.0**SPAN, "unit": "hour", **ABOUT,
                },
            }
        },
    }  # fmt: skip


def simulated(**not_yet):
    return tc.simulate(parse(content(**not_yet)), draws=DRAWS, seed=SEED, threads=1, paths=0)


@pytest.fixture(scope="module")
def runs():
    """Return a run under each rule, on the same draws."""
    return {
        "off": simulated(rule="off"),
        "remove": simulated(rule="remove"),
        "likelihood": simulated(rule="likelihood", miss_probability={"projects": MISS}, **ABOUT),
        "shift": simulated(rule="shift", delay=DELAY, **ABOUT),
        "shortest shift": simulated(rule="shift", delay=0.0, **ABOUT),
    }


def _likelihood(p):
    """Return the quantile of the uniform date whose part before as_of has the density ``MISS`` times."""
    early = MISS * EARLY / (MISS * EARLY + 1.0 - EARLY)
    if p < early:
        return START + SPAN * EARLY * p / early
    return AS_OF + (START + SPAN - AS_OF) * (p - early) / (1.0 - early)


def _shift(p):
    """Return the quantile of a mixture: uniform after as_of, or as_of plus an exponential delay."""
    years = np.linspace(0.0, 100.0, 100_001)
    cdf = EARLY * -np.expm1(-years / DELAY) + np.minimum(years / SPAN, 1.0 - EARLY)
    return AS_OF + float(np.interp(p, cdf, years))


CLOSED_FORMS = {
    "off": lambda p: START + SPAN * p,
    "remove": lambda p: AS_OF + (START + SPAN - AS_OF) * p,
    "likelihood": _likelihood,
    "shift": _shift,
    "shortest shift": lambda p: max(AS_OF, START + SPAN * p),
}


def test_percentiles_are_those_of_the_closed_forms(runs):
    # Five standard errors of the order statistic, or a rounding where the date is certain.
    for rule, closed_form in CLOSED_FORMS.items():
        found = tc.percentiles(runs[rule], "projects", LEVELS)
        for date_, error, q in zip(found.values, found.standard_error.values, LEVELS, strict=True):
            assert date_ == pytest.approx(closed_form(q / 100.0), abs=5.0 * error + 1e-9), (rule, q)


def test_the_account_states_what_the_rule_does(runs):
    early = int((runs["off"]["outcomes"]["arrival"].sel(milestone="projects") < AS_OF).sum())
    for rule, run in runs.items():
        account, effect = accounts(run), rule_effect(run)
        text = " ".join(account_lines(run))
        if rule == "off":
            assert effect is None
            continue
        # All runs hold the same draws, so the median without the rule is that of the run without it.
        assert effect.without == float(tc.percentiles(runs["off"], "projects", [50]).item()), rule
        assert effect.removed == float(tc.percentiles(runs["remove"], "projects", [50]).item()), rule
        assert effect.median == float(tc.percentiles(run, "projects", [50]).item()), rule
        assert f"{effect.median - effect.without:+.2f} years" in text, rule
        if rule == "remove":
            assert CONTRADICTED not in run.attrs
            assert account["removed_not_yet"] == early
        else:
            assert run.attrs[CONTRADICTED] == early
            assert f"{early:,}" in text
        if rule.endswith("shift"):
            assert account["counted"] == DRAWS
    removed = accounts(runs["likelihood"])["removed_not_yet"]
    # Binomial: five standard deviations.
    assert removed == pytest.approx(early * (1.0 - MISS), abs=5.0 * np.sqrt(early * MISS * (1.0 - MISS)))


def test_what_is_kept_has_the_effective_size_of_its_weights(runs):
    run = runs["likelihood"]
    weight = run["outcomes"]["not_yet_likelihood"].values
    early = runs["off"]["outcomes"]["arrival"].sel(milestone="projects").values < AS_OF
    np.testing.assert_array_equal(weight, np.where(early, MISS, 1.0))
    kish = weight.sum() ** 2 / (weight**2).sum()
    assert effective_draws(run) == pytest.approx(kish, rel=1e-5)
    assert f"{effective_draws(run):,.0f}" in " ".join(account_lines(run))
    assert effective_draws(runs["remove"]) is None


def test_a_shift_moves_every_date_of_a_draw_by_the_same_years(runs):
    before, after = (runs[rule]["outcomes"] for rule in ("off", "shift"))
    shift = after["shift"].values
    early = before["arrival"].sel(milestone="projects").values < AS_OF
    np.testing.assert_array_equal(shift > 0.0, early)
    for name in ("day", "month", "year", "projects"):
        moved = after["arrival"].sel(milestone=name).values
        stood = before["arrival"].sel(milestone=name).values
        inside = np.isfinite(moved)
        np.testing.assert_allclose(moved[inside], (stood + shift)[inside], rtol=0.0, atol=1e-9)
        assert ((stood + shift)[~inside] >= 2066.0).all()
        assert (after["status"].sel(milestone=name).values[~inside] == Status.NOT_BY_HORIZON).all()
    waiting = after["arrival"].sel(milestone="projects").values[early] - AS_OF
    assert waiting.min() >= 0.0
    # The mean of an exponential distribution, within five standard errors.
    assert waiting.mean() == pytest.approx(DELAY, abs=5.0 * DELAY / np.sqrt(early.sum()))


def test_each_run_tells_of_removal_and_of_no_rule(runs):
    for rule in ("likelihood", "shift"):
        (_, off, _), (_, removal, share), (name, own, _) = percentiles_by_rule(runs[rule], LEVELS)
        assert name == rule
        early = int(runs[rule].attrs[CONTRADICTED])
        assert share == pytest.approx(early / DRAWS, abs=1e-12)
        for array, other in ((off, "off"), (removal, "remove"), (own, rule)):
            expected = tc.percentiles(runs[other], "projects", LEVELS)
            np.testing.assert_array_equal(array.values, expected.values)


def test_several_milestones_are_missed_independently():
    both = {"projects": 0.5, "day": 0.25}
    run = simulated(rule="likelihood", milestones=["projects", "day"], miss_probability=both, **ABOUT)
    outcomes = run["outcomes"]
    early = {name: outcomes["arrival"].sel(milestone=name).values < AS_OF for name in both}
    # A day's task comes after three years in every draw, so it is never too early.
    assert not early["day"].any()
    np.testing.assert_array_equal(
        outcomes["not_yet_likelihood"].values, np.where(early["projects"], 0.5, 1.0)
    )


def test_threads_and_blocks_change_no_bit(runs):
    for rule, stated in (
        ("likelihood", {"miss_probability": {"projects": MISS}}),
        ("shift", {"delay": DELAY}),
    ):
        scenario = parse(content(rule=rule, **stated, **ABOUT))
        other = tc.simulate(scenario, draws=DRAWS, seed=SEED, threads=2, paths=0, block=1024 + 64)
        for name in runs[rule]["outcomes"].data_vars:
            np.testing.assert_array_equal(other["outcomes"][name], runs[rule]["outcomes"][name])
        assert other.attrs[CONTRADICTED] == runs[rule].attrs[CONTRADICTED]


def test_a_run_file_keeps_the_rule(runs, tmp_path):
    for rule in ("likelihood", "shift"):
        path = tmp_path / f"{rule}.nc"
        tc.save_run(runs[rule], path)
        with tc.open_run(path) as back:
            assert account_lines(back) == account_lines(runs[rule])
            assert loads(str(back.attrs["scenario"])).digest == str(runs[rule].attrs["scenario_digest"])


def test_a_condition_counts_the_contradicted_draws_that_it_keeps(runs):
    part = tc.given(runs["shift"], "projects < 2030")
    shift = part["outcomes"]["shift"].values
    assert part.attrs[CONTRADICTED] == np.count_nonzero(shift > 0.0) < runs["shift"].attrs[CONTRADICTED]


def test_rules_have_digests_of_their_own_and_come_back_from_text():
    scenarios = [
        parse(content(**not_yet))
        for not_yet in (
            {"rule": "off"},
            {"rule": "remove"},
            {"rule": "likelihood", "miss_probability": {"projects": 0.4}, **ABOUT},
            {"rule": "likelihood", "miss_probability": {"projects": 0.5}, **ABOUT},
            {"rule": "shift", "delay": 0.0, **ABOUT},
            {"rule": "shift", "delay": 1.0, **ABOUT},
        )
    ]
    assert len({scenario.digest for scenario in scenarios}) == len(scenarios)
    for scenario in scenarios:
        assert loads(dumps(scenario)) == scenario
    other = {**ABOUT, "source": "another"}
    renamed = parse(content(rule="shift", delay=1.0, **other))
    assert renamed.digest == scenarios[-1].digest


def test_bad_combinations_are_refused():
    miss = {"projects": 0.1}
    refusals = {
        "missing-key not_yet.miss_probability": {"rule": "likelihood", **ABOUT},
        "missing-key not_yet.delay": {"rule": "shift", **ABOUT},
        "missing-key not_yet.source": {"rule": "shift", "delay": 1.0},
        "missing-key not_yet.miss_probability.projects": {
            "rule": "likelihood", "miss_probability": {"day": 0.1}, "milestones": ["projects", "day"],
            **ABOUT,
        },
        "number-of-another-rule not_yet.miss_probability": {"rule": "remove", "miss_probability": miss},
        "number-of-another-rule not_yet.delay": {"rule": "off", "delay": 1.0},
        "number-of-another-rule not_yet.source": {"rule": "remove", "source": "a test"},
        "likelihood-only-removes not_yet.miss_probability": {
            "rule": "likelihood", "miss_probability": {"projects": 0.0}, **ABOUT,
        },
        "unknown-milestone not_yet.miss_probability.project": {
            "rule": "likelihood", "miss_probability": {**miss, "project": 0.1}, **ABOUT,
        },
        "out-of-range not_yet.miss_probability.projects": {
            "rule": "likelihood", "miss_probability": {"projects": 1.0}, **ABOUT,
        },
        "out-of-range not_yet.delay": {"rule": "shift", "delay": -1.0, **ABOUT},
    }  # fmt: skip
    for expected, not_yet in refusals.items():
        code, where = expected.split()
        with refused(code, where):
            parse(content(**not_yet))


@pytest.mark.slow
def test_evidence_goes_with_a_likelihood_and_not_with_a_shift(baseline):
    evidence = {"observable": "adopted_share", "date": 2026.5, "p50": 0.05, "p95": 0.3, **ABOUT}
    with refused("shift-with-evidence", "not_yet.rule"):
        baseline.replace({}, not_yet={"rule": "shift", "delay": 1.0, **ABOUT}, evidence=evidence)
    miss = {"rule": "likelihood", "miss_probability": {"tai": 0.5}, **ABOUT}
    run = tc.simulate(baseline.replace({}, not_yet=miss, evidence=evidence), draws=2000, seed=3, paths=0)
    outcomes = run["outcomes"]
    weight = outcomes["likelihood"].values * outcomes["not_yet_likelihood"].values
    assert effective_draws(run) == pytest.approx(weight.sum() ** 2 / (weight**2).sum(), rel=1e-4)
    kept = (outcomes["standing"].values == Inclusion.COUNTED).sum()
    assert kept == pytest.approx(weight.sum(), abs=5.0 * np.sqrt((weight * (1.0 - weight)).sum()))
