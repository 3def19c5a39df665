"""What follows from a run without running again: it reads runs, as `timecone.results` does."""
