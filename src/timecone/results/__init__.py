"""Results in three storeys: estimators of arrays, labelled results of a run, tables to read.

Knows the schema alone, so it reads any run file, whichever model or program made it.
"""
