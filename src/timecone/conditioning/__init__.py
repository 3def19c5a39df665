"""Conditioning of stored runs on anything that they store."""
