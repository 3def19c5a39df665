"""From a scenario to what the simulation runs: units converted, quantile functions compiled."""

from __future__ import annotations

import numpy as np

from timecone.errors import ScenarioError, UsageError
from timecone.inputs.dependence import Copula
from timecone.inputs.families import Exponential, Family
from timecone.inputs.sampler import ChoiceWeights, Marginal, Sampler
from timecone.inputs.score import LARGEST_SCORE
from timecone.inputs.score_map import ScoreMap
from timecone.models.model import Parameter
from timecone.scenario.scenario import Scenario
from timecone.units import conversion_factor


def families(scenario: Scenario, parameter: Parameter) -> dict[str, Family]:
    """Return a parameter's distributions in the model's unit, by value of its choice.

    Empty where the scenario leaves the parameter at its default.

    Raises
    ------
    UnitError
        The unit is of another kind than the model's.
    """
    given = scenario.parameters.get(parameter.name)
    if given is None:
        return {}
    try:
        factor = conversion_factor(given.unit, parameter.unit)
    except UsageError as error:
        raise error.at(f"parameters.{parameter.name}.unit") from None
    return {value: distribution.family.scaled(factor) for value, distribution in given.distributions.items()}


def marginal(scenario: Scenario, parameter: Parameter) -> Marginal:
    """Return how a parameter is drawn; refuse a distribution that leaves the parameter's support."""
    found = families(scenario, parameter)
    if not found:
        if isinstance(parameter.default, str):
            return Marginal(parameter.name, {}, same_as=parameter.default)
        assert parameter.default is not None
        return Marginal(parameter.name, {"": ScoreMap(a=parameter.default)})
    maps = {value: family.score_map() for value, family in found.items()}
    for value, score_map in maps.items():
        where = f"parameters.{parameter.name}" + (f".values.{value}" if value else "")
        _check_support(parameter, score_map, where)
    return Marginal(parameter.name, maps, choice=scenario.parameters[parameter.name].by)


def _check_support(parameter: Parameter, score_map: ScoreMap, where: str) -> None:
    low, high = score_map(np.array([-LARGEST_SCORE, LARGEST_SCORE])).tolist()
    above = parameter.low <= low if parameter.includes_low else parameter.low < low
    if above and high < parameter.high:
        return
    # Shown in the model's unit, in which the support is stated.
    bounds = " and ".join(
        text
        for text, bounded in (
            (
                f"{'from' if parameter.includes_low else 'above'} {parameter.low:g}",
                np.isfinite(parameter.low),
            ),
            (f"below {parameter.high:g}", np.isfinite(parameter.high)),
        )
        if bounded
    )
    raise ScenarioError(
        "the distribution reaches values that the parameter cannot take",
        where=where,
        got=(float(f"{low:.4g}"), float(f"{high:.4g}")),
        allowed=f"values {bounds} {parameter.unit}",
        remedy="Truncate it (truncate = { low = ..., high = ... }) or choose another family.",
    )


def noise(scenario: Scenario) -> list[Marginal]:
    """Return the streams of the model's random events, where the scenario has such events."""
    unit_exponential = Exponential(1.0).score_map()
    return [
        Marginal(f"{found.name}_{k + 1:02d}", {"": unit_exponential})
        for found in scenario.definition.noise
        if found.needed_by in scenario.parameters
        for k in range(found.count)
    ]


def copula(scenario: Scenario) -> Copula:
    """Return the scenario's dependence between parameters."""
    pairs = {(c.between[0], c.between[1]): c.rho for c in scenario.correlations}
    try:
        return Copula.from_pairs(pairs)
    except UsageError as error:
        raise error.at("correlations") from None


def choice_weights(scenario: Scenario) -> tuple[ChoiceWeights, ...]:
    """Return the scenario's choices as the sampler takes them."""
    return tuple(
        ChoiceWeights(name, tuple(choice.weights), tuple(choice.weights.values()))
        for name, choice in scenario.choices.items()
    )


def sampler(scenario: Scenario, seed: int) -> Sampler:
    """Return the sampler of all the model's parameters, in the model's order.

    Raises
    ------
    UsageError
        Something in the scenario does not fit the model; the message names the key.
    """
    marginals = [marginal(scenario, p) for p in scenario.definition.parameters]
    marginals += noise(scenario)
    return Sampler(marginals, choice_weights(scenario), copula(scenario), seed)
