"""Solution of the Full Takeoff economy for blocks of draws: loading, levels, steps, dates."""
