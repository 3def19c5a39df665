"""Explorer: a page on which every input of a scenario can be moved, with the answer beside it.

State, files and answers are plain functions that need no browser; only `view` and `server` import Panel.
"""
