"""The requirement's percentiles, against those of the stored draws; infinite where nothing suffices."""

from __future__ import annotations

import numpy as np
import xarray as xr

from timecone.results.run_file.curves import thresholds
from timecone.schema import Inclusion


def test_the_baselines_requirements_are_those_of_its_draws(small_run: xr.DataTree) -> None:
    outcomes = small_run["outcomes"]
    counted = outcomes["standing"].values == Inclusion.COUNTED
    codes = outcomes["choice_threshold"]
    conditions = {"all": counted} | {
        name: counted & (codes.values == k) for k, name in enumerate(codes.attrs["flag_meanings"].split())
    }
    found = xr.concat([thresholds(small_run), thresholds(small_run, "threshold")], dim="value")
    for name, chosen in conditions.items():
        q = found["percentile"].values
        expected = np.quantile(outcomes["requirement"].values[chosen], q / 100.0, method="inverted_cdf")
        stored = found.sel(value=name).values
        np.testing.assert_array_equal(np.isinf(stored), np.isinf(expected))
        finite = np.isfinite(expected)
        np.testing.assert_allclose(stored[finite], expected[finite], rtol=0.0, atol=0.02)
    # Some views hold that no amount of compute suffices.
    assert found.sel(value="all", percentile=99.0).item() == np.inf
