"""Static page of the explorer: one HTML file with a grid of runs, between which the page interpolates.

It moves up to three inputs, each as a whole: both ends of a distribution together. Nothing is fetched.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, suggestion
from timecone.explorer.answer import answer_of, details_of, drivers_of
from timecone.explorer.controls import BRANCH, Slider
from timecone.explorer.ends import maps_of
from timecone.explorer.scenario_file import Base, scenario_of
from timecone.explorer.state import Move, State
from timecone.files import write_file
from timecone.results.run_file.access import headline, sample
from timecone.schema import FloatArray
from timecone.simulation.run import simulate

#: Most inputs of a page, and nodes of each by how many there are.
MOST_INPUTS: Final = 3
NODES: Final = {1: 15, 2: 9, 3: 6}
# How far an input moves to either side, in widths between its ends.
_REACH: Final = 0.5
_CHECKS: Final = 6
_MOST_DRAWS: Final = 1_000_000
_LEAST_DRAWS: Final = 1000
_WHOLE: Final = 65_535
_NAME_OF_MIDDLE: Final = "middle"


@dataclass(frozen=True)
class Axis:
    """An input of the grid: the middles of its distribution at the nodes."""

    slider: Slider
    nodes: tuple[float, ...]

    def move(self, middle: float) -> Move:
        """Return the ends of the distribution with its middle elsewhere."""
        ends = self.slider.ends
        assert ends is not None
        forward, back = maps_of(ends.scale, ends.bounds)
        by = forward(middle) - _middle(self.slider)
        if abs(by) < 1e-9:  # noqa: PLR2004 - where it was
            return ends.low, ends.high
        return back(forward(ends.low) + by), back(forward(ends.high) + by)


def write_page(
    opened: str,
    files: Mapping[str, Path],
    path: Path,
    *,
    keys: Sequence[str] | None = None,
    draws: int = 20_000,
    told: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write the static page of a scenario.

    Parameters
    ----------
    opened, files
        The scenario, as `timecone.explorer.open.named` gives it.
    path : Path
        File to write.
    keys : sequence of str, optional
        Up to three inputs, as the explorer names them; the strongest by default.
    draws : int
        Draws at each node.
    told : callable
        Takes lines about the progress.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ArgumentError
        Too many inputs, one that no slider moves, or a number of draws out of range.
    OutputError
        The file cannot be written.
    """
    if not _LEAST_DRAWS <= draws <= _MOST_DRAWS:
        raise ArgumentError(
            "setting-out-of-range",
            "draws is out of range",
            where="draws",
            got=draws,
            allowed=f"{_LEAST_DRAWS} to {_MOST_DRAWS}",
        )
    base = Base.open(opened, files.get(opened))
    reference = simulate(base.scenario, draws=draws, paths=0, keep=draws)
    drivers = drivers_of(reference)
    chosen = _strongest(base, drivers.get("order", [])) if keys is None else _named(base, keys)
    axes = [_axis(slider, NODES[len(chosen)]) for slider in chosen]
    grid = _grid(base, axes, draws, told)
    errors = _errors(base, axes, grid, draws)
    text = _html(base, axes, grid, answer_of(reference) | details_of(reference), drivers, errors)
    write_file(path, text.encode("utf-8"))
    return path


def _strongest(base: Base, order: Sequence[str]) -> list[Slider]:
    sliders = [s for s in base.controls.sliders.values() if s.ends and not s.ends.is_single and s.is_read]
    place = {name: k for k, name in enumerate(order)}
    ranked = sorted(sliders, key=lambda s: place.get(s.key.split(BRANCH)[0], len(place)))
    chosen: dict[str, Slider] = {}
    for slider in ranked:
        chosen.setdefault(slider.entry, slider)
    if not chosen:
        raise ArgumentError(
            "nothing-to-move", "no slider moves an input of this scenario", where="scenario", got=base.name
        )
    return list(chosen.values())[:MOST_INPUTS]


def _named(base: Base, keys: Sequence[str]) -> list[Slider]:
    if not 1 <= len(keys) <= MOST_INPUTS or len(set(keys)) < len(keys):
        raise ArgumentError(
            "number-of-inputs",
            "not one to three inputs",
            where="inputs",
            got=", ".join(keys),
            allowed=f"1 to {MOST_INPUTS}",
        )
    movable = {key: slider for key, slider in base.controls.sliders.items() if slider.ends}
    for key in keys:
        if key not in movable:
            raise ArgumentError(
                "unknown-control",
                "no slider moves such an input",
                where="inputs",
                got=key,
                remedy=suggestion(key, movable),
            )
    return [movable[key] for key in keys]


