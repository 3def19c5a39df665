"""Groups of inputs that mean something only together: no member is left behind.

The model declares them (`timecone.models.model.Group`). A file that extends another one and
`Scenario.replace` both pass through here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from timecone.errors import ScenarioError
from timecone.models.model import Group, Model


def require_groups(model: Model, replaced: Collection[str], inherited: Collection[str], where: str) -> None:
    """Refuse to replace one of several inputs that mean something only together.

    Parameters
    ----------
    model : Model
        Declares the groups.
    replaced : collection of str
        Names of inherited parameters that are replaced, and ``"time.start"`` where another start is stated.
    inherited : collection of str
        Names of the parameters that stay as they were and are not kept explicitly.
    where : str
        What the names of parameters begin with in the complaint.

    Raises
    ------
    ScenarioError
        Names what to state too.
    """
    _require([(group, group.members) for group in model.groups], replaced, inherited, where)


def require_qualifiers(
    model: Model, replaced: Collection[str], inherited: Collection[str], where: str
) -> None:
    """Refuse to leave a qualifier to what it no longer qualifies; arguments as for `require_groups`."""
    _require([(group, group.qualifiers) for group in model.groups], replaced, inherited, where)


def plain_members(model: Model, certain: Mapping[str, float], start: float) -> set[str]:
    """Return the members of groups that say only what a reader takes for granted.

    Parameters
    ----------
    model : Model
        Declares the groups.
    certain : mapping of str to float
        Values of the parameters that are points, as the scenario states them.
    start : float
        Calendar year of the simulation's start.
    """
    return {name for group in model.groups for name in group.plain_at_start if certain.get(name) == start}


def lost_qualifiers(model: Model, replaced: Collection[str], inherited: Collection[str]) -> dict[str, str]:
    """Return the inherited parameters that only qualify what is replaced, each with the reason.

    Parameters
    ----------
    model, replaced, inherited
        As for `require_groups`.

    Returns
    -------
    dict of str to str
        Reasons by name of the parameter.
    """
    return {
        name: f"{meaning}, and {changed[0]} is stated anew; the model's default holds"
        for group in model.groups
        if (changed := [name for name in group.basis if name in replaced])
        for name, meaning in group.qualifiers.items()
        if name in inherited
    }


def _require(
    groups: Sequence[tuple[Group, Mapping[str, str]]],
    replaced: Collection[str],
    inherited: Collection[str],
    where: str,
) -> None:
    """Refuse with all that is asked for, of every group at once."""
    asked: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for group, members in groups:
        changed = [name for name in group.basis if name in replaced]
        left = {name: meaning for name, meaning in members.items() if name in inherited}
        if changed and left:
            asked |= left
            reasons.setdefault(changed[0], group.reason)
    if not asked:
        return
    first, *others = (name if name.startswith("time.") else f"{where}{name}" for name in reasons)
    listed = "; ".join(f"{where}{name}: {meaning}" for name, meaning in asked.items())
    names = ", ".join(f'"{where}{name}"' for name in asked)
    also = f", and so {'is' if len(others) == 1 else 'are'} {', '.join(others)}" if others else ""
    raise ScenarioError(
        "group-restated-in-part",
        f"restated without what belongs to it ({'; '.join(dict.fromkeys(reasons.values()))}){also}",
        where=first,
        remedy=f"State {listed}. To keep what is inherited, write keep = [{names}].",
    )
