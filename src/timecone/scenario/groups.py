"""Groups of inputs that mean something only together: the check that no member is left behind.

The model declares them (`timecone.models.model.Group`); a file that extends another one and `Scenario.replace`
both pass through here.
"""

from __future__ import annotations

from collections.abc import Collection

from timecone.errors import ScenarioError
from timecone.models.model import Model


def require_groups(
    model: Model, stated: Collection[str], inherited: Collection[str], where: str = ""
) -> None:
    """Refuse to replace one of several inputs that mean something only together.

    Parameters
    ----------
    model : Model
        Declares the groups.
    stated : collection of str
        Names of inherited parameters that are replaced, and ``"time.start"`` where another start is stated.
    inherited : collection of str
        Names of the parameters that stay as they were and are not kept in so many words.
    where : str
        What the names of parameters begin with in the complaint.

    Raises
    ------
    ScenarioError
        Names what to state too.
    """
    for group in model.groups:
        asked = [name for name in group.members if name in inherited]
        changed = [name for name in group.basis if name in stated]
        if not changed or not asked:
            continue
        place = changed[0] if changed[0].startswith("time.") else f"{where}{changed[0]}"
        listed = "; ".join(f"{where}{name}: {group.members[name]}" for name in asked)
        names = ", ".join(f'"{where}{name}"' for name in asked)
        spare = [name for name in asked if _has_default(model, name)]
        remedy = f"State {listed}. To go on with what is inherited, write keep = [{names}]"
        if spare and where:
            remedy += f"; to do without, remove = [{', '.join(f'"{where}{name}"' for name in spare)}]"
        raise ScenarioError(
            f"stated anew without {'what belongs' if len(asked) == 1 else 'all that belongs'} to it"
            f" ({group.reason})",
            where=place, remedy=f"{remedy}.",
        )  # fmt: skip


def _has_default(model: Model, name: str) -> bool:
    parameter = model.parameter(name)
    return parameter is not None and parameter.default is not None
