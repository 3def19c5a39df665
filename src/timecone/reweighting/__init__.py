"""Importance weights of stored draws: the answer of another scenario, or of new data, without another run."""
