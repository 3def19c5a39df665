"""Fits of horizons: the posterior, its fragment in a scenario, forecasts from past dates, and an index."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

import timecone as tc
from made_up_horizons import DOUBLING, TABLE, entry, fitted_horizons, horizon_of, metr_file, records
from refusals import refused
from timecone.history import read
from timecone.history.horizons.backtest import (
    ORIGINS,
    backtest_horizons,
    coverage,
    save_horizon_backtest,
)
from timecone.history.horizons.index import index_trend
from timecone.history.horizons.posterior import (
    draws_of,
    fit_horizons,
    horizon_fragment,
    open_horizons,
    save_horizons,
)
from timecone.history.joint.fragment import save_fragment
from timecone.schema import HORIZON_BACKTEST_KIND

AS_OF = date(2025, 12, 31)


@pytest.fixture(scope="module")
def fit() -> xr.DataTree:
    return fitted_horizons()


def test_the_draws_state_horizon_and_doubling_time_in_the_units_of_scenarios(fit: xr.DataTree) -> None:
    group = fit["posterior"].to_dataset()
    assert group["horizon.now"].attrs["units"] == "hour"
    assert group["horizon.doubling_time"].attrs["units"] == "month"
    assert np.median(group["horizon.doubling_time"]) == pytest.approx(DOUBLING, rel=0.05)
    # The file's horizons at 80 % are a fifth of those at 50 %, the first of which is 0.04 minutes.
    doublings = (2026.0 - (2019.0 + 31 / 365)) * 12.0 / DOUBLING
    assert np.median(group["horizon.now"]) == pytest.approx(0.2 * 0.04 * 2.0**doublings / 60.0, rel=0.15)
    assert set(group["since"].values) == {2019.0, 2022.0}


def test_a_stored_fit_is_read_as_it_was(fit: xr.DataTree, tmp_path: Path) -> None:
    path = save_horizons(fit, tmp_path / "fit.nc")
    again = open_horizons(path)
    assert again.attrs == fit.attrs
    for group in ("posterior", "trend", "observed_data"):
        assert again[group].to_dataset().equals(fit[group].to_dataset()), group
    assert fitted_horizons().attrs["fit_id"] == fit.attrs["fit_id"]
    lacking = fit.copy(deep=True)
    del lacking["trend"]
    broken = save_horizons(lacking, tmp_path / "broken.nc")
    with refused("not-a-fit-of-horizons", str(broken)):
        open_horizons(broken)
    with refused("no-such-file", str(tmp_path / "none.nc")):
        open_horizons(tmp_path / "none.nc")
    (tmp_path / "text.nc").write_text("nonsense")
    with refused("not-netcdf", str(tmp_path / "text.nc")):
        open_horizons(tmp_path / "text.nc")


def test_the_band_holds_its_shares_of_the_lines(fit: xr.DataTree) -> None:
    group, trend = fit["posterior"].to_dataset(), fit["trend"].to_dataset()
    slope, level = 12.0 / group["horizon.doubling_time"].values, np.log2(60.0 * group["horizon.now"].values)
    day = float(trend["time"].values[-1])
    lines = level + slope * (day - 2026.0)
    for k, share in enumerate((0.05, 0.25, 0.5, 0.75, 0.95)):
        assert np.mean(lines < trend["line"].values[k, -1]) == pytest.approx(share, abs=0.002)
    late = group["since"].values == 2022.0
    assert np.median(lines[late]) == pytest.approx(trend["by_first_year"].sel(first_year=2022.0).values[-1])
    assert np.isnan(trend["by_first_year"].sel(first_year=2022.0).values[0])


def test_a_scenario_extends_the_fragment(fit: xr.DataTree, tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    content = horizon_fragment(fit, name="mine", as_of=AS_OF, posterior="mine.nc")
    path = save_fragment(content, tmp_path / "history" / "mine.toml", "timecone fit metr.yaml")
    assert "# Made by: timecone fit metr.yaml\n" in path.read_text(encoding="utf-8")
    save_horizons(fit, path.with_suffix(".nc"))
    drawn = draws_of(fit)
    (pair,) = content["correlations"]
    rho = stats.spearmanr(drawn["horizon.now"], drawn["horizon.doubling_time"]).statistic
    assert pair["rho"] == round(rho, 2) < -0.5
    eli = (Path(__file__).resolve().parents[2] / "configs/ai2027/time_horizon_eli.toml").read_text("utf-8")
    for name, head in (
        ("quantiles", 'extends = "history/mine.toml"\n'),
        ("rows", ""),
    ):
        # Without what the fragment states, and without the correlations of its parameters with others.
        parts = eli.split("\n\n")
        dropped = ("[parameters.horizon.now]", "[parameters.horizon.doubling_time]")
        parts = [part for part in parts if not part.startswith(dropped)]
        parts = [part for part in parts if '"horizon.doubling_time"' not in part]
        if name == "rows":
            parts += [
                f'[parameters.{key}]\ndistribution = "posterior"\nfile = "history/mine.nc"\n'
                f'variable = "{key}"\nunit = "{unit}"\nsource = "a fit"\nas_of = 2025-12-31\nbasis = "data"'
                for key, unit in (("horizon.now", "hour"), ("horizon.doubling_time", "month"))
            ]
        text = head + "\n\n".join(parts)
        file = tmp_path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        inputs = tc.sample(tc.load(file), draws=4000, seed=1)
        for key, values in drawn.items():
            for share in (0.05, 0.5, 0.95):
                expected = np.quantile(values, share)
                below = np.mean(inputs[key].values < expected)
                # 4000 draws: 3.5 standard errors, and the interpolation between the fragment's quantiles.
                assert below == pytest.approx(share, abs=0.035), (name, key, share)
        both = stats.spearmanr(inputs["horizon.now"], inputs["horizon.doubling_time"]).statistic
        assert both == pytest.approx(rho, abs=0.04), name


SHIPPED = Path(__file__).resolve().parents[2] / "configs" / "history" / "horizons_2026_04.toml"
METR = next(
    (
        path
        for up in Path(__file__).resolve().parents
        for path in (up / "shared" / "data" / "capability").glob("metr_time_horizons_1.1_2026-04-11.yaml")
    ),
    None,
)


def test_the_shipped_fragment_is_that_of_its_draws() -> None:
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    tree = open_horizons(SHIPPED.with_suffix(".nc"))
    again = horizon_fragment(
        tree, name=SHIPPED.stem, as_of=date(2026, 4, 11), posterior="horizons_2026_04.nc"
    )
    assert again == shipped
    assert SHIPPED.with_suffix(".nc").stat().st_size < 200_000
    # What docs/explanation/capability.md says of them.
    for name, quoted in (("now", (0.595, 1.65, 4.33)), ("doubling_time", (3.03, 4.30, 6.58))):
        values = tree["posterior"][f"horizon.{name}"].values
        assert np.percentile(values, [5.0, 50.0, 95.0]) == pytest.approx(quoted, rel=0.003), name


@pytest.mark.skipif(METR is None, reason="METR's file is not beside the checkout")
def test_a_new_fit_to_metrs_file_is_the_shipped_one_and_its_backtest_that_of_the_page() -> None:
    assert METR is not None
    shipped = open_horizons(SHIPPED.with_suffix(".nc"))
    table = read(METR)
    again = fit_horizons(table.rows, start=2026.25, draws=1500)
    for name, values in draws_of(shipped).items():
        np.testing.assert_allclose(draws_of(again)[name], values, rtol=1e-9, err_msg=name)
    page = (SHIPPED.parents[2] / "docs" / "explanation" / "capability.md").read_text(encoding="utf-8")
    for reliability in (50, 80):
        for origin, row in zip(
            ORIGINS,
            coverage(backtest_horizons(table, reliability=reliability, draws=3000)).itertuples(),
            strict=False,
        ):
            shares = (f"{100.0 * share:.0f} %" for share in (row.covered_50, row.covered_80, row.covered_90))
            cells = [
                f"{origin}",
                f"{reliability} %",
                f"{row.models}",
                *shares,
                f"{row.error:+.2f}",
                f"{row.rms:.2f}",
                f"{row.pace:.2f}",
            ]
            assert f"| {' | '.join(cells)} |" in page


def test_what_a_fit_refuses(tmp_path: Path) -> None:
    rows = read(metr_file(tmp_path)).rows
    with refused("forecast-start-too-early", "start", got=2024.0):
        fit_horizons(rows, start=2024.0)
    with refused("invalid-draw-count", "draws", got=0):
        fit_horizons(rows, start=2026.0, draws=0)
    with refused("too-few-models", "since", got=1):
        fit_horizons(rows, start=2026.0, since=[2025.0])
    with refused("out-of-range", "since", got=[2022.0, 2022.0]):
        fit_horizons(rows, start=2026.25, since=[2022.0, 2022.0])


def test_first_years_are_named_exactly(tmp_path: Path) -> None:
    tree = fit_horizons(read(metr_file(tmp_path)).rows, start=2026.25, since=[2019, 2022.123], draws=5)
    names = json.loads(tree.attrs["models"])
    assert list(names) == ["2019", "2022.123"]
    assert set(map(float, names)) == set(tree["posterior"]["since"].values.tolist())


def steady(folder: Path, change: float = 0.0) -> Path:
    """Return a file whose horizons double every half year, up to 0.25 doublings above or below."""
    entries = [
        entry(
            f"m{i:02d}",
            date.fromordinal(date(2021, 1, 1).toordinal() + 60 * i).isoformat(),
            float(0.2 * 2.0 ** (60.0 * i / 182.625 + 0.25 * np.sin(2.4 * i) + change * (i >= 19))),
            width=1.01,
        )
        for i in range(28)
    ]
    return metr_file(folder, entries=entries)


def test_forecasts_of_a_steady_trend_are_right_and_of_a_faster_one_too_low(tmp_path: Path) -> None:
    origin = date(2024, 1, 1)
    right = backtest_horizons(read(steady(tmp_path)), origins=[origin], reliability=50, since=[2019.0])
    assert abs(right["error"].mean()) < 0.15
    assert coverage(right)["covered_90"].iloc[-1] >= 0.8
    late = backtest_horizons(read(steady(tmp_path, 3.0)), origins=[origin], reliability=50, since=[2019.0])
    assert late["error"].mean() == pytest.approx(right["error"].mean() + 3.0, abs=0.5)
    assert coverage(late)["covered_90"].iloc[-1] == 0.0
    # The interval is that of a new value about a least-squares line: Student's, with the error of the line.
    one = right.iloc[-1]
    table = read(steady(tmp_path)).known(2024.0).rows
    best = table[table["p50"] >= table["p50"].cummax()]
    x, y = best["date"].to_numpy(), np.log2(best["p50"].to_numpy())
    line = stats.linregress(x, y)
    sd = np.sqrt(((y - line.intercept - line.slope * x) ** 2).sum() / (len(x) - 2))
    sd *= np.sqrt(1.0 + 1.0 / len(x) + (one["date"] - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    half = sd * stats.t.ppf(0.95, len(x) - 2)
    # A bootstrap of n models estimates the line's error with n in place of n - 2.
    assert one["p95"] - one["p05"] == pytest.approx(2.0 * half, rel=0.15)


def test_a_forecast_knows_nothing_of_later_models(tmp_path: Path) -> None:
    origin, kept = date(2024, 1, 1), ["origin", "known", "first_years", "p05", "p50", "p95"]
    before = backtest_horizons(read(metr_file(tmp_path)), origins=[origin], seed=3)
    # The same later models with other horizons, longer ones, in another order of the file.
    early = [each for each, i in zip(records(), range(15), strict=True) if i < 10]
    later = [
        each.replace(": ", ": ")
        for each in (
            entry(f"model_{chr(97 + i)}", date.fromordinal(day).isoformat(), 1.3 * horizon_of(i))
            for i, day in ((i, date(2019, 2, 1).toordinal() + 180 * i) for i in range(10, 15))
        )
    ]
    after = backtest_horizons(
        read(metr_file(tmp_path, entries=[*reversed(later), *early])), origins=[origin], seed=3
    )
    assert after["model"].tolist() == before["model"].tolist() == ["model_k", "model_l", "model_m", "model_n"]
    assert not np.allclose(after["observed"], before["observed"])
    assert after[kept].equals(before[kept])
    # A model of before the date whose horizon was published after it is not known.
    hidden = early[8] + "\n    publication_date: 2024-03-01"
    unknown = backtest_horizons(
        read(metr_file(tmp_path, entries=[*early[:8], hidden, *early[9:], *later])), origins=[origin], seed=3
    )
    assert unknown["known"].unique().tolist() == [before["known"].iloc[0] - 1]


def test_origins_that_cannot_be_tested_are_refused(tmp_path: Path) -> None:
    table = read(metr_file(tmp_path))
    with refused("nothing-observed-since", "origins", got="2026-01-01"):
        backtest_horizons(table, origins=[date(2026, 1, 1)])
    with refused("too-few-models", "origins", got="2020-01-01: 2"):
        backtest_horizons(table, origins=[date(2020, 1, 1)])


def test_a_stored_backtest_says_what_it_is(tmp_path: Path) -> None:
    forecasts = backtest_horizons(read(metr_file(tmp_path)), origins=[date(2024, 1, 1)], draws=200)
    path = save_horizon_backtest(forecasts, tmp_path / "b.nc", [{"name": "metr.yaml"}], seed=2026)
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        assert stored.attrs["kind"] == HORIZON_BACKTEST_KIND
        assert stored["model"].values.astype(str).tolist() == forecasts["model"].tolist()
        assert stored["p50"].values.tolist() == forecasts["p50"].tolist()


def test_an_index_grows_by_points_a_year() -> None:
    dates = np.array([2023.0, 2023.5, 2023.5, 2024.0, 2024.5, 2025.0, np.nan])
    rows = pd.DataFrame({"date": dates, "score": [100.0, 108.0, 108.0, 113.0, 90.0, 131.0, 500.0]})
    found = index_trend(rows, since=2022.0)
    x, y = [2023.0, 2023.5, 2024.0, 2025.0], [100.0, 108.0, 113.0, 131.0]
    assert found.points_per_year == pytest.approx(stats.linregress(x, y).slope)
    assert (found.models, found.newest, found.score) == (4, 2025.0, 131.0)
    assert found.low < found.points_per_year < found.high
    with refused("too-few-observations", "series", got=3):
        index_trend(rows, since=2023.2)


def test_a_table_of_ones_own_is_fitted_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(TABLE, encoding="utf-8")
    fit = fit_horizons(read(path).rows, start=2026.0, since=[2019.0], draws=200)
    assert fit["observed_data"].sizes["model"] == 6
