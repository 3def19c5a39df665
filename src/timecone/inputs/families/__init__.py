"""Families of distributions, one class each; importing a module registers its families."""

from __future__ import annotations

from timecone.inputs.families.base import Family
from timecone.inputs.families.bounded import Beta, Pert, Triangular
from timecone.inputs.families.classic import (
    Exponential,
    Lindy,
    LogNormal,
    LogUniform,
    Normal,
    Pareto,
    Point,
    Uniform,
)
from timecone.inputs.families.compound import (
    Clamped,
    Truncated,
    convert,
    log_ten,
    power_of_ten,
)
from timecone.inputs.families.cumulative import Cumulative
from timecone.inputs.families.discrete import Discrete, Empirical
from timecone.inputs.families.lifetimes import Gamma, Weibull
from timecone.inputs.families.location_scale import LogStudentT, SkewNormal, StudentT
from timecone.inputs.families.mixture import Mixture
from timecone.inputs.families.never import LowerPart, WithNever
from timecone.inputs.families.percentiles import Percentiles
from timecone.inputs.families.posterior import Posterior
from timecone.inputs.families.registry import FAMILIES, find, register
from timecone.inputs.families.scipy_backed import AnySciPy
from timecone.inputs.families.updated_normal import UpdatedNormal

__all__ = [
    "FAMILIES",
    "AnySciPy",
    "Beta",
    "Clamped",
    "Cumulative",
    "Discrete",
    "Empirical",
    "Exponential",
    "Family",
    "Gamma",
    "Lindy",
    "LogNormal",
    "LogStudentT",
    "LogUniform",
    "LowerPart",
    "Mixture",
    "Normal",
    "Pareto",
    "Percentiles",
    "Pert",
    "Point",
    "Posterior",
    "SkewNormal",
    "StudentT",
    "Triangular",
    "Truncated",
    "Uniform",
    "UpdatedNormal",
    "Weibull",
    "WithNever",
    "convert",
    "find",
    "log_ten",
    "power_of_ten",
    "register",
]
