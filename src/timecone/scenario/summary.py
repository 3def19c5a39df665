"""Summary of a scenario: some lines for a terminal, a table for a notebook."""

from __future__ import annotations

import html
import textwrap
from collections import Counter
from typing import Final

from timecone.inputs.distributions import Distribution
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.compile import CompiledScenario
from timecone.scenario.specs import QuantityInput, forms

_WIDTH: Final = 79
_MARGIN: Final = 16
_LEFT: Final = " style='text-align:left'"
#: Lines that the conditions may take.
_MOST_LINES: Final = 6


def summary_text(compiled: CompiledScenario) -> str:
    """Return a scenario in some lines that fit a screen."""
    scenario = compiled.scenario
    lines = [f"Scenario {scenario.name!r}" + (f": {scenario.title}" if scenario.title else "")]
    lines[0] = textwrap.shorten(lines[0], _WIDTH, placeholder=" ...")
    for key, text in _entries(compiled).items():
        lines += textwrap.wrap(
            text, _WIDTH, initial_indent=f"  {key:<{_MARGIN - 2}}", subsequent_indent=" " * _MARGIN,
            max_lines=_MOST_LINES if key == "conditions" else 3, placeholder=" ...",
        )  # fmt: skip
    return "\n".join(lines)


def summary_html(compiled: CompiledScenario) -> str:
    """Return a scenario as HTML: what it is, and every input with its quantiles and source."""
    scenario = compiled.scenario
    about = "".join(
        f"<tr><th{_LEFT}>{key}</th><td{_LEFT}>{html.escape(text)}</td></tr>"
        for key, text in _entries(compiled).items()
    )
    rows = "".join(
        _row(cells, "td") for name, quantity in scenario.inputs().items() for cells in _rows(name, quantity)
    )
    head = _row(("input", "median [5 %, 95 %]", "unit", "basis", "source"), "th")
    title = html.escape(scenario.title or scenario.name)
    return (
        f"<div><strong>{title}</strong><table>{about}</table>"
        f"<details><summary>{len(scenario.inputs())} inputs</summary>"
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table></details></div>"
    )


def _entries(compiled: CompiledScenario) -> dict[str, str]:
    """Return what a scenario is, in words, by key."""
    scenario = compiled.scenario
    time, model = scenario.time, scenario.definition
    grades = Counter(quantity.basis for quantity in scenario.parameters.values())
    unread = compiled.inactive
    defaults = sum(p.name not in scenario.parameters and p.name not in unread for p in model.parameters)
    on = [c.name for c in model.components if c.name in compiled.components]
    off = [c.name for c in model.components if c.name not in compiled.components]
    entries = {
        "model": f"{scenario.model}, {time.start:g} to {time.horizon:g} by {time.step},"
        f" as of {scenario.as_of.isoformat()}, digest {compiled.digest}",
        "parameters": f"{len(scenario.parameters)} stated"
        f" ({', '.join(f'{grades[grade]} {grade}' for grade in ('data', 'expert', 'guess'))}),"
        f" {defaults} at the model's default",
        "quantities": ", ".join(scenario.quantities),
        "choices": "; ".join(
            f"{name} ({', '.join(f'{value} {weight:g}' for value, weight in choice.weights.items())})"
            for name, choice in scenario.choices.items()
        ),
        "correlations": str(len(scenario.correlations) or ""),
        "on": ", ".join(on),
        "off": ", ".join(off),
        "not yet": ", ".join(scenario.not_yet_milestones) + _softer(scenario),
        "conditions": " ".join(str(scenario.conditions).split()),
    }
    return {key: text for key, text in entries.items() if text}


def _softer(scenario: Assumptions) -> str:
    """Return a softer not-yet rule with its numbers."""
    rule = scenario.not_yet
    return f" ({rule.rule}: {rule.numbers})" if rule.numbers else ""


def _rows(name: str, quantity: QuantityInput) -> list[tuple[str, ...]]:
    """Return the cells of an input: one row for each value of a choice."""
    made: list[tuple[str, ...]] = []
    for condition, form in forms(quantity.form):
        if isinstance(form, Distribution):
            low, middle, high = form.ppf([0.05, 0.5, 0.95]).tolist()
            text = f"{middle:.4g}" if low == high else f"{middle:.4g} [{low:.4g}, {high:.4g}]"
        else:
            text = form.summary
        label = f"{name} if {condition}" if condition else name
        made.append((label, text, quantity.unit, quantity.basis, quantity.source))
    return made


def _row(cells: tuple[str, ...], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}{_LEFT}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"
