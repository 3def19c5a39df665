"""Draws in the formats of other tools: every number survives, and ArviZ reads them without a warning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import synthetic_run
import timecone as tc
from refusals import refused

DRAWS, LAST = synthetic_run.DRAWS, synthetic_run.HORIZON


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic_run.synthetic()


def test_the_table_has_one_row_per_draw_and_every_column(small_run: xr.DataTree) -> None:
    frame = tc.to_frame(small_run)
    assert len(frame) == 2000
    assert set(map(str, small_run["inputs"].data_vars)) <= set(frame.columns)
    milestones = small_run["outcomes"]["milestone"].values
    assert {"draw", "standing", "takeoff_duration", *milestones, *(f"{m}_status" for m in milestones)} <= set(
        frame
    )
    assert set(frame["standing"]) <= {"counted", "removed_not_yet", "failed"}
    np.testing.assert_array_equal(frame["tai"], small_run["outcomes"]["arrival"].sel(milestone="tai"))
    names = small_run["outcomes"]["choice_threshold"].attrs["flag_meanings"].split()
    codes = small_run["outcomes"]["choice_threshold"].values
    assert list(frame["choice_threshold"]) == [names[code] for code in codes]
    assert not frame.isna().any().any()


def test_csv_keeps_every_bit(small_run: xr.DataTree, tmp_path: Path) -> None:
    path = tc.to_csv(small_run, tmp_path / "new" / "draws.csv")
    frame, again = tc.to_frame(small_run), pd.read_csv(path)
    assert list(again.columns) == list(frame.columns)
    assert np.isinf(again["tai"]).any()
    for name in frame:
        if frame[name].dtype.kind == "f":
            np.testing.assert_array_equal(again[name], frame[name], err_msg=name)
        else:
            assert list(again[name].astype(str)) == list(frame[name].astype(str))


def test_parquet_keeps_every_bit_and_type(small_run: xr.DataTree, tmp_path: Path) -> None:
    frame = tc.to_frame(small_run)
    again = pd.read_parquet(tc.to_parquet(small_run, tmp_path / "draws.parquet"))
    pd.testing.assert_frame_equal(again, frame, check_exact=True, check_categorical=False)


def test_without_pyarrow_the_remedy_is_said(
    run: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError

    monkeypatch.setattr(pd.DataFrame, "to_parquet", missing)
    with refused("pyarrow-missing", "pyarrow", names="timecone[parquet]"):
        tc.to_parquet(run, tmp_path / "draws.parquet")


@pytest.mark.parametrize("write", [tc.to_csv, tc.to_parquet])
def test_a_place_that_cannot_be_written_to_is_one_line(
    run: xr.DataTree, tmp_path: Path, write: object
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with refused("unwritable-file", str(tmp_path / "file" / "draws")):
        write(run, tmp_path / "file" / "draws")  # type: ignore[operator]


def test_arviz_groups_hold_the_draws_in_order(run: xr.DataTree) -> None:
    found = tc.to_arviz(run, chains=4)
    assert set(found.children) == {"prior", "posterior"}
    counted = run["outcomes"]["standing"].values == 0
    prior, posterior = found["prior"].dataset, found["posterior"].dataset
    assert prior.sizes == {"chain": 4, "draw": DRAWS // 4}
    length = int(counted.sum()) // 4
    assert posterior.sizes == {"chain": 4, "draw": length}
    drawn = run["inputs"]["growth.rate"].values
    np.testing.assert_array_equal(prior["growth.rate"].values.ravel(), drawn)
    np.testing.assert_array_equal(posterior["growth.rate"].values.ravel(), drawn[counted][: 4 * length])
    assert np.isinf(run["inputs"]["investment.cap_usd"].values).any()
    assert set(prior) == set(run["inputs"].data_vars) < set(posterior)
    for name, values in run["inputs"].data_vars.items():
        np.testing.assert_array_equal(prior[name].values.ravel(), values.values)
    assert found.attrs["headline"] == "whole"


@pytest.mark.parametrize(
    ("censored", "date", "duration"),
    [("inf", np.inf, np.inf), ("nan", np.nan, np.nan), ("horizon", LAST, LAST - synthetic_run.START)],
)
def test_censored_dates_in_arviz_are_marked(
    run: xr.DataTree, censored: str, date: float, duration: float
) -> None:
    found = tc.to_arviz(run, chains=1, censored=censored)
    posterior = found["posterior"].dataset
    counted = run["outcomes"]["standing"].values == 0
    outcomes = run["outcomes"].dataset.isel(draw=counted)
    stored = {name: outcomes["arrival"].sel(milestone=name) for name in ("half", "whole")}
    stored |= {name: outcomes[name] for name in ("takeoff_duration", "cap_reached")}
    for name, values in stored.items():
        instead = duration if name == "takeoff_duration" else date
        reached = np.isfinite(values.values)
        assert not reached.all()
        expected = np.where(reached, values.values, instead)
        np.testing.assert_array_equal(posterior[name].values[0], expected)
        np.testing.assert_array_equal(posterior[f"{name}_reached"].values[0], reached)
        assert posterior[name].attrs["share_censored"] == pytest.approx(1.0 - reached.mean())
        assert "censored, not reached before 2080" in posterior[name].attrs["comment"]
    assert found.attrs["censored"] == censored


def test_nothing_by_draw_is_left_out_for_arviz(small_run: xr.DataTree) -> None:
    found = tc.to_arviz(small_run, chains=1)["posterior"].dataset
    counted = small_run["outcomes"]["standing"].values == 0
    assert set(small_run["inputs"].data_vars) <= set(found)
    names = set(small_run["outcomes"].data_vars) - {"arrival", "status"}
    milestones = [str(name) for name in small_run["outcomes"]["milestone"].values]
    assert names | {*milestones, *(f"{name}_status" for name in milestones)} <= set(found)
    np.testing.assert_array_equal(
        found["requirement"].values[0], small_run["outcomes"]["requirement"].values[counted]
    )
    assert np.isinf(found["requirement"]).any()


def test_a_mean_of_censored_dates_is_no_date(run: xr.DataTree) -> None:
    assert float(tc.to_arviz(run)["posterior"]["whole"].mean()) == np.inf


def test_draws_left_over_are_counted(run: xr.DataTree) -> None:
    counted = int((run["outcomes"]["standing"].values == 0).sum())
    found = tc.to_arviz(run, chains=7)
    assert found.attrs["draws_left_over"] == counted - found["posterior"].sizes["draw"] * 7 > 0


def test_an_unknown_way_to_censor_is_refused(run: xr.DataTree) -> None:
    with refused("unknown-censoring", "censored", got="drop", names="inf, nan, horizon"):
        tc.to_arviz(run, censored="drop")


@pytest.mark.parametrize("chains", [0, -1, DRAWS + 1])
def test_chains_out_of_range_are_refused(run: xr.DataTree, chains: int) -> None:
    with refused("too-few-draws", "chains"):
        tc.to_arviz(run, chains=chains)


def test_arviz_summarises_and_plots_it(run: xr.DataTree) -> None:
    # Warnings are errors here.
    az = pytest.importorskip("arviz")
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    found = tc.to_arviz(run, censored="horizon")
    names = ["growth.rate", "threshold.gap", "whole", "whole_reached", "takeoff_duration"]
    table = az.summary(found, var_names=names, ci_prob=0.9, ci_kind="eti", round_to="none")
    counted = found["posterior"]["whole"].values
    assert float(table.loc["whole", "mean"]) == pytest.approx(counted.mean(), rel=1e-9)
    # Independent draws: chains agree.
    assert float(table.loc["growth.rate", "r_hat"]) < 1.01
    az.plot_dist(found, var_names=names[:3], ci_prob=0.9, ci_kind="eti", backend="matplotlib")
    az.plot_forest(found, var_names=names[:3], ci_probs=(0.5, 0.9), backend="matplotlib")
    plt.close("all")


def test_pareto_smoothed_weights_of_its_draws(run: xr.DataTree) -> None:
    # Reweighting draws to another belief on an input: log weights of a normal against the one drawn.
    pytest.importorskip("arviz")
    drawn = tc.to_arviz(run)["posterior"].dataset["threshold.gap"]
    # ArviZ takes what is to be left out, hence the sign.
    smoothed, khat = (0.5 * ((drawn - 2.0) / 0.8) ** 2).azstats.psislw()
    assert float(np.exp(smoothed).sum()) == pytest.approx(1.0)
    assert float(khat) < 0.7


def test_arviz_files_are_read_back(run: xr.DataTree, tmp_path: Path) -> None:
    found = tc.to_arviz(run)
    path = tc.save_run(found, tmp_path / "arviz.nc")
    with xr.open_datatree(path, engine="h5netcdf") as again:
        xr.testing.assert_equal(again["posterior"].dataset.load(), found["posterior"].dataset)
