"""Atoms of random mixtures: drawn to the bit, in the right share, and never by what is continuous."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from timecone.inputs.designs import make_design
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import log_ten, power_of_ten

DRAWS: Final = 65_536
# Each mixture takes a second or two, to compile it with and without its cuts.
SEEDS: Final = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))]
# A false alarm in one of a million comparisons.
ALARM: Final = 1e-6
DEEPEST: Final = 2

type Shares = dict[float, float]
type CubicTable = dict[str, Any]


def _point(rng: np.random.Generator) -> tuple[CubicTable, Shares]:
    value = float(rng.choice([0.0, 5.0, rng.normal()]))
    return {"distribution": "point", "value": value}, {value: 1.0}


def _discrete(rng: np.random.Generator) -> tuple[CubicTable, Shares]:
    values, shares = [0.0, float(rng.normal()), 1.0 / 3.0], rng.dirichlet([1.0, 1.0, 1.0]).tolist()
    shares[2] = 1.0 - shares[0] - shares[1]
    table = {"distribution": "discrete", "values": values, "probabilities": shares}
    return table, dict(zip(values, shares, strict=True))


def _clamped(rng: np.random.Generator) -> tuple[CubicTable, Shares]:
    low, high = float(-rng.uniform(0.1, 2.0)), float(rng.uniform(0.1, 2.0))
    table = {"distribution": "normal", "mean": 0, "sd": 1, "clamp": {"low": low, "high": high}}
    return table, {low: float(stats.norm.cdf(low)), high: float(stats.norm.sf(high))}


def _continuous(rng: np.random.Generator) -> tuple[CubicTable, Shares]:
    scale = float(np.exp(rng.normal()))
    return [
        {"distribution": "lognormal", "median": scale, "sigma": 1.0},
        {"distribution": "normal", "mean": float(rng.normal()), "sd": scale},
        {"distribution": "uniform", "low": -scale, "high": scale},
        {"distribution": "exponential", "mean": scale, "truncate": {"high": 3.0 * scale}},
    ][rng.integers(4)], {}


def _sample(rng: np.random.Generator) -> tuple[CubicTable, Shares]:
    values = [0.0, 0.0, 1.5, float(rng.normal())]
    shares = {value: values.count(value) / 4.0 for value in values}
    return {"distribution": "empirical", "values": values, "resample": True}, shares


def _mixture(rng: np.random.Generator, level: int) -> tuple[CubicTable, Shares]:
    makers = [_point, _discrete, _clamped, _continuous, _sample]
    total: Shares = {}
    components = []
    weights = rng.dirichlet(np.ones(3)).tolist()
    weights[2] = 1.0 - weights[0] - weights[1]
    for k, weight in enumerate(weights):
        deeper = level < DEEPEST and rng.random() < 0.4
        table, shares = _mixture(rng, level + 1) if deeper else makers[rng.integers(5) if k else 3](rng)
        components.append({"weight": weight} | table)
        for value, share in shares.items():
            total[value] = total.get(value, 0.0) + weight * share
    return {"distribution": "mixture", "components": components}, total


def _drawn(distribution: Distribution) -> NDArray:
    """Return random draws, through the same score and quantile function as simulations."""
    uniforms = np.empty((1, DRAWS))
    make_design("random", 7, draws=DRAWS, streams=1, replicates=8).fill(["a"], 0, uniforms)
    values = special.ndtri(uniforms[0])
    distribution.family.compiled().apply(values)
    return values


def _built(table: CubicTable) -> Distribution:
    return Distribution(table["distribution"], {k: v for k, v in table.items() if k != "distribution"})


def _require_shares(values: NDArray, shares: Shares) -> None:
    for value, share in shares.items():
        count = int(np.sum(values == value))
        assert stats.binomtest(count, DRAWS, min(share, 1.0)).pvalue > ALARM, (value, share, count / DRAWS)
        # What comes near to an atom without meeting it would be a draw of the atom gone wrong.
        near = np.abs(values - value) < 1e-7
        assert int(near.sum()) - count <= 3, (value, share)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_atoms_of_nested_mixtures_are_drawn_exactly(seed: int) -> None:
    table, shares = _mixture(np.random.default_rng(seed), 0)
    values = _drawn(_built(table))
    _require_shares(values, shares)
    continuous = values[~np.isin(values, list(shares))]
    # No other value comes twice.
    assert len(np.unique(continuous)) >= len(continuous) - 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_keeps_the_atoms_inside_it_and_at_its_bounds(seed: int) -> None:
    table, shares = _mixture(np.random.default_rng(100 + seed), 0)
    low, high = 0.0, 5.0
    whole = _drawn(_built(table))
    inside = float(np.mean((whole >= low) & (whole <= high)))
    clamped = _drawn(_built(table | {"clamp": {"low": low, "high": high}}))
    np.testing.assert_array_equal(clamped == low, whole <= low)
    np.testing.assert_array_equal(clamped == high, whole >= high)
    if inside < 0.05:
        return
    cut = _drawn(_built(table | {"truncate": {"low": low, "high": high}}))
    assert cut.min() >= low
    assert cut.max() <= high
    for value, share in shares.items():
        count = int(np.sum(cut == value))
        if low <= value <= high:
            expected, error = share / inside, 6.0 * np.sqrt(0.25 / DRAWS) / inside
            assert abs(count / DRAWS - expected) < error
        else:
            assert count == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_atoms_survive_a_change_to_orders_of_magnitude(seed: int) -> None:
    table, shares = _mixture(np.random.default_rng(200 + seed), 0)
    # Without the tail whose powers of ten no number can hold.
    table |= {"clamp": {"low": -20.0, "high": 20.0}}
    values = _drawn(_built(table))
    powers = special.ndtri(np.random.default_rng(1).random(DRAWS))
    power_of_ten(_built(table).family).compiled().apply(powers)
    for value in shares:
        expected = np.mean(values == value)
        assert np.mean(powers == 10.0**value) == pytest.approx(expected, abs=6.0 * np.sqrt(0.5 / DRAWS))
    back = special.ndtri(np.random.default_rng(1).random(DRAWS))
    positive = table | {"clamp": {"low": 0.5, "high": 8.0}}
    log_ten(_built(positive).family).compiled().apply(back)
    assert np.mean(back == np.log10(0.5)) == pytest.approx(
        np.mean(values <= 0.5), abs=6.0 * np.sqrt(0.5 / DRAWS)
    )


def test_never_beside_an_atom_keeps_both() -> None:
    table = {"distribution": "mixture", "components": [
        {"weight": 0.2, "distribution": "point", "value": 0},
        {"weight": 0.5, "distribution": "lognormal", "median": 2, "sigma": 1},
        {"weight": 0.3, "distribution": "point", "value": np.inf},
    ]}  # fmt: skip
    _require_shares(_drawn(_built(table)), {0.0: 0.2})
    _require_shares(np.where(np.isinf(_drawn(_built(table))), 1.0, 0.0), {1.0: 0.3})


@pytest.mark.parametrize("weights", [[0.3, 0.7], [1e-6, 1.0 - 1e-6]])
def test_scores_of_an_atom_are_its_interval(weights: list[float]) -> None:
    table = {"distribution": "mixture", "components": [
        {"weight": weights[0], "distribution": "point", "value": 0},
        {"weight": weights[1], "distribution": "normal", "mean": 0, "sd": 1},
    ]}  # fmt: skip
    found = _built(table).family.compiled()
    below, above = 0.5 * weights[1], 0.5 * weights[1] + weights[0]
    zero = np.array([0.0])
    np.testing.assert_allclose(special.ndtr(found.normal_score(zero)), below, rtol=1e-9)
    np.testing.assert_allclose(special.ndtr(found.normal_score(zero, right=True)), above, rtol=1e-9)
    assert found(special.ndtri(np.array([below + 0.5 * weights[0]])))[0] == 0.0
