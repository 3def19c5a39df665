"""Estimators: arrays in, arrays out, with their Monte Carlo error."""
