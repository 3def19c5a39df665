"""The model without feedback, wall, supply limits or shocks: a closed form of time, solved for its dates."""