def _middle(slider: Slider) -> float:
    """Return the middle between the ends, on the scale of the distribution."""
    ends = slider.ends
    assert ends is not None
    forward, _ = maps_of(ends.scale, ends.bounds)
    return 0.5 * (forward(ends.low) + forward(ends.high))


def _axis(slider: Slider, count: int) -> Axis:
    ends = slider.ends
    assert ends is not None
    forward, back = maps_of(ends.scale, ends.bounds)
    if ends.is_single:
        low, high = forward(slider.minimum), forward(slider.maximum)
        return Axis(slider, tuple(back(y) for y in np.linspace(low, high, count).tolist()))
    reach = _REACH * (forward(ends.high) - forward(ends.low))
    middle = _middle(slider)
    steps = np.linspace(-reach, reach, count).tolist()
    return Axis(slider, tuple(back(middle + step) for step in steps))


def _run(base: Base, axes: Sequence[Axis], middles: Sequence[float], draws: int) -> xr.DataTree:
    moves = {axis.slider.key: axis.move(middle) for axis, middle in zip(axes, middles, strict=True)}
    return simulate(scenario_of(State(base.name, moves), base), draws=draws, paths=0, keep=draws)


def _numbers(run: xr.DataTree) -> dict[str, Any]:
    """Return what is interpolated of a run."""
    answer = answer_of(run)
    fan = answer["fan"]
    return {
        "milestones": np.array([m["curve"][::2] for m in answer["milestones"]]),
        "durations": np.array([d["curve"][::2] for d in answer["durations"]]).reshape(
            len(answer["durations"]), -1
        ),
        "bands": np.array([[np.nan if v is None else v for v in band] for band in fan["bands"]])
        if fan
        else np.zeros((0, 0)),
        "levels": np.array([np.nan if v is None else v for v in fan["levels"]]) if fan else np.zeros(0),
    }


def _grid(base: Base, axes: Sequence[Axis], draws: int, told: Callable[[str], None]) -> dict[str, FloatArray]:
    """Return what is interpolated at all nodes; the last input runs fastest."""
    points = list(product(*(axis.nodes for axis in axes)))
    told(f"{len(points)} runs of {draws:,} draws over {', '.join(axis.slider.key for axis in axes)} ...")
    numbers = [_numbers(_run(base, axes, point, draws)) for point in points]
    return {key: np.stack([each[key] for each in numbers]) for key in numbers[0]}


def interpolated(axes: Sequence[Sequence[float]], values: FloatArray, at: Sequence[float]) -> FloatArray:
    """Return values between the nodes of a grid, linear in the position between nodes.

    Parameters
    ----------
    axes : sequence of sequences of float
        Positions of the nodes of each input.
    values : array, shape (nodes, ...)
        Values at the nodes; the last input runs fastest.
    at : sequence of float
        Where.

    Examples
    --------
    >>> interpolated([[0.0, 1.0], [0.0, 1.0]], np.array([[0.0], [1.0], [2.0], [3.0]]), [0.5, 0.25])
    array([1.25])
    """
    total = np.zeros(values.shape[1:])
    cells = []
    for nodes, x in zip(axes, at, strict=True):
        k = int(np.clip(np.searchsorted(nodes, x) - 1, 0, len(nodes) - 2))
        cells.append((k, (x - nodes[k]) / (nodes[k + 1] - nodes[k])))
    for corner in product((0, 1), repeat=len(cells)):
        index, weight = 0, 1.0
        for (k, share), up, nodes in zip(cells, corner, axes, strict=True):
            index = index * len(nodes) + k + up
            weight *= share if up else 1.0 - share
        total = total + weight * values[index]
    return total


def _positions(axes: Sequence[Axis]) -> list[list[float]]:
    positions = []
    for axis in axes:
        ends = axis.slider.ends
        assert ends is not None
        forward, _ = maps_of(ends.scale, ends.bounds)
        positions.append([forward(node) for node in axis.nodes])
    return positions


