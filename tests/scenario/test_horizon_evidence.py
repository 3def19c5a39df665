"""The scenario of the AI Futures Model on METR's horizons of April 2026 states what its head says."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import timecone as tc

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
PATH = CONFIGS / "horizon" / "evidence_2026_04.toml"
#: Pace that followed over the median fit's from three dates, 80 % success: docs/explanation/capability.md.
PACES = (2.35, 1.40, 0.65)
Z90 = 1.6448536269514722


@pytest.fixture(scope="module")
def stated() -> dict:
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fragment() -> dict:
    return tomllib.loads((CONFIGS / "history" / "horizons_2026_04.toml").read_text(encoding="utf-8"))


def test_the_horizon_is_that_of_the_fragment(stated: dict, fragment: dict) -> None:
    assert stated["parameters"]["horizon"]["now"] == fragment["parameters"]["horizon"]["now"]
    assert stated["time"]["start"] == fragment["history"]["start"]


def test_the_doubling_time_has_the_width_that_the_head_derives(stated: dict, fragment: dict) -> None:
    ours, fit = (each["parameters"]["horizon"]["doubling_time"] for each in (stated, fragment))
    page = (CONFIGS.parent / "docs" / "explanation" / "capability.md").read_text(encoding="utf-8")
    for pace in PACES:
        assert f"| {pace:.2f} |\n" in page
    of_fit = math.log(fit["p95"] / fit["p05"]) / (2.0 * Z90)
    of_backtest = math.sqrt(np.mean(np.log(PACES) ** 2))
    sd = math.sqrt(of_fit * of_backtest)
    # The head's numbers; the paces are rounded.
    assert (of_fit, of_backtest, sd) == pytest.approx((0.24, 0.58, 0.37), abs=0.006)
    assert ours["p05"] == pytest.approx(fit["p50"] * math.exp(-Z90 * sd), rel=0.005)
    assert ours["p95"] == pytest.approx(fit["p50"] * math.exp(Z90 * sd), rel=0.005)
    rho = {frozenset(pair["between"]): pair["rho"] for pair in stated["correlations"]}
    (of_fragment,) = fragment["correlations"]
    first = rho[frozenset(("horizon.now", "horizon.doubling_time"))]
    assert first == pytest.approx(of_fragment["rho"] * of_fit / sd, abs=0.005)
    assert rho[frozenset(("horizon.now", "horizon.doubling_ratio"))] == pytest.approx(0.6 * first, abs=0.005)


def test_the_inputs_are_drawn_as_stated() -> None:
    scenario = tc.load(PATH)
    drawn = tc.sample(scenario, draws=20_000, seed=2)
    now, doubling, ratio = (
        drawn[f"horizon.{name}"].values for name in ("now", "doubling_time", "doubling_ratio")
    )
    assert np.median(now) == pytest.approx(1.646, rel=0.02)
    # In the model's unit, years, or in the author's, months.
    unit = drawn["horizon.doubling_time"].attrs["units"]
    assert np.median(doubling) * {"year": 12.0, "month": 1.0}[unit] == pytest.approx(4.296, rel=0.02)
    assert stats.spearmanr(now, doubling).statistic == pytest.approx(-0.53, abs=0.02)
    assert stats.spearmanr(now, ratio).statistic == pytest.approx(-0.32, abs=0.02)
    assert stats.spearmanr(doubling, ratio).statistic == pytest.approx(0.6, abs=0.02)
