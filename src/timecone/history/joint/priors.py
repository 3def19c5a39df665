"""Priors of the joint fit: one table, from which the sampler's model, prior draws and the page are made.

Levels are log10 at the date of the newest evidence, growth in OOM (factors of ten) a year. Priors of levels
move back with that date at the rates written here, so that a fit to what was known in 2015 has the same
vague priors; they are wide enough for that to matter little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from timecone.schema import FloatArray


@dataclass(frozen=True)
class Prior:
    """One parameter's prior distribution.

    Attributes
    ----------
    family : str
        ``"normal"`` (location, scale), ``"half_normal"`` (scale) or ``"gamma"`` (shape, rate).
    arguments : tuple of float
        The family's numbers.
    meaning : str
        What the parameter is.
    unit : str
        Its unit.
    size : int, default: 0
        Elements of a vector; 0 for a number.
    drift : float, default: 0
        What is added to the location for every year of the newest evidence after 2025.

    Examples
    --------
    >>> from timecone.history.joint.priors import Prior
    >>> Prior("normal", (8.0, 2.0), "spending on the largest run", "log10 USD", drift=0.5).location(2026.0)
    8.5
    """

    family: str
    arguments: tuple[float, ...]
    meaning: str
    unit: str
    size: int = 0
    drift: float = 0.0

    def location(self, end: float) -> float:
        """Return where a normal prior is centred.

        Parameters
        ----------
        end : float
            Decimal year of the newest evidence.

        Returns
        -------
        float
            Location, in the prior's unit.

        Examples
        --------
        >>> from timecone.history.joint.priors import Prior
        >>> Prior("normal", (8.0, 2.0), "spending", "log10 USD", drift=0.5).location(2027.0)
        9.0
        """
        return self.arguments[0] + self.drift * (end - 2025.0)

    def draw(self, generator: np.random.Generator, draws: int, end: float) -> FloatArray:
        """Return prior draws.

        Parameters
        ----------
        generator : Generator
            Source of random numbers.
        draws : int
            Number of draws.
        end : float
            Decimal year of the newest evidence.

        Returns
        -------
        ndarray
            (draw,) or (draw, element), in the prior's unit.

        Examples
        --------
        >>> import numpy as np
        >>> from timecone.history.joint.priors import Prior
        >>> Prior("half_normal", (1.0,), "spread", "OOM").draw(np.random.default_rng(1), 3, 2025.0).shape
        (3,)
        """
        shape = (draws, self.size) if self.size else (draws,)
        if self.family == "normal":
            return generator.normal(self.location(end), self.arguments[1], shape)
        if self.family == "half_normal":
            return np.abs(generator.normal(0.0, self.arguments[0], shape))
        return generator.gamma(self.arguments[0], 1.0 / self.arguments[1], shape)

    def pymc(self, name: str, end: Any) -> Any:
        """Return it as a variable of the PyMC model that is being built.

        Parameters
        ----------
        name : str
            Name of the variable.
        end : float or tensor
            Decimal year of the newest evidence.

        Returns
        -------
        TensorVariable
            The variable, registered in the model.

        Examples
        --------
        >>> import pymc as pm
        >>> from timecone.history.joint.priors import Prior
        >>> with pm.Model() as model:
        ...     spread = Prior("half_normal", (1.0,), "spread", "OOM").pymc("spread", 2025.0)
        >>> [variable.name for variable in model.free_RVs]
        ['spread']
        """
        import pymc as pm  # noqa: PLC0415 - only a fit needs it

        about = {"shape": self.size} if self.size else {}
        if self.family == "normal":
            return pm.Normal(
                name, self.arguments[0] + self.drift * (end - 2025.0), self.arguments[1], **about
            )
        if self.family == "half_normal":
            return pm.HalfNormal(name, self.arguments[0], **about)
        return pm.Gamma(name, alpha=self.arguments[0], beta=self.arguments[1], **about)


#: Pieces of the trends, backwards from the newest evidence; the first has the present growth.
SPENDING_PIECES, HARDWARE_PIECES = 4, 4
#: Their length in years; the earliest also covers what lies before.
PIECE = 5.0

PRIORS: dict[str, Prior] = {
    "spending_level": Prior("normal", (8.0, 2.0), "spending on the largest run", "log10 USD of 2023",
                            drift=0.5),
    "efficiency_level": Prior("normal", (18.0, 1.5), "training FLOP per USD", "log10 FLOP/USD", drift=0.15),
    "spending_growth_now": Prior("normal", (0.4, 0.4), "present growth of spending", "OOM/year"),
    "hardware_growth_now": Prior("normal", (0.15, 0.1), "present growth of chips' FLOP/s per USD",
                                 "OOM/year"),
    "efficiency_extra": Prior(
        "normal", (0.0, 0.05),
        "growth of training FLOP per USD beyond that of chips (formats, utilisation, ownership)", "OOM/year",
    ),
    "spending_drift": Prior("half_normal", (0.05,), "wandering of spending's growth", "OOM/year/√year"),
    "hardware_drift": Prior("half_normal", (0.015,), "wandering of hardware's growth", "OOM/year/√year"),
    "spending_steps": Prior("normal", (0.0, 1.0), "changes of spending's growth between pieces", "1",
                            size=SPENDING_PIECES - 1),
    "hardware_steps": Prior("normal", (0.0, 1.0), "changes of hardware's growth between pieces", "1",
                            size=HARDWARE_PIECES - 1),
    "runner_up_gap": Prior("half_normal", (1.0,), "spending of records over that of runners-up", "OOM"),
    "spending_spread": Prior("half_normal", (0.5,), "spread of runs' spending", "OOM"),
    "efficiency_spread": Prior("half_normal", (0.3,), "spread of runs' FLOP per USD", "OOM"),
    "cost_error": Prior("half_normal", (0.15,), "error of cost estimates", "OOM"),
    "label_scale": Prior("half_normal", (1.0,), "errors of compute in multiples of its labels'", "1"),
    "run_tail": Prior("gamma", (2.0, 0.1), "degrees of freedom of runs, less 2", "1"),
    "chip_level": Prior("normal", (10.0, 2.0), "FLOP/s per USD in FP32, in tensor FP16",
                        "log10 FLOP/s/USD", size=2, drift=0.15),
    "chip_spread": Prior("half_normal", (0.5,), "spread of chips", "OOM"),
    "chip_tail": Prior("gamma", (2.0, 0.1), "degrees of freedom of chips, less 2", "1"),
    "halving_centre": Prior("normal", (float(np.log(12.0)), 1.0),
                            "centre of algorithmic halving times over fields", "log month"),
    "halving_spread": Prior("half_normal", (0.5,), "spread of halving times over fields", "log month"),
}  # fmt: skip

#: Parameters of a fit with bounds of supply besides.
CENSORED_PRIORS: dict[str, Prior] = {
    "bound_error": Prior("normal", (0.0, 1.0), "error of the bounds of supply that all dates share",
                         "standard deviation"),
}  # fmt: skip


def draw_priors(seed: int, draws: int, end: float, *, censored: bool = False) -> dict[str, FloatArray]:
    """Draw all parameters from their priors.

    Parameters
    ----------
    seed : int
        Seed of the draws.
    draws : int
        Number of draws.
    end : float
        Decimal year of the newest evidence.
    censored : bool, optional
        Whether the parameters of `CENSORED_PRIORS` are drawn too; the others are the same.

    Returns
    -------
    dict of str to ndarray
        Arrays (draw,) or (draw, element) by parameter.

    Examples
    --------
    >>> from timecone.history.joint.priors import draw_priors
    >>> draw_priors(seed=1, draws=100, end=2025.0)["spending_level"].shape
    (100,)
    """
    generator = np.random.default_rng(seed)
    priors = PRIORS | CENSORED_PRIORS if censored else PRIORS
    return {name: prior.draw(generator, draws, end) for name, prior in priors.items()}
