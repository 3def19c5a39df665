"""The full model, integrated step by step: feedback, data wall, supply limits, shocks."""
