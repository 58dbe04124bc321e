"""Scorers that compare items with each other: copies, near-duplicates, leaks, contradictions."""
