"""What MkDocs does to the pages: fill in tables from the code, and turn equations into MathML.

A comment ``<!-- table: NAME ARGUMENT -->`` in a page stands for a table that the code gives at build time, so
that no table of parameters, variables or options can go stale.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import EnumType
from functools import cache
from pathlib import Path
from typing import Any

import typer
import xarray as xr
from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

import timecone as tc
from timecone.cli.inputs import input_rows
from timecone.cli.main import app
from timecone.history.joint.forecast import FORECAST
from timecone.history.joint.priors import CENSORED_PRIORS, PRIORS, Prior
from timecone.inputs.families import FAMILIES
from timecone.models import find
from timecone.models.model import Model, Parameter
from timecone.schema import GROUPS, Inclusion, Status

BASELINE = Path(__file__).resolve().parents[1] / "configs" / "baseline.toml"
#: Central scenarios of the other models.
CENTRAL = {
    "full_takeoff": BASELINE.parent / "full_takeoff" / "best_guess.toml",
    "time_horizon_extension": BASELINE.parent / "ai2027" / "time_horizon_eli.toml",
    "benchmarks_and_gaps": BASELINE.parent / "ai2027" / "benchmarks_eli.toml",
    "time_horizon_extension_2025_05": BASELINE.parent / "ai2027" / "time_horizon_eli_2025_05.toml",
    "benchmarks_and_gaps_2025_05": BASELINE.parent / "ai2027" / "benchmarks_eli_2025_05.toml",
    "ai_futures": BASELINE.parent / "horizon" / "eli_2025_12.toml",
    "ai2027_takeoff": BASELINE.parent / "ai2027" / "takeoff.toml",
    "research_automation": BASELINE.parent / "research_automation" / "kwa_2026.toml",
    "software_explosion": BASELINE.parent / "software_explosion" / "davidson_2025.toml",
}
_DRAWS = 20_000
#: The fits that are shipped, and what their columns are called.
FITS = {
    "landmarks_2026-08": "Own tables",
    "frontier_2026-08": "Own tables, with bounds",
    "epoch_2026-08": "Epoch AI's tables",
}

_MARK = re.compile(r"<!-- table: (\w+)(?: (\S+))? -->")
_MATH = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page of the changelog."""
    changelog = (BASELINE.parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "reference/changelog.md", content=changelog))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put tables where a page asks for them."""
    return _MARK.sub(_filled, markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Turn a page's equations into MathML, which browsers lay out by themselves."""
    return _MATH.sub(_equation, html)


def _filled(mark: re.Match[str]) -> str:
    name, argument = mark.groups()
    if name not in TABLES:
        raise PluginError(f"no table {name!r}; there are {', '.join(TABLES)}")
    return TABLES[name](argument) if argument else TABLES[name]()


def _equation(found: re.Match[str]) -> str:
    tag, tex = found.groups()
    tex = html.unescape(tex).strip()
    made = convert(tex, display="block" if tag == "div" else "inline")
    # A command that is not known comes out as it went in.
    if "\\" in made:
        raise PluginError(f"not turned into MathML: {tex}")
    return f'<{tag} class="equation">{made}</{tag}>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    if len(lines) == 2:  # noqa: PLR2004 - a head and a rule
        raise PluginError(f"nothing to put under {', '.join(head)}")
    return "\n" + "\n".join(lines) + "\n"


def _text(words: str) -> str:
    return words.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def _code(words: object) -> str:
    return f"`{words}`"


@cache
def _baseline(preset: Path = BASELINE) -> dict[str, list[str]]:
    """Return the baseline's inputs in words, by name: one line for each value of a choice."""
    found: dict[str, list[str]] = {}
    for row in input_rows(tc.load(preset)):
        if row.get("off") or row.get("default"):
            continue
        low, middle, high = (row[key] for key in ("p05", "p50", "p95"))
        numbers = f"{middle:.4g}" if low == high else f"{middle:.3g} [{low:.3g}, {high:.3g}]"
        condition = row["if"].rpartition(" = ")[2]
        words = f"{condition}: {numbers}" if condition else numbers
        unit = "" if row["unit"] in ("1", "calendar year") else f" {row['unit']}"
        found.setdefault(row["input"], []).append(f"{words}{unit}, {row['basis']}")
    return found


