"""Arithmetic for the sampling core: compilation, fast elementary functions."""
