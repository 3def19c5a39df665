"""The headline's date under each not-yet rule, from the draws that one run stores."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from timecone.results.tables.arrival import not_yet_rules


@pytest.fixture(scope="module")
def run(shipped_file):
    return tc.simulate(tc.load(shipped_file), draws=4000, seed=11, threads=1, paths=0)


def _median(run, *milestones):
    outcomes = run["outcomes"].dataset
    limit = 2026.0 + (31 + 28 + 31 + 30 + 31 + 30 + 31 + 21) / 365.0  # 2026-08-22
    past = [outcomes["arrival"].sel(milestone=m).values < limit for m in milestones]
    kept = ~np.any([np.zeros(outcomes.sizes["draw"], bool), *past], axis=0)
    tai = outcomes["arrival"].sel(milestone="tai").values[kept]
    return np.quantile(tai, 0.5, method="inverted_cdf"), 1.0 - kept.mean()


def test_each_row_is_the_run_with_one_milestone_more_in_its_rule(run):
    table = not_yet_rules(run, (50,))
    milestones = tc.load("baseline").not_yet_milestones
    assert len(table.rows) == 1 + len(milestones)
    for count, (_, (median, removed)) in enumerate(table.rows):
        expected, share = _median(run, *milestones[:count])
        assert float(median.text) == pytest.approx(expected, abs=0.0051)
        assert float(removed.text.removesuffix(" %")) == pytest.approx(100.0 * share, abs=0.051)


def test_the_last_row_is_the_run_as_it_is_quoted(run):
    (*_, (_, (median, _))) = not_yet_rules(run, (50,)).rows
    assert float(median.text) == pytest.approx(float(tc.percentiles(run, "tai", [50]).item()), abs=0.0051)


def test_a_rule_of_one_milestone_has_no_table(shipped_file):
    scenario = tc.load(shipped_file)
    one = scenario.replace({}, not_yet=scenario.not_yet.model_copy(update={"milestones": ("tai",)}))
    assert not_yet_rules(tc.simulate(one, draws=100, seed=1, threads=1, paths=0)) is None