def _domain(parameter: Parameter) -> str:
    # A pure number has no unit behind its bounds, whose last digit must stay.
    unit = "" if parameter.unit == "1" else parameter.unit
    words = parameter.support.removesuffix(unit).strip() or "any"
    if parameter.default is None:
        return words
    default = parameter.default if isinstance(parameter.default, str) else f"{parameter.default:g}"
    return f"{words}; default {default}"


def _model_of(argument: str) -> tuple[Model, Path, str]:
    """Return the model that an argument names, its central scenario and the rest of the argument."""
    name, _, rest = argument.rpartition(":")
    if name or argument in CENTRAL:
        name = name or argument
        return find(name), CENTRAL[name], "" if argument in CENTRAL else rest
    return find("compute"), BASELINE, argument


def parameters(component: str) -> str:
    """Return a component's parameters, with what the model's central scenario takes them to be.

    The component is one of the compute model's, or ``MODEL:COMPONENT``.
    """
    model, preset, component = _model_of(component)
    central = "Baseline" if preset == BASELINE else "Central preset"
    return _table(
        ["Parameter", "Unit", "Admissible", f"{central}: median [5 %, 95 %], grade", "Source"],
        (
            [
                f"{_code(p.name)}<br>{_text(p.meaning)}",
                _text(p.unit),
                _text(_domain(p)),
                "<br>".join(map(_text, _baseline(preset).get(p.name, ["default"]))),
                _text(p.source),
            ]
            for p in model.parameters
            if p.name.partition(".")[0] == component
        ),
    )


def components() -> str:
    """Return the parts that a scenario can switch."""
    return _table(
        ["Component", "What it adds", "On where a scenario gives"],
        (
            [
                _code(c.name),
                _text(c.meaning),
                (" or " if c.any_of else ", ").join(map(_code, c.needs))
                + "".join(f", and {' or '.join(map(_code, names))}" for names in c.one_of),
            ]
            for c in find("compute").components
        ),
    )


def milestones(model: str = "compute") -> str:
    """Return a model's milestones."""
    rows = ([_code(m.name), _text(m.definition)] for m in find(model).milestones)
    return _table(["Milestone", "Reached when"], rows)


def extras(model: str = "compute") -> str:
    """Return what a model gives of every draw beside its milestones."""
    rows = ([_code(e.name), e.kind, _text(e.unit), _text(e.definition)] for e in find(model).extras)
    return _table(["Extra", "Kind", "Unit", "What it says"], rows)


def observables(model: str = "compute") -> str:
    """Return a model's trajectories."""
    rows = ([_code(o.name), _text(o.label), _text(o.unit)] for o in find(model).observables)
    return _table(["Trajectory", "What it is", "Unit"], rows)


def families() -> str:
    """Return the families of distributions."""
    rows = ([_code(name), _text(FAMILIES[name].described())] for name in sorted(FAMILIES))
    return _table(["Family", "Takes"], rows)


def codes(name: str) -> str:
    """Return the codes of an enumeration of the schema."""
    enum = {"status": Status, "standing": Inclusion}[name]
    return _table(["Code", "Name"], ([str(e.value), _code(e.name.lower())] for e in enum))


@cache
def _run() -> xr.DataTree:
    """Return the run of the baseline that the tutorial makes, with fewer paths."""
    return tc.simulate(tc.load(BASELINE), draws=_DRAWS, paths=8)


def _prior(prior: Prior) -> str:
    """Return a prior in words."""
    given = [f"{number:g}" if number == round(number, 3) else f"{number:.3f}" for number in prior.arguments]
    if prior.family == "normal":
        words = f"normal, mean {given[0]}, sd {given[1]}"
    elif prior.family == "half_normal":
        words = f"half-normal, scale {given[0]}"
    else:
        words = f"gamma, shape {given[0]}, rate {given[1]}"
    drift = f"; mean {prior.drift:+g} for every year of the evidence after 2025" if prior.drift else ""
    return f"{prior.size} x ({words}){drift}" if prior.size else words + drift


def priors() -> str:
    """Return the priors of the joint fit to history."""
    every = PRIORS | CENSORED_PRIORS
    return _table(
        ["Parameter", "What it is", "Unit", "Prior"],
        ([_code(name), _text(p.meaning), _text(p.unit), _prior(p)] for name, p in every.items()),
    )


@cache
def _fitted(name: str) -> dict[str, Any]:
    return tomllib.loads((BASELINE.parent / "history" / f"{name}.toml").read_text(encoding="utf-8"))


