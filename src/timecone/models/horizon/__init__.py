"""AI Futures Model: time horizons of tasks, automated coders and research taste, up to superintelligence.

`model.MODEL` is the model; every other file holds one part of it, with its parameters and its equations.
"""
