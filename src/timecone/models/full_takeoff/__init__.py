"""Full Takeoff economy: a growth model of the world in which compute comes to do the work of labour.

Davidson 2023, "What a compute-centric framework says about takeoff speeds". `components` hold the equations,
`engine` solves them for blocks of draws, `model` is what scenarios name.
"""
