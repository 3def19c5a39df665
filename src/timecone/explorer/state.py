"""State of the explorer: a preset and what was moved of it, as an address and back.

An address is the part of a URL after the question mark: ``scenario=baseline&hardware.headroom=1.2~5``.
It comes from outside, so it is read strictly and is bounded in size; everything in it is a name, a number or
one of a few words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, unquote_to_bytes

from timecone.errors import ArgumentError, UsageError, suggestion
from timecone.explorer.controls import Controls, Slider, Weights
from timecone.explorer.ends import Table, ends_of, moved
from timecone.inputs.arguments import level
from timecone.inputs.distributions import Distribution

#: Longest address, and most things moved in one.
LONGEST: Final = 8_000
MOST_MOVES: Final = 200
#: Families that can be stated anew: all their arguments are numbers, but for the scale of percentiles.
STATABLE: Final = (
    "percentiles",
    "normal",
    "lognormal",
    "uniform",
    "loguniform",
    "triangular",
    "beta",
    "gamma",
    "weibull",
    "pert",
    "skewnormal",
    "point",
)
_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "space": ("linear", "log", "logit"),
    "tails": ("normal", "none"),
}
_NUMBER: Final = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@/-]*")
_STATED: Final = re.compile(r"([a-z_]+)\((.*)\)")
_MOST_ARGUMENTS: Final = 32
_SHOWN: Final = 40
_DIGITS: Final = 6

#: A pair of ends, or a distribution stated anew.
type Move = tuple[float, float] | Table


@dataclass(frozen=True)
class State:
    """A scenario and what was moved of it.

    Attributes
    ----------
    scenario : str
        Name of a preset, or of the file that the explorer was opened with.
    sliders : mapping of str to Move
        Ends of distributions, or distributions stated anew, by the key of the slider.
    weights : mapping of str to mapping of str to float
        Weights by choice and value.
    switches : mapping of str to bool
        Components that are switched.
    """

    scenario: str
    sliders: Mapping[str, Move] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    switches: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_moved(self) -> bool:
        """Whether anything differs from the scenario."""
        return bool(self.sliders or self.weights or self.switches)


def scenario_in(address: str, default: str) -> str:
    """Return the name of the scenario that an address is about.

    Raises
    ------
    ArgumentError
        The address is too long, is malformed, or names it twice.

    Examples
    --------
    >>> scenario_in("scenario=open_loop&hardware.headroom=1~2", "baseline")
    'open_loop'
    """
    names = [value for key, value in _pairs(address) if key == "scenario"]
    if len(names) > 1:
        raise ArgumentError("address-names-twice", "named twice", where="scenario", got=names[1][:_SHOWN])
    return names[0] if names else default


def from_address(address: str, scenario: str, controls: Controls) -> State:
    """Return the state that an address describes.

    Parameters
    ----------
    address : str
        The part of a URL after the question mark, with or without that mark.
    scenario : str
        The scenario that it is about.
    controls : Controls
        The controls of that scenario.

    Raises
    ------
    ArgumentError, DistributionError
        Something in the address is not a control of the scenario, or not a value that it can take.

    Examples
    --------
    >>> from timecone import load
    >>> from timecone.explorer.controls import controls_of
    >>> from_address("hardware.headroom=1.2~5", "baseline", controls_of(load("baseline"))).sliders
    {'hardware.headroom': (1.2, 5.0)}
    """
    pairs = [(key, value) for key, value in _pairs(address) if key != "scenario"]
    if len(pairs) > MOST_MOVES:
        raise ArgumentError(
            "address-too-long", "too many parts", where="address", got=len(pairs), allowed=f"{MOST_MOVES}"
        )
    sliders: dict[str, Move] = {}
    weights: dict[str, Mapping[str, float]] = {}
    switches: dict[str, bool] = {}
    for key, value in pairs:
        kind, _, name = key.partition(":")
        if kind == "choice":
            _require_known(name, controls.weights, key)
            _require_once(name, weights, key)
            weights[name] = _read_weights(value, controls.weights[name], key)
        elif kind == "component":
            _require_known(name, controls.switches, key)
            _require_once(name, switches, key)
            switches[name] = _read_switch(value, key)
        else:
            _require_known(key, controls.sliders, key)
            _require_once(key, sliders, key)
            sliders[key] = _read_move(value, controls.sliders[key], key)
    return without_unmoved(State(scenario, sliders, weights, switches), controls)


def without_unmoved(state: State, controls: Controls) -> State:
    """Return the state without what is where the scenario has it, and with ends for what ends describe."""
    sliders = {key: _as_ends(move, controls.sliders[key]) for key, move in state.sliders.items()}

    def differs(key: str, move: Move) -> bool:
        slider = controls.sliders[key]
        if isinstance(move, Mapping):
            return dict(move) != dict(slider.table)
        return slider.ends is None or move != (slider.ends.low, slider.ends.high)

    return State(
        state.scenario,
        {key: move for key, move in sliders.items() if differs(key, move)},
        {k: w for k, w in state.weights.items() if dict(w) != dict(controls.weights[k].weights)},
        {key: on for key, on in state.switches.items() if on != controls.switches[key].is_on},
    )


def _as_ends(move: Move, slider: Slider) -> Move:
    """Return the ends that lead to a distribution stated anew, where a slider leads to it."""
    if not isinstance(move, Mapping) or slider.ends is None:
        return move
    ends = ends_of(move)
    if ends is None or ends.names != slider.ends.names:
        return move
    try:
        same = moved(slider.table, ends.low, ends.high) == dict(move)
    except UsageError:
        return move
    return (ends.low, ends.high) if same else move


def address_of(state: State) -> str:
    """Return the address of a state; `from_address` reads it back.

    Examples
    --------
    >>> address_of(State("baseline", {"hardware.headroom": (1.2, 5.0)}, {}, {"pause": False}))
    'scenario=baseline&hardware.headroom=1.2~5&component:pause=off'
    """
    parts = [("scenario", state.scenario)]
    parts += [(key, move_text(move)) for key, move in state.sliders.items()]
    parts += [
        (f"choice:{name}", ",".join(f"{value}:{_number_text(w)}" for value, w in weights.items()))
        for name, weights in state.weights.items()
    ]
    parts += [(f"component:{name}", "on" if on else "off") for name, on in state.switches.items()]
    return "&".join(f"{quote(key, safe=':@/')}={quote(value, safe=':@/~,()=')}" for key, value in parts)


def _pairs(address: str) -> list[tuple[str, str]]:
    """Return keys and values of an address, decoded."""
    if len(address) > LONGEST:
        raise ArgumentError(
            "address-too-long",
            "the address is too long",
            where="address",
            got=len(address),
            allowed=f"at most {LONGEST} characters",
        )
    pairs = []
    for part in filter(None, address.removeprefix("?").split("&")):
        key, equals, value = part.partition("=")
        if not equals:
            raise ArgumentError(
                "malformed-address",
                "a part without =",
                where="address",
                got=_shown(part),
                allowed="name=value",
            )
        pairs.append((_decoded(key), _decoded(value)))
    return pairs


def _decoded(text: str) -> str:
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise ArgumentError(
            "malformed-address", "not UTF-8 text", where="address", got=_shown(text)
        ) from None
    if not decoded.isascii() or not decoded.isprintable():
        raise ArgumentError(
            "malformed-address", "characters that no address has", where="address", got=_shown(decoded)
        )
    return decoded


def _require_once(name: str, taken: Mapping[str, Any], where: str) -> None:
    if name in taken:
        raise ArgumentError("address-names-twice", "named twice", where=_shown(where))


def _shown(text: str) -> str:
    """Return the beginning of a text, printable, to quote in a complaint."""
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return short if short.isprintable() else ascii(short)[1:-1]


def _require_known(name: str, known: Mapping[str, Any], where: str) -> None:
    if name in known:
        return
    # Only what looks like a name is worth a suggestion.
    near = suggestion(name, known) if len(name) <= _SHOWN and _NAME.fullmatch(name) else ""
    raise ArgumentError(
        "unknown-control",
        "the scenario has no such input, choice or component",
        where="address",
        got=_shown(where),
        remedy=near if near.startswith("Did") else None,
    )


def _read_number(text: str, where: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise ArgumentError(
            "not-a-control-value",
            "not a finite number",
            where=_shown(where),
            got=_shown(text),
            allowed="a number",
        )
    return value + 0.0


def _read_switch(text: str, where: str) -> bool:
    if text not in ("on", "off"):
        raise ArgumentError(
            "not-a-switch",
            "not a position of a switch",
            where=_shown(where),
            got=_shown(text),
            allowed="on or off",
        )
    return text == "on"


def _read_weights(text: str, choice: Weights, where: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in text.split(",", maxsplit=_MOST_ARGUMENTS * 4):
        value, _, number = part.partition(":")
        if value not in choice.weights or value in weights:
            raise ArgumentError(
                "unknown-control-value",
                "not a value of the choice, or named twice",
                where=_shown(where),
                got=_shown(part),
                allowed=", ".join(choice.weights),
            )
        weights[value] = _read_number(number, where)
    return normalised(weights, choice, where)


def normalised(weights: Mapping[str, float], choice: Weights, where: str) -> dict[str, float]:
    """Return weights of all values of a choice that sum to 1, rounded to six decimals.

    Raises
    ------
    ArgumentError
        A value has no weight, a weight is negative, or all are 0.

    Examples
    --------
    >>> choice = Weights("a", "", {"x": 0.5, "y": 0.5}, "", "", "")
    >>> normalised({"x": 1.0, "y": 3.0}, choice, "choice:a")
    {'x': 0.25, 'y': 0.75}
    """
    missing = [value for value in choice.weights if value not in weights]
    total = sum(weights.values())
    if missing or min(weights.values()) < 0.0 or not 0.0 < total < math.inf:
        raise ArgumentError(
            "invalid-control-weights",
            "the weights are not those of all values, none negative and one positive at least",
            where=_shown(where),
            got=", ".join(f"{value}:{w:g}" for value, w in weights.items()),
            allowed=", ".join(choice.weights),
        )
    if dict(weights) == dict(choice.weights):
        return dict(choice.weights)
    shares = {value: round(weights[value] / total, _DIGITS) for value in choice.weights}
    largest = max(shares, key=lambda value: shares[value])
    rest = sum(share for value, share in shares.items() if value != largest)
    return shares | {largest: round(1.0 - rest, _DIGITS)}


def _read_move(text: str, slider: Slider, where: str) -> Move:
    if stated := _STATED.fullmatch(text):
        return read_stated(stated[1], _arguments(stated[2], where), where)
    if slider.ends is None:
        raise ArgumentError(
            "distribution-without-ends",
            "a distribution that no slider can move",
            where=_shown(where),
            got=_shown(text),
            remedy="State it anew, for instance percentiles(p05=1,p50=2,p95=4).",
        )
    low, tilde, high = text.partition("~")
    if bool(tilde) == slider.ends.is_single:
        raise ArgumentError(
            "number-of-ends",
            "not the ends of the distribution",
            where=_shown(where),
            got=_shown(text),
            allowed="one number" if slider.ends.is_single else "two numbers, for instance 1~2",
        )
    first = _read_number(low, where)
    second = _read_number(high, where) if tilde else first
    if tilde and not first < second:
        raise ArgumentError(
            "ends-not-increasing",
            "the lower end is not below the upper one",
            where=_shown(where),
            got=_shown(text),
        )
    return first, second


def _arguments(text: str, where: str) -> dict[str, Any]:
    parts = text.split(",")
    if len(parts) > _MOST_ARGUMENTS:
        raise ArgumentError(
            "address-too-long",
            "too many arguments",
            where=_shown(where),
            got=len(parts),
            allowed=f"{_MOST_ARGUMENTS}",
        )
    arguments: dict[str, Any] = {}
    for part in parts:
        key, _, value = part.partition("=")
        if key in arguments:
            raise ArgumentError("address-names-twice", "named twice", where=_shown(where), got=_shown(key))
        is_never = value == "inf" and level(key) is not None
        if key in _OPTIONS:
            arguments[key] = value
        else:
            arguments[key] = math.inf if is_never else _read_number(value, f"{where}: {key}")
    return arguments


def read_stated(family: str, arguments: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return a distribution stated anew as a table, checked.

    Raises
    ------
    ArgumentError, DistributionError
        The family cannot be stated in the explorer, or the arguments do not determine it.

    Examples
    --------
    >>> read_stated("lognormal", {"p05": 1.0, "p95": 6.0}, "hardware.headroom")
    {'distribution': 'lognormal', 'p05': 1.0, 'p95': 6.0}
    """
    if family not in STATABLE:
        raise ArgumentError(
            "family-not-statable",
            "a family that the explorer does not state",
            where=_shown(where),
            got=_shown(family),
            allowed=", ".join(STATABLE),
        )
    for key, value in arguments.items():
        if key in _OPTIONS:
            if value not in _OPTIONS[key]:
                raise ArgumentError(
                    "unknown-control-option",
                    f"unknown {key}",
                    where=_shown(where),
                    got=_shown(str(value)),
                    allowed=", ".join(_OPTIONS[key]),
                )
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise ArgumentError(
                "not-a-control-value",
                "not a number",
                where=_shown(f"{where}: {key}"),
                got=_shown(str(value)),
                allowed="a number",
            )
    numbers = {key: value if key in _OPTIONS else float(value) for key, value in arguments.items()}
    try:
        Distribution(family, numbers)
    except UsageError as error:
        raise ArgumentError(
            error.code, error.what, where=_shown(where), got=error.got, allowed=error.allowed
        ) from None
    return {"distribution": family, **numbers}


def move_text(move: Move) -> str:
    """Return a move as addresses have it."""
    if isinstance(move, Mapping):
        arguments = {key: value for key, value in move.items() if key != "distribution"}
        parts = [f"{k}={v if isinstance(v, str) else _number_text(v)}" for k, v in arguments.items()]
        return f"{move['distribution']}({','.join(parts)})"
    low, high = move
    return _number_text(low) if low == high else f"{_number_text(low)}~{_number_text(high)}"


def _number_text(value: float) -> str:
    """Write a number so that it is read back exactly."""
    text = repr(float(value))
    return text.removesuffix(".0") if "e" not in text else text.replace("e+", "e")
