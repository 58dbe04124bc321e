"""Scorers that compare items with each other: copies, twins, leaks, contradictions."""