def fits(what: str) -> str:
    """Return what the shipped fits found, side by side: parameters, correlations or diagnostics."""
    made = {"parameters": _fit_parameters, "correlations": _fit_correlations, "diagnostics": _fit_diagnostics}
    if what not in made:
        raise PluginError(f"no table of fits {what!r}; there are {', '.join(made)}")
    head, rows = made[what]()
    return _table([*head, *FITS.values()], rows)


_Rows = tuple[list[str], Iterable[Sequence[str]]]


def _fit_parameters() -> _Rows:
    def quantiles(fit: str, name: str) -> str:
        component, quantity = name.split(".")
        one = _fitted(fit)["parameters"][component][quantity]
        return f"{one['p50']:.3g} [{one['p05']:.3g}, {one['p95']:.3g}]"

    head = ["Parameter", "Unit"]
    rows = ([_code(n), unit, *(quantiles(fit, n) for fit in FITS)] for n, (unit, _) in FORECAST.items())
    return head, rows


def _fit_correlations() -> _Rows:
    found = {fit: {tuple(one["between"]): one["rho"] for one in _fitted(fit)["correlations"]} for fit in FITS}
    pairs = dict.fromkeys(pair for one in found.values() for pair in one)
    rows = (
        [
            " and ".join(map(_code, pair)),
            *(f"{one[pair]:+.2f}" if pair in one else "" for one in found.values()),
        ]
        for pair in pairs
    )
    return ["Rank correlation between"], rows


def _fit_diagnostics() -> _Rows:
    words = {
        "as_of": "evidence admitted until",
        "evidence_until": "training compute published until",
        "chains": "chains",
        "draws": "kept draws of each",
        "largest_rhat": "largest R-hat (bound 1.01)",
        "least_bulk_ess": "least effective draws, bulk (bound 1000)",
        "least_tail_ess": "least effective draws, tails (bound 1000)",
        "divergences": "divergences",
    }
    rows = ([meaning, *(str(_fitted(fit)["history"][key]) for fit in FITS)] for key, meaning in words.items())
    return ["Diagnostic"], rows


def variables(group: str) -> str:
    """Return the variables of one group of a run file."""
    if group not in GROUPS:
        raise PluginError(f"no group {group!r} in a run")
    data = _run()[group].dataset
    return _table(
        ["Variable", "Dimensions", "Type", "Unit", "What it is"],
        (
            [
                _code(name),
                ", ".join(map(str, v.dims)) or "none",
                "text" if v.dtype.kind in "UT" else str(v.dtype),
                _text(str(v.attrs.get("units", ""))),
                _text(str(v.attrs.get("long_name", v.attrs.get("comment", "")))),
            ]
            for name, v in data.variables.items()
        ),
    )


def attributes() -> str:
    """Return the root attributes of a run file, with those of a small run."""
    rows = ([_code(name), _text(_short(value))] for name, value in _run().attrs.items())
    return _table(["Attribute", "For example"], rows)


def _short(value: object, most: int = 90) -> str:
    words = " ".join(str(value).split())
    return words if len(words) <= most else f"{words[:most].rpartition(' ')[0]} ..."


def commands() -> str:
    """Return every command of the command line, with its options."""
    group: Any = typer.main.get_command(app)
    return "\n".join(_command(name, command) for name, command in _leaves(group))


def _leaves(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the commands of a group and of the groups in it, with their full names."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if not p.opts[0].startswith("-")]
    usage = " ".join(p.metavar if p.required else f"[{(p.metavar or p.name).upper()}]" for p in arguments)
    rows = []
    for p in command.params:
        default = "" if p.default in (None, False) or p.required else getattr(p.default, "value", p.default)
        shown = ", ".join(map(_code, p.opts)) if p not in arguments else _code((p.metavar or p.name).upper())
        kind = p.type_descriptor.annotation
        values = ", ".join(map(_code, kind)) if isinstance(kind, EnumType) else ""
        meaning = f"{_text(p.help or '')} {values}".strip()
        rows.append([shown, meaning, _code(default) if default != "" else ""])
    line = " ".join(filter(None, ("timecone", name, usage, "[OPTIONS]")))
    text = f"## timecone {name}\n\n{command.help}\n\n    {line}\n"
    return text + _table(["", "Meaning", "Default"], rows)


TABLES: dict[str, Callable[..., str]] = {
    made.__name__: made
    for made in (
        parameters,
        components,
        milestones,
        extras,
        observables,
        families,
        codes,
        priors,
        fits,
        variables,
        attributes,
        commands,
    )
}
