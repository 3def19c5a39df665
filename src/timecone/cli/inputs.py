"""What ``check`` and ``show`` print of a scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.text import Text

from timecone.cli.output import console, plain
from timecone.results.run_file.provenance import history_line
from timecone.results.tables.dates import DateStyle, date_style, month
from timecone.schema import FloatArray
from timecone.units import CALENDAR_YEAR

if TYPE_CHECKING:
    from timecone.inputs.sampler import Block
    from timecone.models.model import Parameter
    from timecone.scenario.scenario import Scenario
    from timecone.scenario.specs import QuantityInput

# Below this a least-squares fit of three quantiles is as good as exact.
_MISFIT = 1e-6
# Enough for quantiles of what a formula gives, to the digits that are shown.
_DRAWS = 20_000
# Draws of which rank correlations are taken, in parts whose spread gives the error.
_PARTS, _PART = 50, 1024
# Less is said to be attainable only where ties keep a rank correlation visibly from 1.
_LIMITED = 0.9995
_ROUNDING = 5e-4


def _counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number and its noun: "1 choice", "2 choices"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def print_check(scenario: Scenario) -> None:
    """Print that a scenario is valid, and what it is."""
    on = scenario.components_on
    components = [c.name for c in scenario.definition.components]
    switched = ", ".join(name for name in components if name in on) or "none"
    about = f", components on: {switched} (of {len(components)})" if components else ""
    guesses = sum(p.basis == "guess" for p in scenario.parameters.values())
    plain(
        f"ok: {scenario.name}, model {scenario.model}, {_counted(len(scenario.parameters), 'parameter')}"
        f" ({_counted(guesses, 'guess', 'guesses')}), {_counted(len(scenario.choices), 'choice')},"
        f" {_counted(len(scenario.correlations), 'correlation')}, digest {scenario.digest}{about}"
    )


_QUANTILES = {"p01": 0.01, "p05": 0.05, "p50": 0.5, "p95": 0.95, "p99": 0.99}


def input_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """Return every input as plain values in its author's unit, one row per distribution.

    An inactive input has one row, without numbers.
    """
    from timecone.inputs.distributions import Distribution
    from timecone.scenario.specs import forms

    rows: list[dict[str, Any]] = []
    computed, off = _computed(scenario), scenario.compiled.inactive
    for name, quantity in scenario.inputs().items():
        if name in off:
            rows.append({"input": name, "if": "", "off": True, "form": _OFF, **_about(quantity)})
            continue
        for condition, form in forms(quantity.form):
            row: dict[str, Any] = {"input": name, "if": condition}
            if isinstance(form, Distribution):
                quantiles = form.ppf(list(_QUANTILES.values())).tolist()
                mean = form.mean()
                row |= {"form": str(form), **dict(zip(_QUANTILES, quantiles, strict=True))}
                row |= {"mean": mean if math.isfinite(mean) else None, "misfit": form.misfit()}
                row |= {"remark": form.family.remark}
            else:
                drawn = computed(name, condition)
                quantiles = np.quantile(drawn, list(_QUANTILES.values()), method="inverted_cdf").tolist()
                row |= {"form": form.summary, **dict(zip(_QUANTILES, quantiles, strict=True))}
                row |= {"mean": None}
            rows.append(row | _about(quantity))
    return rows + [_default_row(parameter, computed) for parameter in defaults_in_force(scenario)]


def defaults_in_force(scenario: Scenario) -> list[Parameter]:
    """Return the parameters that the scenario does not state and that the model reads at their default."""
    off = scenario.compiled.inactive
    return [
        p for p in scenario.definition.parameters if p.name not in scenario.parameters and p.name not in off
    ]


def _default_row(parameter: Parameter, computed: Callable[[str, str], FloatArray]) -> dict[str, Any]:
    """Return the row of a parameter at the model's default: a number, or the draws of another parameter."""
    row: dict[str, Any] = {"input": parameter.name, "if": "", "default": True}
    if isinstance(parameter.default, str):
        drawn = computed(parameter.name, "")
        quantiles = np.quantile(drawn, list(_QUANTILES.values()), method="inverted_cdf").tolist()
        row |= {"form": f"default: the draw of {parameter.default}"}
        row |= {**dict(zip(_QUANTILES, quantiles, strict=True)), "mean": None}
    else:
        row |= {"form": "default", **dict.fromkeys((*_QUANTILES, "mean"), parameter.default)}
    return row | {
        "unit": parameter.unit,
        "basis": "default",
        "as_of": None,
        "source": "default of the model",
        "meaning": parameter.meaning,
    }


