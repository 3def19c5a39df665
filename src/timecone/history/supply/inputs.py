"""Inputs that turn chips into the compute of one run: length, utilisation, number format, share of chips.

Each input is a distribution by three percentiles with its source and the grade of its evidence. Sides of the
median are lognormal apart, cut at what is possible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from timecone.schema import FloatArray

#: Dense 16-bit FLOP/s of an H100 SXM (NVIDIA 2023, data sheet): half of the 1.979e15 operations per second
#: that make an H100 equivalent, see `series`.
PEAK_16_BIT: Final = 9.895e14
SECONDS_PER_YEAR: Final = 31_557_600.0
_Z95: Final = 1.6448536269514722


@dataclass(frozen=True)
class RunInput:
    """An uncertain number between chips and the compute of a run.

    Attributes
    ----------
    p05, p50, p95 : float
        Percentiles.
    least, most : float
        Ends of what is possible.
    unit, meaning, source, basis : str
        As in a scenario; ``basis`` is ``"data"``, ``"expert"`` or ``"guess"``.

    Examples
    --------
    >>> from timecone.history.supply.inputs import INPUTS
    >>> INPUTS["run_length"].unit
    'year'
    """

    p05: float
    p50: float
    p95: float
    least: float
    most: float
    unit: str
    meaning: str
    source: str
    basis: str

    def draw(self, generator: np.random.Generator, draws: int) -> FloatArray:
        """Return draws.

        Parameters
        ----------
        generator : Generator
            Source of random numbers.
        draws : int
            Number of draws.

        Returns
        -------
        ndarray
            (draw,) in the input's unit.

        Examples
        --------
        >>> import numpy as np
        >>> from timecone.history.supply.inputs import INPUTS
        >>> drawn = INPUTS["owner_share"].draw(np.random.default_rng(1), 1000)
        >>> bool((0.0 < drawn).all() and (drawn <= 1.0).all())
        True
        """
        score = generator.standard_normal(draws)
        below, above = math.log(self.p50 / self.p05) / _Z95, math.log(self.p95 / self.p50) / _Z95
        values = self.p50 * np.exp(score * np.where(score < 0.0, below, above))
        return np.clip(values, self.least, self.most)


#: Inputs by name.
INPUTS: Final[Mapping[str, RunInput]] = {
    "run_length": RunInput(
        0.16,
        0.26,
        0.75,
        0.02,
        1.25,
        "year",
        "length of the run",
        "Epoch AI 2026, notable models (five of six models of 1e25 FLOP and more with a known training time"
        " took 89 to 100 days, the other 125); Epoch AI 2025, The longest training run (nine months at the"
        " present pace)",
        "data",
    ),
    "utilisation": RunInput(
        0.19,
        0.33,
        0.52,
        0.02,
        0.9,
        "1",
        "operations done over those possible in the format of the run",
        "Epoch AI 2026, notable models: 34 runs with a known utilisation",
        "data",
    ),
    "number_format": RunInput(
        1.0,
        1.3,
        2.0,
        1.0,
        4.0,
        "x",
        "peak of the format of the run over that of 16 bits",
        "DeepSeek-AI 2024 (trained in 8 bits, which doubles the peak); most runs with a known format were in"
        " 16",
        "guess",
    ),
    "owner_share": RunInput(
        0.05,
        0.2,
        0.6,
        0.001,
        1.0,
        "1",
        "share of the largest owner's chips in one run",
        "Sevilla et al. 2024 (about a fifth of all chips for one laboratory); Epoch AI 2025, company spending"
        " on compute (of OpenAI's 69 % in 2024 and 56 % in 2025 went to research and training, the rest to"
        " inference)",
        "expert",
    ),
    "site_share": RunInput(
        0.5,
        0.8,
        1.0,
        0.05,
        1.0,
        "1",
        "share of the sites' chips in one run",
        "Own judgement: a site built for training does little else during the largest run",
        "guess",
    ),
    "sites": RunInput(
        1.0,
        2.0,
        6.0,
        1.0,
        20.0,
        "1",
        "chips of all sites that one run joins over those of the largest",
        "Sevilla et al. 2024 (1 to 5 GW on one campus, 2 to 45 GW over a network); Gemini Team 2023 (trained"
        " in several data centres)",
        "expert",
    ),
}


def draw_inputs(seed: int, draws: int) -> dict[str, FloatArray]:
    """Draw all inputs, independently of each other.

    Parameters
    ----------
    seed : int
        Seed of the draws.
    draws : int
        Number of draws.

    Returns
    -------
    dict of str to ndarray
        (draw,) by name in `INPUTS`.

    Examples
    --------
    >>> from timecone.history.supply.inputs import draw_inputs
    >>> sorted(draw_inputs(seed=1, draws=10))[:2]
    ['number_format', 'owner_share']
    """
    generator = np.random.default_rng([seed, 4])
    return {name: each.draw(generator, draws) for name, each in INPUTS.items()}


def run_compute(h100e: FloatArray, growth: FloatArray, drawn: Mapping[str, FloatArray]) -> FloatArray:
    r"""Return the compute of a run on chips that are added to while it lasts, FLOP.

    A run of length :math:`T` that ends when the chips are :math:`N`, which grew by :math:`\gamma` a year
    (natural logarithm), can have used :math:`N (1 - e^{-\gamma T}) / \gamma` chip-years of them.

    Parameters
    ----------
    h100e : ndarray
        (draw, ...) H100 equivalents at the end of the run.
    growth : ndarray
        (draw, ...) their growth, OOM per year.
    drawn : mapping
        As `draw_inputs` returns; without the shares.

    Returns
    -------
    ndarray
        (draw, ...) FLOP.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.supply.inputs import run_compute
    >>> a_year = {"run_length": np.ones(1), "utilisation": np.full(1, 0.4), "number_format": np.ones(1)}
    >>> print(f"{run_compute(np.full(1, 1e5), np.zeros(1), a_year)[0]:.3g}")
    1.25e+27
    """
    shape = (-1, *(1,) * (np.ndim(h100e) - 1))
    length, utilisation, number_format = (
        np.reshape(drawn[name], shape) for name in ("run_length", "utilisation", "number_format")
    )
    rate = np.log(10.0) * growth
    scaled = rate * length
    is_flat = np.abs(scaled) < 1e-9  # noqa: PLR2004 - the limit of no growth
    years = np.where(is_flat, length, -np.expm1(-scaled) / np.where(is_flat, 1.0, rate))
    return np.asarray(h100e * years * SECONDS_PER_YEAR * PEAK_16_BIT * number_format * utilisation)
