"""Equations of the Full Takeoff economy, one part in each file, with their parameters and sources."""
