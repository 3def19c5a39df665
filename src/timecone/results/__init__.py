"""From runs to numbers: sketches, percentiles, probabilities, curves, run files.

Knows the schema alone, so it reads any run file, whichever model or program made it.
"""
