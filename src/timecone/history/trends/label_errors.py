"""Errors of training compute by label of confidence, from runs that have two estimates.

A run whose compute was recorded by one way and follows from its hardware and hours by another has two
estimates, whose difference has the sum of both variances. If both ways are equally good, the standard
deviation of each is that of the difference over the square root of two.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from timecone.history.estimates import compute_from_hardware
from timecone.schema import FloatArray

#: Utilisation where a run states none.
UTILISATION: Final = 0.3
#: Estimates that differ by less, in OOM, are taken for the same estimate: the record was computed so.
SAME: Final = 0.02
_RESAMPLES: Final = 2000
_Z95: Final = 1.6448536269514722


def second_estimates(runs: pd.DataFrame, chips: pd.DataFrame) -> pd.DataFrame:
    """Return the runs whose hardware and hours give a second estimate of their compute.

    Parameters
    ----------
    runs, chips : DataFrame
        Rows of these kinds as the readers give them.

    Returns
    -------
    DataFrame
        ``name``, ``confidence``, ``recorded`` and ``second``, log10 FLOP.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.trends.label_errors import second_estimates
    >>> pairs = second_estimates(read_bundled("runs").rows, read_bundled("chips").rows)
    >>> list(pairs)
    ['name', 'confidence', 'recorded', 'second']
    """
    peak = chips.drop_duplicates("name").set_index("name")
    fastest = peak["tensor_fp16"].fillna(peak["fp32"])
    rows = runs[
        runs["training_compute"].notna()
        & runs["hardware"].isin(fastest.index[fastest.notna()])
        & runs["hardware_quantity"].notna()
        & runs["training_time"].notna()
    ]
    second = compute_from_hardware(
        rows["hardware_quantity"],
        rows["training_time"],
        fastest.reindex(rows["hardware"]),
        rows["utilisation"].fillna(UTILISATION),
    )
    return pd.DataFrame(
        {
            "name": rows["name"],
            "confidence": rows["confidence"],
            "recorded": np.log10(rows["training_compute"].to_numpy(float)),
            "second": np.log10(second),
        }
    )


def label_errors(pairs: pd.DataFrame, *, seed: int = 2026, fewest: int = 5) -> pd.DataFrame:
    """Return the error of an estimate by label.

    Spreads are half the distance between 16 and 84 %, as a few pairs differ by orders of magnitude because
    the hours are those of another part of the work.

    Parameters
    ----------
    pairs : DataFrame
        As `second_estimates` returns.
    seed : int, optional
        Seed of the bootstrap over runs.
    fewest : int, optional
        Pairs that a label needs.

    Returns
    -------
    DataFrame
        By label: ``pairs``; ``same``, pairs left out as one estimate; ``sd``, ``low`` and ``high``, the
        standard deviation of one estimate (OOM) and its 90 % interval; ``factor``, within which the truth
        lies with probability 0.9.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from timecone.history.trends.label_errors import label_errors
    >>> errors = np.random.default_rng(1).normal(0.0, 0.2, (2, 400))
    >>> pairs = pd.DataFrame({"confidence": "Likely", "recorded": errors[0], "second": errors[1]})
    >>> label_errors(pairs)["sd"].round(1).to_dict()
    {'Likely': 0.2}
    """
    generator = np.random.default_rng(seed)
    rows = {}
    for label, group in pairs.groupby("confidence", sort=False):
        difference = (group["second"] - group["recorded"]).to_numpy(float)
        apart = difference[np.abs(difference) >= SAME]
        if len(apart) < fewest:
            continue
        sd = float(_spread(apart[None])[0])
        resampled = _spread(apart[generator.integers(0, len(apart), (_RESAMPLES, len(apart)))])
        low, high = np.percentile(resampled, [5.0, 95.0])
        rows[str(label)] = {
            "pairs": len(apart),
            "same": len(difference) - len(apart),
            "sd": sd,
            "low": float(low),
            "high": float(high),
            "factor": 10.0 ** (_Z95 * sd),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _spread(difference: FloatArray) -> FloatArray:
    """Return the spread of one of two equally good estimates from their differences: (resample,)."""
    low, high = np.percentile(difference, [16.0, 84.0], axis=-1)
    return np.asarray((high - low) / 2.0 / np.sqrt(2.0))
