"""The back-test: what fits to what was known would have said, and how they score."""
