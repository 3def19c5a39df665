"""Posterior predictive checks: whether the fitted model could have produced what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import xarray as xr

from timecone.schema import FloatArray

# A series with fewer observations has no bend to speak of.
_FEWEST = 8


def predictive_checks(tree: xr.DataTree) -> pd.DataFrame:
    """Compare statistics of the observations with those of simulated ones.

    Parameters
    ----------
    tree : DataTree
        A posterior.

    Returns
    -------
    DataFrame
        In OOM and OOM/year, a row for each series and statistic: ``series``, ``statistic``, ``observed``,
        ``p05``, ``p50``, ``p95`` of the simulated, and ``p_value``, the share of simulated ones that are
        larger (near 0 or 1: the model does not produce such observations).

    Examples
    --------
    >>> from timecone.history.joint.posterior import open_posterior
    >>> from timecone.history.joint.checks import predictive_checks
    >>> sorted(set(predictive_checks(open_posterior("posterior.nc"))["series"]))
    ['compute', 'cost', 'performance']
    """
    rows = []
    for series, dates, measured, simulated in _series(tree):
        for name, statistic in _STATISTICS.items():
            observed = float(statistic(dates, measured[None])[0])
            values = statistic(dates, simulated)
            p05, p50, p95 = np.percentile(values, [5, 50, 95])
            rows.append(
                {"series": series, "statistic": name, "observed": observed,
                 "p05": p05, "p50": p50, "p95": p95, "p_value": float(np.mean(values >= observed))}
            )  # fmt: skip
    return pd.DataFrame(rows)


def _series(tree: xr.DataTree) -> Iterator[tuple[str, FloatArray, FloatArray, FloatArray]]:
    measured, simulated = tree["observed_data"].to_dataset(), tree["posterior_predictive"].to_dataset()
    for series, dim, date in (
        ("compute", "run", "run_date"), ("cost", "run", "run_date"), ("performance", "chip", "chip_date"),
    ):  # fmt: skip
        known = np.isfinite(measured[series].values)
        if np.count_nonzero(known) < _FEWEST:
            continue
        values = simulated[series].values.reshape(-1, measured.sizes[dim])
        yield series, measured[date].values[known], measured[series].values[known], values[:, known]


def _line(dates: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return slopes (draw,) and residuals (draw, record) of straight lines."""
    centred = dates - dates.mean()
    slope = values @ centred / np.sum(centred**2)
    return slope, values - values.mean(axis=1, keepdims=True) - slope[:, None] * centred


def _growth(dates: FloatArray, values: FloatArray) -> FloatArray:
    return _line(dates, values)[0]


def _spread(dates: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(_line(dates, values)[1].std(axis=1))


def _outlier(dates: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.abs(_line(dates, values)[1]).max(axis=1))


def _bend(dates: FloatArray, values: FloatArray) -> FloatArray:
    """Return the growth of the later half less that of the earlier."""
    late = dates > np.median(dates)
    return _growth(dates[late], values[:, late]) - _growth(dates[~late], values[:, ~late])


_STATISTICS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "growth": _growth,
    "later less earlier growth": _bend,
    "spread about a line": _spread,
    "largest deviation": _outlier,
}
