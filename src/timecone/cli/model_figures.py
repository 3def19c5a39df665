"""Figures that only runs of one model have, found through the registry of models."""

from __future__ import annotations

import xarray as xr

from timecone.models.registry import figures_of, imported
from timecone.plots.catalogue import Drawing, has_paths


def model_drawings(run: xr.DataTree) -> tuple[Drawing, ...]:
    """Return the figures of the run's model; none of a model that is not known here."""
    if not has_paths(run):
        return ()
    figures = figures_of(str(run.attrs.get("model", "")))
    return tuple(Drawing(figure.name, figure.title, imported(figure.draw)) for figure in figures)
