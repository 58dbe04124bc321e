"""Scorers that look at pictures: dark, bright, blurred, blank, odd."""
