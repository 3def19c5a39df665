"""Names of inputs as people read them, made from their keys in scenario files."""

from __future__ import annotations

_CHOICE = "choice_"


def plain_name(key: str) -> str:
    """Return the name of an input in words.

    Parameters
    ----------
    key : str
        Its key in a scenario file or a run: ``component.quantity``, or ``choice_`` and the name of a choice.

    Examples
    --------
    >>> plain_name("hardware.doubling_time"), plain_name("choice_threshold")
    ('hardware: doubling time', 'choice of threshold')
    """
    if key.startswith(_CHOICE):
        return f"choice of {key.removeprefix(_CHOICE).replace('_', ' ')}"
    component, _, quantity = key.replace("_", " ").partition(".")
    return f"{component}: {quantity}" if quantity else component
