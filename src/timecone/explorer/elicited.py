"""Distributions stated anew: from quantiles or from chips in bins to what the address and the file take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import tomli_w

from timecone.errors import ArgumentError
from timecone.explorer.state import STATABLE, move_text, read_stated
from timecone.inputs.arguments import quantile_key
from timecone.inputs.elicitation import elicit

_MOST_POINTS: Final = 24
_FEWEST: Final = 2
_MOST_FITS: Final = 4
_EXACT: Final = "percentiles"
_MOST_CHIPS: Final = 1000


def elicited(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the distributions that a statement leads to.

    Parameters
    ----------
    message : mapping
        ``quantiles``, a list of (probability, value), or ``edges`` and ``chips``, the edges of bins and the
        chips in each; ``scale``, that of the input.

    Returns
    -------
    dict
        ``fits``: each with ``name``, ``move`` as addresses have it, ``file`` as scenario files have it, and
        ``error``, the largest difference from a stated probability; the best first, and last the percentiles
        that meet every point.

    Raises
    ------
    ArgumentError, DistributionError
        What is stated determines no distribution.

    Examples
    --------
    >>> message = {"quantiles": [[0.05, 1.0], [0.5, 2.0], [0.95, 8.0]], "scale": "log"}
    >>> elicited(message)["fits"][-1]["move"]
    'percentiles(space=log,p05=1,p50=2,p95=8)'
    """
    scale = message.get("scale")
    scale = scale if scale in ("linear", "log") else "linear"
    if "edges" in message:
        pairs = _of_bins(message)
        elicitation = elicit(bins=message["edges"], chips=[int(chip) for chip in message["chips"]])
    else:
        pairs = _pairs(message.get("quantiles"))
        elicitation = elicit(quantiles=dict(pairs))
    fits = [
        _fit(fit.distribution.name, fit.distribution.arguments) | {"error": round(fit.worst, 4)}
        for fit in elicitation.fits
        if fit.distribution.name in STATABLE and fit.distribution.name != _EXACT
    ]
    exact = _fit(_EXACT, {"space": scale, **{quantile_key(at): value for at, value in pairs}})
    return {"fits": [*fits[:_MOST_FITS], exact | {"error": 0.0}]}


def _fit(family: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    short = {k: v if isinstance(v, str) else float(f"{v:.6g}") for k, v in arguments.items()}
    table = read_stated(family, short, "stated")
    return {"name": family, "move": move_text(table), "file": tomli_w.dumps(table)}


def _pairs(stated: Any) -> list[tuple[float, float]]:
    if not isinstance(stated, list) or not _FEWEST <= len(stated) <= _MOST_POINTS:
        raise _not_stated("quantiles", f"2 to {_MOST_POINTS} quantiles")
    pairs = []
    for pair in stated:
        if not isinstance(pair, list) or len(pair) != 2 or not all(map(_is_number, pair)):  # noqa: PLR2004
            raise _not_stated("quantiles", "a probability and a number each")
        pairs.append((float(pair[0]), float(pair[1])))
    return sorted(pairs)


def _of_bins(message: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the cumulative shares of the chips at the inner edges between the first and the last chip."""
    edges, chips = message.get("edges"), message.get("chips")
    if not isinstance(edges, list) or not isinstance(chips, list) or len(edges) != len(chips) + 1:
        raise _not_stated("chips", "a number of chips for every bin")
    if len(chips) > _MOST_POINTS or not all(map(_is_number, [*edges, *chips])):
        raise _not_stated("chips", f"at most {_MOST_POINTS} bins, of numbers")
    if any(chip < 0 or chip != int(chip) for chip in chips) or not 0 < sum(chips) <= _MOST_CHIPS:
        raise _not_stated("chips", f"whole numbers, 1 to {_MOST_CHIPS} together")
    total, placed, pairs = sum(chips), 0, []
    for edge, chip in zip(edges[1:-1], chips, strict=False):
        placed += chip
        if 0 < placed < total:
            pairs.append((round(placed / total, 6), float(edge)))
    # Edges between which no chip lies have one level: the middle of them.
    levels: dict[float, list[float]] = {}
    for at, edge in pairs:
        levels.setdefault(at, []).append(edge)
    result = [(at, sum(each) / len(each)) for at, each in levels.items()]
    if len(result) < _FEWEST:
        raise _not_stated("chips", "chips in at least three bins")
    return result


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _not_stated(where: str, allowed: str) -> ArgumentError:
    return ArgumentError("not-a-statement", "no distribution is stated", where=where, allowed=allowed)
