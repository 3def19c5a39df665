"""Research automation: AI takes over AI research while labour, compute and software grow.

Kwa 2026, "A simpler AI timelines model predicts 99 % AI R&D automation in ~2032". `model` holds the equations
and what scenarios name.
"""
