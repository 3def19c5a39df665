"""Figures of runs. Each returns a `Figure`, with its axes and the table it drew, and changes no settings.

>>> import timecone as tc
>>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1)
>>> figure = tc.plots.cdf(run)
>>> figure.save("arrival.svg").name
'arrival.svg'
>>> figure.close()
"""

from __future__ import annotations

from timecone.plots.backtest import backtest, pit
from timecone.plots.calibration import calibration
from timecone.plots.cdf import cdf, duration
from timecone.plots.comparison import comparison
from timecone.plots.decomposition import decomposition
from timecone.plots.density import density
from timecone.plots.fan import fan
from timecone.plots.figure import Figure
from timecone.plots.history import history_checks, history_priors, history_trends
from timecone.plots.horizons import horizons
from timecone.plots.inputs import correlations, inputs
from timecone.plots.joint import joint
from timecone.plots.ledger import ledger
from timecone.plots.pool import pool
from timecone.plots.supply import supply
from timecone.plots.sweep import heat_map
from timecone.plots.threshold import threshold
from timecone.plots.tornado import tornado

__all__ = [
    "Figure",
    "backtest",
    "calibration",
    "cdf",
    "comparison",
    "correlations",
    "decomposition",
    "density",
    "duration",
    "fan",
    "heat_map",
    "history_checks",
    "history_priors",
    "history_trends",
    "horizons",
    "inputs",
    "joint",
    "ledger",
    "pit",
    "pool",
    "supply",
    "threshold",
    "tornado",
]
