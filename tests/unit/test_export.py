"""Draws in the formats of other tools: every number survives, and ArviZ reads them without a warning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import synthetic_run
import timecone as tc
from timecone.errors import ArgumentError, OutputError, UsageError

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
    with pytest.raises(UsageError, match=r"Install timecone\[parquet\]"):
        tc.to_parquet(run, tmp_path / "draws.parquet")


@pytest.mark.parametrize("write", [tc.to_csv, tc.to_parquet])
def test_a_place_that_cannot_be_written_to_is_one_line(
    run: xr.DataTree, tmp_path: Path, write: object
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
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
    # ArviZ cannot reckon with infinities; this input has some.
    assert np.isinf(run["inputs"]["investment.cap_usd"].values).any()
    assert "investment.cap_usd" not in prior
    assert found.attrs["headline"] == "whole"


def test_dates_in_arviz_are_restricted_and_say_so(run: xr.DataTree) -> None:
    found = tc.to_arviz(run, chains=1)["posterior"].dataset
    counted = run["outcomes"]["standing"].values == 0
    arrival = run["outcomes"]["arrival"].sel(milestone="whole").values[counted]
    np.testing.assert_array_equal(found["whole"].values[0], np.minimum(arrival, LAST))
    np.testing.assert_array_equal(found["whole_reached"].values[0], np.isfinite(arrival))
    assert "min(arrival, 2080)" in found["whole"].attrs["comment"]
    assert "min(duration, 50)" in found["takeoff_duration"].attrs["comment"]
    assert float(found["takeoff_duration"].max()) == LAST - synthetic_run.START
    for variable in found.data_vars.values():
        assert np.all(np.isfinite(variable.values))


@pytest.mark.parametrize("chains", [0, -1, DRAWS + 1])
def test_chains_out_of_range_are_refused(run: xr.DataTree, chains: int) -> None:
    with pytest.raises(ArgumentError, match="too few draws count"):
        tc.to_arviz(run, chains=chains)


def test_arviz_summarises_and_plots_it(run: xr.DataTree) -> None:
    # Warnings are errors here.
    az = pytest.importorskip("arviz")
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    found = tc.to_arviz(run)
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
