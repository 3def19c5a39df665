"""Running a scenario: blocks of draws on threads, collected into a run."""
