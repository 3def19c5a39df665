"""Back-tests as files: forecasts from past dates with what came, and their scores in a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import HistoryError
from timecone.hdf5 import require_readable
from timecone.schema import BACKTEST_KIND, JOINT_FIT, JUDGED, RECORD_BACKTEST_KIND, BoolArray, FloatArray

#: Central intervals whose coverage is told, in percent.
MASSES = (50, 80, 90)
_TEXTS = ("target", "method")
_NUMBERS = ("origin", "year", "observed", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "crps", "pit")
_CASE = ["origin", "target", "year"]
_REMEDY = "timecone backtest writes one."


def open_backtest(path: str | Path) -> xr.Dataset:
    """Read a back-test of the joint fit.

    Parameters
    ----------
    path : str or path
        As ``timecone backtest`` writes it.

    Returns
    -------
    Dataset, dim forecast
        ``origin`` (year), ``target``, ``year``, ``method``, ``observed`` and quantiles ``p05`` ... ``p95``
        (log10 units), ``crps`` (OOM), ``log_score`` (nat), ``pit``.

    Raises
    ------
    HistoryError
        It is missing, broken or of another kind.
    """
    return _open(path, (BACKTEST_KIND,))


def open_any_backtest(path: str | Path) -> xr.Dataset:
    """Read a back-test of the joint fit or of series of records.

    Parameters
    ----------
    path : str or path
        As ``timecone backtest`` writes it, with or without ``--records``.

    Returns
    -------
    Dataset, dim forecast
        As `open_backtest`; of series of records also ``ahead``, ``factor`` and the account of publication.

    Raises
    ------
    HistoryError
        It is missing, broken or of another kind.

    Examples
    --------
    >>> from timecone.results.run_file.backtest import open_any_backtest
    >>> open_any_backtest("backtest.nc").attrs["kind"]
    'timecone back-test'
    """
    return _open(path, (BACKTEST_KIND, RECORD_BACKTEST_KIND))


def _open(path: str | Path, kinds: tuple[str, ...]) -> xr.Dataset:
    path = Path(path)
    if not path.is_file():
        raise HistoryError("no-such-file", "no such file", where=str(path), remedy=_REMEDY)
    try:
        require_readable(path)
        with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as stored:
            backtest = stored.load().copy()
            # Files written before the name changed.
            backtest = backtest.rename(outturn="observed") if "outturn" in backtest else backtest
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise HistoryError(
            "not-netcdf", f"not a readable netCDF-4 file ({reason})", where=str(path), remedy=_REMEDY
        ) from None
    if backtest.attrs.get("kind") not in kinds:
        raise HistoryError(
            "not-a-backtest",
            "not a back-test of timecone",
            where=str(path),
            got=backtest.attrs.get("kind"),
            allowed=" or ".join(map(repr, kinds)),
            remedy=_REMEDY,
        )
    _check(backtest, str(path))
    return backtest


def _check(backtest: xr.Dataset, where: str) -> None:
    if not isinstance(backtest.attrs.get("backtest_id"), str):
        raise HistoryError(
            "backtest-lacks-attribute",
            "the back-test lacks an attribute",
            where=where,
            got="backtest_id",
            remedy=_REMEDY,
        )
    for name in (*_TEXTS, *_NUMBERS, "log_score"):
        if name not in backtest or backtest[name].dims != ("forecast",):
            raise HistoryError(
                "backtest-lacks-variable",
                "the back-test lacks a variable by forecast",
                where=where,
                got=name,
                remedy=_REMEDY,
            )
    for name in (*_NUMBERS, "log_score"):
        # Of the logarithmic score, infinity is an answer.
        is_number = np.isfinite if name != "log_score" else _is_known
        if backtest[name].dtype.kind not in "fiu" or not is_number(backtest[name].values).all():
            raise HistoryError(
                "backtest-not-numeric",
                "contains a value that is not a number",
                where=f"{where}: {name}",
                remedy=_REMEDY,
            )
    rows = forecasts_of(backtest)
    judged = JUDGED[backtest.attrs["kind"]]
    ours = rows.loc[rows["method"] == judged, _CASE]
    if rows.duplicated([*_CASE, "method"]).any():
        raise HistoryError("duplicate-forecast", "a forecast occurs twice", where=where, remedy=_REMEDY)
    if len(rows) == 0 or len(rows[_CASE].drop_duplicates()) != len(ours):
        raise HistoryError(
            "backtest-forecast-incomplete",
            f"forecasts without one of the method {judged}",
            where=where,
            remedy=_REMEDY,
        )


def _is_known(values: FloatArray) -> BoolArray:
    return ~np.isnan(values)


def forecasts_of(backtest: xr.Dataset) -> pd.DataFrame:
    """Return a back-test's forecasts, one row each; texts as text."""
    rows = backtest.to_dataframe().reset_index(drop=True)
    return rows.assign(**{name: rows[name].astype(str) for name in _TEXTS})


def summary(forecasts: pd.DataFrame, judged: str = JOINT_FIT) -> pd.DataFrame:
    """Return mean scores and coverage by target and method.

    Parameters
    ----------
    forecasts : DataFrame
        One row each, as `forecasts_of` gives them.
    judged : str, optional
        The method with which the others are compared.

    Returns
    -------
    DataFrame
        ``target``, ``method``, ``forecasts``, ``crps``, ``log_score``, coverage ``covered_50`` ... of the
        central intervals, ``bias`` (observed less median, OOM), ``crps_ours``, the judged method's mean score
        on the forecasts that this method made too, and, where the forecasts account for the publication of
        what they used, ``after`` and ``hindsight``: the number of forecasts that used a record published
        after their date, and the share of the figures used that were published after it.

    Examples
    --------
    >>> from timecone.results.run_file import backtest
    >>> table = backtest.summary(backtest.forecasts_of(backtest.open_backtest("backtest.nc")))
    >>> table.columns[:4].tolist()
    ['target', 'method', 'forecasts', 'crps']
    """
    ours = forecasts[forecasts["method"] == judged].set_index(_CASE)["crps"]
    rows = []
    for (target, method), group in forecasts.groupby(["target", "method"], sort=False):
        cases = pd.MultiIndex.from_frame(group[_CASE])
        rows.append(
            {"target": target, "method": method, "forecasts": len(group),
             "crps": group["crps"].mean(), "crps_ours": ours.loc[cases].mean(),
             "log_score": group["log_score"].mean(),
             **{f"covered_{mass}": covered(group["pit"], mass).mean() for mass in MASSES},
             "bias": (group["observed"] - group["p50"]).mean(), **_publication(group)}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _publication(forecasts: pd.DataFrame) -> dict[str, float]:
    """Return how many forecasts used later records, and the share of figures published later."""
    if "newest_record" not in forecasts:
        return {}
    later = int((~(forecasts["newest_record"] <= forecasts["origin"])).sum())
    return {"after": later, "hindsight": forecasts["hindsight"].sum() / forecasts["records"].sum()}


def covered(pit: pd.Series[float], mass: int) -> pd.Series[bool]:
    """Return whether observed values lie within the central interval of this many percent."""
    return (pit - 0.5).abs() <= mass / 200.0
