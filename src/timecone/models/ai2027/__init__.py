"""Timelines and takeoff forecasts published with AI 2027 (Kokotajlo et al. 2025), as models.

`time_horizon` and `benchmarks` date the superhuman coder by two routes; `takeoff` starts from that date.
`doublings` and `pace` hold the equations that the two routes share.
"""
