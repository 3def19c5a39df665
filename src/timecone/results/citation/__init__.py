"""Citation of a run: what goes from a run into a paper, a bibliography or a forecasting platform."""
