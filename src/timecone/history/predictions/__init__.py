"""Dated predictions of the record run, the largest site and the longest horizon, and their scores."""