_OFF = "switched off"


def _about(quantity: QuantityInput) -> dict[str, str]:
    return {
        "unit": quantity.unit,
        "basis": quantity.basis,
        "as_of": quantity.as_of.isoformat(),
        "source": quantity.source,
    }


def _computed(scenario: Scenario) -> Callable[[str, str], FloatArray]:
    """Return what gives draws of a quantity under a condition, in its author's unit.

    Formulas and tables have no quantiles of their own; those of some thousand draws stand in their place.
    """
    from timecone.inputs.designs import RandomDesign
    from timecone.inputs.nodes import restored

    compiled = scenario.compiled
    row = {name: k for k, name in enumerate(compiled.sampler.names)}
    column = {choice.name: k for k, choice in enumerate(compiled.choices)}

    @cache
    def block() -> Block:
        return compiled.sampler.draw(RandomDesign(0), 0, _DRAWS)

    def values(name: str, condition: str) -> FloatArray:
        chosen = np.ones(_DRAWS, dtype=np.bool_)
        for part in filter(None, condition.split(", ")):
            choice, _, value = part.partition(" = ")
            k = column[choice]
            chosen &= block().choices[k] == compiled.choices[k].values.index(value)
        drawn = block().values[row[name]][chosen]
        if name in compiled.inputs:
            drawn = restored(drawn, compiled.inputs[name].how)
        return drawn if drawn.size else np.array([np.nan])

    return values


