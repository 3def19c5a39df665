"""Registry of the families of distributions, by the name that a scenario file gives them."""

from __future__ import annotations

from typing import Final

from timecone.errors import DistributionError, suggestion
from timecone.inputs.families.base import Family

#: Registered families by name, in the order of registration.
FAMILIES: Final[dict[str, type[Family]]] = {}
#: What precedes the name of a distribution of scipy.stats.
SCIPY: Final = "scipy."


def register[F: Family](family: type[F]) -> type[F]:
    """Make a family available to scenario files and to `timecone.Distribution`, under its ``name``.

    Parameters
    ----------
    family : class
        A subclass of `Family`.

    Returns
    -------
    class
        The same, so that this is a class decorator.

    Raises
    ------
    ValueError
        Another family has this name.
    """
    if family.name.startswith(SCIPY) or FAMILIES.setdefault(family.name, family) is not family:
        message = f"the name {family.name!r} is taken by another family"
        raise ValueError(message)
    return family


def find(name: str) -> type[Family]:
    """Return a registered family.

    Parameters
    ----------
    name : str
        Name in a scenario file.

    Returns
    -------
    class

    Raises
    ------
    DistributionError
        No family has this name.
    """
    if name not in FAMILIES:
        raise DistributionError(
            "unknown-distribution", "unknown distribution", got=name, remedy=suggestion(name, list(FAMILIES))
        )
    return FAMILIES[name]
