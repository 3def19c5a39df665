"""Groups of inputs that mean something only together: no member is left behind.

The model declares them (`timecone.models.model.Group`). A file that extends another one and
`Scenario.replace` both pass through here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
    for group in model.groups:
        _require(group, group.members, replaced, inherited, where)


def require_qualifiers(
    model: Model, replaced: Collection[str], inherited: Collection[str], where: str
) -> None:
    """Refuse to leave a qualifier to what it no longer qualifies; arguments as for `require_groups`."""
    for group in model.groups:
        _require(group, group.qualifiers, replaced, inherited, where)


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
    group: Group,
    members: Mapping[str, str],
    replaced: Collection[str],
    inherited: Collection[str],
    where: str,
) -> None:
    asked = [name for name in members if name in inherited]
    changed = [name for name in group.basis if name in replaced]
    if not changed or not asked:
        return
    listed = "; ".join(f"{where}{name}: {members[name]}" for name in asked)
    names = ", ".join(f'"{where}{name}"' for name in asked)
    raise ScenarioError(
        f"stated anew without what belongs to it ({group.reason})",
        where=changed[0] if changed[0].startswith("time.") else f"{where}{changed[0]}",
        remedy=f"State {listed}. To go on with what is inherited, write keep = [{names}].",
    )
