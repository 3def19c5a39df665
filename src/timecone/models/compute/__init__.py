"""Compute model: effective compute of the largest training run against a threshold.

``components`` holds one file each, with parameters, equations and their sources; ``parameters``
is the table of all of them; ``engine`` integrates the equations; ``model`` describes the whole to the rest of
timecone.
"""
