"""Figures look as they did: each is compared with a stored image, pixel by pixel.

After a wanted change: uv run pytest tests/plots/test_images.py --mpl-generate-path=tests/images
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
import xarray as xr
from matplotlib.testing.compare import compare_images

import timecone as tc
from history_records import fitted, scored
from ledgers import forecasts
from made_up_horizons import fitted_horizons
from made_up_supply import fitted_supply
from published_panels import repeated
from sweeps import swept
from synthetic_run import synthetic
from timecone.models.compute import figures
from timecone.plots import style
from timecone.plots.forecasts import forecasts as published_forecasts

pytestmark = pytest.mark.usefixtures("closed_figures")

BASELINE = Path(__file__).parents[1] / "images"
# Root mean square of the difference, 0 to 255. Text that is rendered anew stays below it, whatever a reader
# would notice does not: see the tests below.
TOLERANCE = 1.5
DPI = 50
DRAWINGS: dict[str, Callable[[Any], tc.plots.Figure]] = {
    "automation": figures.automation,
    "cdf": tc.plots.cdf,
    "cdf_by_choice": lambda run: tc.plots.cdf(run, "whole"),
    "cdf_published": lambda run: tc.plots.cdf(run, published=True),
    "cdf_of_runs": lambda run: tc.plots.cdf({"one": run, "two": synthetic(0.05, name="two")}),
    "correlations": tc.plots.correlations,
    "decomposition": tc.plots.decomposition,
    "density": tc.plots.density,
    "density_of_the_first": lambda run: tc.plots.density(run, "half"),
    "fan": tc.plots.fan,
    "forecasts": lambda run: published_forecasts(repeated(run)),
    "fan_of_paths": lambda run: tc.plots.fan(run, "research_multiplier"),
    "inputs": tc.plots.inputs,
    "joint": tc.plots.joint,
    "pool": lambda run: tc.plots.pool(
        {"first": run, "second": synthetic(0.05, name="second")},
        {"first": 3, "second": 1},
        {"first": "whole", "second": "half"},
    ),
    "spending": figures.spending,
    "duration": tc.plots.duration,
    "threshold": tc.plots.threshold,
    "tornado": tc.plots.tornado,
    "comparison": lambda run: tc.plots.comparison(run, synthetic(0.05, name="two")),
    "heat_map": lambda swept: tc.plots.heat_map(swept, by=2035),
    "ledger": tc.plots.ledger,
}
#: Figures of what is no run.
OF_FITS = ("history_trends", "history_priors", "history_checks")
OF_BACKTESTS = ("backtest", "calibration", "pit")
DRAWINGS |= {name: getattr(tc.plots, name) for name in (*OF_FITS, *OF_BACKTESTS, "horizons", "supply")}
#: Those that take long to prepare are drawn with the slow tests.
EACH = [
    pytest.param(name, marks=pytest.mark.slow if name in (*OF_FITS, *OF_BACKTESTS, "heat_map") else ())
    for name in DRAWINGS
]


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic()


@pytest.fixture(scope="module")
def fit() -> xr.DataTree:
    return fitted()


@pytest.fixture
def shown(request: pytest.FixtureRequest, name: str) -> xr.DataTree | xr.Dataset:
    """Return what a drawing is of."""
    if name in OF_BACKTESTS:
        return scored()
    if name == "horizons":
        return fitted_horizons()
    if name == "supply":
        return fitted_supply()
    if name == "heat_map":
        return swept()
    if name == "ledger":
        return forecasts()
    return request.getfixturevalue("fit" if name in OF_FITS else "run")


def _other(name: str, fit: xr.DataTree) -> xr.DataTree | xr.Dataset:
    """Return the same with other numbers."""
    if name in OF_BACKTESTS:
        return scored(bias=0.4)
    if name == "horizons":
        other = fitted_horizons()
        other["trend"]["line"] += 0.6
        return other
    if name == "supply":
        other = fitted_supply()
        other["bound"]["compute"] += 0.5
        return other
    if name == "heat_map":
        return swept(faster=2.0)
    if name == "ledger":
        return forecasts(1.0)
    if name not in OF_FITS:
        return synthetic(0.05, pace=1.5)
    other = fit.copy(deep=True)
    other["trend"]["compute"] += 0.3
    other["posterior"]["spending_level"] += 0.3
    other["checks"]["observed"] += other["checks"]["p95"] - other["checks"]["p05"]
    return other


@pytest.mark.mpl_image_compare(
    baseline_dir="../images",
    tolerance=TOLERANCE,
    savefig_kwargs={"dpi": DPI},
    style=style.SETTINGS,
    backend="agg",
)
@pytest.mark.parametrize("name", EACH)
def test_image(shown: xr.DataTree | xr.Dataset, name: str) -> mpl.figure.Figure:
    return DRAWINGS[name](shown).figure


def _differs(figure: tc.plots.Figure, name: str, folder: Path) -> bool:
    path = folder / f"{name}.png"
    with style.house():
        figure.figure.savefig(path, dpi=DPI)
    return compare_images(str(BASELINE / f"test_image_{name}.png"), str(path), TOLERANCE) is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in tc.plots.__all__ if name != "Figure"])
def test_other_numbers_make_another_image(tmp_path: Path, fit: xr.DataTree, name: str) -> None:
    plt.switch_backend("agg")
    assert _differs(DRAWINGS[name](_other(name, fit)), name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"COLOURS": style.COLOURS[1:]},
        {"STYLES": style.STYLES[1:]},
        {"SETTINGS": style.SETTINGS | {"font.size": 11.0}},
        {"SETTINGS": style.SETTINGS | {"axes.spines.top": True, "axes.spines.right": True}},
        {"SETTINGS": style.SETTINGS | {"axes.grid": False}},
        {},
    ],
    ids=["colours", "line styles", "font size", "spines", "no grid", "the same"],
)
def test_another_style_makes_another_image(
    run: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    plt.switch_backend("agg")
    for name, value in change.items():
        for module in (style, sys.modules["timecone.plots.cdf"]):
            monkeypatch.setattr(module, name, value, raising=False)
    assert _differs(tc.plots.cdf(run), "cdf", tmp_path) == bool(change)
