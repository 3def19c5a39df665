"""Components of the compute model: one file each, with its parameters, its equations and their sources."""
