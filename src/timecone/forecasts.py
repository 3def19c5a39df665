"""Forecasts as their authors state them: percentiles of a date and probabilities by year, with the milestone.

Those that are simulated stand in the files of the presets, under ``[published]``; those that are not, such as
surveys, markets and judgement, in the table that ships with the package. Both are read here, as texts, for
figures and pages. Definitions differ, so each forecast has its milestone and its date.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np

from timecone.preset_files import folder
from timecone.schema import FloatArray

_PRESETS: Final = "published"
_ALL: Final = 100.0
_BOUND: Final = ">"


@dataclass(frozen=True)
class Forecast:
    """A published forecast.

    Attributes
    ----------
    name : str
        A short name: author and year.
    date : str
        Year, month or day of publication; of a survey, of the answers.
    milestone : str
        What is forecast, as its author defines it.
    kind : str
        "model", "survey", "market" or "judgement".
    source : str
        Where it stands.
    percentiles : mapping of float to str
        Decimal year by percentile, ``>2100`` where only a bound is stated.
    probabilities : mapping of float to float
        Probability by date, a decimal year: by the end of 2030 is 2031.
    line : bool
        Whether the figures of a run draw it as a line.
    file : str
        Name of the preset that repeats it; empty where it is not simulated.
    """

    name: str
    date: str
    milestone: str
    kind: str
    source: str
    percentiles: Mapping[float, str]
    probabilities: Mapping[float, float]
    line: bool
    file: str = ""

    def points(self) -> tuple[FloatArray, FloatArray]:
        """Return dates and probabilities: all percentiles, and what is stated by date between them.

        A probability that, because of rounding, does not lie between its neighbours is left out.
        """
        stated = {
            float(year): p / _ALL for p, year in self.percentiles.items() if not year.startswith(_BOUND)
        }
        for date, share in self.probabilities.items():
            earlier = [level for known, level in stated.items() if known < date]
            later = [level for known, level in stated.items() if known > date]
            if date not in stated and max(earlier, default=0.0) < share < min(later, default=1.0):
                stated[date] = share
        order = sorted(stated)
        return np.array(order), np.array([stated[date] for date in order])


@cache
def not_simulated() -> tuple[Forecast, ...]:
    """Return the forecasts that no preset repeats, in the order of their dates.

    Some have no figures, because these were not at hand when the table was made.
    """
    with resources.files("timecone").joinpath("forecasts.csv").open(encoding="utf-8") as file:
        return tuple(_of_row(row) for row in csv.DictReader(file))


@cache
def published_forecasts() -> tuple[Forecast, ...]:
    """Return all published forecasts of a date, simulated or not, in the order of their dates.

    Returns
    -------
    tuple of Forecast
        Without those that state neither a percentile nor a probability of the milestone they are about.

    Examples
    --------
    >>> [f.name for f in published_forecasts() if f.name.startswith("Samotsvety")]
    ['Samotsvety 2023']
    """
    paths = sorted((folder() / _PRESETS).glob("*.toml"))
    contents = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in paths}
    simulated = [
        _of_preset(name, content["published"]) for name, content in contents.items() if "published" in content
    ]
    every = [f for f in (*not_simulated(), *simulated) if f.percentiles or f.probabilities]
    return tuple(sorted(every, key=lambda forecast: forecast.date))


def _of_row(row: Mapping[str, str]) -> Forecast:
    return Forecast(
        row["forecast"],
        row["date"],
        row["milestone"],
        row["kind"],
        row["source"],
        {float(p): year for p, year in _pairs(row["percentiles"])},
        {float(year) + 1.0: float(share) for year, share in _pairs(row["probabilities"])},
        row["line"] == "yes",
    )


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (part.partition(":") for part in text.split())]


def _of_preset(name: str, table: Mapping[str, Any]) -> Forecast:
    """Return the forecast of a preset: its figures of the milestone that the table is about."""
    own = [
        figure
        for figure in table["figures"]
        if figure.get("of", table.get("of")) == table.get("of")
        and not {"where", "variant", "source"} & figure.keys()
    ]
    years = {
        figure["level"]: f"{figure['value']:g}" if "value" in figure else f"{_BOUND}{figure['above']:g}"
        for figure in own
        if figure["statistic"] == "percentile"
    }
    shares = {figure["date"]: figure["value"] for figure in own if figure["statistic"] == "probability"}
    return Forecast(
        table["forecast"],
        table["date"].isoformat(),
        table["milestone"],
        table.get("kind", "model"),
        table["citation"],
        {float(p): year for p, year in years.items()},
        # On a grid of dates "by 2036" is a date itself.
        {float(date): float(share) for date, share in shares.items()},
        bool(table.get("line", False)),
        name,
    )
