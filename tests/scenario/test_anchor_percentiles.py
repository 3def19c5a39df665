"""The published scenario files draw what the published forecasts drew.

Reference percentiles are those of the replication of Cotra 2020 and 2022 by Wildeford 2025 (Rethink
Priorities, future-assessment-model, notebooks 1A and 3A), log10 FLOP and log10 USD: from 2 million NumPy
draws of its specification (which agree with its own code at 10 000 draws), or from its own code where fewer
are stated.

Both sides are samples, so a percentile is compared by its level: the share of our draws up to the printed
value must be the level it was printed for, within the standard error of both empirical levels,
sqrt(p (1 - p) (1/n + 1/m)), and within half a unit of the printed number's last digit. Each assertion fails
by chance for one seed in a million. The slow variants see what the default ones are too small for, for
instance two percent of weight given to another anchor.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from timecone.scenario.specs import FormulaInput

PUBLISHED = Path(__file__).resolve().parents[2] / "configs" / "published"
REFERENCE_DRAWS = 2_000_000
DRAWS = 200_000
FALSE_ALARM = 1e-6

LEVELS = (5, 10, 25, 50, 75, 90, 95)
ANCHORS = {
    "lifetime": "26.09 26.59 27.54 28.95 31.25 33.55 34.98",
    "gpt": "25.98 26.61 27.85 30.20 33.55 36.76 38.77",
    "short": "26.44 27.19 28.69 31.71 35.13 38.38 40.42",
    "medium": "27.74 28.82 31.48 34.71 38.12 41.38 43.43",
    "long": "30.08 31.69 34.47 37.70 41.11 44.36 46.40",
    "genome": "27.93 28.93 31.15 33.77 36.47 39.00 40.55",
    "evolution": "34.72 36.07 38.33 40.84 43.35 45.62 46.98",
}
MIXTURE_2020 = "27.36 28.33 31.23 35.21 39.78 45.43 63.30"


def printed(levels, numbers):
    """Return percentiles by level, as printed: the last digit says how far they were rounded."""
    return dict(zip(levels, numbers.split(), strict=True))


def drawn(scenario, quantity, draws):
    """Return so many draws of one quantity, in parts that fit into memory, each with its own seed."""
    parts = range(draws // DRAWS)
    return np.concatenate([tc.sample(scenario, DRAWS, seed=20 + k)[quantity].to_numpy() for k in parts])


def assert_percentiles(draws, reference, reference_draws):
    """Assert that draws and the sample behind printed percentiles come from one distribution."""
    most = stats.norm.isf(FALSE_ALARM / (2 * len(reference)))
    for level, text in reference.items():
        p, value = level / 100.0, float(text)
        half_unit = 0.5 * 10.0 ** -len(text.partition(".")[2])
        error = most * np.sqrt(p * (1.0 - p) * (1.0 / draws.size + 1.0 / reference_draws))
        below, up_to = np.mean(draws < value - half_unit), np.mean(draws <= value + half_unit)
        if not below - error <= p <= up_to + error:
            raise AssertionError(f"{text} is no {level} % percentile: {below:.5f} to {up_to:.5f} lie below")


def load(name):
    return tc.load(PUBLISHED / f"{name}.toml")


def only(scenario, anchor):
    """Return the scenario as if one anchor were certain."""
    choice = scenario.choices["anchor"]
    weights = {value: float(value == anchor) for value in choice.weights}
    return scenario.replace({}, choices={"anchor": choice.model_copy(update={"weights": weights})})


def lacking(scenario, anchor):
    """Return the scenario conditional on any other anchor than one."""
    choice = scenario.choices["anchor"]
    left = 1.0 - choice.weights[anchor]
    weights = {value: 0.0 if value == anchor else w / left for value, w in choice.weights.items()}
    return scenario.replace({}, choices={"anchor": choice.model_copy(update={"weights": weights})})


sizes = pytest.mark.parametrize(
    "draws", [DRAWS, pytest.param(2_000_000, marks=pytest.mark.slow)], ids=["2e5", "2e6"]
)


@pytest.mark.slow
@sizes
@pytest.mark.parametrize("anchor", ANCHORS)
def test_each_anchor_after_the_update(anchor, draws):
    found = drawn(only(load("cotra_2020"), anchor), "updated_requirement", draws)
    assert_percentiles(found, printed(LEVELS, ANCHORS[anchor]), REFERENCE_DRAWS)


@sizes
def test_mixture_of_2020(draws):
    found = drawn(load("cotra_2020"), "updated_requirement", draws)
    assert_percentiles(found, printed(LEVELS, MIXTURE_2020), REFERENCE_DRAWS)


def test_mixture_of_2022():
    # The replication's own output, at 10 000 draws.
    found = drawn(load("cotra_2022"), "updated_requirement", DRAWS)
    assert_percentiles(found, printed((5, 10, 50, 90, 95), "26.7 27.4 32.9 42.3 57.3"), 10_000)


@sizes
def test_baseline_repeats_the_mixture_of_2022_before_the_update(draws):
    content = tomllib.loads((PUBLISHED.parent / "baseline.toml").read_text(encoding="utf-8"))
    finite, never = content["parameters"]["threshold"]["requirement"]["values"]["bio_anchors"]["components"]
    published = load("cotra_2022").choices["anchor"].weights
    assert never == {"weight": published["no_path"], "distribution": "point", "value": math.inf}
    assert finite["weight"] == 1.0 - never["weight"]
    quantiles = {float(k[1:].replace("_", ".")): f"{v:.2f}" for k, v in finite.items() if k[1:2].isdigit()}
    assert len(quantiles) > 10
    found = drawn(lacking(load("cotra_2022"), "no_path"), "published_requirement", draws)
    assert_percentiles(found, quantiles, 3_800_000)


@pytest.mark.slow
def test_a_complex_neuron_raises_each_anchor_by_its_parts():
    # By as much as the brain; where a network of the brain's size is trained, by its samples as well.
    name = "cotra_2020_neurons"
    complex_neurons = tc.load(PUBLISHED.parent / f"{name}.toml")
    for anchor in [*ANCHORS, "no_path"]:
        before = tc.sample(only(load("cotra_2020"), anchor), 5000, seed=4)
        after = tc.sample(only(complex_neurons, anchor), 5000, seed=4)
        complexity, exponent = (after[q].to_numpy() for q in ("neuron_complexity", "scaling_exponent"))
        raised = (after["published_requirement"] - before["published_requirement"]).to_numpy()
        network = anchor in ("gpt", "short", "medium", "long")
        expected = 0.0 if anchor == "no_path" else complexity * (1.0 + network * exponent)
        np.testing.assert_allclose(raised, expected, atol=1e-9)
        assert 0.0 <= complexity.min() < 0.01
        assert 4.99 < complexity.max() <= 5.0


@sizes
def test_anchor_without_path_is_not_updated(draws):
    # 90 % normal from 60 to 70, so its percentiles are known without drawing.
    exact = stats.norm(65.0, 5.0 / stats.norm.isf(0.05)).ppf(np.array(LEVELS) / 100.0)
    found = drawn(only(load("cotra_2020"), "no_path"), "updated_requirement", draws)
    assert_percentiles(found, printed(LEVELS, " ".join(f"{x:.6f}" for x in exact)), np.inf)


def shared_mentions(scenario):
    """Return the scenario in which a quantity mentioned twice is one draw, as a reader would expect."""
    pairs = {
        "brain_compute_for_size": "brain_compute",
        "scaling_exponent_of_reference": "scaling_exponent",
    }
    shared = {
        name: scenario.quantities[name].model_copy(update={"form": FormulaInput(expression=other)})
        for name, other in pairs.items()
    }
    return scenario.replace({}, quantities={**scenario.quantities, **shared})


SHORT_FRESH = printed((1, 50, 99), "21.15 31.703 44.46")
SHORT_SHARED = printed((1, 50, 99), "21.96 31.507 45.50")


def test_every_mention_is_a_fresh_draw_and_another_reading_would_be_noticed():
    # The replication draws anew at each mention; with one draw for all, the tails and the median differ.
    short = only(load("cotra_2020"), "short")
    fresh = drawn(short, "published_requirement", DRAWS)
    shared = drawn(shared_mentions(short), "published_requirement", DRAWS)
    assert_percentiles(fresh, SHORT_FRESH, REFERENCE_DRAWS)
    assert_percentiles(shared, SHORT_SHARED, REFERENCE_DRAWS)
    for draws, other in ((fresh, SHORT_SHARED), (shared, SHORT_FRESH)):
        with pytest.raises(AssertionError, match="percentile"):
            assert_percentiles(draws, other, REFERENCE_DRAWS)


@pytest.mark.slow
def test_initial_pay_of_the_thirteen_actors():
    found = np.log10(drawn(load("wildeford_2025"), "initial_pay", DRAWS))
    reference = printed((5, 25, 50, 75, 95), "8.638 8.914 9.133 9.387 9.844")
    assert_percentiles(found, reference, 40_000)


def written_out_requirement(draws, seed):
    """Return the requirement of Wildeford 2025 in plain NumPy, log10 FLOP."""
    rng = np.random.default_rng(seed)
    z90 = stats.norm.isf(0.05)

    def normal(p05, p95):
        return rng.normal((p05 + p95) / 2.0, (p95 - p05) / (2.0 * z90), draws)

    def lognormal(p05, p95):
        return np.exp(normal(np.log(p05), np.log(p95)))

    horizons = [np.zeros(draws), np.ones(draws), normal(1, 3), lognormal(2, 5), normal(5, 10)]
    horizon = np.choose(rng.choice(5, draws, p=[0.1, 0.4, 0.35, 0.1, 0.05]), horizons)
    size = lognormal(11, 19.5) + normal(-2, 2) - normal(1, 2)
    samples = 12.0 - 11.2 * normal(0.5, 1.5) + normal(0.5, 1.5) * size
    f = lognormal(11, 19.5) + normal(-2, 2) + normal(-1, 2) + np.maximum(horizon, 0.0) + samples
    for exceeded, (low, high) in ((26, (1, 3)), (25, (2, 4)), (24, (3, 5))):
        f = np.where(f < exceeded, f + lognormal(low, high), f)
    return np.maximum(f, 24.0)


@sizes
def test_requirement_of_wildeford_2025_is_its_specification(draws):
    # No percentiles of it were published; the specification in plain NumPy is drawn instead.
    ours = drawn(load("wildeford_2025"), "updated_requirement", draws)
    theirs = written_out_requirement(draws, seed=3)
    assert stats.ks_2samp(ours, theirs, method="asymp").pvalue > FALSE_ALARM
    levels = (0.5, *LEVELS, 99.5)
    quantiles = np.percentile(theirs, levels, method="inverted_cdf")
    assert_percentiles(ours, {p: f"{x:.9f}" for p, x in zip(levels, quantiles, strict=True)}, draws)
