"""Scenario files: TOML in, TOML out.

A parameter's table holds its unit, its provenance, and its distribution: ``distribution`` names the family,
all other keys are the family's arguments. ``extends`` names another file whose keys hold unless repeated; a
parameter, choice or section that is repeated replaces the other one whole, so no number is left with another
number's source.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w

from timecone.errors import ScenarioError, UsageError, suggestion
from timecone.inputs.distributions import Distribution
from timecone.models import find
from timecone.scenario.compile import sampler
from timecone.scenario.scenario import (
    ChoiceInput,
    CorrelationInput,
    ParameterInput,
    Provenance,
    Scenario,
)
from timecone.scenario.validation import validated

_PARAMETER_KEYS: Final = frozenset(ParameterInput.model_fields) - {"distribution"}
_MAPPINGS: Final = ("parameters", "choices")
_MOST_ANCESTORS: Final = 16


def load(path: str | Path) -> Scenario:
    """Read and validate a scenario file.

    Parameters
    ----------
    path : str or Path
        A TOML file.

    Raises
    ------
    ScenarioError, UnitError, DistributionError
        The file is missing, is no TOML, or something in it is wrong; one line that names the key.
    """
    path = Path(path)
    content = _read_with_ancestors(path, ())
    try:
        return parse(content)
    except UsageError as error:
        raise error.at(f"{path.name}: ") from None


def loads(text: str) -> Scenario:
    """Read a scenario from TOML text, as kept in a run file; ``extends`` is not resolved."""
    return parse(tomllib.loads(text))


def dumps(scenario: Scenario) -> str:
    """Write a scenario as TOML text that `loads` reads back."""
    content: dict[str, Any] = scenario.model_dump(
        mode="python", exclude={"parameters", "choices", "correlations"}, exclude_defaults=False
    )
    content["not_yet"]["milestones"] = list(content["not_yet"]["milestones"])
    content["choices"] = {
        name: {k: dict(v) if k == "weights" else v for k, v in choice if v != ""}
        for name, choice in scenario.choices.items()
    }
    parameters: dict[str, Any] = {}
    for name, given in scenario.parameters.items():
        component, _, quantity = name.partition(".")
        parameters.setdefault(component, {})[quantity] = _parameter_table(given)
    content["parameters"] = parameters
    content["correlations"] = [
        {k: list(v) if k == "between" else v for k, v in correlation if v != ""}
        for correlation in scenario.correlations
    ]
    return tomli_w.dumps(content)


def _parameter_table(given: ParameterInput) -> dict[str, Any]:
    table: dict[str, Any] = {
        key: getattr(given, key) for key in ("unit", *Provenance.model_fields) if getattr(given, key) != ""
    }
    if given.distribution is not None:
        return _distribution_table(given.distribution) | table
    values = {value: _distribution_table(d) for value, d in given.values.items()}
    return table | {"by": given.by, "values": values}


def _distribution_table(distribution: Distribution) -> dict[str, Any]:
    plain = {k: dict(v) if isinstance(v, Mapping) else v for k, v in distribution.arguments.items()}
    return {"distribution": distribution.name, **plain}


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise ScenarioError("no such file", where=str(path), remedy=suggestion(path.name, siblings)) from None
    except OSError as error:
        raise ScenarioError(f"cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise ScenarioError(
            f"not UTF-8 text (byte {error.start})", where=path.name,
            remedy="A scenario is a TOML file.",
        ) from None  # fmt: skip
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"TOML syntax: {error}", where=path.name) from None


def _read_with_ancestors(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    content = _read(path)
    if "extends" not in content:
        return content
    parent = content.pop("extends")
    here = path.resolve()
    if not isinstance(parent, str):
        raise ScenarioError("extends is not a file name", where=path.name, got=parent)
    if here in seen or len(seen) >= _MOST_ANCESTORS:
        raise ScenarioError("extends leads in a circle", where=path.name, got=parent)
    base = _read_with_ancestors(path.parent / parent, (*seen, here))
    return _merge(base, content)


def _merge(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base) | dict(change)
    for section in _MAPPINGS:
        if isinstance(base.get(section), Mapping) and isinstance(change.get(section), Mapping):
            merged[section] = {**base[section], **change[section]}
    if isinstance(base.get("parameters"), Mapping) and "parameters" in change:
        for component, quantities in change["parameters"].items():
            inherited = base["parameters"].get(component)
            if isinstance(inherited, Mapping) and isinstance(quantities, Mapping):
                merged["parameters"][component] = {**inherited, **quantities}
    return merged


def parse(content: Mapping[str, Any]) -> Scenario:
    """Turn the content of a scenario file into a validated scenario."""
    known = Scenario.model_fields
    for key in content:
        if key not in known:
            raise ScenarioError("unknown key", where=key, remedy=suggestion(key, known))
    fields = dict(content)
    for key in ("parameters", "choices", "time", "run", "not_yet"):
        if key in fields and not isinstance(fields[key], Mapping):
            raise ScenarioError("not a table", where=key, got=fields[key])
    fields["parameters"] = _parameters(fields.get("parameters", {}), content.get("model"))
    fields["choices"] = {
        name: validated(ChoiceInput, table, f"choices.{name}")
        for name, table in fields.get("choices", {}).items()
    }
    correlations = fields.get("correlations", [])
    if not isinstance(correlations, list):
        raise ScenarioError("not an array of tables", where="correlations",
                            remedy="Write [[correlations]].")  # fmt: skip
    fields["correlations"] = tuple(
        validated(CorrelationInput, table, f"correlations[{k}]") for k, table in enumerate(correlations)
    )
    scenario: Scenario = validated(Scenario, fields, "")
    sampler(scenario, seed=0)
    return scenario


def _parameters(table: Mapping[str, Any], model: object) -> dict[str, ParameterInput]:
    parameters = {}
    names = [p.name for p in find(model).parameters] if isinstance(model, str) else []
    for component, quantities in table.items():
        if not isinstance(quantities, Mapping):
            raise ScenarioError("not a table", where=f"parameters.{component}", got=quantities)
        for quantity, entry in quantities.items():
            name = f"{component}.{quantity}"
            if name not in names:
                raise ScenarioError(
                    f"the {model} model has no such parameter",
                    where=f"parameters.{name}", remedy=suggestion(name, names),
                )  # fmt: skip
            parameters[name] = _parameter(entry, f"parameters.{name}")
    return parameters


def _parameter(entry: object, where: str) -> ParameterInput:
    if not isinstance(entry, Mapping):
        raise ScenarioError("not a table", where=where, got=entry)
    fields = {key: value for key, value in entry.items() if key in _PARAMETER_KEYS}
    own = {key: value for key, value in entry.items() if key not in _PARAMETER_KEYS}
    if "values" in fields:
        if not isinstance(fields["values"], Mapping):
            raise ScenarioError("not a table", where=f"{where}.values", got=fields["values"])
        fields["values"] = {
            value: _distribution(table, f"{where}.values.{value}")
            for value, table in fields["values"].items()
        }
    for key, value in own.items():
        if key not in ("distribution", "space") and not isinstance(value, (int, float, Mapping)):
            raise ScenarioError("unknown key", where=f"{where}.{key}",
                                remedy=suggestion(key, _PARAMETER_KEYS))  # fmt: skip
    if own:
        fields["distribution"] = _distribution(own, where)
    return validated(ParameterInput, fields, where)


def _distribution(table: object, where: str) -> Distribution:
    if not isinstance(table, Mapping):
        raise ScenarioError("not a table", where=where, got=table)
    arguments = dict(table)
    name = arguments.pop("distribution", None)
    if not isinstance(name, str):
        known = [*_PARAMETER_KEYS, "distribution"]
        near = next((s for key in arguments
                     if (s := suggestion(key, known)).startswith("Did")), None)  # fmt: skip
        raise ScenarioError("no distribution is named", where=where, got=name or sorted(arguments),
                            allowed="distribution = '...'", remedy=near)  # fmt: skip
    try:
        return Distribution(name, arguments)
    except UsageError as error:
        raise error.at(where) from None
