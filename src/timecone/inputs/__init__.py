"""From distributions to joint draws: marginals, dependence, counter-based streams."""
