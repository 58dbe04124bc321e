"""Scorers that look at how a training went for each item."""
