"""Time horizons of AI models: trend, uncertainty, fragment for scenarios, and back-test.

A model's time horizon is the length of tasks, in human working time, that it completes with a stated
probability (Kwa et al. 2025, https://arxiv.org/abs/2503.14499).
"""
