"""Limits of supply as a TOML fragment that a scenario extends: quantiles and rank correlations to cite."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any, Final

import numpy as np
import xarray as xr

from timecone.history.joint.fragment import correlations, quantiles
from timecone.history.supply.fit import GROWTH_UNTIL, LIMIT_YEAR, PARAMETERS, PLAN_ERROR
from timecone.history.supply.inputs import INPUTS

_NOTES: Final = {
    "supply.power": "The sites that one run joins, with the chips that their power allows.",
    "supply.chips": "The part of the largest owner's chips that one run gets.",
}


def supply_fragment(
    tree: xr.DataTree, *, name: str, as_of: date, posterior: str | None = None
) -> dict[str, Any]:
    """Return a fit of supply as the content of a scenario fragment.

    Parameters
    ----------
    tree : DataTree
        As `fit.fit_supply` returns it.
    name : str
        Of the fragment.
    as_of : date
        Date of the newest evidence that was admitted.
    posterior : str, optional
        File of the draws, relative to the fragment.

    Returns
    -------
    dict
        Tables ``history``, ``parameters``, ``correlations``.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.supply.fit import open_supply
    >>> from timecone.history.supply.fragment import supply_fragment
    >>> content = supply_fragment(open_supply("supply.nc"), name="mine", as_of=date(2026, 8, 22))
    >>> sorted(content["parameters"]["supply"])
    ['chips', 'chips_growth', 'power', 'power_growth']
    """
    drawn = {key: tree["posterior"][key].to_numpy().astype(np.float64) for key in PARAMETERS}
    about = tree.attrs
    files = json.loads(about["sources"])
    source = (
        f"timecone fit, {name}: trends of {', '.join(each['name'] for each in files) or 'tables in memory'}"
    )
    statement = {"source": source, "as_of": as_of, "basis": "data"}
    # Levels rest on shares that are judged; growth does not.
    basis = "data" if all(each.basis == "data" for each in INPUTS.values()) else "expert"
    start = float(about["start"])
    parameters: dict[str, Any] = {}
    for key, (unit, meaning) in PARAMETERS.items():
        short = key.partition(".")[2]
        is_growth = short.endswith("_growth")
        note = _NOTES.get(key, f"Mean growth from {start:g} to {GROWTH_UNTIL:g}.")
        parameters[short] = {
            "distribution": "percentiles",
            # Growth may be negative.
            **({} if is_growth else {"space": "log"}),
            **quantiles(drawn[key]),
            "unit": unit,
            **statement,
            "basis": "data" if is_growth else basis,
            "note": f"{meaning[0].upper()}{meaning[1:]}. {note}",
        }
    history: dict[str, Any] = {
        "as_of": as_of,
        "start": start,
        "limit_year": LIMIT_YEAR,
        "growth_until": GROWTH_UNTIL,
        "vintage": str(about["vintage"]),
        "plans": bool(about["plans"]),
        "plan_error_oom_per_year": PLAN_ERROR,
        "method": "Gaussian trends whose growth wanders, spreads weighed on a grid; inputs of a run drawn",
        "inputs": {
            key: {"p05": each.p05, "p50": each.p50, "p95": each.p95, "unit": each.unit, "basis": each.basis}
            for key, each in INPUTS.items()
        },
        "seed": int(about["seed"]),
        "draws": int(tree["posterior"].sizes["sample"]),
        "timecone_version": str(about["timecone_version"]),
        "sources": files,
    }
    if math.isfinite(float(about["published"])):
        history["newest_publication"] = round(float(about["published"]), 3)
    return {
        "name": name,
        "title": f"Limits of supply fitted as of {as_of.isoformat()}",
        "history": history | ({"posterior": posterior} if posterior else {}),
        "parameters": {"supply": parameters},
        "correlations": [
            {"between": list(pair), "rho": rho, **statement} for pair, rho in correlations(drawn).items()
        ],
    }
