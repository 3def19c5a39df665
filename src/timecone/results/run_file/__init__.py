"""Labelled results: run files, what they hold by name, and statistics of a run as labelled arrays."""