def _errors(base: Base, axes: Sequence[Axis], grid: Mapping[str, FloatArray], draws: int) -> dict[str, float]:
    """Return the largest errors of the interpolation at some points between nodes."""
    positions = _positions(axes)
    generator = np.random.default_rng(0)
    worst = {"probability": 0.0, "median": 0.0}
    for _ in range(_CHECKS):
        at = [float(generator.uniform(nodes[0], nodes[-1])) for nodes in positions]
        middles = []
        for axis, y in zip(axes, at, strict=True):
            ends = axis.slider.ends
            assert ends is not None
            middles.append(maps_of(ends.scale, ends.bounds)[1](y))
        run = _run(base, axes, middles, draws)
        curves = interpolated(positions, grid["milestones"], at)
        worst["probability"] = max(
            worst["probability"], float(np.max(np.abs(curves - _numbers(run)["milestones"])))
        )
        main = headline(run)
        answer = answer_of(run)
        k = [m["name"] for m in answer["milestones"]].index(main)
        dates = np.array(answer["dates"][::2])
        exact = float(sample(run, main, None).quantile(np.array([0.5]))[0])
        if curves[k][-1] > 0.5 and np.isfinite(exact):  # noqa: PLR2004 - the median is reached
            worst["median"] = max(worst["median"], abs(float(np.interp(0.5, curves[k], dates)) - exact))
    return worst


def _packed(values: FloatArray) -> dict[str, Any]:
    """Return numbers as 16-bit integers between their ends; the largest one stands for none."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    width = (high - low) or 1.0
    scaled = np.where(np.isfinite(values), np.rint((values - low) / width * (_WHOLE - 1)), _WHOLE)
    whole = scaled.astype("<u2")
    return {
        "low": low,
        "width": width,
        "shape": list(values.shape),
        "data": base64.b64encode(whole.tobytes()).decode("ascii"),
    }


def _control(axis: Axis) -> dict[str, Any]:
    slider, ends = axis.slider, axis.slider.ends
    assert ends is not None
    middle = maps_of(ends.scale, ends.bounds)[1](_middle(slider))
    middle = float(f"{middle:.4g}") if not ends.is_single else ends.low
    about = {
        key: getattr(slider, key)
        for key in ("key", "condition", "unit", "source", "as_of", "basis", "note", "is_read")
    }
    moves = (
        ""
        if ends.is_single
        else (
            f" The slider moves the whole distribution; its number is the middle between"
            f" {ends.names[0]} and {ends.names[1]}, in the scenario {ends.low:.4g} and {ends.high:.4g}."
        )
    )
    return about | {
        "meaning": (slider.meaning.rstrip(".") + "." if slider.meaning else "") + moves,
        "minimum": float(f"{axis.nodes[0]:.6g}"),
        "maximum": float(f"{axis.nodes[-1]:.6g}"),
        "ends": {
            "low": middle,
            "high": middle,
            "names": [_NAME_OF_MIDDLE, _NAME_OF_MIDDLE],
            "scale": ends.scale,
            "bounds": ends.limits,
            "single": True,
        },
        "form": f"{slider.table['distribution']}",
    }


def _html(
    base: Base,
    axes: Sequence[Axis],
    grid: Mapping[str, FloatArray],
    reference: dict[str, Any],
    drivers: dict[str, Any],
    errors: Mapping[str, float],
) -> str:
    folder = resources.files("timecone.explorer")
    style, script, interpolation = (
        (folder / name).read_text("utf-8") for name in ("page.css", "page.js", "static.js")
    )
    for milestone in reference["milestones"]:
        milestone["curve"] = milestone["curve"][::2]
    reference["dates"] = reference["dates"][::2]
    for duration in reference["durations"]:
        duration["curve"], duration["years"] = duration["curve"][::2], duration["years"][::2]
    interpolation_error = (
        f"Numbers between the runs of the grid are interpolated. At {_CHECKS} points between them the largest"
        f" error of a probability was {errors['probability']:.3f}, that of a median of the headline"
        f" {errors['median']:.2f} years."
    )
    reference["accounts"] = [interpolation_error, *reference["accounts"]]
    content = {
        "name": base.name,
        "title": base.scenario.title or base.name,
        "model": base.scenario.definition.title,
        "conditions": str(base.scenario.conditions),
        "controls": {
            "sliders": [_control(axis) for axis in axes],
            "weights": [],
            "switches": [],
            "computed": [],
        },
        "reference": reference,
        "drivers": drivers | {"order": [axis.slider.key for axis in axes]},
        "axes": _positions(axes),
        "grid": {key: _packed(values) for key, values in grid.items()},
    }
    # In a script element only "</" and "<!--" could end the text.
    packed = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<meta name="generator" content="timecone">
<title>{escape(base.scenario.title or base.name)}</title>
<link rel="icon" href="data:,">
<style>body {{ margin: 0; }}</style>
</head>
<body>
<div id="explorer"></div>
<noscript>This page needs JavaScript. It fetches nothing.</noscript>
<script id="content" type="application/json">{packed}</script>
<script id="style" type="text/plain">{style}</script>
<script>
{script.replace("export function", "function")}
{interpolation}
</script>
</body>
</html>
"""
