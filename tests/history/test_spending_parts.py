"""Growth of spending in its parts, and errors of estimates by label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from refusals import refused
from timecone.history import read_bundled
from timecone.history.trends import growth, series
from timecone.history.trends.duration import spending_parts
from timecone.history.trends.label_errors import label_errors, second_estimates


def runs_of(count: int, seed: int) -> pd.DataFrame:
    """Return runs, each a record, whose cost per hour and hours grow by 0.35 and 0.15 OOM a year."""
    generator = np.random.default_rng(seed)
    date = np.sort(generator.uniform(2018.0, 2025.5, count))
    hours = 10.0 ** (2.6 + 0.15 * (date - 2018.0) + generator.normal(0.0, 0.1, count))
    rate = 10.0 ** (2.0 + 0.35 * (date - 2018.0) + generator.normal(0.0, 0.1, count))
    return pd.DataFrame(
        {
            "date": date,
            "training_compute": 10.0 ** np.arange(count),
            "cost": rate * hours,
            "training_time": hours,
        }
    )


def test_growth_of_spending_is_that_of_its_parts():
    runs = runs_of(60, 1)
    parts = spending_parts(runs, first=2018.0, until=2025.6)
    assert parts.runs == 60
    assert parts.rate[0] + parts.duration[0] == pytest.approx(parts.cost[0], abs=1e-12)
    for found, true in ((parts.rate, 0.35), (parts.duration, 0.15), (parts.share, 0.3)):
        assert found[1] - 0.02 < true < found[2] + 0.02
        assert found[1] < found[0] < found[2]
    # The growth of `growth`, which fits each series by itself.
    alone = growth(series(runs["date"], runs["training_time"]), seed=2026)
    assert 10.0 ** parts.duration[0] == pytest.approx(alone.factor, rel=1e-9)
    assert 10.0 ** parts.duration[1] == pytest.approx(alone.low, rel=0.01)
    late = runs["training_time"][runs["date"] > 2023.6]
    assert parts.length == pytest.approx(np.median(late) / 8766.0)


def test_runs_without_a_cost_or_a_duration_do_not_count():
    runs = runs_of(20, 2)
    runs.loc[:4, "cost"] = np.nan
    runs.loc[5:11, "training_time"] = np.nan
    assert spending_parts(runs, first=2010.0, until=2026.0).runs == 8
    with refused("too-few-records", "runs", got=7):
        spending_parts(runs.drop(19), first=2010.0, until=2026.0)


def test_duration_is_a_part_of_the_growth_in_the_own_table():
    parts = spending_parts(read_bundled("runs").rows, first=2018.0, until=2025.6)
    assert 0.15 < parts.share[1] < parts.share[2] < 0.45


def test_errors_by_label_are_those_that_were_simulated():
    generator = np.random.default_rng(3)
    tables = []
    for label, sd in (("Confident", 0.15), ("Likely", 0.5)):
        truth = generator.uniform(20.0, 26.0, 3000)
        recorded, second = (truth + generator.normal(0.0, sd, 3000) for _ in range(2))
        tables.append(pd.DataFrame({"confidence": label, "recorded": recorded, "second": second}))
    few = pd.DataFrame(
        {"confidence": "Speculative", "recorded": np.zeros(6), "second": [0.0, 0.01, 1, 2, 3, 4]}
    )
    found = label_errors(pd.concat([*tables, few]))
    assert list(found.index) == ["Confident", "Likely"]
    for label, sd in (("Confident", 0.15), ("Likely", 0.5)):
        # Pairs within 0.02 OOM are left out, so that the rest are a little further apart.
        assert found.loc[label, "sd"] == pytest.approx(sd, rel=0.1)
        assert found.loc[label, "low"] < found.loc[label, "sd"] < found.loc[label, "high"]
        assert found.loc[label, "factor"] == pytest.approx(10.0 ** (1.645 * found.loc[label, "sd"]), rel=1e-3)
    assert found["same"].gt(0).all()


def test_a_second_estimate_is_that_of_chips_and_hours():
    runs = pd.DataFrame(
        {
            "name": ["a", "b", "c"],
            "confidence": "Confident",
            "training_compute": [1e24, 1e24, np.nan],
            "hardware": ["X", "unknown", "X"],
            "hardware_quantity": [1000.0, 10.0, 10.0],
            "training_time": [1000.0, 10.0, 10.0],
            "utilisation": [0.5, 0.5, 0.5],
        }
    )
    chips = pd.DataFrame({"name": ["X"], "tensor_fp16": [1e15], "fp32": [1e14]})
    pairs = second_estimates(runs, chips)
    assert pairs["name"].tolist() == ["a"]
    assert pairs["second"].iloc[0] == pytest.approx(np.log10(1000.0 * 1000.0 * 3600.0 * 1e15 * 0.5))
    stated = second_estimates(runs.assign(utilisation=np.nan), chips)
    assert 10.0 ** (pairs["second"] - stated["second"]).iloc[0] == pytest.approx(0.5 / 0.3)