def correlation_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the rank correlations that are asked for, achieved by the drawn values, and attainable.

    Ties count as equal ranks, so quantities with values of positive probability cannot have every rank
    correlation. What is attainable is that of the same values put in the same (or the opposite) order.
    """
    from timecone.inputs.dependence import attainable_rank_correlation, rank_correlation
    from timecone.inputs.designs import RandomDesign

    off = scenario.compiled.inactive
    read = [c for c in scenario.correlations if off.isdisjoint(c.between)]
    if not read:
        return []
    source = scenario.compiled.sampler
    block = source.draw(RandomDesign(scenario.run.seed), 0, _PARTS * _PART)
    drawn = dict(zip(source.names, block.values, strict=True))
    drawn |= {choice.name: block.choices[k] for k, choice in enumerate(source.choices)}
    rows = []
    for asked in read:
        first, second = (drawn[name] for name in asked.between)
        parts = zip(first.reshape(_PARTS, _PART), second.reshape(_PARTS, _PART), strict=True)
        spread = np.std([rank_correlation(*pair) for pair in parts], ddof=1)
        rows.append(
            {
                "between": list(asked.between),
                "asked": asked.rho,
                "achieved": rank_correlation(first, second),
                "standard_error": float(spread) / _PARTS**0.5,
                "attainable": attainable_rank_correlation(first, second, opposite=asked.rho < 0.0),
                "basis": asked.basis,
                "source": asked.source,
            }
        )
    return rows


def _correlation_line(row: dict[str, Any]) -> str:
    """Return what is asked, achieved and, where that is not 1 or -1, attainable of a rank correlation."""
    attainable = row["attainable"]
    text = (
        f"Rank correlation {' - '.join(row['between'])}: {row['asked']:g} asked, {row['achieved']:.3f} ±"
        f" {row['standard_error']:.3f} achieved by the values"
    )
    if abs(attainable) < _LIMITED:
        text += f", {attainable:.3f} the most attainable between values with ties"
    if abs(row["asked"]) > abs(attainable) + _ROUNDING:
        text += " (more is asked than can be)"
    return f"{text} ({row['basis']}: {row['source']})"


def _brief(row: dict[str, Any]) -> str:
    """Return the family of a distribution, whose quantiles stand beside it; a formula whole."""
    if row.get("off"):
        return _OFF
    if row.get("default"):
        return str(row["form"])
    form = "formula" if "misfit" not in row else row["form"].partition("(")[0]
    if row.get("remark"):
        form += f", {row['remark']}"
    if row.get("misfit", 0.0) > _MISFIT:
        form += f", misses its quantiles by up to {100.0 * row['misfit']:.1f} % of their spread"
    return form


def print_inputs(scenario: Scenario) -> None:
    """Print every input of a scenario with its quantiles and its source."""
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    out = console()
    out.print(Text(scenario.title or scenario.name, style="bold"))
    out.print(f"Conditions: {' '.join(str(scenario.conditions).split())}", markup=False)
    if history := history_line(scenario.history):
        out.print(f"History: {history}", markup=False)
    rows = input_rows(scenario)
    numbers, texts = ("1 %", "5 %", "50 %", "95 %", "99 %", "mean"), ("unit", "basis", "form")
    lines: list[tuple[str, tuple[str, ...]]] = []
    named = ""
    for row in rows:
        about = [row["unit"], row["basis"]]
        if row["if"]:
            if row["input"] != named:
                lines.append((row["input"], (*[""] * 6, *about, "")))
            name, about = f"  if {row['if']}", ["", ""]
        else:
            name = row["input"]
        named = row["input"]
        values = [_written(row, key) for key in (*_QUANTILES, "mean")]
        lines.append((name, (*values, *about, _brief(row))))
    print_table(out, Table.of_texts("inputs", "", "input", (*numbers, *texts), lines, texts))
    _print_sources(out, scenario, rows)


def _written(row: dict[str, Any], key: str) -> str:
    """Return a number of a row as text; of a date, in the style in which dates are written."""
    value = row.get(key)
    if value is None:
        return "-"
    is_month = row["unit"] == CALENDAR_YEAR and date_style() is DateStyle.MONTH and math.isfinite(value)
    return month(value) if is_month else f"{value:.4g}"


def _print_sources(out: Console, scenario: Scenario, rows: Sequence[dict[str, Any]]) -> None:
    out.print("Sources", style="bold")
    stated = [row for row in rows if not row.get("default")]
    for name, source in {r["input"]: f"{r['source']} ({r['as_of']})" for r in stated}.items():
        out.print(f"  {name}: {source}", markup=False)
    if defaults := [row for row in rows if row.get("default")]:
        out.print("Defaults of the model in force (the scenario does not state these)", style="bold")
        for row in defaults:
            value = row["form"].removeprefix("default: ") if row["mean"] is None else f"{row['mean']:g}"
            out.print(f"  {row['input']}: {value}, in {row['unit']}. {row['meaning']}", markup=False)
    formulas = [r for r in stated if "misfit" not in r and not r.get("off")]
    if formulas:
        out.print("Formulas and tables", style="bold")
    for row in formulas:
        condition = f" if {row['if']}" if row["if"] else ""
        out.print(f"  {row['input']}{condition}: {row['form']}", markup=False)
    for component in scenario.definition.components:
        state = "on" if component.name in scenario.components_on else "off"
        out.print(f"Component {component.name}: {state}. {component.meaning}", markup=False)
    rows_of_pairs = correlation_rows(scenario)
    ranked = {name for row in rows_of_pairs for name in row["between"]}
    for name, choice in scenario.choices.items():
        weights = ", ".join(f"{value} {weight:g}" for value, weight in choice.weights.items())
        order = ", ranked in this order" if name in ranked else ""
        out.print(f"Choice {name}: {weights}{order} ({choice.basis}: {choice.source})", markup=False)
    for row in rows_of_pairs:
        out.print(_correlation_line(row), markup=False)
