"""The joint fit: what it sees, its priors and density, its draws, and what they say of the years ahead."""
