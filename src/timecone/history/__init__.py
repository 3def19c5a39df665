"""What happened: readers of records, their trends, the joint fit, and how its forecasts would have done."""
