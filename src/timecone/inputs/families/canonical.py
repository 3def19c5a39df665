"""Canonical text of numbers and families: the same for equal distributions in different units."""

from __future__ import annotations

from typing import Any


def number_text(value: float) -> str:
    """Return a number with twelve digits, because a unit conversion moves the last bits."""
    return f"{value:.12g}"


def offset_text(value: float) -> str:
    """Return a number that has no digits of its own near 0: a logarithm, or a location in units of the scale.

    A conversion leaves 1e-16 in one unit and 0 in another.
    """
    return number_text(round(value, 12) + 0.0)


def canonical(value: Any) -> Any:
    """Return numbers, families and sequences of these as text and lists."""
    if hasattr(value, "digest_key"):
        return value.digest_key()
    if isinstance(value, (tuple, list)):
        return [canonical(item) for item in value]
    return number_text(float(value)) if isinstance(value, (int, float)) else value
