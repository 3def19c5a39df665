"""Scenario files: read, validated, changed, identified."""
