"""Tables that are cut off: false alarms on complete tables, and the cuts that must be seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from refusals import refused
from timecone.history import read_bundled
from timecone.history.trends import complete_until, truncated_below

REPEATS = 200


def table(seed: int, rows: int = 400, spread: float = 1.2) -> pd.DataFrame:
    """Return runs whose logarithms scatter about a line."""
    generator = np.random.default_rng(seed)
    dates = np.sort(generator.uniform(2012.0, 2026.0, rows))
    level = generator.normal(19.0 + 0.6 * (dates - 2012.0), spread)
    return pd.DataFrame(
        {"name": [f"R{i}" for i in range(rows)], "date": dates, "training_compute": 10.0**level}
    )


def cut(runs: pd.DataFrame, threshold: float) -> pd.DataFrame:
    return runs[runs["training_compute"] > threshold]


def test_complete_tables_are_rarely_taken_for_cut() -> None:
    alarms = [truncated_below(t["date"], t["training_compute"]) for t in map(table, range(REPEATS))]
    # A rate of 1 % would give more than seven with a probability below 0.2 %.
    assert sum(alarm is not None for alarm in alarms) <= 7


@pytest.mark.parametrize(("threshold", "least"), [(1e22, 30), (1e23, 38), (1e24, 45)])
def test_most_cuts_are_seen_at_their_threshold(threshold: float, least: int) -> None:
    alarms = [
        truncated_below(t["date"], t["training_compute"])
        for t in (cut(table(i), threshold) for i in range(50))
    ]
    seen = [alarm.threshold for alarm in alarms if alarm]
    assert len(seen) >= least
    assert np.allclose(np.log10(seen), np.log10(threshold), atol=0.2)


def test_the_own_table_is_whole_and_its_largest_runs_are_cut() -> None:
    runs = read_bundled("runs").rows
    assert truncated_below(runs["date"], runs["training_compute"]) is None
    large = cut(runs, 1e25)
    found = truncated_below(large["date"], large["training_compute"])
    assert found
    assert (found.threshold, found.total) == (1e25, 25)
    assert truncated_below([2020.0, np.nan], [1e20, 1e21]) is None


@pytest.mark.slow
def test_a_table_without_a_gap_reaches_to_its_last_row() -> None:
    ends = [
        complete_until(t).until - np.ceil(10.0 * t["date"].max()) / 10.0 for t in map(table, range(REPEATS))
    ]
    # By construction 1 % of complete tables end in so long a silence; see above for the bound.
    assert sum(end < -1e-6 for end in ends) <= 7


def test_blank_cells_of_the_largest_runs_end_the_evidence() -> None:
    for seed in range(20):
        runs = table(seed)
        is_hidden = (runs["date"] > 2024.5) & (np.log10(runs["training_compute"]) > 25.5)
        runs.loc[is_hidden, "training_compute"] = np.nan
        runs.loc[runs["date"] > 2024.5, "training_compute"] /= 10.0
        found = complete_until(runs)
        assert 2023.0 < found.until <= 2024.6
        assert "probability" in found.reason


def test_tables_with_little_or_nothing() -> None:
    runs = table(1)
    assert complete_until(runs.assign(training_compute=np.nan)).until == np.inf
    few = complete_until(runs.iloc[:3])
    assert "too few" in few.reason
    assert few.until >= runs["date"].iloc[2]
    with refused("unknown-column", "column"):
        complete_until(runs.drop(columns="training_compute"))
