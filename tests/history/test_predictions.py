"""Dated predictions from the shipped fits: their figures, the file that keeps them, and their scores."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from refusals import refused
from timecone.cli.main import main
from timecone.history.horizons.posterior import open_horizons
from timecone.history.joint.posterior import draws_of, open_posterior
from timecone.history.predictions.file import add_predictions, read_predictions
from timecone.history.predictions.from_fit import predictions_from
from timecone.history.predictions.prediction import SERIES, Prediction
from timecone.history.predictions.score import score
from timecone.history.supply.fit import open_supply
from timecone.units import decimal_year

ROOT = Path(__file__).resolve().parents[2]
FITS = ROOT / "configs" / "history"
SHIPPED = ROOT / "docs" / "ledger" / "predictions.toml"
MADE, DAY = date(2026, 11, 27), date(2028, 11, 27)
FILES = ("landmarks_2026-08.nc", "supply_2026_08.nc", "horizons_50_2026_04.nc", "horizons_2026_04.nc")


@pytest.fixture(scope="module")
def shipped():
    return {prediction.series: prediction for prediction in read_predictions(SHIPPED)}


class Table:
    """Rows of a table as the readers give them."""

    def __init__(self, **columns):
        self.rows = pd.DataFrame(columns)


def _value(prediction, level):
    return dict(prediction.percentiles)[level]


@pytest.mark.slow
def test_the_shipped_file_holds_what_the_shipped_fits_predict(shipped):
    assert set(shipped) == set(SERIES)
    for name in FILES:
        for prediction in predictions_from(FITS / name, DAY, made=MADE):
            stored = shipped[prediction.series]
            assert replace(prediction, version=stored.version) == stored


@pytest.mark.slow
def test_the_largest_site_is_the_trend_with_the_scatter_of_sites(shipped):
    trend = open_supply(FITS / FILES[1])["trend"].to_dataset()
    for series, name in (
        ("largest_site", "largest site, h100e"),
        ("largest_site_power", "largest site, power"),
    ):
        stored = trend.sel(series=name)
        at = stored["level_of"].interp(time=decimal_year(DAY))
        assert _value(shipped[series], 50.0) == pytest.approx(float(at.sel(level=50.0)), abs=1e-4)
        # A normal spread of the trend and one of the sites, as a simulation has their sum.
        half = float(at.sel(level=95.0) - at.sel(level=50.0))
        rng = np.random.default_rng(1)
        both = half / 1.6449 * rng.standard_normal(400_000)
        both += float(stored["residual"]) * rng.standard_normal(400_000)
        expected = float(at.sel(level=50.0)) + np.quantile(both, 0.95)
        assert _value(shipped[series], 95.0) == pytest.approx(expected, abs=0.005)


@pytest.mark.slow
def test_the_longest_horizon_is_the_trend_with_a_wider_spread(shipped):
    for reliability, name in ((50, FILES[2]), (80, FILES[3])):
        tree = open_horizons(FITS / name)
        drawn = tree["posterior"].to_dataset()
        months = 12.0 * (decimal_year(DAY) - float(tree.attrs["start"]))
        line = np.log10(drawn["horizon.now"]) + np.log10(2.0) * months / drawn["horizon.doubling_time"]
        prediction = shipped[f"horizon_{reliability}"]
        # The scatter is symmetric: the medians differ by the Monte Carlo error of 4500 draws.
        assert prediction.median == pytest.approx(float(line.median()), abs=0.05)
        inner = float(line.quantile(0.95) - line.quantile(0.05))
        assert _value(prediction, 95.0) - _value(prediction, 5.0) > inner


@pytest.mark.slow
def test_the_largest_run_lies_between_the_present_one_and_the_trend(shipped):
    drawn = draws_of(open_posterior(FITS / FILES[0]))
    growth = drawn["spending_growth_now"] + drawn["hardware_growth_now"] + drawn["efficiency_extra"]
    end = float(open_posterior(FITS / FILES[0]).attrs["end"])
    line = drawn["spending_level"] + drawn["efficiency_level"] + growth * (decimal_year(DAY) - end)
    prediction = shipped["largest_run"]
    # The record stands for a while after it is set, and its size scatters about the trend of records.
    assert float(np.median(line)) - 0.5 < prediction.median < float(np.median(line)) + 0.1
    assert _value(prediction, 95.0) - _value(prediction, 5.0) > np.diff(np.percentile(line, [5, 95]))[0]


def test_scores_are_those_of_quantiles():
    levels = (5.0, 25.0, 50.0, 75.0, 95.0)
    values = (26.0, 27.0, 28.0, 28.5, 29.5)
    made = Prediction(
        "largest_run", MADE, DAY, tuple(zip(levels, values, strict=True)), "0" * 16, "a.nc", "0"
    )
    for came in (25.0, 27.4, 28.0, 30.0):
        table = Table(date=[2027.0, 2028.5, 2029.5], training_compute=[1e24, 10.0**came, 1e33])
        (scored,) = score([made], {"runs": table}, as_of=date(2029, 12, 31))
        loss = [max(p / 100.0 * (came - q), (p / 100.0 - 1.0) * (came - q)) for p, q in made.percentiles]
        assert scored.is_due
        assert scored.error == pytest.approx(came - 28.0)
        assert scored.quantile_score == pytest.approx(np.mean(loss))
        assert scored.level == pytest.approx(np.interp(came, values, levels))
        assert scored.is_inside(90.0) == (26.0 <= came <= 29.5)
        assert scored.is_inside(50.0) == (27.0 <= came <= 28.5)
        assert scored.is_inside(80.0) is None


def test_a_prediction_is_open_until_the_tables_reach_its_day(shipped):
    table = Table(date=[2025.0, 2028.0], p50=[60.0, 600.0], p80=[np.nan, 60.0])
    before = score([shipped["horizon_50"]], {"horizons": table}, as_of=date(2028, 11, 26))
    after = score([shipped["horizon_50"]], {"horizons": table}, as_of=DAY)
    assert [each.is_due for each in (*before, *after)] == [False, True]
    # 600 minutes are ten hours.
    assert after[0].observed == pytest.approx(1.0)
    # What a table dates after its day of knowledge is a plan.
    (earlier,) = score([shipped["horizon_50"]], {"horizons": table}, as_of=date(2027, 1, 1))
    assert earlier.observed == pytest.approx(0.0)
    (absent,) = score([shipped["largest_run"]], {"horizons": table}, as_of=DAY)
    assert not absent.is_due
    assert np.isnan(absent.observed)


@pytest.mark.slow
def test_the_commands_append_and_score(tmp_path, capsys):
    file = tmp_path / "predictions.toml"
    options = ["--date", str(DAY), "--made", str(MADE), "--ledger", str(file)]
    assert main(["ledger", "predict", str(FITS / FILES[3]), *options]) == 0
    before = file.read_bytes()
    assert main(["ledger", "predict", str(FITS / FILES[3]), *options]) == 2
    assert file.read_bytes() == before
    assert main(["ledger", "predict", str(FITS / FILES[1]), *options]) == 0
    assert file.read_bytes().startswith(before.rstrip())
    assert [each.series for each in read_predictions(file)] == [
        "horizon_80", "largest_site", "largest_site_power",
    ]  # fmt: skip
    table = tmp_path / "sites.csv"
    (bundled,) = (ROOT / "src" / "timecone" / "history" / "tables").glob("sites.csv")
    table.write_bytes(bundled.read_bytes())
    capsys.readouterr()
    arguments = ["ledger", "score", str(table), "--as-of", "2028-12-31", "--ledger", str(file), "--json"]
    assert main(arguments) == 0
    rows = {row["series"]: row for row in json.loads(capsys.readouterr().out)}
    assert [rows[name]["is_due"] for name in ("largest_site", "horizon_80")] == [True, False]


@pytest.mark.slow
def test_bad_predictions_are_refused(tmp_path, shipped):
    with refused("prediction-not-ahead", "date"):
        predictions_from(FITS / FILES[1], MADE, made=MADE)
    with refused("prediction-not-ahead", "date"):
        predictions_from(FITS / FILES[3], date(2026, 1, 1), made=date(2025, 1, 1))
    with refused("prediction-beyond-fit", "date"):
        predictions_from(FITS / FILES[1], date(2040, 1, 1), made=MADE)
    file = tmp_path / "predictions.toml"
    add_predictions([shipped["largest_run"]], file)
    with refused("prediction-in-ledger", str(file)):
        add_predictions([shipped["largest_run"]], file)
    text = file.read_text(encoding="utf-8")
    for old, new, code, where in (
        ("timecone-predictions", "timecone-ledger", "not-predictions", str(file)),
        ("[50, ", "[51, ", "prediction-damaged", f"{file}, prediction 1: percentiles"),
        ("made = ", "mode = ", "prediction-damaged", f"{file}, prediction 1: made"),
        ('"largest_run"', '"largest"', "unknown-predicted-series", f"{file}, prediction 1"),
        ("version = 1\n", "version = \n", "ledger-not-toml", str(file)),
    ):
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        with refused(code, where):
            read_predictions(file)
    with refused("ledger-unreadable", str(tmp_path / "none.toml")):
        read_predictions(tmp_path / "none.toml")
    back = tmp_path / "backtest.nc"
    xr.DataTree.from_dict({"/": xr.Dataset(attrs={"kind": "timecone back-test"})}).to_netcdf(back)
    with refused("not-a-fit", str(back)):
        predictions_from(back, DAY, made=MADE)
