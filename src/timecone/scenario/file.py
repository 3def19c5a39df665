"""Scenario files: TOML in, TOML out.

A parameter's table holds its unit, its provenance, and its distribution: ``distribution`` names the family,
all other keys are the family's arguments. ``extends`` names another file whose keys hold unless repeated; see
`timecone.scenario.inheritance`. ``[components]`` switches parts of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w

from timecone.errors import ScenarioError, UsageError, unknown_key
from timecone.inputs.distributions import Distribution
from timecone.models import find
from timecone.scenario.assumptions import ChoiceInput, CorrelationInput
from timecone.scenario.compile import require_answers
from timecone.scenario.correlation_blocks import with_pairs
from timecone.scenario.experts import merge_experts
from timecone.scenario.field_errors import validated
from timecone.scenario.inheritance import read_with_ancestors, require_whole
from timecone.scenario.parse import read_parameters, read_quantity
from timecone.scenario.presets import scenario_file
from timecone.scenario.published import read_published_table
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import ByInput, Form, FormulaInput, Provenance, QuantityInput, plain
from timecone.scenario.toml import read_text

_MAPPINGS: Final = ("parameters", "quantities", "choices", "components", "history")
_TABLES: Final = (*_MAPPINGS, "time", "run", "not_yet", "evidence", "redraw", "copula", "published")


def load(path: str | Path) -> Scenario:
    """Read and validate a scenario.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the name of a preset: see `presets`.

    Returns
    -------
    Scenario
        Validated, with what it extends merged in.

    Raises
    ------
    ScenarioError, UnitError, DistributionError
        The file is missing, is not TOML, or something in it is wrong; one line that names the key.

    Examples
    --------
    >>> from timecone import load
    >>> load("baseline").name
    'baseline'
    """
    path = scenario_file(path)
    content = read_with_ancestors(path)
    try:
        return parse(content, path.parent)
    except UsageError as error:
        raise error.at(f"{path.name}: ") from None


def loads(text: str) -> Scenario:
    """Read a scenario from TOML text, as kept in a run file.

    Raises
    ------
    ScenarioError, UnitError, DistributionError
        As `load`; text has no folder, so it cannot say ``extends``.
    """
    return parse(with_pairs(read_text(text)))


def dumps(scenario: Scenario) -> str:
    """Write a scenario as TOML text that `loads` reads back."""
    apart = dict.fromkeys((*_MAPPINGS, "correlations", "conditions", "published"), True)
    content: dict[str, Any] = scenario.model_dump(
        mode="python", exclude={**apart, "not_yet": {"miss_probability"}}, exclude_none=True
    )
    content["run"] = scenario.run.table()
    content["not_yet"] = scenario.not_yet.table()
    if scenario.redraw is not None:
        content["redraw"]["keep"] = list(scenario.redraw.keep)
    content["conditions"] = scenario.conditions.plain()
    content["components"] = dict(scenario.components)
    if scenario.history:
        content["history"] = plain(scenario.history)
    if scenario.published is not None:
        content["published"] = scenario.published.plain()
    content["choices"] = {
        name: {k: dict(v) if k in ("weights", "meanings") else v for k, v in choice if v}
        for name, choice in scenario.choices.items()
    }
    content["quantities"] = {name: quantity_table(q) for name, q in scenario.quantities.items()}
    parameters: dict[str, Any] = {}
    for name, stated in scenario.parameters.items():
        component, _, quantity = name.partition(".")
        parameters.setdefault(component, {})[quantity] = quantity_table(stated)
    content["parameters"] = parameters
    content["correlations"] = [
        {k: list(v) if k == "between" else v for k, v in correlation if v != ""}
        for correlation in scenario.correlations
    ]
    return tomli_w.dumps(content)


def quantity_table(quantity: QuantityInput) -> dict[str, Any]:
    """Return a parameter or a quantity as a table of a scenario file."""
    about = {
        key: getattr(quantity, key)
        for key in ("unit", *Provenance.model_fields)
        if getattr(quantity, key) != ""
    }
    return about | form_table(quantity.form)


def form_table(form: Form) -> dict[str, Any]:
    """Return a form, without its provenance, as a table of a scenario file."""
    if isinstance(form, ByInput):
        return {"by": form.by, "values": {value: form_table(f) for value, f in form.values.items()}}
    if isinstance(form, Distribution):
        unit = {} if form.unit is None else {"unit": form.unit}
        return {"distribution": form.name, **plain(form.arguments), **unit}
    if isinstance(form, FormulaInput):
        return {"expression": form.expression}
    return {"of": form.of, "interpolation": form.interpolation, "points": plain(form.points)}


def _check_keys(content: Mapping[str, Any]) -> None:
    """Refuse keys and kinds of values that no scenario has, and models that there are not."""
    for key in ("extends", "remove", "keep"):
        if key in content:
            raise ScenarioError(
                "extends-outside-file", "only a file can extend another one", where=key, got=content[key]
            )
    known = Scenario.model_fields
    for key in content:
        if key not in known and key != "experts":
            raise unknown_key(key, [*known, "experts", "extends", "keep", "remove"])
    for key in _TABLES:
        if key in content and not isinstance(content[key], Mapping):
            raise ScenarioError("not-a-table", "not a table", where=key, got=content[key])
    model = content.get("model")
    if model is not None and not isinstance(model, str):
        raise ScenarioError("not-text", "not text", where="model", got=model, allowed="the name of a model")
    if model is not None:
        try:
            find(model)
        except UsageError as error:
            raise error.at("model") from None


def parse(content: Mapping[str, Any], folder: Path | None = None) -> Scenario:
    """Turn the content of a scenario file into a validated scenario; ``folder`` is where files lie."""
    _check_keys(content)
    require_whole(content)
    fields = merge_experts(content, folder or Path())
    fields["parameters"] = read_parameters(fields.get("parameters", {}), content.get("model"), folder)
    fields["quantities"] = {
        name: read_quantity(QuantityInput, entry, f"quantities.{name}", folder)
        for name, entry in fields.get("quantities", {}).items()
    }
    fields["choices"] = {
        name: validated(ChoiceInput, table, f"choices.{name}")
        for name, table in fields.get("choices", {}).items()
    }
    if "published" in fields:
        fields["published"] = read_published_table(fields["published"])
    correlations = fields.get("correlations", [])
    if not isinstance(correlations, list):
        raise ScenarioError(
            "not-an-array-of-tables",
            "not an array of tables",
            where="correlations",
            remedy="Write [[correlations]].",
        )
    fields["correlations"] = tuple(
        validated(CorrelationInput, table, f"correlations[{k}]") for k, table in enumerate(correlations)
    )
    scenario: Scenario = validated(Scenario, fields, "")
    require_answers(scenario.compiled)
    return scenario
