"""Example of a model family: task horizons that double, from the equations to the registry."""
