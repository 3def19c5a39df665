"""Bounds on runs of unknown compute: which runs, which bounds, and how probable a run within them is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from refusals import refused
from timecone.history import read_bundled
from timecone.history.capability_compute import best_scores, capability_line
from timecone.history.joint.censored import Censored, censor, log_inside
from timecone.history.joint.fragment import fragment
from timecone.history.joint.posterior import (
    draws_of,
    observations_of,
    open_posterior,
    save_posterior,
    thinned,
)
from timecone.history.joint.priors import draw_priors
from timecone.history.joint.replicate import frontier, replicate, replicate_bounds
from timecone.history.supply.fit import RunBound, open_supply, run_bound

from history_records import END, assembled, bounds, made_up, truth  # isort: skip

SUPPLY = Path(__file__).resolve().parents[2] / "configs" / "history" / "supply_2026_08.nc"


@pytest.fixture(scope="module")
def own() -> Censored:
    return censor(
        read_bundled("runs").rows,
        run_bound(open_supply(SUPPLY)),
        read_bundled("capabilities").rows,
        as_of=2026.64,
        end=2025.6,
    )


def test_the_line_is_that_of_its_models():
    generator = np.random.default_rng(1)
    release, score = generator.uniform(2023.0, 2026.0, 400), generator.uniform(100.0, 155.0, 400)
    compute = 25.0 + 0.06 * (score - 130.0) - 0.4 * (release - 2024.0) + generator.normal(0.0, 0.5, 400)
    rows = pd.DataFrame(
        {"name": [f"model {i}" for i in range(400)], "date": release, "score": score,
         "training_compute": 10.0**compute}
    )  # fmt: skip
    line = capability_line(rows)
    deviation = (line.coefficients - [25.0, 0.06, -0.4]) / np.sqrt(np.diag(line.covariance))
    assert np.abs(deviation).max() < 3.5
    assert line.residual == pytest.approx(0.5, abs=0.06)
    # NumPy's own covariance of a straight line, where the date says nothing.
    flat = rows.assign(date=2024.0 + 1e-3 * generator.standard_normal(400))
    slope, covariance = np.polyfit(flat["score"] - 130.0, np.log10(flat["training_compute"]), 1, cov=True)
    found = capability_line(flat)
    assert found.coefficients[1] == pytest.approx(slope[0], abs=1e-3)
    assert found.covariance[1, 1] == pytest.approx(covariance[0, 0], rel=0.02)
    middle, error = line.predict(np.array([130.0]), np.array([2024.5]))
    assert middle[0] == pytest.approx(24.8, abs=0.15)
    assert 0.44 < error[0] < 0.6
    with refused("too-few-records", "capabilities", got=9):
        capability_line(rows.head(9))


def test_of_the_settings_of_a_model_the_best_counts():
    rows = pd.DataFrame(
        {"name": ["a low", "a high", "b"], "model": ["a", "a", ""], "date": [2025.0, 2025.0, 2024.0],
         "score": [100.0, 110.0, 90.0]}
    )  # fmt: skip
    best = best_scores(rows)
    assert best["model"].tolist() == ["b", "a"]
    assert best["score"].tolist() == [90.0, 110.0]


def test_unknown_runs_are_the_best_of_laboratories_at_the_frontier(own):
    scores = read_bundled("capabilities").rows.set_index("name")
    runs = read_bundled("runs").rows
    known = set(runs["name"][runs["training_compute"].notna()])
    assert {"o1", "Gemini 2.5 Pro (Jun 2025)", "Claude Mythos", "GPT-5.4 Pro"} <= set(own.unknown_name)
    assert not {"o4-mini", "Grok-3 mini", "Claude 3 Opus"} & set(own.unknown_name)
    assert not known & set(own.unknown_name)
    periods = [
        (scores.organization[name], int(2.0 * release))
        for name, release in zip(own.unknown_name, own.unknown_date, strict=True)
    ]
    assert len(set(periods)) == len(periods)
    assert (np.diff(own.unknown_date) >= 0.0).all()
    # Least compute lies below what supply allows, for models that a supply of that day made.
    assert (own.low < own.unknown_mean).all()
    assert own.low_error.min() > 0.5
    assert own.bound_date.tolist() == [2024.0, 2025.0, 2026.0, 2026.5]


def test_nothing_later_than_the_date_of_the_evidence_counts(own):
    bound = run_bound(open_supply(SUPPLY))
    runs, capabilities = read_bundled("runs").rows, read_bundled("capabilities").rows
    earlier = censor(runs, bound, capabilities, as_of=2026.29, end=2025.6)
    assert earlier.bound_date.max() <= 2026.29
    with refused("evidence-after-as-of", "as_of", got=2026.0):
        censor(runs, bound, capabilities, as_of=2026.0, end=2025.6)
    early = RunBound(bound.date, bound.mean, bound.sd, 2023.0)
    with refused("too-few-records", "as_of", got=2023.5):
        censor(runs, early, capabilities, as_of=2023.5, end=2023.5)
    before = censor(runs, early, capabilities, as_of=2025.0, end=2025.0)
    assert before.unknown_date.max() <= 2025.0
    assert censor(runs, bound, as_of=2026.64, end=2025.6).sizes == (4, 0)


def test_the_probability_within_bounds_is_the_share_of_simulated_runs_there():
    """`log_inside` against bounds and runs that are simulated, at the compute of the trend of records."""
    draws, censored = 20_000, bounds()
    drawn = truth(draws)
    drawn["spending_spread"] = drawn["efficiency_spread"] = np.full(draws, 1e-9)
    drawn["runner_up_gap"] = np.zeros(draws)
    drawn["bound_error"] = np.full(draws, 0.4)
    simulated = replicate_bounds(drawn, censored, END, np.random.default_rng(5))
    one = {name: values[:1] for name, values in drawn.items()}
    for name, dates in (("bound", censored.bound_date), ("unknown", censored.unknown_date)):
        one[f"{name}_compute"] = np.add(*frontier(one, dates, END))
    for log_probability, name in zip(log_inside(censored, one), ("bound", "unknown"), strict=True):
        expected = np.exp(log_probability[0])
        error = np.sqrt(expected * (1.0 - expected) / draws)
        np.testing.assert_array_less(
            np.abs(simulated[f"{name}_inside"].mean(axis=0) - expected), 4.5 * error + 1e-9
        )


def test_other_priors_do_not_change_with_bounds():
    without, censored = draw_priors(3, 50, END), draw_priors(3, 50, END, censored=True)
    assert censored.keys() - without.keys() == {"bound_error"}
    for name, values in without.items():
        np.testing.assert_array_equal(values, censored[name])


@pytest.mark.slow
def test_a_fit_with_bounds_survives_the_file_and_states_them(tmp_path, monkeypatch):
    # Files of our own making need not be tried by a process of its own first.
    monkeypatch.setattr("timecone.history.fit_file.require_readable", lambda _: None)
    for unknown in (5, 0):
        seen = replace(made_up(), censored=bounds(3, unknown))
        drawn = replicate(truth(), seen, np.random.default_rng(1))
        tree = assembled(replace(seen, compute=drawn["compute"][0], performance=drawn["performance"][0]))
        found = open_posterior(save_posterior(tree, tmp_path / f"{unknown}.nc"))
        back = observations_of(found).censored
        assert back.sizes == (3, unknown)
        assert back.unknown_name == seen.censored.unknown_name
        for name in ("bound_mean", "low", "low_error", "unknown_sd"):
            np.testing.assert_array_equal(getattr(back, name), getattr(seen.censored, name))
        assert "bound_error" in draws_of(found)
        stated = fragment(found, name="bounded", as_of=date(2026, 8, 22))["history"]["bounds"]
        assert stated["runs_of_unknown_compute"] == list(seen.censored.unknown_name)
        assert 0.0 < stated["simulated_all_inside"] < 1.0
        assert "bounds" in thinned(found, draws=10).children
        broken = found.copy(deep=True)
        del broken["bounds"].attrs["record_share"]
        save_posterior(broken, tmp_path / "broken.nc")
        with refused("posterior-incomplete", got="record_share"):
            open_posterior(tmp_path / "broken.nc")
