"""The compute model: effective compute of the largest training run against a threshold.

One file per component, each with its parameters, its equation and its source; ``kernel`` steps them
together, ``model`` is the table of all of them.
"""
