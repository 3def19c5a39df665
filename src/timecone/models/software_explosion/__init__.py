"""Software explosion: how fast software progresses once AI replaces all software researchers.

Davidson and Houlden 2025, "How quick and big would a software intelligence explosion be?". `model` holds the
equations and what scenarios name.
"""
