"""Differences between two scenarios as changes that can be made one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from timecone.errors import ArgumentError, UsageError
from timecone.scenario.conditions import Clause, Conditions
from timecone.scenario.field_errors import validated
from timecone.scenario.reachable import reachable
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import Provenance, QuantityInput

# Fields that change numbers and are exchanged whole.
_WHOLE = ("as_of", "time", "not_yet", "evidence", "redraw", "copula")
_TABLES = ("parameters", "quantities", "choices")
_ABOUT = (*Provenance.model_fields, "title")


@dataclass(frozen=True)
class Differences:
    """What must be changed in one scenario to have another, and all scenarios between them.

    Parameters
    ----------
    first, second : Scenario
        Scenarios of one model.

    Raises
    ------
    ArgumentError
        The scenarios are of different models.

    Examples
    --------
    >>> import timecone as tc
    >>> baseline = tc.load("baseline")
    >>> slow = baseline.replace({"deployment.delay": tc.Uniform(low=3, high=9, unit="year")})
    >>> Differences(baseline, slow.without("pause")).changes
    (('parameters.deployment.delay',), ('components.pause',))
    """

    first: Scenario
    second: Scenario

    def __post_init__(self) -> None:
        if self.first.model != self.second.model:
            raise ArgumentError(
                "different-models",
                "the scenarios are of different models",
                where="compare",
                got=f"{self.first.model} and {self.second.model}",
                remedy="Compare scenarios of one model.",
            )

    @cached_property
    def changes(self) -> tuple[tuple[str, ...], ...]:
        """Keys that differ, grouped into changes: keys that have a meaning only together are one change."""
        joint = [{key} for key in self._keys]
        for group in self.first.definition.groups:
            members = {_key_of(name) for name in (*group.basis, *group.members, *group.qualifiers)}
            if members & set(self._keys) & {_key_of(name) for name in group.basis}:
                joint = _united(joint, members)
        changes = [self._ordered(keys) for keys in joint]
        incomplete = [change for change in changes if not self._possible(change, changes)]
        for change in incomplete:
            # A change that makes no scenario by itself goes with the first one that makes it whole.
            others = [self._ordered(keys) for keys in joint if not set(change) <= keys]
            partner = next((other for other in others if self._possible(change + other, changes)), None)
            joint = _united(joint, {*change, *(self._keys if partner is None else partner)})
        return tuple(sorted(map(self._ordered, joint), key=lambda keys: self._keys.index(keys[0])))

    def _ordered(self, keys: Collection[str]) -> tuple[str, ...]:
        return tuple(key for key in self._keys if key in keys)

    def between(self, chosen: Iterable[tuple[str, ...]]) -> Scenario:
        """Return the first scenario with some of the changes made.

        Parameters
        ----------
        chosen : iterable of tuple of str
            From ``changes``.

        Returns
        -------
        Scenario
            Without conditions: they may be untrue of it.

        Raises
        ------
        ScenarioError, UnitError, DistributionError
            These changes alone do not make a scenario.
        """
        changed = {key for change in chosen for key in change}
        fields: dict[str, Any] = {key: getattr(self.first, key) for key in Scenario.model_fields}
        for field in _WHOLE:
            if field in changed:
                fields[field] = getattr(self.second, field)
        fields["components"] = self._components(changed)
        for field in _TABLES:
            fields[field] = self._table(field, changed)
        used = _used(fields["parameters"], fields["quantities"])
        for field in ("quantities", "choices"):
            fields[field] = {name: stated for name, stated in fields[field].items() if name in used}
        present = {*fields["parameters"], *used}
        fields["correlations"] = [
            pair for pair in self._correlations(changed) if present.issuperset(pair.between)
        ]
        fields["conditions"] = Conditions((("", Clause(text=f"{self.first.name} in part changed")),))
        fields["name"] = f"{self.first.name}-to-{self.second.name}"
        return validated(Scenario, fields, "")

    @cached_property
    def _keys(self) -> tuple[str, ...]:
        """Keys whose change can be asked about, in the order of a scenario file."""
        keys = [field for field in _WHOLE if getattr(self.first, field) != getattr(self.second, field)]
        switched = self.first.components_on ^ self.second.components_on
        keys += [f"components.{name}" for name in sorted(switched)]
        for field in _TABLES:
            before, after = getattr(self.first, field), getattr(self.second, field)
            names = [*before, *(name for name in after if name not in before)]
            keys += [
                f"{field}.{name}"
                for name in names
                if not self._serves(field, name) and _bare(before.get(name)) != _bare(after.get(name))
            ]
        changed = {key.partition(".")[2] for key in keys}
        keys += [
            f"correlations.{' ~ '.join(ends)}"
            for ends in self._different_pairs
            if changed.isdisjoint(ends) and all(self._in_both(end) for end in ends)
        ]
        order = ("parameters", "choices", "quantities", "correlations", "components", *_WHOLE)
        return tuple(sorted(keys, key=lambda key: order.index(key.partition(".")[0])))

    def _serves(self, field: str, name: str) -> bool:
        """Return whether an entry that one scenario has is there only for another entry, and goes with it.

        Quantities and choices serve parameters; a parameter serves a component that the other switches off.
        """
        sides = [scenario for scenario in (self.first, self.second) if name not in getattr(scenario, field)]
        if field != "parameters":
            return bool(sides)
        parameter = self.first.definition.parameter(name)
        return any(parameter is None or not parameter.is_read(side.components_on) for side in sides)

    def _in_both(self, name: str) -> bool:
        return all(
            any(name in getattr(scenario, field) for field in _TABLES)
            for scenario in (self.first, self.second)
        )

    @cached_property
    def _different_pairs(self) -> tuple[tuple[str, str], ...]:
        before, after = _pairs(self.first), _pairs(self.second)
        ends = [*before, *(pair for pair in after if pair not in before)]
        return tuple(
            (pair[0], pair[1])
            for pair in (sorted(pair) for pair in ends)
            if _rho(before, pair) != _rho(after, pair)
        )

    def _possible(self, change: tuple[str, ...], changes: Collection[tuple[str, ...]]) -> bool:
        """Return whether a change makes a scenario of the first one, and its reverse of the second one."""
        rest = [other for other in changes if not set(other) <= set(change)]
        try:
            for chosen in ([change], rest):
                _ = self.between(chosen).digest
        except UsageError:
            return False
        return True

    def _components(self, changed: Collection[str]) -> dict[str, bool]:
        """Return all components, each switched as in the scenario that it is taken from."""
        return {
            component.name: component.name
            in (self.second if f"components.{component.name}" in changed else self.first).components_on
            for component in self.first.definition.components
        }

    def _table(self, field: str, changed: Collection[str]) -> dict[str, Any]:
        before, after = getattr(self.first, field), getattr(self.second, field)
        mixed = {}
        for name in (*before, *(name for name in after if name not in before)):
            # What serves an entry of either scenario is at hand; what nothing reads does nothing.
            chosen = name in after if self._serves(field, name) else f"{field}.{name}" in changed
            side = after if chosen else before
            if name in side:
                mixed[name] = side[name]
        return mixed

    def _correlations(self, changed: Collection[str]) -> list[Any]:
        """Return correlations; one that differs goes with those of its inputs that are changed."""
        before, after = _pairs(self.first), _pairs(self.second)
        keys, kept = set(self._keys), []
        for pair in (*before, *(pair for pair in after if pair not in before)):
            own = f"correlations.{' ~ '.join(sorted(pair))}"
            owners = [
                f"{field}.{end}" for end in sorted(pair) for field in _TABLES if f"{field}.{end}" in keys
            ]
            if own in keys:
                source = after if own in changed else before
            elif not owners:
                source = before if pair in before else after
            elif pair in before and pair in after:
                source = after if owners[0] in changed else before
            elif pair in after:
                source = after if set(owners) <= set(changed) else before
            else:
                source = before if set(owners).isdisjoint(changed) else after
            if pair in source:
                kept.append(source[pair])
        return kept


def _key_of(name: str) -> str:
    """Return the key of a member of a group of inputs."""
    return "time" if name.startswith("time.") else f"parameters.{name}"


def _united(parts: list[set[str]], keys: Collection[str]) -> list[set[str]]:
    """Return parts of which those that share keys with a set are made one."""
    touched = [part for part in parts if not part.isdisjoint(keys)]
    return [*(part for part in parts if part.isdisjoint(keys)), *([set().union(*touched)] if touched else [])]


def _used(parameters: Mapping[str, QuantityInput], quantities: Mapping[str, QuantityInput]) -> set[str]:
    """Return the quantities and choices that parameters are computed from."""
    mentions = {name: quantity.mentioned for name, quantity in {**parameters, **quantities}.items()}
    read = {*parameters, *reachable(parameters, mentions)}
    return set().union(*(mentions[name] for name in read))


def _pairs(scenario: Scenario) -> dict[frozenset[str], Any]:
    return {frozenset(correlation.between): correlation for correlation in scenario.correlations}


def _rho(pairs: Mapping[frozenset[str], Any], ends: Iterable[str]) -> float | None:
    correlation = pairs.get(frozenset(ends))
    return None if correlation is None else float(correlation.rho)


def _bare(stated: Any) -> Any:
    """Return what an entry says without its source and other remarks."""
    if stated is None:
        return None
    return {key: getattr(stated, key) for key in type(stated).model_fields if key not in _ABOUT}
