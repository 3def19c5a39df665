"""Redrawing: draws in which an optional constraint of the model does not hold are drawn again.

What is named in ``keep``, and choices and rows of posteriors, stay as drawn; all other inputs are drawn again
from their distribution given what stays, until the constraint holds. So the distribution of what is kept does
not change, that of the others does. A draw in which the constraint does not hold after the stated number of
attempts has failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field

from timecone.errors import ScenarioError, suggestion
from timecone.inputs.dependence import Copula
from timecone.inputs.sampler import Redraw
from timecone.models.model import Constraint, Model
from timecone.scenario.specs import Frozen, Name
from timecone.schema import BoolArray, FloatArray


class RedrawInput(Frozen):
    """The table ``[redraw]``: which constraint must hold, what stays, and how often the rest is drawn.

    Attributes
    ----------
    constraint : str
        An optional constraint of the model.
    keep : tuple of str
        Inputs that are not drawn again.
    most : int
        Attempts for a draw.
    """

    constraint: Name
    keep: Annotated[tuple[Name, ...], Field(min_length=1)]
    most: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 10_000


def optional_constraint(model: Model, name: str) -> Constraint | None:
    """Return the model's optional constraint of that name, or None."""
    return next((c for c in model.constraints if c.optional and c.name == name), None)


def redraw_problems(
    stated: RedrawInput, model: Model, inputs: frozenset[str], *, random: bool, gaussian: bool
) -> Iterator[ScenarioError]:
    """Yield what is wrong with the table."""
    known = [c.name for c in model.constraints if c.optional]
    if stated.constraint not in known:
        yield ScenarioError(
            "unknown-constraint",
            f"the {model.name} model has no such optional constraint",
            where="redraw.constraint",
            got=stated.constraint,
            allowed=", ".join(known) or "none",
        )
    for name in stated.keep:
        if name not in inputs:
            yield ScenarioError(
                "unknown-input",
                "no such input in this scenario",
                where="redraw.keep",
                got=name,
                remedy=suggestion(name, inputs),
            )
    if not random:
        yield ScenarioError(
            "redraw-design",
            "only independent draws can be drawn again",
            where="redraw",
            remedy='Set run.design = "random".',
        )
    if not gaussian:
        yield ScenarioError(
            "redraw-copula",
            "draws of a t copula cannot be drawn again",
            where="redraw",
            remedy='Set copula.kind = "gaussian".',
        )


def redraw_of(stated: RedrawInput, model: Model, names: list[str], copula: Copula) -> Redraw:
    """Return what the sampler is told.

    Parameters
    ----------
    stated : RedrawInput
        The table.
    model : Model
        Whose constraint it is.
    names : list of str
        Rows of a block of inputs.
    copula : Copula
        Dependence between inputs.

    Raises
    ------
    ScenarioError
        What is kept is made of the scores of inputs that are drawn again.
    """
    constraint = optional_constraint(model, stated.constraint)
    assert constraint is not None
    place = {name: k for k, name in enumerate(copula.names)}
    kept = {place[name] for name in stated.keep if name in place}
    for name in stated.keep:
        made_of = np.flatnonzero(copula.factor[place[name]]).tolist() if name in place else []
        if others := sorted(copula.names[k] for k in set(made_of) - kept):
            raise ScenarioError(
                "redraw-keep",
                "a kept input is made of the scores of others, which are drawn again",
                where="redraw.keep",
                got=name,
                remedy=f"Keep these too: {', '.join(others)}.",
            )
    rows = [names.index(name) for name in constraint.parameters]

    def holds(values: FloatArray) -> BoolArray:
        return np.asarray(constraint.holds(*(values[row] for row in rows)), dtype=np.bool_)

    return Redraw(frozenset(stated.keep), stated.most, holds)
