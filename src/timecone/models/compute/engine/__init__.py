"""Engine of the compute model: integration of its equations for many draws at once."""
