"""Not-yet rule: how draws count that date something before ``as_of`` that had not happened by then.

With a the earliest date that a draw gives to a milestone of the rule before as_of:

    remove      the draw does not count
    likelihood  it is kept with the probability that the milestone was missed: the product, over the
                milestones that it dates too early, of the probability that the world would look as it does
                although the milestone had passed (errors of observation that are independent)
    shift       its dates move later by (as_of - a) + D, D exponential with the mean ``delay``: the first of
                its milestones that are too early arrives D after as_of

A model dates what had happened by its start at the start, so a shift is at most as_of - start + D.

Cotra 2022 and Wildeford 2025 move what was exceeded already to higher requirements instead of removing it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from timecone.errors import ScenarioError, suggestion
from timecone.inputs.families.canonical import number_text
from timecone.scenario.specs import Day, Frozen, Name, Number, ReadOnly, Text
from timecone.schema import (
    LIKELIHOOD_RULE,
    NOT_YET_LIKELIHOOD,
    SHIFT,
    SHIFT_RULE,
    BoolArray,
    FloatArray,
)

#: What each softer rule needs; a rule may have no other of these.
_NUMBER_OF: Final = {LIKELIHOOD_RULE: "miss_probability", SHIFT_RULE: "delay"}
_PROVENANCE: Final = ("source", "as_of", "basis")


class NotYetInput(Frozen):
    """What becomes of draws in which a milestone lies before ``as_of``: they contradict the world.

    Attributes
    ----------
    rule : {"remove", "likelihood", "shift", "off"}
        Whether they are removed, kept with a probability, moved later, or left as they are.
    milestones : tuple of str
        Milestones that had not been reached; the model's headline where none is named.
    miss_probability : mapping of str to float, optional
        For ``likelihood``, by milestone: the probability that what is known on ``as_of`` would be as it is
        although the milestone had been passed. 0 removes.
    delay : float, optional
        For ``shift``: the mean time from the scenario's ``as_of`` to the first milestone, years.
    source, as_of, basis
        Where the numbers of a softer rule come from; of ``remove`` and ``off`` there are none.
    """

    rule: Literal["remove", "likelihood", "shift", "off"] = "remove"
    milestones: tuple[Name, ...] = ()
    miss_probability: ReadOnly[Annotated[Number, Field(ge=0.0, lt=1.0)]] | None = None
    delay: Annotated[Number, Field(ge=0.0)] | None = None
    source: Text | None = None
    as_of: Day | None = None
    basis: Literal["data", "expert", "guess"] | None = None

    @model_validator(mode="after")
    def _numbers_of_the_rule(self) -> Self:
        needed = _NUMBER_OF.get(self.rule)
        for rule, key in _NUMBER_OF.items():
            if key != needed and getattr(self, key) is not None:
                raise ScenarioError(
                    "number-of-another-rule",
                    f"the rule {self.rule!r} does not use this number",
                    where=f"not_yet.{key}",
                    remedy=f'Write rule = "{rule}", or take the number out.',
                )
        for key in _PROVENANCE:
            stated = getattr(self, key) is not None
            if needed is None and stated:
                raise ScenarioError(
                    "number-of-another-rule",
                    f"the rule {self.rule!r} has no number whose origin could be stated",
                    where=f"not_yet.{key}",
                    remedy="Take it out.",
                )
            if needed is not None and not stated:
                raise ScenarioError("missing-key", "missing", where=f"not_yet.{key}")
        if needed is not None and getattr(self, needed) is None:
            raise ScenarioError(
                "missing-key",
                f"missing: the rule {self.rule!r} needs it",
                where=f"not_yet.{needed}",
                remedy="Give a table with a probability for each milestone of the rule."
                if needed == "miss_probability"
                else "Give the mean time in years; 0 is the shortest shift.",
            )
        if self.miss_probability is not None and not any(self.miss_probability.values()):
            raise ScenarioError(
                "likelihood-only-removes",
                "every probability is 0, so every draw that is too early is removed",
                where="not_yet.miss_probability",
                allowed="a probability above 0 for one milestone at least",
                remedy='Write rule = "remove".',
            )
        return self

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the variables of the outcomes that a softer rule adds."""
        return {LIKELIHOOD_RULE: (NOT_YET_LIKELIHOOD,), SHIFT_RULE: (SHIFT,)}.get(self.rule, ())

    @property
    def numbers(self) -> str:
        """The numbers of a softer rule, ``name=value`` with a space between."""
        stated = {"delay": self.delay} if self.delay is not None else self.miss_probability or {}
        return " ".join(f"{name}={value:g}" for name, value in stated.items())

    def require_milestones(self, milestones: Sequence[str]) -> None:
        """Refuse probabilities that are not those of the milestones of the rule.

        Parameters
        ----------
        milestones : sequence of str
            Milestones of the rule.

        Raises
        ------
        ScenarioError
            A milestone has no probability, or a probability belongs to none of them.
        """
        stated = self.miss_probability or {}
        for name in stated:
            if name not in milestones:
                raise ScenarioError(
                    "unknown-milestone",
                    "unknown milestone",
                    where=f"not_yet.miss_probability.{name}",
                    got=name,
                    allowed=", ".join(milestones),
                    remedy=suggestion(name, milestones),
                )
        for name in milestones:
            if self.miss_probability is not None and name not in stated:
                raise ScenarioError(
                    "missing-key",
                    "missing: every milestone of the rule needs a probability",
                    where=f"not_yet.miss_probability.{name}",
                    remedy="0 removes the draws that date it too early.",
                )

    def likelihood(self, early: BoolArray, milestones: Sequence[str]) -> FloatArray:
        """Return the probability with which each draw is kept.

        Parameters
        ----------
        early : array of bool, shape (milestones, draws)
            Whether each milestone of the rule is too early.
        milestones : sequence of str
            Milestones of the rule.

        Returns
        -------
        array, shape (draws,)
            1 where no milestone is too early.

        Examples
        --------
        >>> from datetime import date
        >>> rule = NotYetInput(rule="likelihood", miss_probability={"half": 0.5, "all": 0.1},
        ...                    source="a guess", as_of=date(2026, 1, 1), basis="guess")
        >>> early = np.array([[False, True, True], [False, False, True]])
        >>> rule.likelihood(early, ("half", "all")).tolist()
        [1.0, 0.5, 0.05]
        """
        missed = np.array([(self.miss_probability or {})[name] for name in milestones])
        return np.asarray(np.where(early, missed[:, None], 1.0).prod(axis=0))

    def shift(self, arrival: FloatArray, early: BoolArray, limit: float, variate: FloatArray) -> FloatArray:
        """Return by how many years each draw moves later.

        Parameters
        ----------
        arrival : array, shape (milestones, draws)
            Dates of the milestones of the rule, decimal years.
        early : array of bool, shape (milestones, draws)
            Whether each is too early.
        limit : float
            The scenario's ``as_of``, decimal year.
        variate : array, shape (draws,)
            Uniform variates in [0, 1).

        Returns
        -------
        array, shape (draws,)
            0 where no milestone is too early.

        Examples
        --------
        >>> from datetime import date
        >>> rule = NotYetInput(rule="shift", delay=2.0, source="a guess", as_of=date(2026, 1, 1),
        ...                    basis="guess")
        >>> arrival, early = np.array([[2024.0, 2030.0]]), np.array([[True, False]])
        >>> rule.shift(arrival, early, 2026.0, np.array([0.5, 0.5])).round(3).tolist()
        [3.386, 0.0]
        """
        first = np.where(early, arrival, np.inf).min(axis=0, initial=np.inf)
        waiting = -(self.delay or 0.0) * np.log1p(-variate)
        contradicted = early.any(axis=0)
        return np.where(contradicted, limit - np.where(contradicted, first, limit) + waiting, 0.0)

    def terms(self) -> list[Any]:
        """Return what a softer rule adds to the numbers, for the digest; empty for the others."""
        if self.miss_probability is not None:
            return [self.rule, {name: number_text(p) for name, p in sorted(self.miss_probability.items())}]
        return [] if self.delay is None else [self.rule, number_text(self.delay)]

    def table(self) -> dict[str, Any]:
        """Return the rule as a table of a scenario file."""
        stated = {key: value for key, value in self if value is not None}
        if self.miss_probability is not None:
            stated["miss_probability"] = dict(self.miss_probability)
        return stated | {"milestones": list(self.milestones)}
