"""Models: each one a table of parameters, a table of outputs and one kernel."""

from __future__ import annotations

import importlib

from timecone.errors import ScenarioError, suggestion
from timecone.models.model import Model

_WHERE = {"compute": "timecone.models.compute.model"}


def find(name: str) -> Model:
    """Return the model of that name.

    Raises
    ------
    ScenarioError
        There is no such model.
    """
    if name not in _WHERE:
        raise ScenarioError("unknown model", got=name, remedy=suggestion(name, _WHERE))
    model = importlib.import_module(_WHERE[name]).MODEL
    assert isinstance(model, Model)
    return model
