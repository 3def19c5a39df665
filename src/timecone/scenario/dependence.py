"""Rank correlations of a scenario as a copula of its quantities and choices."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np

from timecone.errors import ScenarioError, UsageError
from timecone.inputs.dependence import Copula
from timecone.inputs.sampler import ChoiceWeights
from timecone.scenario.assumptions import Assumptions

#: A correlation of scores below this is none, but for rounding.
_TINY: Final = 1e-12


def copula(scenario: Assumptions, off: frozenset[str]) -> Copula:
    """Return the dependence between active inputs.

    Inactive inputs are dropped, except those from which the scores of active ones are built, so that
    switching a component off never changes other draws.

    Parameters
    ----------
    scenario : Assumptions
        What is stated.
    off : frozenset of str
        The inactive inputs.

    Raises
    ------
    ScenarioError
        The correlations contradict each other, or a distribution by the value of a choice.
    """
    whole = _whole_copula(scenario)
    kept = {k for k, name in enumerate(whole.names) if name not in off}
    while reached := {k for row in kept for k in np.flatnonzero(whole.factor[row]).tolist()} - kept:
        kept |= reached
    rows = sorted(kept)
    # No kept row has a factor of what is left out, so what remains is the factor of their correlations.
    return Copula(tuple(whole.names[k] for k in rows), whole.factor[np.ix_(rows, rows)], whole.df)


def _whole_copula(scenario: Assumptions) -> Copula:
    stated = {frozenset(c.between): c.rho for c in scenario.correlations}
    # A quantity's score is made from its own stream and from those before it: what a switch can take away
    # comes last, so that others seldom need it.
    parameters = scenario.definition.parameters
    known = [p.name for p in parameters if not p.components] + sorted(scenario.quantities)
    known += [p.name for p in parameters if p.components]
    # A choice comes first: an even spread of its own stream then reaches its values.
    known = sorted(scenario.choices) + known
    names = [name for name in known if any(name in pair for pair in stated)]
    # In the model's order: scores are combined in the order of names, which must not be the file's.
    pairs = {pair: stated[frozenset(pair)] for pair in combinations(names, 2) if frozenset(pair) in stated}
    df = np.inf if scenario.copula.df is None else scenario.copula.df
    try:
        dependence = Copula.from_pairs(pairs, df, names=names)
    except UsageError as error:
        raise error.at("correlations") from None
    _require_stated_branches(scenario, dependence)
    return dependence


def choice_weights(scenario: Assumptions) -> tuple[ChoiceWeights, ...]:
    """Return the scenario's choices, sorted: their order in the file moves no draw.

    The values of a choice are sorted too, unless it is correlated: then they are in the order of the file.
    """
    ordered = ordered_values(scenario)
    return tuple(
        ChoiceWeights(
            name,
            values := ordered.get(name, tuple(sorted(choice.weights))),
            tuple(choice.weights[value] for value in values),
        )
        for name, choice in sorted(scenario.choices.items())
    )


def ordered_values(scenario: Assumptions) -> dict[str, tuple[str, ...]]:
    """Return the values of every correlated choice, in the order that its correlations mean."""
    named = {name for correlation in scenario.correlations for name in correlation.between}
    return {name: tuple(choice.weights) for name, choice in scenario.choices.items() if name in named}


def _require_stated_branches(scenario: Assumptions, dependence: Copula) -> None:
    """Refuse a quantity that depends on a choice twice: by ``by``, and by a correlation of scores.

    Given a value of the choice, the quantity would no longer have the distribution stated for that value.
    """
    place = {name: k for k, name in enumerate(dependence.names)}
    scores = dependence.factor @ dependence.factor.T
    for name, quantity in scenario.inputs().items():
        for choice in sorted(quantity.choices & set(place)):
            if name not in place or (
                not dependence.heavy and abs(scores[place[name], place[choice]]) < _TINY
            ):
                continue
            table = "parameters" if name in scenario.parameters else "quantities"
            raise ScenarioError(
                "conditional-distribution-correlated",
                "a quantity with a distribution for each value of a choice cannot be correlated with that"
                " choice",
                where=f"{table}.{name}.by",
                got=choice,
                remedy="Remove one of the two; under a t copula all correlated inputs depend on one another.",
            )
